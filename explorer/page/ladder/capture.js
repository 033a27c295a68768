// Captured segments between the lifelines of their sockets.

import {widthOf, wrap} from "../pictures/measure.js";
import {headOf, tenths, through} from "../pictures/shape.js";

/** @typedef {import("../api.js").Captured} Captured */
/** @typedef {import("../pictures/shape.js").Shape} Shape */
/** @typedef {import("../pictures/words.js").PictureWords} PictureWords */

/** Lifelines at most; further sockets share the last one. */
const MOST_LINES = 6;
/** The least distance of two lifelines. */
const APART = 150;
/** The column of times. */
const TIMES = 74;
/** Sizes of segments and of comments, and how far apart their lines are. */
const SIZE = 11;
const COMMENT = 9.5;
const LINE = 13;

/**
 * When a segment was seen, as short as it can be told.
 * @param {number} microseconds
 */
export function timeOf(microseconds) {
    if (microseconds < 1000) return `${microseconds} µs`;
    if (microseconds < 1_000_000) return `${(microseconds / 1000).toFixed(microseconds < 10_000 ? 2 : 1)} ms`;
    return `${(microseconds / 1_000_000).toFixed(3)} s`;
}

/**
 * Lines of text that say the same.
 * @param {Captured[]} segments
 * @param {PictureWords} words
 */
export function linesOfCapture(segments, words) {
    return segments.map(({at, from, to, text, comments}) =>
        [words("capture.line", {time: timeOf(at), from, to, text}), ...comments].join("; "),
    );
}

/**
 * @param {Captured[]} segments
 * @param {{width: number, words: PictureWords}} look
 * @returns {{width: number, height: number, shapes: Shape[]}}
 */
export function captureShapes(segments, {width, words}) {
    const sockets = [...new Set(segments.flatMap(({from, to}) => [from, to]))];
    const isCut = sockets.length > MOST_LINES;
    const names = isCut ? [...sockets.slice(0, MOST_LINES - 1), words("capture.others")] : sockets;
    const whole = Math.max(width, TIMES + 60 + (names.length - 1) * APART);
    const half = Math.min(Math.max(...names.map(name => widthOf(name, 12, true))) / 2, 90);
    const [left, right] = [TIMES + Math.max(20, half - 30), whole - half - 6];
    /** @type {(socket: string) => number} */
    const lineOf = socket => Math.min(sockets.indexOf(socket), names.length - 1);
    /** @type {(line: number) => number} */
    const x = line => (names.length === 1 ? (left + right) / 2 : left + ((right - left) * line) / (names.length - 1));
    /** @type {Shape[]} */
    const shapes = [];
    // Names that do not fit beside each other stand at two heights.
    const isTight = 2 * half > (right - left) / Math.max(names.length - 1, 1) - 12;
    const top = isTight ? 38 : 24;
    let y = top + 10;
    let before = segments[0]?.at ?? 0;
    for (const segment of segments) {
        // Time goes down, much less for long than for short.
        y += 6 + Math.min(30, 6 * Math.log10(1 + Math.max(0, segment.at - before) / 1000));
        before = segment.at;
        const [from, to] = [x(lineOf(segment.from)), x(lineOf(segment.to))];
        const isLumped = isCut && Math.max(lineOf(segment.from), lineOf(segment.to)) === names.length - 1;
        const text = isLumped ? `${segment.from} → ${segment.to}: ${segment.text}` : segment.text;
        const room = Math.max(Math.abs(to - from) - 16, APART);
        const middle = from === to ? from + 20 : Math.min(Math.max((from + to) / 2, left + room / 2), right - room / 2);
        const anchor = from === to ? "start" : "middle";
        for (const line of wrapFields(text, room)) {
            y += LINE;
            shapes.push(["text", {class: "ladder-label", x: tenths(middle), y: tenths(y), "text-anchor": anchor}, line]);
        }
        y += 5;
        shapes.push(["text", {class: "ladder-number", x: TIMES - 8, y: tenths(y + 3.5), "text-anchor": "end"}, timeOf(segment.at)]);
        if (from === to) {
            shapes.push(["path", {class: "ladder-stroke", d: through([[from, y - 4], [from + 16, y - 4], [from + 16, y + 4], [from, y + 4]])}]);
            shapes.push(["path", {class: "ladder-tip", d: headOf([from + 16, y + 4], [from, y + 4], 9)}]);
        } else {
            shapes.push(["path", {class: "ladder-stroke", d: through([[from, y], [to, y]])}]);
            shapes.push(["path", {class: "ladder-tip", d: headOf([from, y], [to, y], 9)}]);
        }
        y += 2;
        for (const comment of segment.comments) {
            for (const line of comment.split("\n").flatMap(part => wrap(part, COMMENT, room))) {
                y += 11.5;
                shapes.push(["text", {class: "ladder-rows", x: tenths(middle), y: tenths(y), "text-anchor": anchor}, line]);
            }
        }
    }
    const height = Math.ceil(y + 20);
    /** @type {Shape[]} */
    const frame = names.flatMap((name, line) => /** @type {Shape[]} */ ([
        ["path", {class: "ladder-life ladder-life-listen", d: through([[x(line), top], [x(line), height - 4]])}],
        ["text", {class: "ladder-name", x: tenths(x(line)), y: isTight && line % 2 === 1 ? 30 : 16, "text-anchor": "middle"}, name],
    ]));
    return {width: whole, height, shapes: [...frame, ...shapes]};
}

/**
 * A segment in lines, broken between its fields only.
 * @param {string} text
 * @param {number} room
 */
function wrapFields(text, room) {
    return wrap(text.replace(/></g, "> <"), SIZE, room).map(line => line.replace(/> </g, "><"));
}
