// A ladder as shapes. What changes when one goes forward or back in a run is only the class of each step's group.

import {headOf, tenths, through} from "../pictures/shape.js";
import {LINE} from "./notes.js";

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
 * @property {Shape[][]} steps by step
 * @property {{from: number, to: number, strokes: Shape[], label: Shape[]}[]} flights
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
        frame: frame(layout, names),
        spans: layout.spans.map(span => ({span, shapes: until => lifeline(layout, span, until)})),
        steps: layout.run.steps.map((_, step) => stepShapes(layout, step)),
        flights: layout.ways.map((way, index) => ({
            from: way.flight.sent ?? way.flight.ends ?? 0,
            to: way.flight.ends ?? Infinity,
            strokes: strokes(layout, way),
            label: layout.placed.filter(placed => placed.way === index).flatMap(placed => label(layout, placed)),
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
            text("state", x + outward * (gutter + numbers), top - 22, first?.state ?? "", {
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
    if (finish - begin > 40) {
        const cut = [begin, ...restarts.map(step => places[step].y), finish].filter(y => y <= finish);
        // In the longest part between two restarts.
        let middle = 0;
        let length = 0;
        cut.slice(1).forEach((y, index) => {
            if (y - cut[index] > length) [middle, length] = [(y + cut[index]) / 2, y - cut[index]];
        });
        const turn = `rotate(${end === 0 ? -90 : 90} ${tenths(beside)} ${tenths(middle)})`;
        shapes.push(text("quiet-name", beside, middle + 3.5, look.words("2msl"), {"text-anchor": "middle", transform: turn}));
    }
    return shapes;
}

/**
 * @param {Layout} layout
 * @param {number} step
 * @returns {Shape[]}
 */
function stepShapes({places, rows, lane, gutter, numbers, look, run, ticks}, step) {
    const {row, y, side, lines, isAcross} = places[step];
    const x = lane[side];
    const outward = side === 0 ? -1 : 1;
    const anchor = side === 0 ? "end" : "start";
    const height = rows[row + 1] - rows[row];
    const [left, right] = isAcross ? [0, look.width] : side === 0 ? [0, x] : [x, lane[1] + lane[0]];
    /** @type {Shape[]} */
    const shapes = [
        [
            "rect",
            {class: "ladder-hit", x: tenths(left), y: tenths(y - 11), width: tenths(right - left), height: tenths(height - 2), rx: 4},
        ],
    ];
    if (isAcross) {
        shapes.push(["path", {class: "ladder-tick", d: through([[lane[0] - 6, y], [lane[1] + 6, y]])}]);
    } else if (run.steps[step].end !== null) {
        shapes.push(["circle", {class: "ladder-dot", cx: tenths(x), cy: tenths(y), r: 3.5}]);
    }
    const nearest = x + outward * gutter;
    shapes.push(text("number", nearest, y + 3.8, String(step + 1), {"text-anchor": anchor}));
    let line = y + 4;
    for (const [index, {kind, text: words}] of lines.entries()) {
        if (index > 0) line += LINE[kind];
        shapes.push(text(kind, nearest + outward * numbers, line, words, {"text-anchor": anchor}));
    }
    void ticks;
    return shapes;
}

/**
 * @param {Layout} layout
 * @param {Way} way
 * @returns {Shape[]}
 */
function strokes({ticks, places, run}, {flight, points, tip, dots}) {
    const kinds = ["ladder-stroke"];
    if (flight.fate === "copied") kinds.push("ladder-copy");
    if (isOld(flight.packet)) kinds.push("ladder-old");
    else if (flight.packet.tag > 1 && flight.packet.tag <= 13) kinds.push("ladder-later");
    const passed = ticks.filter(tick => (flight.sent ?? 0) < tick && tick < (flight.ends ?? 0)).map(tick => places[tick].y);
    const msl = run.subject.msl || 4;
    /** @type {Shape[]} */
    const shapes = cutAt(points, passed).map((piece, age) => [
        "path",
        {class: kinds.join(" "), d: through(piece), opacity: age === 0 ? undefined : tenths(Math.max(0.3, 1 - (0.7 * age) / msl))},
    ]);
    const [before, last] = points.slice(-2);
    if (tip === "arrow" || tip === "open") {
        shapes.push(["path", {class: `ladder-tip ${kinds.slice(1).join(" ")}`, d: headOf(before, last, 9)}]);
    }
    if (tip === "cross") {
        const [x, y] = last;
        shapes.push(["path", {class: "ladder-cross", d: through([[x - 5, y - 5], [x + 5, y + 5]]) + through([[x - 5, y + 5], [x + 5, y - 5]])}]);
    }
    if (tip === "tail") {
        const [x, y] = last;
        shapes.push(["path", {class: "ladder-gone", d: [0, 1, 2].map(i => through([[x - 5 + i, y - 4 + i * 4], [x + 5 - i, y - 4 + i * 4]])).join("")}]);
    }
    const towards = points[points.length - 1][0] > points[0][0] ? 1 : -1;
    if (tip === "open") shapes.push(text("dots", last[0] + towards * 9, last[1] + 4, "…", {"text-anchor": "middle"}));
    if (dots !== null) shapes.push(text("dots", dots[0], dots[1] + 3, "…", {"text-anchor": "middle"}));
    return shapes;
}

/** @param {import("../api.js").PacketView} packet */
function isOld(packet) {
    return packet.old || packet.tag === 14;
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
 * @param {Layout} layout
 * @param {Placed} placed
 * @returns {Shape[]}
 */
function label({labels}, {way, shape, box}) {
    const {flags, rest, widths} = labels[way];
    const angle = tenths((Math.atan2(box.sin, box.cos) * 180) / Math.PI);
    const at = {transform: `translate(${tenths(box.x)} ${tenths(box.y)}) rotate(${angle})`};
    /** @type {(x: number, y: number, anchor: string, kind: string, words: string) => Shape} */
    const part = (x, y, anchor, kind, words) =>
        ["text", {class: `ladder-label ladder-${kind}`, x: tenths(x), y: tenths(y), "text-anchor": anchor}, words];
    if (shape === "line") {
        const whole = /** @type {ShapeElement} */ ([
            "text",
            {class: "ladder-label", x: 0, y: 4, "text-anchor": "middle"},
            ["tspan", {class: "ladder-flags"}, flags],
            ["tspan", {class: "ladder-numbers", dx: 5}, rest],
        ]);
        return [["g", at, whole]];
    }
    void widths;
    const [up, down] = shape === "stack" ? [-2.5, 10.5] : [-5.5, 13.5];
    return [["g", at, part(0, up, "middle", "flags", flags), part(0, down, "middle", "numbers", rest)]];
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

