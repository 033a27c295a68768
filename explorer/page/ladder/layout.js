// Where everything of a ladder lies.

import {headOfStep, heightOf, labelOf, notesOf, restarts} from "./notes.js";
import {placeLabels} from "./labels.js";
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
 * @property {[number, number]} lane the lifelines
 * @property {number} gutter between a lifeline and what is written beside it
 * @property {number} numbers the room for numbers of steps
 * @property {number} top where time begins
 * @property {number} bottom where it ends
 * @property {number[]} rows where each row begins, and where the last one ends
 * @property {Place[]} places
 * @property {Way[]} ways
 * @property {Label[]} labels
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
/** What a row grows by when a label finds no room, and how often that is tried. */
const GROWTH = 14;
const TRIES = 5;

/**
 * @param {RunView} run
 * @param {Look} look
 * @returns {Layout}
 */
export function layoutOf(run, look) {
    const {steps} = run;
    const row = rowsOf(steps, run.flights);
    const spans = spansOf(run);
    const hasQuiet = spans.some(span => span.state === "TIME-WAIT");
    const gutter = hasQuiet ? 25 : 11;
    const numbers = steps.length > 99 ? 23 : 17;
    const share = look.showRows ? 0.265 : 0.245;
    const notes = Math.min(Math.max(look.width * share, 108 + (hasQuiet ? 8 : 0)), 230);
    const right = look.width - notes - (look.repeatsFrom === null ? 0 : LOOP);
    /** @type {[number, number]} */
    const lane = [notes, right];
    const room = notes - gutter - numbers - 3;
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
        return {row: row[index], side, lines: notesOf(step, room, look.showRows, look.words), isAcross: false};
    });
    const labels = waysOf(run, {lane, y: () => 0, bottom: 0}).map(({flight}) =>
        labelOf(flight.packet, {relative: look.relative, copy: flight.fate === "copied", words: look.words}),
    );
    const heights = heightsOf(run, bare);
    for (let tries = 1; ; tries++) {
        const rows = [TOP];
        for (const height of heights) rows.push(rows[rows.length - 1] + height);
        const bottom = rows[rows.length - 1] + (run.flights.some(flight => flight.fate === "under-way") ? 14 : 0);
        const places = bare.map(place => ({...place, y: rows[place.row]}));
        const ways = waysOf(run, {lane, y: step => places[step].y, bottom});
        const placed = placeLabels(ways, labels, lane);
        const crowded = placed.filter(label => !label.clean).map(label => ways[label.way]);
        if (crowded.length === 0 || tries === TRIES) {
            const ticks = steps.flatMap((step, index) => (step.what.kind === "tick" ? [index] : []));
            const height = bottom + 8;
            return {run, look, height, lane, gutter, numbers, top: TOP, bottom, rows, places, ways, labels, placed, spans, ticks};
        }
        for (const at of new Set(crowded.map(({flight}) => row[flight.sent ?? flight.ends ?? 0]))) heights[at] += GROWTH;
    }
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
            if (step.end === end && restarts(step)) span.restarts.push(index);
            if (step.after[end] === span.state) return;
            spans.push({...span, to: index});
            span = {end, state: step.after[end], from: index, to: null, restarts: []};
        });
        spans.push(span);
    }
    return spans;
}

