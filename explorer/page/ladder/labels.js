// Where the labels of arrows stand, so that none lies on another or is struck through by an arrow.

/** @typedef {import("../pictures/shape.js").Point} Point */
/** @typedef {import("./ways.js").Way} Way */
/** @typedef {import("./notes.js").Label} Label */

/**
 * A rectangle that is turned.
 * @typedef {{x: number, y: number, w: number, h: number, cos: number, sin: number}} Box `w` and `h` are half of its sides
 */

/**
 * Where a label stands.
 * @typedef {{way: number, shape: "line" | "stack" | "astride", box: Box, clean: boolean}} Placed
 */

/** Half of a line's height. */
const HALF = 6.5;
/** How far a label keeps from its own stroke, and from others. */
const OFF = 2.5;
const CLEAR = 1.5;
/** Places along an arrow, the best first. */
const SHARES = [0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.26, 0.74, 0.22, 0.78, 0.18, 0.82];

/**
 * @param {Way[]} ways
 * @param {Label[]} labels
 * @param {[number, number]} lane
 * @returns {Placed[]}
 */
export function placeLabels(ways, labels, lane) {
    const strokes = ways.flatMap((way, index) =>
        way.points.slice(1).map((to, at) => ({way: index, leg: at, from: way.points[at], to})),
    );
    /** @type {Placed[]} */
    const placed = [];
    const order = ways.map((_, index) => index).sort((a, b) => ways[a].points[0][1] - ways[b].points[0][1]);
    for (const index of order) {
        const {legs, isLong} = ways[index];
        const best = place(index, legs);
        placed.push(best);
        if (!isLong || legs.length < 2) continue;
        // The reader of the arrival should not have to look for the sending.
        const other = place(index, legs.slice(1));
        if (other.clean && best.clean && Math.abs(other.box.y - best.box.y) > 60) placed.push(other);
    }
    return placed;

    /**
     * @param {number} index
     * @param {[Point, Point][]} legs
     * @returns {Placed}
     */
    function place(index, legs) {
        const top = Math.min(...legs.map(leg => Math.min(leg[0][1], leg[1][1]))) - 40;
        const bottom = Math.max(...legs.map(leg => Math.max(leg[0][1], leg[1][1]))) + 40;
        const near = strokes.filter(({from, to}) => Math.max(from[1], to[1]) > top && Math.min(from[1], to[1]) < bottom);
        const others = placed.filter(({box}) => box.y > top && box.y < bottom);
        const {widths} = labels[index];
        const stack = Math.max(widths.flags, widths.rest) / 2;
        /** @type {[Placed["shape"], number, number, number][]} shape, half a width, half a height, distance of the middle */
        const shapes = [
            ["line", widths.line / 2, HALF, -(HALF + OFF)],
            ["line", widths.line / 2, HALF, HALF + OFF],
            ["astride", stack, 2 * HALF + OFF, 0],
            ["stack", stack, 2 * HALF, -(2 * HALF + OFF)],
            ["stack", stack, 2 * HALF, 2 * HALF + OFF],
        ];
        /** @type {Placed | null} */
        let best = null;
        let least = Infinity;
        for (const [shape, w, h, away] of shapes) {
            for (const [from, to] of legs) {
                const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
                // Text runs from left to right, whatever the arrow does.
                const sign = to[0] < from[0] ? -1 : 1;
                const [cos, sin] = [((to[0] - from[0]) / length) * sign, ((to[1] - from[1]) / length) * sign];
                for (const share of SHARES) {
                    const box = {
                        x: from[0] + (to[0] - from[0]) * share - sin * away,
                        y: from[1] + (to[1] - from[1]) * share + cos * away,
                        w,
                        h,
                        cos,
                        sin,
                    };
                    const bad = badness(box, index, from, near, others);
                    if (bad < least) {
                        least = bad;
                        best = {way: index, shape, box, clean: bad === 0};
                    }
                    if (bad === 0) return /** @type {Placed} */ (best);
                }
            }
        }
        return best ?? {way: index, shape: "line", box: {x: 0, y: 0, w: 0, h: 0, cos: 1, sin: 0}, clean: false};
    }

    /**
     * How much is wrong with a place.
     * @param {Box} box
     * @param {number} own
     * @param {Point} begin where the leg begins along which it stands
     * @param {{way: number, leg: number, from: Point, to: Point}[]} near
     * @param {Placed[]} others
     */
    function badness(box, own, begin, near, others) {
        const reach = box.w * box.cos + box.h * Math.abs(box.sin);
        let bad = Math.max(0, lane[0] + 4 - (box.x - reach)) + Math.max(0, box.x + reach - lane[1] + 4);
        for (const other of others) if (overlap(box, other.box, 1)) bad += 40;
        for (const stroke of near) {
            // Of its own arrow only the other legs can strike it through: it stands beside this one, or astride of it.
            if (stroke.way === own && (stroke.from === begin || ways[own].points.length === 2)) continue;
            if (crosses(stroke.from, stroke.to, box, CLEAR)) bad += 20;
        }
        return bad;
    }
}

/**
 * Whether a stroke goes through a box.
 * @param {Point} from
 * @param {Point} to
 * @param {Box} box
 * @param {number} clear how far it must keep away
 */
export function crosses(from, to, box, clear) {
    const [a, b] = [local(from, box), local(to, box)];
    const [w, h] = [box.w + clear, box.h + clear];
    // The part of the stroke between the left and right side, then between top and bottom.
    let [begin, end] = [0, 1];
    for (const [p, q, half] of [
        [a[0], b[0], w],
        [a[1], b[1], h],
    ]) {
        const step = q - p;
        if (Math.abs(step) < 1e-9) {
            if (Math.abs(p) > half) return false;
            continue;
        }
        const [s, t] = [(-half - p) / step, (half - p) / step];
        begin = Math.max(begin, Math.min(s, t));
        end = Math.min(end, Math.max(s, t));
    }
    return begin <= end;
}

/**
 * A point as the box sees it.
 * @param {Point} point
 * @param {Box} box
 * @returns {Point}
 */
function local([px, py], {x, y, cos, sin}) {
    const [dx, dy] = [px - x, py - y];
    return [dx * cos + dy * sin, dy * cos - dx * sin];
}

/**
 * Whether two boxes overlap.
 * @param {Box} one
 * @param {Box} other
 * @param {number} clear
 */
export function overlap(one, other, clear) {
    return [one, other].every(({cos, sin}) =>
        [
            [cos, sin],
            [-sin, cos],
        ].every(([ax, ay]) => {
            const distance = Math.abs((one.x - other.x) * ax + (one.y - other.y) * ay);
            return distance < reach(one, ax, ay) + reach(other, ax, ay) + clear;
        }),
    );
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
