// How each flight of a segment runs between the lifelines.

/** @typedef {import("../api.js").FlightView} FlightView */
/** @typedef {import("../api.js").RunView} RunView */
/** @typedef {import("../pictures/shape.js").Point} Point */

/**
 * The drawn way of a flight.
 * @typedef {object} Way
 * @property {FlightView} flight
 * @property {Point[]} points from the sending to the end
 * @property {[Point, Point][]} legs along which its label may stand, the best first
 * @property {[Point, Point][]} waits vertical lines on which it is drawn out
 * @property {boolean} isLong it is so long under way that its arrival has a label too
 * @property {number | null} oldFrom from this height on it belongs to an older connection
 * @property {"arrow" | "cross" | "tail" | "open"} tip
 * @property {Point | null} dots where it comes from nowhere
 */

/** Flights that go farther down than this, or over more rows, wait on a vertical line. */
const STRAIGHT = 150;
const STRAIGHT_ROWS = 3;
/** How far down a leg of such a flight goes. */
const LEG = 24;
/** Where the vertical lines may lie, in parts of the lane. */
const TRACKS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];
/** How far apart segments leave that are sent in one step. */
export const PLACE = 9;

/**
 * @param {RunView} run
 * @param {{lane: [number, number], y: (step: number) => number, row: (step: number) => number, bottom: number}} where
 * @returns {Way[]}
 */
export function waysOf(run, {lane, y, row, bottom}) {
    const width = lane[1] - lane[0];
    /** Down to where each track is taken. */
    const taken = TRACKS.map(() => -Infinity);
    /** @type {(from: number, to: number, rightward: boolean) => number} */
    const track = (from, to, rightward) => {
        let at = taken.findIndex(last => last < from - 6);
        if (at < 0) at = taken.indexOf(Math.min(...taken));
        taken[at] = Math.max(taken[at], to);
        return lane[0] + width * (rightward ? TRACKS[at] : 1 - TRACKS[at]);
    };
    const flights = run.flights.concat(forgeries(run));
    const order = flights.map((_, index) => index).sort((a, b) => begin(flights[a]) - begin(flights[b]));
    /** @type {Way[]} */
    const ways = new Array(flights.length);
    for (const index of order) ways[index] = way(flights[index]);
    return ways;

    /** @param {FlightView} flight */
    function way(flight) {
        const to = flight.packet.to === 1 ? 1 : 0;
        const from = flight.sent === null ? 1 - to : (run.steps[flight.sent].end ?? 1 - to);
        const [x0, x1] = [lane[from], lane[to]];
        const rightward = x1 > x0;
        /** @type {(share: number) => number} */
        const part = share => x0 + (x1 - x0) * share;
        const ends = flight.ends === null ? null : y(flight.ends);
        const tip = /** @type {Way["tip"]} */ (
            {arrives: "arrow", copied: "arrow", lost: "cross", expired: "tail", "under-way": "open"}[flight.fate]
        );
        const oldFrom = oldSince(flight);
        if (flight.sent === null) {
            const end = ends ?? bottom;
            const points = /** @type {Point[]} */ ([[part(0.42), end - 13.4], [part(tip === "arrow" ? 1 : 0.8), end]]);
            const dots = /** @type {Point} */ ([part(0.38), end - 14.4]);
            return {flight, points, legs: [pair([part(0.05), end - 22], [x1, end])], waits: [], isLong: false, oldFrom, tip, dots};
        }
        const starts = y(flight.sent) + flight.place * PLACE;
        if (x0 === x1) return around(flight, x0, starts, ends ?? starts + 30, tip);
        if (ends === null) {
            const points = /** @type {Point[]} */ ([[x0, starts], [part(0.6), Math.min(starts + 18, bottom)]]);
            return {flight, points, legs: [pair(points[0], [part(0.9), starts + 27])], waits: [], isLong: false, oldFrom, tip, dots: null};
        }
        const drop = ends - starts;
        const rows = flight.ends === null ? 0 : row(flight.ends) - row(flight.sent);
        if (drop <= STRAIGHT && rows <= STRAIGHT_ROWS && tip !== "tail") {
            const points = /** @type {Point[]} */ ([[x0, starts], [part(tip === "arrow" ? 1 : 0.62), ends]]);
            return {flight, points, legs: [pair(points[0], points[1])], waits: [], isLong: false, oldFrom, tip, dots: null};
        }
        const leg = Math.min(LEG, drop / 2);
        const x = track(starts, ends, rightward);
        /** @type {Point[]} */
        const points = [[x0, starts], [x, starts + leg]];
        if (tip === "arrow") points.push([x, ends - leg], [x1, ends]);
        else points.push([x, ends]);
        const legs = [pair(points[0], points[1])];
        if (tip === "arrow") legs.push(pair(points[2], points[3]));
        const waits = [pair(points[1], points[2])];
        return {flight, points, legs, waits, isLong: tip === "arrow" && drop > 1.4 * STRAIGHT, oldFrom, tip, dots: null};
    }

    /**
     * A segment is old from when its addressee has left the connection. Without that it was old when it was sent.
     * @param {FlightView} flight
     */
    function oldSince({packet, sent, ends}) {
        if (!isOld(packet)) return null;
        if (sent === null) return -Infinity;
        const left = run.steps.findIndex(
            ({before, after}, step) =>
                step > sent && step < (ends ?? Infinity) && after[packet.to] === "CLOSED" && before[packet.to] !== "CLOSED",
        );
        return left < 0 ? -Infinity : y(left);
    }

    /**
     * From an end back to the same end.
     * @param {FlightView} flight
     * @param {number} x
     * @param {number} starts
     * @param {number} ends
     * @param {Way["tip"]} tip
     * @returns {Way}
     */
    function around(flight, x, starts, ends, tip) {
        const side = x === lane[0] ? 1 : -1;
        const far = x + side * width * 0.16;
        const leg = Math.min(8, (ends - starts) / 3);
        /** @type {Point[]} */
        const points = [[x, starts], [far, starts + leg], [far, ends - leg]];
        if (tip === "arrow") points.push([x, ends]);
        return {
            flight,
            points,
            legs: [],
            waits: [pair(points[1], points[2])],
            isLong: false,
            oldFrom: null,
            tip,
            dots: null,
        };
    }
}

/**
 * @param {Point} a
 * @param {Point} b
 * @returns {[Point, Point]}
 */
function pair(a, b) {
    return [a, b];
}

/**
 * Whether a segment belongs to an older connection, or answers one that does.
 * @param {import("../api.js").PacketView} packet
 */
export function isOld(packet) {
    return packet.old || packet.tag === 14;
}

/** @param {FlightView} flight */
function begin(flight) {
    return flight.sent ?? flight.ends ?? 0;
}

/**
 * Segments that nobody has sent and that arrive at once.
 * @param {RunView} run
 * @returns {FlightView[]}
 */
function forgeries(run) {
    /** @type {FlightView[]} */
    const all = [];
    run.steps.forEach(({what}, ends) => {
        if (what.kind !== "forge" || what.segment === null) return;
        if (run.flights.some(flight => flight.ends === ends && flight.fate === "arrives")) return;
        all.push({packet: what.segment, sent: null, place: 0, ends, fate: "arrives"});
    });
    return all;
}
