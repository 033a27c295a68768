// A picture's data as elements on the page.

import {h} from "../vendor/preact.js";

/** @typedef {import("./shape.js").Shape} Shape */

/**
 * @param {Shape} shape
 * @returns {import("../vendor/preact.js").Node}
 */
export function element(shape) {
    if (shape === null || typeof shape === "string") return shape;
    const [tag, props, ...inside] = shape;
    return h(tag, props, ...inside.map(element));
}
