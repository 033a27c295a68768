// What is written beside the lifelines.

import {TIMERS} from "../timers.js";
import {widthOf, wrap} from "../pictures/measure.js";

/** @typedef {import("../api.js").StepView} StepView */
/** @typedef {import("../api.js").PacketView} PacketView */
/** @typedef {import("../pictures/words.js").PictureWords} PictureWords */

/** A line: its class says what it is, and how large. */
/** @typedef {{kind: "head" | "state" | "rows", text: string}} Line */

/** Sizes of the fonts, and of those in a narrow picture. */
export const SIZE = {head: 11.5, state: 11.5, rows: 9.5, label: 11, number: 10};
export const SMALL_SIZE = {head: 10.5, state: 10, rows: 9, label: 10.5, number: 9};
/** Distances of lines. */
export const LINE = {head: 14, state: 14, rows: 11.5};

/**
 * What a step is, as short as it goes. The arrival of a segment has its arrow and needs no words.
 * @param {StepView} step
 * @param {PictureWords} words
 */
export function headOfStep({what, tick}, words) {
    const known = TIMERS[what.timer ?? ""];
    const timer = known ? words(known) : (what.timer ?? "");
    switch (what.kind) {
        case "call":
            return what.call ?? "";
        case "transmit":
            return words("transmit");
        case "duplicate":
            return words("copy.arrives");
        case "lose":
            return words("lost", {flags: what.segment?.flags ?? ""});
        case "held":
            return words("held");
        case "timer":
            return words("timer", {timer});
        case "give-up":
            return words("timer.last", {timer});
        case "resend":
            return words("resend", {number: what.number ?? ""});
        case "tick":
            return words("tick", {number: tick + 1});
        case "crash":
            return words("crash");
        case "vanish":
            return words("vanish");
        case "forge":
            return words("forged");
        case "stray":
            return what.number ?? "";
        default:
            return "";
    }
}

/**
 * The lines beside a step.
 * @param {StepView} step
 * @param {number} room
 * @param {{showRows: boolean, sizes: typeof SIZE, words: PictureWords}} look
 * @returns {Line[]}
 */
export function notesOf(step, room, {showRows, sizes, words}) {
    /** @type {Line[]} */
    const lines = [];
    /** @type {(kind: Line["kind"], text: string) => void} */
    const put = (kind, text) => {
        for (const line of wrap(text, sizes[kind], room, kind === "state")) lines.push({kind, text: line});
    };
    const head = headOfStep(step, words);
    if (head !== "") put("head", head);
    if (step.end !== null && step.before[step.end] !== step.after[step.end]) put("state", step.after[step.end]);
    if (step.restarts) put("head", words("2msl.restarts"));
    if (showRows && step.rows.length > 0) put("rows", step.rows.join(", "));
    return lines;
}

/** @param {Line[]} lines */
export function heightOf(lines) {
    return lines.reduce((height, line) => height + LINE[line.kind], 0);
}

/**
 * The label of an arrow, in as many lines as there is room for: flags and numbers in one, in two, in three, or the flags only.
 * @typedef {{text: string, kind: "flags" | "numbers", width: number}[]} LabelLine
 * @typedef {{line: LabelLine, stack: LabelLine[], tall: LabelLine[], flags: LabelLine[]}} Label
 */

/** Between flags and numbers in a line. */
export const SPACE = 5;

/** @param {LabelLine} line */
export function widthOfLine(line) {
    return line.reduce((width, part) => width + part.width, SPACE * (line.length - 1));
}

/**
 * @param {PacketView} packet
 * @param {{relative: boolean, copy: boolean, old: boolean, sizes: typeof SIZE, words: PictureWords}} options
 * @returns {Label}
 */
export function labelOf(packet, {relative, copy, old, sizes, words}) {
    const text = relative ? packet.relative : packet.text;
    const fields = [...text.matchAll(/<([^=>]+)=([^>]*)>/g)].filter(field => field[1] !== "CTL");
    // A copy has the numbers of the segment beside it.
    const rest = copy ? [`(${words("copy")})`] : fields.map(field => `${field[1]}=${field[2]}`);
    if (packet.tag > 1 && packet.tag <= 13) rest.push(String.fromCharCode(0x245f + packet.tag));
    if (packet.tag === 14) rest.push(`(${words("provoked")})`);
    if (packet.tag === 15) rest.push(`(${words("forged")})`);
    if (old) rest.push(`(${words("old")})`);
    const flags = packet.flags || "–";
    /** @type {(text: string) => LabelLine[number]} */
    const numbers = text => ({text, kind: "numbers", width: widthOf(text, sizes.label)});
    const first = {text: flags, kind: /** @type {const} */ ("flags"), width: widthOf(flags, sizes.label, true)};
    if (rest.length === 0) return {line: [first], stack: [[first]], tall: [[first]], flags: [[first]]};
    const all = numbers(rest.join(" "));
    const half = Math.ceil(rest.length / 2);
    const halves = rest.length > 1 ? [[numbers(rest.slice(0, half).join(" "))], [numbers(rest.slice(half).join(" "))]] : [[all]];
    return {line: [first, all], stack: [[first], [all]], tall: [[first], ...halves], flags: [[first]]};
}
