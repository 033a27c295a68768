// The back end of the static page: workers that hold the crate `explorer` as WebAssembly. The page brings both in itself.

import {Refused} from "../ask.js";

/** @import {Progress} from "../api.js" */
/** @import {BackEnd} from "../ask.js" */
/** @import {Order, Reply} from "./messages.js" */

/** Searches at once. Each may take a processor and 1 GiB. */
const SEARCHES = 4;

/**
 * The text of an element that the page brings along.
 * @param {string} id
 */
function brought(id) {
    return document.getElementById(id)?.textContent ?? "";
}

/** @type {Promise<WebAssembly.Module> | null} */
let compiled = null;

/** The module, compiled once for all workers. */
function wasmModule() {
    compiled ??= (async () => {
        const packed = Uint8Array.from(atob(brought("wasm")), (octet) => octet.charCodeAt(0));
        const octets = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
        return WebAssembly.compile(await new Response(octets).arrayBuffer());
    })();
    return compiled;
}

/** @type {string | null} */
let script = null;

/**
 * A worker that waits for an order.
 * @param {WebAssembly.Module} module
 */
function hire(module) {
    script ??= URL.createObjectURL(new Blob([brought("worker")], {type: "text/javascript"}));
    const worker = new Worker(script);
    give(worker, {module});
    return worker;
}

/**
 * @param {Worker} worker
 * @param {Order} order
 */
function give(worker, order) {
    worker.postMessage(order);
}

/** The program in a worker has failed, which should not happen. */
class Failed extends Error {
    name = "The program behind this page has failed";
}

/**
 * What the next reply comes to; an error if the worker refuses, and another if it fails.
 * @param {Worker} worker
 * @param {(reply: string) => void} onAnswer
 * @param {(error: unknown, failed: boolean) => void} onError
 */
function listen(worker, onAnswer, onError) {
    worker.onmessage = (/** @type {MessageEvent<Reply>} */ {data}) => {
        if ("answer" in data) onAnswer(data.answer);
        else if ("refused" in data) onError(new Refused(data.refused), false);
        else onError(new Failed(data.failed), true);
    };
    worker.onerror = (event) => {
        event.preventDefault();
        onError(new Failed(event.message || "the worker cannot be started"), true);
    };
}

/** @typedef {{request: string, resolve: (answer: unknown) => void, reject: (error: unknown) => void}} Question */

/**
 * Asked and not answered yet, in the order in which the worker answers.
 * @type {Question[]}
 */
let waiting = [];

/** @type {Promise<Worker> | null} */
let answering = null;

/** The worker that answers; another one after the last has failed. */
function answerer() {
    answering ??= wasmModule().then((module) => {
        const worker = hire(module);
        listen(
            worker,
            (answer) => waiting.shift()?.resolve(JSON.parse(answer)),
            (error, failed) => {
                waiting.shift()?.reject(error);
                if (failed) replace(worker);
            },
        );
        return worker;
    });
    return answering;
}

/**
 * What was asked after the question that broke the worker is asked again.
 * @param {Worker} worker
 */
function replace(worker) {
    worker.terminate();
    answering = null;
    const again = waiting;
    waiting = [];
    for (const question of again) put(question);
}

/** @param {Question} question */
function put(question) {
    answerer().then((worker) => {
        waiting.push(question);
        give(worker, {ask: question.request});
    }, question.reject);
}

/** Searches that run. */
let searching = 0;

/** @type {BackEnd} */
export const workers = {
    ask(request) {
        return new Promise((resolve, reject) => put({request: JSON.stringify(request), resolve, reject}));
    },

    async search(search, onProgress, signal) {
        if (searching >= SEARCHES) throw new Refused(`${SEARCHES} searches run already. Stop one, or wait for it.`);
        searching += 1;
        /** @type {Worker | null} */
        let worker = null;
        try {
            const hired = hire(await wasmModule());
            worker = hired;
            signal.throwIfAborted();
            await new Promise((resolve, reject) => {
                signal.addEventListener("abort", () => reject(signal.reason), {once: true});
                listen(
                    hired,
                    (answer) => {
                        /** @type {Progress} */
                        const progress = JSON.parse(answer);
                        onProgress(progress);
                        if (progress.done) resolve(undefined);
                    },
                    reject,
                );
                give(hired, {search: JSON.stringify(search)});
            });
        } finally {
            // The one way to stop it: it does not listen while it searches.
            worker?.terminate();
            searching -= 1;
        }
    },
};
