// Where everything of a ladder lies.

import {widthOf} from "../pictures/measure.js";
import {SIZE, SMALL_SIZE, headOfStep, heightOf, labelOf, notesOf} from "./notes.js";
import {placeLabels} from "./labels.js";
import {legend} from "./legend.js";
import {rowsOf} from "./rows.js";
import {PLACE, waysOf} from "./ways.js";

/** @typedef {import("../api.js").RunView} RunView */
/** @typedef {import("../pictures/words.js").PictureWords} PictureWords */
/** @typedef {import("./notes.js").Line} Line */
/** @typedef {import("./notes.js").Label} Label */
/** @typedef {import("./labels.js").Placed} Placed */
/** @typedef {import("./ways.js").Way} Way */

/**
 * How the ladder shall look.
 * @typedef {object} Look
 * @property {number} width
 * @property {boolean} showRows
 * @property {boolean} relative
 * @property {number | null} repeatsFrom
 * @property {PictureWords} words
 */

/**
 * A step's place and what is written beside it.
 * @typedef {{row: number, y: number, side: 0 | 1, lines: Line[], isAcross: boolean}} Place `isAcross`: it concerns both ends
 */

/**
 * The time that an end spends in a state, from one step to another.
 * @typedef {{end: 0 | 1, state: string, from: number | null, to: number | null, restarts: number[]}} Span
 */

/**
 * @typedef {object} Layout
 * @property {RunView} run
 * @property {Look} look
 * @property {number} height
 * @property {import("../pictures/shape.js").Shape[]} legend
 * @property {[number, number]} lane the lifelines
 * @property {[number, number]} gutter at each end, between a lifeline and what is written beside it
 * @property {number} numbers the room for numbers of steps
 * @property {number} top where time begins
 * @property {number} bottom where it ends
 * @property {number[]} rows where each row begins, and where the last one ends
 * @property {Place[]} places
 * @property {Way[]} ways
 * @property {Label[][]} labels of each way
 * @property {Placed[]} placed
 * @property {Span[]} spans
 * @property {number[]} ticks steps in which a tick passes
 */

/** The least height of a row at the ends, and of one of the network or the clock. */
const ROW = 30;
const NARROW_ROW = 22;
/** Where time begins, below names and first states. */
const TOP = 64;
/** Room for the mark of a run that repeats. */
const LOOP = 30;
/** What is narrower has smaller fonts. */
export const SMALL = 480;
/** Room between a lifeline and what is written beside it, without and with the mark of 2MSL. */
const GUTTER = 10;
const QUIET_GUTTER = 22;
/** What a row is higher when a label finds no room; more are tried one after the other. */
const GROWTH = [28];

/**
 * @param {RunView} run
 * @param {Look} look
 * @returns {Layout}
 */
