// Where the labels of arrows stand, so that none lies on another or is struck through by an arrow.

import {widthOfLine} from "./notes.js";

/** @typedef {import("../pictures/shape.js").Point} Point */
/** @typedef {import("./ways.js").Way} Way */
/** @typedef {import("./notes.js").Label} Label */
/** @typedef {import("./notes.js").LabelLine} LabelLine */

/**
 * A rectangle that is turned.
 * @typedef {{x: number, y: number, w: number, h: number, cos: number, sin: number}} Box `w` and `h` are half of its sides
 */

/**
 * Where a label stands.
 * @typedef {object} Placed
 * @property {number} way
 * @property {number} which of the way's labels
 * @property {LabelLine[]} lines what is written
 * @property {boolean} isAstride the arrow runs between its two lines
 * @property {Box} box
 * @property {boolean} clean all is written, nothing strikes it through, and it is on no other
 */

/** Half of a line's height. */
const HALF = 6.5;
/** How far a label keeps from its own stroke, and from others. */
const OFF = 2.5;
const CLEAR = 1.5;
/** How far from an arrow its label may reach. */
const NEAR = 60;
/** How far a label keeps from the lifelines. */
const MARGIN = 7;
/** How far the two labels of a way must be from each other, or one is enough. */
const FAR = 70;
/** Places along an arrow, the best first. */
const SHARES = [0.5, 0.45, 0.55, 0.4, 0.6, 0.36, 0.64, 0.32, 0.68, 0.28, 0.72, 0.25, 0.75, 0.22, 0.78, 0.19, 0.81, 0.16, 0.84];

/**
 * @param {Way[]} ways
 * @param {Label[][]} labels of each way: at its sending, and at its arrival where that is far away
 * @param {[number, number]} lane
 * @returns {Placed[]}
 */
export function placeLabels(ways, labels, lane) {
    const strokes = ways.flatMap((way, index) =>
        strokesOf(way).map(([from, to]) => ({way: index, from, to, top: Math.min(from[1], to[1]), bottom: Math.max(from[1], to[1])})),
    );
    /** @type {Placed[]} */
    const placed = [];
    const order = ways.map((_, index) => index).sort((a, b) => ways[a].points[0][1] - ways[b].points[0][1]);
    const done = new Set();
    for (const [at, index] of order.entries()) {
        if (done.has(index)) continue;
        // Ways that begin at the same height follow each other.
        const twin = order.slice(at + 1, at + 5).find(other => !done.has(other) && areTwins(ways[index], ways[other]));
        const both = twin === undefined ? null : placeTwins(index, twin);
        if (both !== null && twin !== undefined) {
            placed.push(...both);
            done.add(index).add(twin);
            continue;
        }
        done.add(index);
        const {legs, waits} = ways[index];
        const best = place(index, 0, candidates(labels[index][0], legs, waits));
        placed.push(best);
        if (labels[index].length < 2) continue;
        // The reader of the arrival should not have to look for the sending.
        const other = place(index, 1, candidates(labels[index][1], legs.slice(1), []));
        if (other.clean && Math.abs(other.box.y - best.box.y) > FAR) placed.push(other);
    }
    return placed;

    /**
     * The first place where nothing is wrong, or the one where the least is.
     * @param {number} way
     * @param {number} which of its labels
     * @param {Iterable<Candidate>} all
     * @returns {Placed}
     */
    function place(way, which, all) {
        const obstacles = obstaclesOf([way]);
        /** @type {Placed | null} */
        let best = null;
        let least = Infinity;
        for (const {lines, isAstride, box, leg, cost} of all) {
            if (cost >= least) break;
            const bad = cost + badness(box, way, leg, obstacles, least);
            if (bad >= least) continue;
            least = bad;
            best = {way, which, lines, isAstride, box, clean: bad === 0};
            if (bad === 0) break;
        }
        return best ?? {way, which, lines: [], isAstride: false, box: {x: 0, y: 0, w: 0, h: 0, cos: 1, sin: 0}, clean: true};
    }

    /**
     * Two arrows that cross like mirror images have their labels at mirrored places, if there are some.
     * @param {number} one
     * @param {number} other
     * @returns {Placed[] | null}
     */
    function placeTwins(one, other) {
        const obstacles = obstaclesOf([one, other]);
        const second = candidates(labels[other][0], ways[other].legs, []);
        for (const a of candidates(labels[one][0], ways[one].legs, [])) {
            const b = second.next().value;
            if (!b) return null;
            if (a.cost > 0) return null;
            const isClean =
                badness(a.box, one, a.leg, obstacles, 1) === 0 &&
                badness(b.box, other, b.leg, obstacles, 1) === 0 &&
                !overlap(a.box, b.box, 1);
            if (!isClean) continue;
            return [
                {way: one, which: 0, lines: a.lines, isAstride: a.isAstride, box: a.box, clean: true},
                {way: other, which: 0, lines: b.lines, isAstride: b.isAstride, box: b.box, clean: true},
            ];
        }
        return null;
    }

    /**
     * Strokes and labels near some ways.
     * @param {number[]} near
     */
    function obstaclesOf(near) {
        const heights = near.flatMap(index => ways[index].points.map(point => point[1]));
        const [top, bottom] = [Math.min(...heights) - NEAR, Math.max(...heights) + NEAR];
        return {
            strokes: strokes.filter(stroke => stroke.bottom > top && stroke.top < bottom),
            placed: placed.filter(({box}) => box.y + high(box) > top && box.y - high(box) < bottom),
        };
    }

    /**
     * How much is wrong with a place.
     * @param {Box} box
     * @param {number} own
     * @param {Point | null} leg where the leg begins along which it stands
     * @param {ReturnType<typeof obstaclesOf>} obstacles
     * @param {number} enough where counting stops
     */
    function badness(box, own, leg, obstacles, enough) {
        const reach = box.w * box.cos + box.h * Math.abs(box.sin);
        let bad = 3 * (Math.max(0, lane[0] + MARGIN - (box.x - reach)) + Math.max(0, box.x + reach - lane[1] + MARGIN));
        if (bad >= enough) return bad;
        const [top, bottom] = [box.y - high(box) - CLEAR, box.y + high(box) + CLEAR];
        for (const other of obstacles.placed) {
            const half = high(other.box);
            if (other.box.y + half >= top && other.box.y - half <= bottom && overlap(box, other.box, 1)) bad += 40;
        }
        if (bad >= enough) return bad;
        for (const stroke of obstacles.strokes) {
            if (stroke.bottom < top || stroke.top > bottom) continue;
            // Of its own arrow only the other legs can strike it through: it stands beside this one, or astride of it.
            if (stroke.way === own && stroke.from === leg) continue;
            if (!crosses(stroke.from, stroke.to, box, CLEAR)) continue;
            bad += 20;
            if (bad >= enough) return bad;
        }
        return bad;
    }
}

