// A ladder as lines of text, for those who do not see it.

import {wordsIn} from "../pictures/words.js";
import {headOfStep} from "./notes.js";

/** @typedef {import("../api.js").RunView} RunView */

/**
 * A line a step, after one that says where both ends begin.
 * @param {RunView} run
 * @param {number} at only so many steps
 * @param {string} language
 * @param {number} [from] without the steps before this one
 * @returns {string[]}
 */
export function linesOf(run, at, language, from = 0) {
    const words = wordsIn(language);
    const end = language.startsWith("zh") ? "；" : "; ";
    /** @type {(i: number) => string} */
    const letter = i => (i === 0 ? "A" : "B");
    const [a, b] = run.steps[0]?.before ?? [run.now.ends[0].state, run.now.ends[1].state];
    const lines = [words("begin", {a: "A", from: a, b: "B", to: b})];
    run.steps.slice(from, at).forEach((step, offset) => {
        const index = from + offset;
        const parts = [];
        const {segment} = step.what;
        const old = segment?.old ? ` (${words("old.text")})` : "";
        if (step.what.kind === "deliver" && segment) {
            parts.push(words("arrives.text", {text: segmentText(segment), end: letter(segment.to)}) + old);
        } else if (step.what.kind === "duplicate" && segment) {
            parts.push(words("arrives.copy.text", {text: segmentText(segment), end: letter(segment.to)}) + old);
        } else if (step.what.kind === "lose" && segment) {
            parts.push(words("lost.text", {text: segmentText(segment)}) + old);
        } else {
            parts.push((step.end === null ? "" : `${letter(step.end)}: `) + headOfStep(step, words));
        }
        for (const i of [0, 1]) {
            if (step.before[i] !== step.after[i]) {
                parts.push(words("becomes.text", {end: letter(i), from: step.before[i], to: step.after[i]}));
            }
        }
        if (step.restarts) parts.push(words("2msl.restarts"));
        for (const {packet, sent} of distinct(run, index)) {
            if (sent === index) parts.push(words("sent.text", {end: letter(step.end ?? 1 - packet.to), text: segmentText(packet)}));
        }
        for (const flight of run.flights) {
            if (flight.ends === index && flight.fate === "expired") {
                parts.push(words("expires.text", {text: segmentText(flight.packet)}));
            }
        }
        if (step.rows.length > 0) parts.push(words("rows.text", {rows: step.rows.join(", ")}));
        lines.push(`${index + 1}. ${parts.join(end)}`);
    });
    return lines;
}

/** @param {import("../api.js").PacketView} packet */
function segmentText(packet) {
    return `${packet.flags} ${packet.text}`;
}

/**
 * What a step sends, each segment once, although its copies fly for themselves.
 * @param {RunView} run
 * @param {number} step
 */
function distinct(run, step) {
    const sent = run.flights.filter(flight => flight.sent === step);
    return sent.filter((flight, index) => sent.findIndex(other => other.place === flight.place) === index);
}
