// What runs in a worker of the static page: the functions of the crate `explorer` as WebAssembly.

/** @import {Order, Reply} from "./messages.js" */

/** @type {import("./glue.js").Glue} */
const glue = wasm_bindgen;

/** How long a search goes on between two reports, in milliseconds. */
const SLICE = 100;

/** @param {Reply} reply */
function reply(reply) {
    postMessage(reply);
}

/** @param {string} request */
function search(request) {
    const search = new glue.Search(request);
    let states = 1000;
    for (;;) {
        const began = performance.now();
        const progress = search.advance(states);
        reply({answer: progress});
        if (JSON.parse(progress).done) break;
        const took = Math.max(performance.now() - began, 1);
        states = Math.round(Math.min(Math.max((states * SLICE) / took, states / 4, 1), states * 4, 1e6));
    }
    search.free();
}

/** @param {Order} order */
function obey(order) {
    if ("module" in order) glue.initSync({module: order.module});
    else if ("ask" in order) reply({answer: glue.answer(order.ask)});
    else search(order.search);
}

addEventListener("message", (/** @type {MessageEvent<Order>} */ event) => {
    try {
        obey(event.data);
    } catch (error) {
        // The crate throws a sentence where it refuses. Anything else is a fault.
        if (typeof error === "string") reply({refused: error});
        else reply({failed: words(error)});
    }
});

/**
 * A panic ends in a trap, which says nothing; the crate has kept the words.
 * @param {unknown} error
 */
function words(error) {
    try {
        return glue.lastWords() || String(error);
    } catch {
        return String(error);
    }
}
