// What is written beside the lifelines.

import {widthOf, wrap} from "../pictures/measure.js";

/** @typedef {import("../api.js").StepView} StepView */
/** @typedef {import("../api.js").PacketView} PacketView */
/** @typedef {import("../pictures/words.js").PictureWords} PictureWords */

/** A line: its class says what it is, and how large. */
/** @typedef {{kind: "head" | "state" | "rows", text: string}} Line */

/** Sizes of the fonts. */
export const SIZE = {head: 11.5, state: 11.5, rows: 9.5, label: 11, number: 10};
/** Distances of lines. */
export const LINE = {head: 14, state: 14, rows: 11.5};

/** Rows that start 2MSL anew in TIME-WAIT. */
const RESTARTS = new Set(["old_fin", "ack_time_wait", "fin_time_wait"]);

/** @param {StepView} step */
export function restarts(step) {
    const {end} = step;
    if (end === null || step.before[end] !== "TIME-WAIT" || step.after[end] !== "TIME-WAIT") return false;
    return step.rows.some(row => RESTARTS.has(row));
}

/**
 * What a step is, as short as it goes. The arrival of a segment has its arrow and needs no words.
 * @param {StepView} step
 * @param {PictureWords} words
 */
export function headOfStep({what, tick}, words) {
    const timer = what.timer ?? "";
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
 * @param {boolean} showRows
 * @param {PictureWords} words
 * @returns {Line[]}
 */
export function notesOf(step, room, showRows, words) {
    /** @type {Line[]} */
    const lines = [];
    /** @type {(kind: Line["kind"], text: string) => void} */
    const put = (kind, text) => {
        for (const line of wrap(text, SIZE[kind], room, kind === "state")) lines.push({kind, text: line});
    };
    const head = headOfStep(step, words);
    if (head !== "") put("head", head);
    if (step.end !== null && step.before[step.end] !== step.after[step.end]) put("state", step.after[step.end]);
    if (restarts(step)) put("head", words("2msl.restarts"));
    if (showRows && step.rows.length > 0) put("rows", step.rows.join(", "));
    return lines;
}

/** @param {Line[]} lines */
export function heightOf(lines) {
    return lines.reduce((height, line) => height + LINE[line.kind], 0);
}

/** The label of an arrow, for one line or for two. */
/** @typedef {{flags: string, rest: string, widths: {flags: number, rest: number, line: number}}} Label */

/**
 * @param {PacketView} packet
 * @param {{relative: boolean, copy: boolean, words: PictureWords}} options
 * @returns {Label}
 */
export function labelOf(packet, {relative, copy, words}) {
    const text = relative ? packet.relative : packet.text;
    const fields = [...text.matchAll(/<([^=>]+)=([^>]*)>/g)].filter(field => field[1] !== "CTL");
    const rest = fields.map(field => `${field[1]}=${field[2]}`);
    if (packet.tag > 1 && packet.tag <= 13) rest.push(String.fromCharCode(0x245f + packet.tag));
    if (packet.tag === 14) rest.push(`(${words("provoked")})`);
    if (packet.tag === 15) rest.push(`(${words("forged")})`);
    if (copy) rest.push(`(${words("copy")})`);
    if (packet.old) rest.push(`(${words("old")})`);
    const flags = packet.flags || "–";
    const widths = {flags: widthOf(flags, SIZE.label, true), rest: widthOf(rest.join(" "), SIZE.label), line: 0};
    widths.line = widths.flags + 5 + widths.rest;
    return {flags, rest: rest.join(" "), widths};
}