/**
 * A place that a label may have. `leg`: where the leg begins along which it stands. `cost`: what is missing from it.
 * @typedef {{lines: LabelLine[], isAstride: boolean, box: Box, leg: Point | null, cost: number}} Candidate
 */

/**
 * Places of a label, the best first.
 * @param {Label} label
 * @param {[Point, Point][]} legs
 * @param {[Point, Point][]} waits vertical lines beside which it may stand as well
 * @returns {Generator<Candidate, undefined>}
 */
function* candidates(label, legs, waits) {
    /** @type {[LabelLine[], "above" | "below" | "astride", number][]} */
    const forms = [
        [[label.line], "above", 0],
        [[label.line], "below", 0],
        [label.stack, "astride", 0],
        [label.stack, "above", 0],
        [label.stack, "below", 0],
        [label.tall, "above", 0],
        [label.tall, "below", 0],
    ];
    for (const form of forms) yield* along(form, legs);
    for (const [from, to] of waits) {
        for (const share of [0.5, 0.3, 0.7, 0.15, 0.85]) {
            const y = from[1] + (to[1] - from[1]) * share;
            for (const lines of [[label.line], label.stack, label.tall]) {
                const w = widthOfLines(lines) / 2;
                for (const x of [from[0] + w + 5, from[0] - w - 5]) {
                    yield {lines, isAstride: false, box: {x, y, w, h: HALF * lines.length, cos: 1, sin: 0}, leg: null, cost: 0};
                }
            }
        }
    }
    yield* along([label.flags, "above", 1], legs);
    yield* along([label.flags, "below", 1], legs);
}

/**
 * @param {[LabelLine[], "above" | "below" | "astride", number]} form
 * @param {[Point, Point][]} legs
 * @returns {Generator<Candidate, undefined>}
 */
