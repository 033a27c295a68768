// The state diagram as shapes.

import {widthOf} from "../pictures/measure.js";
import {headOf, tenths, through} from "../pictures/shape.js";
import {BOXES, DRAWN, HALF, HEIGHT, WIDTH} from "./places.js";

/** @typedef {import("../pictures/shape.js").Shape} Shape */
/** @typedef {import("../pictures/shape.js").Point} Point */
/** @typedef {import("../pictures/words.js").PictureWords} PictureWords */
/** @typedef {import("./places.js").Drawn} Drawn */
/** @typedef {import("./places.js").Part} Part */

/** The size of labels. */
export const SIZE = 9;
/** The height of the legend. */
const LEGEND = 22;

/** The drawing with its margins: left, top, width, height. */
export const VIEW = [-3, -1, WIDTH + 4, HEIGHT + LEGEND + 1].join(" ");

/**
 * Whether an arrow of the table is one of the textbook's.
 * @param {{from: string, to: string}} arrow
 */
export function drawnOf({from, to}) {
    return DRAWN.find(drawn => drawn.from === from && drawn.to === to);
}

/**
 * The textbook's arrows that the table has.
 * @param {{from: string, to: string}[]} arrows
 */
export function drawnAmong(arrows) {
    return DRAWN.filter(({from, to}) => arrows.some(arrow => arrow.from === from && arrow.to === to));
}

/**
 * @param {Part} part
 * @param {PictureWords} words
 */
function partText(part, words) {
    if (part === null) return "–";
    if ("call" in part) return part.call;
    if ("rcv" in part) return words("diagram.rcv", {flags: part.rcv});
    if ("snd" in part) return words("diagram.snd", {flags: part.snd});
    return words("diagram.timeout");
}

/**
 * The lines of an arrow's label with their places.
 * @param {Drawn} drawn
 * @param {PictureWords} words
 */
export function linesOfLabel({event, action, lines}, words) {
    const [before, after] = [partText(event, words), partText(action, words)];
    return lines.map(({x, y, anchor, part}) => {
        const texts = part === "both" ? [before, ` / ${after}`] : part === "event" ? [before] : [action === null ? "/ –" : after];
        const width = texts.reduce((sum, text) => sum + widthOf(text, SIZE), 0);
        return {x, y, anchor, part, texts, width};
    });
}

/**
 * An arrow of the textbook.
 * @param {Drawn} drawn
 * @param {string} more classes
 * @returns {Shape[]}
 */
export function arrowShapes({way, route}, more = "") {
    const length = way === "unusual" ? 7 : 9;
    const tip = route[route.length - 1];
    const before = route[route.length - 2];
    return [
        ["path", {class: `diagram-arrow diagram-${way}${more}`, d: through([...route.slice(0, -1), short(before, tip, length * 0.7)])}],
        ["path", {class: `diagram-tip${more}`, d: headOf(before, tip, length)}],
    ];
}

/**
 * A point a little before the tip: a thick line would blunt the head.
 * @param {Point} from
 * @param {Point} tip
 * @param {number} by
 * @returns {Point}
 */
function short(from, tip, by) {
    const length = Math.hypot(tip[0] - from[0], tip[1] - from[1]) || 1;
    return [tip[0] - ((tip[0] - from[0]) / length) * by, tip[1] - ((tip[1] - from[1]) / length) * by];
}

/**
 * @param {Drawn} drawn
 * @param {PictureWords} words
 * @returns {Shape[]}
 */
export function labelShapes(drawn, words) {
    return linesOfLabel(drawn, words).map(({x, y, anchor, part, texts}) => {
        const kind = part === "action" ? "diagram-label diagram-action" : "diagram-label";
        const [first, second] = texts;
        return second === undefined
            ? ["text", {class: kind, x, y, "text-anchor": anchor}, first]
            : ["text", {class: kind, x, y, "text-anchor": anchor}, first, ["tspan", {class: "diagram-action"}, second]];
    });
}

/**
 * An arrow that the textbook leaves out: a slight bow from box to box.
 * @param {string} from
 * @param {string} to
 * @param {string} more classes
 * @returns {Shape[]}
 */
export function otherShapes(from, to, more = "") {
    const [a, b] = [BOXES[from], BOXES[to]];
    if (a === undefined || b === undefined || from === to) return [];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const [nx, ny] = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
    const bow = Math.min(40, length * 0.16);
    /** @type {Point} */
    const middle = [(a[0] + b[0]) / 2 + nx * bow, (a[1] + b[1]) / 2 + ny * bow];
    const [start, tip] = [edge(a, middle), edge(b, middle)];
    const d = `${through([start])}Q${tenths(middle[0])} ${tenths(middle[1])} ${through([short(middle, tip, 5)]).slice(1)}`;
    return [
        ["path", {class: `diagram-arrow diagram-other${more}`, d}],
        ["path", {class: `diagram-tip diagram-other-tip${more}`, d: headOf(middle, tip, 7)}],
    ];
}

/**
 * Where the line from a box's middle to a point leaves the box.
 * @param {Point} box
 * @param {Point} point
 * @returns {Point}
 */
function edge([x, y], [px, py]) {
    const [dx, dy] = [px - x, py - y];
    const share = Math.min(HALF[0] / (Math.abs(dx) || 1e-9), HALF[1] / (Math.abs(dy) || 1e-9));
    return [x + dx * share, y + dy * share];
}

/**
 * A state's box.
 * @param {string} state
 * @param {string} more classes
 * @returns {Shape[]}
 */
export function boxShapes(state, more = "") {
    const [x, y] = BOXES[state];
    return [
        ["rect", {class: `diagram-box${more}`, x: x - HALF[0], y: y - HALF[1], width: 2 * HALF[0], height: 2 * HALF[1], rx: 6}],
        ["text", {class: "diagram-state", x, y: y + 3.6, "text-anchor": "middle"}, state],
    ];
}

/**
 * An end's token: A is a circle, B a square. It lies on a corner of the state's box, A's left and B's right.
 * @param {0 | 1} end
 * @returns {Shape[]}
 */
export function tokenShapes(end) {
    /** @type {Shape} */
    const form =
        end === 0
            ? ["circle", {class: "diagram-token diagram-token-a", r: 8.5}]
            : ["rect", {class: "diagram-token diagram-token-b", x: -8, y: -8, width: 16, height: 16, rx: 1.5}];
    return [form, ["text", {class: "diagram-letter", y: 4, "text-anchor": "middle"}, end === 0 ? "A" : "B"]];
}

/**
 * @param {string} state
 * @param {0 | 1} end
 * @returns {Point}
 */
export function placeOfToken(state, end) {
    const [x, y] = BOXES[state] ?? BOXES["CLOSED"];
    return [x + (end === 0 ? -HALF[0] + 1 : HALF[0] - 1), y - HALF[1] + 1];
}

/**
 * What the lines mean.
 * @param {PictureWords} words
 * @returns {Shape[]}
 */
export function legendShapes(words) {
    const y = HEIGHT + LEGEND - 8;
    let x = 6;
    return /** @type {const} */ (["client", "server", "unusual"]).flatMap(way => {
        const text = words(`diagram.${way}`);
        const at = x;
        x += 30 + widthOf(text, SIZE) + 12;
        return /** @type {Shape[]} */ ([
            ["path", {class: `diagram-arrow diagram-${way}`, d: through([[at, y - 3], [at + 25, y - 3]])}],
            ["text", {class: "diagram-label", x: at + 30, y}, text],
        ]);
    });
}
