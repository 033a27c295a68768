// Which steps of a run lie at the same height.
//
// Time goes downward, so a step lies below all that it depends on: the step before it at the same end, and the step that
// sent the segment which arrives. Steps that follow each other in the path and do not depend on each other may share a
// row. That is what makes a simultaneous open look simultaneous, in whichever order the path names its steps.

/** @typedef {import("../api.js").StepView} StepView */
/** @typedef {import("../api.js").FlightView} FlightView */

/** Steps that are looked at together, at most. */
const BLOCK = 12;
/** What a row costs that two steps share which do the same, and which do not. A row of one step costs 1. */
const MIRRORED = 1;
const MIXED = 1.4;
/** What it costs, a place of the path, to bring two steps to one height that are not neighbours. */
const APART = 0.1;

/**
 * The row of each step, from 0 on.
 * @param {StepView[]} steps
 * @param {FlightView[]} flights
 * @returns {number[]}
 */
export function rowsOf(steps, flights) {
    const sent = sendings(steps, flights);
    /** The least cost of the steps before, and the block that ends there. */
    const best = [{cost: 0, begin: 0, rows: /** @type {number[][]} */ ([])}];
    for (let end = 1; end <= steps.length; end++) {
        let least = {cost: Infinity, begin: end - 1, rows: /** @type {number[][]} */ ([])};
        for (let begin = end - 1; begin >= 0 && end - begin <= BLOCK; begin--) {
            if (end - begin > 1 && !joins(steps, sent, begin, end)) break;
            const {cost, rows} = align(steps, begin, end);
            const whole = best[begin].cost + cost;
            if (whole < least.cost - 1e-9) least = {cost: whole, begin, rows};
        }
        best.push(least);
    }
    /** @type {number[][][]} */
    const blocks = [];
    for (let end = steps.length; end > 0; end = best[end].begin) blocks.unshift(best[end].rows);
    const row = new Array(steps.length).fill(0);
    blocks.flat().forEach((together, index) => {
        for (const step of together) row[step] = index;
    });
    return row;
}

/**
 * Which step sent the segment that arrives in a step.
 * @param {StepView[]} steps
 * @param {FlightView[]} flights
 */
function sendings(steps, flights) {
    /** @type {(number | null)[]} */
    const sent = new Array(steps.length).fill(null);
    for (const flight of flights) {
        if (flight.ends !== null && flight.fate !== "expired") sent[flight.ends] = flight.sent;
    }
    return sent;
}

/**
 * Whether the block's first step depends on none of the others and none of them on it. The others were found so before.
 * @param {StepView[]} steps
 * @param {(number | null)[]} sent
 * @param {number} begin
 * @param {number} end
 */
function joins(steps, sent, begin, end) {
    if (steps[begin].end === null || steps[begin + 1].end === null) return false;
    for (let later = begin + 1; later < end; later++) {
        if (sent[later] === begin) return false;
    }
    return true;
}

/**
 * The steps of a block in the fewest rows: those of A beside those of B, the same beside the same.
 * @param {StepView[]} steps
 * @param {number} begin
 * @param {number} end
 * @returns {{cost: number, rows: number[][]}}
 */
function align(steps, begin, end) {
    if (end - begin === 1) return {cost: 1, rows: [[begin]]};
    /** @type {[number[], number[]]} */
    const sides = [[], []];
    for (let step = begin; step < end; step++) sides[steps[step].end === 0 ? 0 : 1].push(step);
    const [left, right] = sides;
    /** @type {{cost: number, way: "left" | "right" | "both" | ""}[][]} */
    const table = [];
    for (let i = 0; i <= left.length; i++) {
        table.push([]);
        for (let j = 0; j <= right.length; j++) {
            /** @type {{cost: number, way: "left" | "right" | "both" | ""}} */
            let least = i + j === 0 ? {cost: 0, way: ""} : {cost: Infinity, way: ""};
            if (i > 0 && table[i - 1][j].cost + 1 < least.cost) least = {cost: table[i - 1][j].cost + 1, way: "left"};
            if (j > 0 && table[i][j - 1].cost + 1 < least.cost) least = {cost: table[i][j - 1].cost + 1, way: "right"};
            if (i > 0 && j > 0) {
                const [a, b] = [left[i - 1], right[j - 1]];
                const pair = (mirrored(steps[a], steps[b]) ? MIRRORED : MIXED) + APART * (Math.abs(a - b) - 1);
                const cost = table[i - 1][j - 1].cost + pair;
                if (cost < least.cost) least = {cost, way: "both"};
            }
            table[i].push(least);
        }
    }
    /** @type {number[][]} */
    const rows = [];
    for (let [i, j] = [left.length, right.length]; i + j > 0; ) {
        const {way} = table[i][j];
        const row = [];
        if (way !== "right") row.push(left[--i]);
        if (way !== "left") row.push(right[--j]);
        rows.unshift(row);
    }
    return {cost: table[left.length][right.length].cost, rows};
}

/**
 * Whether two steps are the same, each at its end.
 * @param {StepView} a
 * @param {StepView} b
 */
function mirrored(a, b) {
    return (
        a.what.kind === b.what.kind &&
        a.what.call === b.what.call &&
        a.what.timer === b.what.timer &&
        a.what.segment?.flags === b.what.segment?.flags
    );
}