export function layoutOf(run, look) {
    const {steps} = run;
    const row = rowsOf(steps, run.flights);
    const spans = spansOf(run);
    const isSmall = look.width < SMALL;
    const sizes = isSmall ? SMALL_SIZE : SIZE;
    const numbers = (steps.length > 99 ? 22 : 16) - (isSmall ? 2 : 0);
    /** @type {(end: number) => boolean} */
    const waits = end => spans.some(span => span.end === end && span.state === "TIME-WAIT");
    /** @type {[number, number]} */
    const gutter = [waits(0) ? QUIET_GUTTER : GUTTER, waits(1) ? QUIET_GUTTER : GUTTER];
    const names = Math.max(...spans.map(({state}) => widthOf(state, sizes.state, true)), 70);
    // Names of states are never broken. What else is written beside the lifelines takes a share of the width.
    const room = Math.max(names, Math.min(look.width * (look.showRows ? 0.2 : 0.17), 190));
    /** @type {[number, number]} */
    const lane = [
        room + numbers + gutter[0] + 3,
        look.width - room - numbers - gutter[1] - 3 - (look.repeatsFrom === null ? 0 : LOOP),
    ];
    /** @type {Omit<Place, "y">[]} */
    const bare = steps.map((step, index) => {
        const {what} = step;
        if (step.end === null) {
            const head = headOfStep(step, look.words);
            // What the network does is written at the sender's side.
            const side = /** @type {0 | 1} */ (what.segment ? 1 - what.segment.to : 0);
            return {row: row[index], side, lines: [{kind: "head", text: head}], isAcross: what.kind === "tick"};
        }
        const side = step.end === 0 ? 0 : 1;
        return {row: row[index], side, lines: notesOf(step, room, {showRows: look.showRows, sizes, words: look.words}), isAcross: false};
    });
    const least = heightsOf(run, bare);
    const growth = least.map(() => 0);
    /** @type {Map<string, Label[]>} */
    const written = new Map();
    /** Rows that growing does not help. */
    const hopeless = new Set();
    for (;;) {
        const rows = [TOP];
        for (const [index, height] of least.entries()) rows.push(rows[rows.length - 1] + height + growth[index]);
        const bottom = rows[rows.length - 1] + (run.flights.some(flight => flight.fate === "under-way") ? 14 : 0);
        const places = bare.map(place => ({...place, y: rows[place.row]}));
        const ways = waysOf(run, {lane, y: step => places[step].y, row: step => row[step], bottom});
        const labels = ways.map((way, index) => {
            const key = `${index} ${way.isLong} ${way.oldFrom === -Infinity}`;
            const known = written.get(key) ?? labelsOf(way, look, sizes);
            written.set(key, known);
            return known;
        });
        const placed = placeLabels(ways, labels, lane);
        const crowded = new Set(
            placed.filter(label => !label.clean).map(({way}) => row[ways[way].flight.sent ?? ways[way].flight.ends ?? 0]),
        );
        const growing = [...crowded].filter(at => !hopeless.has(at));
        if (growing.length === 0) {
            const ticks = steps.flatMap((step, index) => (step.what.kind === "tick" ? [index] : []));
            const signs = legend(ways, look.width, bottom + 6, look.words);
            const height = bottom + 8 + signs.height;
            return {run, look, height, legend: signs.shapes, lane, gutter, numbers, top: TOP, bottom, rows, places, ways, labels, placed, spans, ticks};
        }
        for (const at of growing) {
            const more = GROWTH.find(more => more > growth[at]);
            growth[at] = more ?? 0;
            if (more === undefined) hopeless.add(at);
        }
    }
}

/**
 * The labels of a way: at its sending, and at its arrival where that is far away or the segment has become old.
 * @param {Way} way
 * @param {Look} look
 * @param {typeof SIZE} sizes
 * @returns {Label[]}
 */
function labelsOf({flight, isLong, oldFrom}, {relative, words}, sizes) {
    const copy = flight.fate === "copied";
    if (!isLong) return [labelOf(flight.packet, {relative, copy, old: flight.packet.old, sizes, words})];
    return [
        labelOf(flight.packet, {relative, copy, old: oldFrom === -Infinity, sizes, words}),
        labelOf(flight.packet, {relative, copy, old: flight.packet.old, sizes, words}),
    ];
}

/**
 * The height of each row.
 * @param {RunView} run
 * @param {Omit<Place, "y">[]} places
 */
function heightsOf({steps, flights}, places) {
    /** @type {number[]} */
    const heights = [];
    places.forEach(({row, lines}, index) => {
        const least = steps[index].end === null ? NARROW_ROW : ROW;
        const written = lines.length > 0 ? heightOf(lines) + 6 : 0;
        heights[row] = Math.max(heights[row] ?? 0, least, written);
    });
    for (const flight of flights) {
        if (flight.sent === null || flight.place === 0) continue;
        const {row} = places[flight.sent];
        heights[row] = Math.max(heights[row], ROW + flight.place * PLACE);
    }
    return heights;
}

/**
 * The states of both ends, each from its entry to its end.
 * @param {RunView} run
 * @returns {Span[]}
 */
function spansOf({steps, now}) {
    /** @type {Span[]} */
    const spans = [];
    for (const end of /** @type {const} */ ([0, 1])) {
        /** @type {Span} */
        let span = {end, state: steps[0]?.before[end] ?? now.ends[end].state, from: null, to: null, restarts: []};
        steps.forEach((step, index) => {
            if (step.end === end && step.restarts) span.restarts.push(index);
            if (step.after[end] === span.state) return;
            spans.push({...span, to: index});
            span = {end, state: step.after[end], from: index, to: null, restarts: []};
        });
        spans.push(span);
    }
    return spans;
}

