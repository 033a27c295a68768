// A ladder as shapes. What changes when one goes forward or back in a run is only the class of each step's group.

import {headOf, tenths, through} from "../pictures/shape.js";
import {LINE, SPACE} from "./notes.js";

/** @typedef {import("../pictures/shape.js").Shape} Shape */
/** @typedef {import("../pictures/shape.js").ShapeElement} ShapeElement */
/** @typedef {import("../pictures/shape.js").Point} Point */
/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("./layout.js").Span} Span */
/** @typedef {import("./ways.js").Way} Way */
/** @typedef {import("./labels.js").Placed} Placed */

/** The parts of a ladder, each with the steps that say when it is past: those that never change are drawn once. */
/**
 * @typedef {object} Parts
 * @property {Shape[]} frame names of the ends, and what lies behind everything
 * @property {{span: Span, shapes: (until: number) => Shape[]}[]} spans
 * @property {{hit: Shape, notes: Shape[]}[]} steps where one clicks and what is marked, and what is written, by step
 * @property {{from: number, to: number, strokes: Shape[], progress: (until: number) => Shape[], label: Shape[]}[]} flights
 * @property {Shape[]} over
 */

/** The phase of a connection that a state belongs to; it gives the lifeline its look. */
/** @type {Record<string, string>} */
const PHASE = {
    "CLOSED": "closed",
    "LISTEN": "listen",
    "SYN-SENT": "opening",
    "SYN-RECEIVED": "opening",
    "ESTABLISHED": "open",
    "FIN-WAIT-1": "closing",
    "FIN-WAIT-2": "closing",
    "CLOSING": "closing",
    "TIME-WAIT": "quiet",
    "CLOSE-WAIT": "passive",
    "LAST-ACK": "passive",
};

/** @param {string} state */
export function phaseOf(state) {
    return PHASE[state] ?? "open";
}

/**
 * @param {Layout} layout
 * @param {[string, string]} names
 * @returns {Parts}
 */
export function partsOf(layout, names) {
    return {
        frame: [...frame(layout, names), ...layout.legend],
        spans: layout.spans.map(span => ({span, shapes: until => lifeline(layout, span, until)})),
        steps: layout.run.steps.map((_, step) => stepShapes(layout, step)),
        flights: layout.ways.map((way, index) => ({
            from: way.flight.sent ?? way.flight.ends ?? 0,
            to: way.flight.ends ?? Infinity,
            strokes: strokes(layout, way),
            progress: until => progress(layout, way, until),
            label: layout.placed.filter(placed => placed.way === index).flatMap(label),
        })),
        over: loop(layout),
    };
}

/**
 * Text at a point.
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Record<string, unknown>} [more]
 * @returns {ShapeElement}
 */
function text(kind, x, y, text, more = {}) {
    return ["text", {class: `ladder-${kind}`, x: tenths(x), y: tenths(y), ...more}, text];
}

/**
 * @param {Layout} layout
 * @param {[string, string]} names
 * @returns {Shape[]}
 */
function frame({lane, spans, gutter, numbers, top}, names) {
    return lane.flatMap((x, end) => {
        const first = spans.find(span => span.end === end);
        const outward = end === 0 ? -1 : 1;
        return [
            text("name", x, 16, names[end], {"text-anchor": "middle"}),
            text("state", x + outward * (gutter[end] + numbers), top - 22, first?.state ?? "", {
                "text-anchor": end === 0 ? "end" : "start",
            }),
        ];
    });
}

/**
 * An end's lifeline as long as it is in a state.
 * @param {Layout} layout
 * @param {Span} span
 * @param {number} until down to where
 * @returns {Shape[]}
 */
