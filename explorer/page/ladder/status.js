// What of a ladder is past, under way and to come; and the whole picture as a file.

import {written} from "../pictures/shape.js";
import {partsOf} from "./draw.js";
import {SMALL} from "./layout.js";
import {linesOf} from "./text.js";
import {LADDER_STYLE} from "../pictures/style.js";

/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("../pictures/shape.js").Shape} Shape */

/**
 * Classes after so many steps.
 * @param {Layout} layout
 * @param {number} at
 */
export function statusOf({places, rows, ways, run}, at) {
    const last = at > 0 ? places[at - 1].row : -1;
    const reached = places.slice(0, at).reduce((row, place) => Math.max(row, place.row), last);
    const cut = at === places.length ? Infinity : (rows[reached + 1] ?? rows[0]) - 8;
    /** Down to where each end's lifeline is past. */
    const until = [0, 1].map(end => {
        const next = places.slice(at).find((_, index) => run.steps[at + index].end === end);
        return Math.min(cut, next?.y ?? Infinity);
    });
    return {
        cut,
        until,
        /** @param {number} step */
        step: step => (step >= at ? "ladder-step ladder-future" : step === at - 1 ? "ladder-step ladder-last" : "ladder-step"),
        /** @param {number} index */
        flight: index => {
            const {flight} = ways[index];
            const from = flight.sent ?? flight.ends ?? 0;
            if (from >= at) return "ladder-future";
            // A copy is made as it arrives.
            if (flight.ends !== null && flight.ends >= at) return flight.fate === "copied" ? "ladder-future" : "ladder-air";
            return flight.ends === at - 1 || flight.sent === at - 1 ? "ladder-last" : "";
        },
    };
}

/** @param {Layout} layout */
export function classOf({look}) {
    return look.width < SMALL ? "ladder-picture ladder-small" : "ladder-picture";
}

/**
 * The picture as a file, with its style inside. Where it shows the whole run, no step is marked as the last one.
 * @param {Layout} layout
 * @param {[string, string]} names
 * @param {number} at
 * @param {string} language
 */
export function drawing(layout, names, at, language) {
    const {width, words} = layout.look;
    const parts = partsOf(layout, names);
    const status = statusOf(layout, at);
    /** @param {string} kinds */
    const marked = kinds => (at < layout.run.steps.length ? kinds : kinds.replace(/ ?ladder-last/, ""));
    const height = Math.ceil(layout.height);
    /** @type {(name: string, inside: Shape[]) => Shape} */
    const group = (name, inside) => ["g", name === "" ? {} : {class: name}, ...inside];
    return `${written([
        "svg",
        {xmlns: "http://www.w3.org/2000/svg", class: classOf(layout), width, height, viewBox: `0 0 ${width} ${height}`, role: "img", lang: language},
        ["title", {}, words("ladder", {steps: layout.run.steps.length, a: names[0], b: names[1]})],
        ["desc", {}, linesOf(layout.run, at, language).join("\n")],
        ["style", {}, LADDER_STYLE],
        ["rect", {class: "ladder-paper", width, height}],
        ...parts.steps.map(({hit}, step) => group(marked(status.step(step)), [hit])),
        group("ladder-frame", parts.frame),
        group("ladder-future", parts.spans.flatMap(({shapes}) => shapes(Infinity))),
        group("", parts.spans.flatMap(({span, shapes}) => shapes(status.until[span.end]))),
        ...parts.flights.map(({strokes}, index) => group(marked(status.flight(index)), strokes)),
        ...parts.flights.map(({progress}, index) => group("", status.flight(index) === "ladder-air" ? progress(status.cut) : [])),
        ...parts.steps.map(({notes}, step) => group(marked(status.step(step)), notes)),
        ...parts.flights.map(({label}, index) => group(marked(status.flight(index)), label)),
        ...parts.over,
    ])}\n`;
}
