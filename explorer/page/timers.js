// Timers by the names that the model has for them, and what they are called in the page's words and in the pictures'.

/** @type {Record<string, "timer.retransmission" | "timer.persist" | "timer.keep-alive" | "timer.delayed-ack" | "timer.2msl" | "timer.user" | "timer.orphan">} */
export const TIMERS = {
    retransmission: "timer.retransmission",
    persist: "timer.persist",
    "keep-alive": "timer.keep-alive",
    "delayed ACK": "timer.delayed-ack",
    "2MSL": "timer.2msl",
    "user timeout": "timer.user",
    orphan: "timer.orphan",
};