function lifeline({lane, places, top, bottom, look}, {end, state, from, to, restarts}, until) {
    const x = lane[end];
    const begin = from === null ? top - 36 : places[from].y;
    const finish = Math.min(to === null ? bottom : places[to].y, until);
    if (finish <= begin) return [];
    /** @type {Shape[]} */
    const shapes = [
        ["path", {class: `ladder-life ladder-life-${phaseOf(state)}`, d: through([[x, begin], [x, finish]])}],
    ];
    if (state !== "TIME-WAIT") return shapes;
    const beside = x + (end === 0 ? -12 : 12);
    const cap = end === 0 ? 5 : -5;
    shapes.push([
        "path",
        {
            class: "ladder-quiet",
            d:
                through([[beside + cap, begin], [beside, begin], [beside, finish]]) +
                (to !== null && finish === places[to].y ? through([[beside, finish], [beside + cap, finish]]) : ""),
        },
    ]);
    for (const step of restarts) {
        const {y} = places[step];
        if (y <= finish) shapes.push(["path", {class: "ladder-restart", d: headOf([beside, y - 10], [beside, y + 4], 9)}]);
    }
    const whole = to === null ? bottom : places[to].y;
    if (whole - begin > 40) {
        const cut = [begin, ...restarts.map(step => places[step].y), whole];
        // In the longest part between two restarts.
        let middle = 0;
        let length = 0;
        cut.slice(1).forEach((y, index) => {
            if (y - cut[index] > length) [middle, length] = [(y + cut[index]) / 2, y - cut[index]];
        });
        const turn = `rotate(${end === 0 ? -90 : 90} ${tenths(beside)} ${tenths(middle)})`;
        if (middle <= finish) shapes.push(text("quiet-name", beside, middle + 3.5, look.words("2msl"), {"text-anchor": "middle", transform: turn}));
    }
    return shapes;
}

/**
 * @param {Layout} layout
 * @param {number} step
 * @returns {{hit: Shape, notes: Shape[]}}
 */
function stepShapes({places, rows, lane, gutter, numbers, look, run}, step) {
    const {row, y, side, lines, isAcross} = places[step];
    const x = lane[side];
    const outward = side === 0 ? -1 : 1;
    const anchor = side === 0 ? "end" : "start";
    const height = rows[row + 1] - rows[row];
    const [left, right] = isAcross ? [0, look.width] : side === 0 ? [0, x] : [x, look.width];
    /** @type {Shape} */
    const hit = [
        "rect",
        {class: "ladder-hit", x: tenths(left), y: tenths(y - 11), width: tenths(right - left), height: tenths(height - 2), rx: 4},
    ];
    /** @type {Shape[]} */
    const shapes = [];
    if (isAcross) {
        shapes.push(["path", {class: "ladder-tick", d: through([[lane[0] - 6, y], [lane[1] + 6, y]])}]);
    } else if (run.steps[step].end !== null) {
        shapes.push(["circle", {class: "ladder-dot", cx: tenths(x), cy: tenths(y), r: 3.5}]);
    }
    const nearest = x + outward * gutter[side];
    shapes.push(text("number", nearest, y + 3.8, String(step + 1), {"text-anchor": anchor}));
    let line = y + 4;
    for (const [index, {kind, text: words}] of lines.entries()) {
        if (index > 0) line += LINE[kind];
        shapes.push(text(kind, nearest + outward * numbers, line, words, {"text-anchor": anchor}));
    }
    return {hit, notes: shapes};
}

/**
 * @param {Layout} layout
 * @param {Way} way
 * @returns {Shape[]}
 */
function strokes(layout, way) {
    const {flight, points, tip, dots} = way;
    const [[bx, by], [x, y]] = points.slice(-2);
    const shapes = line(layout, way, points);
    if (tip === "arrow" || tip === "open") shapes.push(head(way, [bx, by], [x, y]));
    if (tip === "cross") {
        const d = through([[x - 5, y - 5], [x + 5, y + 5]]) + through([[x - 5, y + 5], [x + 5, y - 5]]);
        shapes.push(["path", {class: "ladder-cross", d}]);
    }
    if (tip === "tail") {
        const d = [0, 1, 2].map(i => through([[x - 5 + i, y - 4 + i * 4], [x + 5 - i, y - 4 + i * 4]])).join("");
        shapes.push(["path", {class: "ladder-gone", d}]);
    }
    const towards = x > points[0][0] ? 1 : -1;
    if (tip === "open") shapes.push(text("dots", x + towards * 9, y + 4, "…", {"text-anchor": "middle"}));
    if (dots !== null) shapes.push(text("dots", dots[0], dots[1] + 3, "…", {"text-anchor": "middle"}));
    shapes.push(["title", {}, flight.packet.text]);
    return shapes;
}

/**
 * How far a segment has come that is under way now, and will end later.
 * @param {Layout} layout
 * @param {Way} way
 * @param {number} until down to where time has come
 * @returns {Shape[]}
 */
function progress(layout, way, until) {
    const {points} = way;
    const [top, bottom] = [points[0][1], points[points.length - 1][1]];
    const height = Math.min(Math.max(until, top + (bottom - top) * 0.2), top + (bottom - top) * 0.8);
    const done = cutAt(points, [height])[0];
    const [before, tip] = done.slice(-2);
    return [...line(layout, way, done), head(way, before, tip)];
}

