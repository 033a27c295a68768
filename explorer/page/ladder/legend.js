// What the signs of a ladder mean, of those that it has.

import {widthOf} from "../pictures/measure.js";
import {tenths, through} from "../pictures/shape.js";
import {isOld} from "./ways.js";

/** @typedef {import("../pictures/shape.js").Shape} Shape */
/** @typedef {import("./ways.js").Way} Way */
/** @typedef {import("../pictures/words.js").PictureWords} PictureWords */

const SIZE = 9.5;
const LINE = 15;
/** Room for a sign. */
const SIGN = 24;

/**
 * @param {Way[]} ways
 * @param {number} width
 * @param {number} top
 * @param {PictureWords} words
 * @returns {{shapes: Shape[], height: number}}
 */
export function legend(ways, width, top, words) {
    /** @type {(kind: string) => (x: number, y: number) => Shape} */
    const line = kind => (x, y) => ["path", {class: `ladder-stroke ${kind}`, d: through([[x, y], [x + SIGN - 5, y]])}];
    const packets = ways.map(({flight}) => flight.packet);
    const latest = Math.max(1, ...packets.map(({tag}) => tag).filter(tag => tag <= 13));
    const all = [
        {is: ways.some(({flight}) => flight.fate === "copied"), sign: line("ladder-copy"), text: words("legend.copy")},
        {is: packets.some(isOld), sign: line("ladder-old"), text: words("legend.old")},
        {
            is: ways.some(({tip}) => tip === "tail"),
            sign: (/** @type {number} */ x, /** @type {number} */ y) =>
                /** @type {Shape} */ (["path", {class: "ladder-gone", d: [0, 1, 2].map(i => through([[x + 4 + i, y - 4 + i * 4], [x + 14 - i, y - 4 + i * 4]])).join("")}]),
            text: words("legend.expired"),
        },
        {is: latest > 1, sign: line("ladder-later"), text: words("legend.later")},
    ].filter(({is}) => is);
    /** @type {Shape[]} */
    const shapes = [];
    let [x, y] = [8, top + 12];
    for (const {sign, text} of all) {
        const needed = SIGN + widthOf(text, SIZE) + 14;
        if (x > 8 && x + needed > width) [x, y] = [8, y + LINE];
        shapes.push(sign(x, y - 3), ["text", {class: "ladder-rows", x: tenths(x + SIGN), y}, text]);
        x += needed;
    }
    return {shapes, height: all.length === 0 ? 0 : y - top + 6};
}