function* along([lines, side, cost], legs) {
    const isAstride = side === "astride" && lines.length === 2;
    const w = widthOfLines(lines) / 2;
    const h = HALF * lines.length + (isAstride ? OFF : 0);
    const away = isAstride ? 0 : side === "below" ? h + OFF : -(h + OFF);
    for (const [from, to] of legs) {
        const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
        // Text runs from left to right, whatever the arrow does.
        const sign = to[0] < from[0] ? -1 : 1;
        const [cos, sin] = [((to[0] - from[0]) / length) * sign, ((to[1] - from[1]) / length) * sign];
        for (const share of SHARES) {
            const x = from[0] + (to[0] - from[0]) * share - sin * away;
            const y = from[1] + (to[1] - from[1]) * share + cos * away;
            yield {lines, isAstride, box: {x, y, w, h, cos, sin}, leg: from, cost};
        }
    }
}

/** @param {LabelLine[]} lines */
function widthOfLines(lines) {
    return Math.max(...lines.map(widthOfLine));
}

/**
 * Half of a box's height as it lies.
 * @param {Box} box
 */
function high({w, h, cos, sin}) {
    return w * Math.abs(sin) + h * cos;
}

/**
 * What of a way can strike a label through.
 * @param {Way} way
 * @returns {[Point, Point][]}
 */
function strokesOf({points, tip}) {
    /** @type {[Point, Point][]} */
    const strokes = points.slice(1).map((to, at) => [points[at], to]);
    const [x, y] = points[points.length - 1];
    if (tip === "cross" || tip === "tail") strokes.push([[x - 6, y], [x + 6, y]], [[x, y - 6], [x, y + 6]]);
    if (tip === "open") strokes.push([[x - 16, y + 2], [x + 16, y + 2]]);
    return strokes;
}

/**
 * Whether two arrows are mirror images of each other.
 * @param {Way} one
 * @param {Way} other
 */
function areTwins(one, other) {
    if (one.tip !== other.tip || one.points.length !== other.points.length || one.points.length > 2) return false;
    if (one.flight.packet.to === other.flight.packet.to) return false;
    return one.points.every((point, index) => Math.abs(point[1] - other.points[index][1]) < 1);
}

/**
 * Whether a stroke goes through a box.
 * @param {Point} from
 * @param {Point} to
 * @param {Box} box
 * @param {number} clear how far it must keep away
 */
export function crosses(from, to, {x, y, w, h, cos, sin}, clear) {
    // Both points as the box sees them.
    const ax = (from[0] - x) * cos + (from[1] - y) * sin;
    const ay = (from[1] - y) * cos - (from[0] - x) * sin;
    const bx = (to[0] - x) * cos + (to[1] - y) * sin;
    const by = (to[1] - y) * cos - (to[0] - x) * sin;
    const [halfWidth, halfHeight] = [w + clear, h + clear];
    if (Math.min(ay, by) > halfHeight || Math.max(ay, by) < -halfHeight) return false;
    if (Math.min(ax, bx) > halfWidth || Math.max(ax, bx) < -halfWidth) return false;
    // The part of the stroke between top and bottom, and whether it is between left and right.
    const step = by - ay;
    if (Math.abs(step) < 1e-9) return true;
    const s = (-halfHeight - ay) / step;
    const t = (halfHeight - ay) / step;
    const begin = Math.max(0, Math.min(s, t));
    const end = Math.min(1, Math.max(s, t));
    const one = ax + (bx - ax) * begin;
    const other = ax + (bx - ax) * end;
    return Math.min(one, other) <= halfWidth && Math.max(one, other) >= -halfWidth;
}

/**
 * Whether two boxes overlap.
 * @param {Box} one
 * @param {Box} other
 * @param {number} clear
 */
export function overlap(one, other, clear) {
    const [dx, dy] = [one.x - other.x, one.y - other.y];
    /** @type {(ax: number, ay: number) => boolean} */
    const meets = (ax, ay) => Math.abs(dx * ax + dy * ay) < reach(one, ax, ay) + reach(other, ax, ay) + clear;
    return meets(one.cos, one.sin) && meets(-one.sin, one.cos) && meets(other.cos, other.sin) && meets(-other.sin, other.cos);
}

/**
 * Half of what a box takes up along a direction.
 * @param {Box} box
 * @param {number} ax
 * @param {number} ay
 */
function reach({w, h, cos, sin}, ax, ay) {
    return w * Math.abs(cos * ax + sin * ay) + h * Math.abs(-sin * ax + cos * ay);
}