/**
 * @param {Way} way
 * @param {number} y
 */
function kindsAt({flight, oldFrom}, y) {
    const kinds = [];
    if (flight.fate === "copied") kinds.push("ladder-copy");
    if (flight.packet.tag > 1 && flight.packet.tag <= 13) kinds.push("ladder-later");
    if (oldFrom !== null && y >= oldFrom) kinds.push("ladder-old");
    return kinds.join(" ");
}

/**
 * The line of a flight. It fades with every tick, and changes where the segment becomes old.
 * @param {Layout} layout
 * @param {Way} way
 * @param {Point[]} points
 * @returns {Shape[]}
 */
function line({ticks, places, run}, way, points) {
    const {flight, oldFrom} = way;
    const passed = ticks.filter(tick => (flight.sent ?? 0) < tick && tick < (flight.ends ?? 0)).map(tick => places[tick].y);
    const cuts = oldFrom === null ? passed : [...passed, oldFrom].sort((a, b) => a - b);
    return cutAt(points, cuts).map(piece => {
        const age = passed.filter(y => y <= piece[0][1]).length;
        const opacity = age === 0 ? undefined : tenths(Math.max(0.3, 1 - (0.7 * age) / (run.subject.msl || 4)));
        return ["path", {class: `ladder-stroke ${kindsAt(way, piece[0][1])}`, d: through(piece), opacity}];
    });
}

/**
 * @param {Way} way
 * @param {Point} before
 * @param {Point} tip
 * @returns {Shape}
 */
function head(way, before, tip) {
    return ["path", {class: `ladder-tip ${kindsAt(way, tip[1])}`, d: headOf(before, tip, 9)}];
}

/**
 * A line cut into pieces where it passes these heights.
 * @param {Point[]} points
 * @param {number[]} heights
 * @returns {Point[][]}
 */
function cutAt(points, heights) {
    /** @type {Point[][]} */
    const pieces = [];
    /** @type {Point[]} */
    let piece = [points[0]];
    for (const to of points.slice(1)) {
        const from = piece[piece.length - 1];
        for (const y of heights.filter(y => from[1] < y && y < to[1])) {
            const share = (y - from[1]) / (to[1] - from[1]);
            /** @type {Point} */
            const cut = [from[0] + (to[0] - from[0]) * share, y];
            pieces.push([...piece, cut]);
            piece = [cut];
        }
        piece.push(to);
    }
    pieces.push(piece);
    return pieces;
}

/**
 * @param {Placed} placed
 * @returns {Shape[]}
 */
function label({lines, isAstride, box}) {
    const angle = tenths((Math.atan2(box.sin, box.cos) * 180) / Math.PI);
    const first = isAstride ? -6 : 4 - (lines.length - 1) * 6.5;
    const texts = lines.map((line, index) => {
        const y = tenths(first + index * (isAstride ? 19 : 13));
        const parts = line.map(
            ({kind, text: words}, at) => /** @type {Shape} */ (["tspan", {class: `ladder-${kind}`, dx: at > 0 ? SPACE : undefined}, words]),
        );
        return /** @type {Shape} */ (["text", {class: "ladder-label", y, "text-anchor": "middle"}, ...parts]);
    });
    return [["g", {transform: `translate(${tenths(box.x)} ${tenths(box.y)}) rotate(${angle})`}, ...texts]];
}

/**
 * The mark of a run that repeats.
 * @param {Layout} layout
 * @returns {Shape[]}
 */
function loop({look, places, rows, bottom}) {
    const from = look.repeatsFrom;
    if (from === null || places.length === 0) return [];
    const y = places[from]?.y ?? bottom;
    const [x, end] = [look.width - 16, rows[rows.length - 1] - 6];
    const middle = (y + end) / 2;
    return [
        ["path", {class: "ladder-loop", d: through([[x - 9, end], [x, end], [x, y - 6], [x - 7, y - 6]])}],
        ["path", {class: "ladder-loop-head", d: headOf([x, y - 6], [x - 12, y - 6], 9)}],
        text("loop-name", x + 10, middle, look.words("repeats"), {
            "text-anchor": "middle",
            transform: `rotate(90 ${tenths(x + 6)} ${tenths(middle)})`,
        }),
    ];
}

