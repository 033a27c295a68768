// Where the boxes and arrows of the state diagram lie, and what is written beside them, as in the textbooks. Which arrows
// exist the table says; this only says how they look.

/** @typedef {import("../pictures/shape.js").Point} Point */

/** The size of the drawing without its legend. */
export const WIDTH = 406;
export const HEIGHT = 418;

/** Half of a box's width and height. */
export const HALF = /** @type {const} */ ([43, 12]);

/** The middle of each state's box. @type {Record<string, Point>} */
export const BOXES = {
    "CLOSED": [200, 38],
    "LISTEN": [200, 100],
    "SYN-RECEIVED": [50, 166],
    "SYN-SENT": [340, 166],
    "ESTABLISHED": [200, 238],
    "FIN-WAIT-1": [50, 312],
    "CLOSING": [200, 312],
    "CLOSE-WAIT": [340, 312],
    "FIN-WAIT-2": [50, 400],
    "TIME-WAIT": [200, 400],
    "LAST-ACK": [340, 372],
};

/** An event or action: a call or a timeout as it is, or a segment that is received or sent. */
/** @typedef {{call: string} | {rcv: string} | {snd: string} | {timeout: true} | null} Part */

/**
 * Lines of a label, each with its place: the event, the action, or both.
 * @typedef {{x: number, y: number, anchor: "start" | "middle" | "end", part: "event" | "action" | "both"}} LabelLine
 */

/**
 * @typedef {object} Drawn
 * @property {string} from
 * @property {string} to
 * @property {"client" | "server" | "unusual"} way whose usual way it is on
 * @property {Point[]} route from the edge of one box to the edge of the other
 * @property {Part} event
 * @property {Part} action nothing where nothing is sent
 * @property {LabelLine[]} lines
 */

/** @type {(x: number, y: number, anchor: LabelLine["anchor"]) => LabelLine[]} */
const one = (x, y, anchor) => [{x, y, anchor, part: "both"}];

/** @type {(x: number, y: number, anchor: LabelLine["anchor"], below?: number) => LabelLine[]} */
const two = (x, y, anchor, below = 10.5) => [
    {x, y, anchor, part: "event"},
    {x, y: y + below, anchor, part: "action"},
];

/** All arrows of the textbook. @type {Drawn[]} */
export const DRAWN = [
    // Opening.
    {
        from: "CLOSED", to: "LISTEN", way: "server", route: [[186, 50], [186, 88]],
        event: {call: "passive OPEN"}, action: null, lines: one(180, 72, "end"),
    },
    {
        from: "LISTEN", to: "CLOSED", way: "unusual", route: [[214, 88], [214, 50]],
        event: {call: "CLOSE"}, action: null, lines: one(220, 72, "start"),
    },
    {
        from: "CLOSED", to: "SYN-SENT", way: "client", route: [[243, 47], [332, 47], [332, 154]],
        event: {call: "active OPEN"}, action: {snd: "SYN"}, lines: two(326, 60, "end"),
    },
    {
        from: "SYN-SENT", to: "CLOSED", way: "unusual", route: [[360, 154], [360, 39], [243, 39]],
        event: {call: "CLOSE"}, action: null, lines: one(308, 33, "middle"),
    },
    {
        from: "LISTEN", to: "SYN-SENT", way: "unusual", route: [[243, 102], [314, 102], [314, 154]],
        event: {call: "SEND"}, action: {snd: "SYN"}, lines: one(289, 96.5, "middle"),
    },
    {
        from: "LISTEN", to: "SYN-RECEIVED", way: "server", route: [[157, 99], [34, 99], [34, 154]],
        event: {rcv: "SYN"}, action: {snd: "SYN,ACK"}, lines: one(88, 92, "middle"),
    },
    {
        from: "SYN-RECEIVED", to: "LISTEN", way: "unusual", route: [[66, 154], [66, 108], [157, 108]],
        event: {rcv: "RST"}, action: null, lines: one(72, 120, "start"),
    },
    {
        from: "SYN-SENT", to: "SYN-RECEIVED", way: "unusual", route: [[297, 168], [93, 168]],
        event: {rcv: "SYN"}, action: {snd: "SYN,ACK"}, lines: one(196, 162.5, "middle"),
    },
    {
        from: "SYN-RECEIVED", to: "ESTABLISHED", way: "server", route: [[78, 178], [78, 241], [157, 241]],
        event: {rcv: "ACK"}, action: null, lines: one(86, 220, "start"),
    },
    {
        from: "SYN-SENT", to: "ESTABLISHED", way: "client", route: [[340, 178], [340, 241], [243, 241]],
        event: {rcv: "SYN,ACK"}, action: {snd: "ACK"}, lines: two(334, 218, "end"),
    },
    // The user closes first.
    {
        from: "SYN-RECEIVED", to: "FIN-WAIT-1", way: "unusual", route: [[22, 178], [22, 300]],
        event: {call: "CLOSE"}, action: {snd: "FIN"}, lines: two(28, 228, "start"),
    },
    {
        from: "ESTABLISHED", to: "FIN-WAIT-1", way: "client", route: [[180, 250], [180, 274], [64, 274], [64, 300]],
        event: {call: "CLOSE"}, action: {snd: "FIN"}, lines: one(118, 267, "middle"),
    },
    {
        from: "FIN-WAIT-1", to: "FIN-WAIT-2", way: "client", route: [[24, 324], [24, 388]],
        event: {rcv: "ACK"}, action: null, lines: two(31, 350, "start"),
    },
    {
        from: "FIN-WAIT-1", to: "CLOSING", way: "unusual", route: [[93, 315], [157, 315]],
        event: {rcv: "FIN"}, action: {snd: "ACK"}, lines: two(122, 309.5, "middle", 16.5),
    },
    {
        from: "FIN-WAIT-1", to: "TIME-WAIT", way: "unusual", route: [[82, 324], [82, 356], [176, 356], [176, 388]],
        event: {rcv: "FIN,ACK"}, action: {snd: "ACK"}, lines: two(127, 350.5, "middle", 16.5),
    },
    {
        from: "FIN-WAIT-2", to: "TIME-WAIT", way: "client", route: [[93, 403], [157, 403]],
        event: {rcv: "FIN"}, action: {snd: "ACK"}, lines: two(120, 396, "middle", 19),
    },
    {
        from: "CLOSING", to: "TIME-WAIT", way: "unusual", route: [[222, 324], [222, 388]],
        event: {rcv: "ACK"}, action: null, lines: one(228, 352, "start"),
    },
    {
        from: "TIME-WAIT", to: "CLOSED", way: "client", route: [[243, 403], [401, 403], [401, 4], [190, 4], [190, 26]],
        event: {timeout: true}, action: null, lines: one(308, 397, "middle"),
    },
    // The peer closes first.
    {
        from: "ESTABLISHED", to: "CLOSE-WAIT", way: "server", route: [[220, 250], [220, 274], [340, 274], [340, 300]],
        event: {rcv: "FIN"}, action: {snd: "ACK"}, lines: one(281, 267, "middle"),
    },
    {
        from: "CLOSE-WAIT", to: "LAST-ACK", way: "server", route: [[340, 324], [340, 360]],
        event: {call: "CLOSE"}, action: {snd: "FIN"}, lines: two(347, 339, "start"),
    },
    {
        from: "LAST-ACK", to: "CLOSED", way: "server", route: [[383, 375], [394, 375], [394, 11], [211, 11], [211, 26]],
        event: {rcv: "ACK"}, action: null, lines: two(388, 251, "end"),
    },
];
