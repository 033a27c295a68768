// Runs for the tests of the pictures: written down, or made at random.

/**
 * A run from what happens, one after the other:
 * `{end, call, state, sends}`, `{arrives: number of the segment, state, sends}`, `{lost: …}`, `{copied: …}` or `{tick: true}`.
 * Segments are numbered as they are sent.
 */
export function runOf(happenings, {msl = 0, name = "run"} = {}) {
    const states = ["CLOSED", "CLOSED"];
    const segments = [];
    const flights = [];
    let tick = 0;
    const steps = happenings.map((happening, index) => {
        const {call = null, state, sends = []} = happening;
        const [kind, number] = Object.entries({deliver: happening.arrives, lose: happening.lost, duplicate: happening.copied}).find(
            ([, number]) => number !== undefined,
        ) ?? [happening.tick ? "tick" : "call", null];
        const segment = number === null ? null : segments[number].packet;
        const end = kind === "tick" || kind === "lose" ? null : (segment?.to ?? happening.end);
        const before = [...states];
        if (state !== undefined) states[end] = state;
        if (number !== null) {
            const fate = {deliver: "arrives", lose: "lost", duplicate: "copied"}[kind];
            flights.push({...segments[number], ends: index, fate});
            if (kind !== "duplicate") segments[number].gone = true;
        }
        if (kind === "tick") tick += 1;
        sends.forEach((text, place) => {
            const flags = /CTL=([^>]*)/.exec(text)[1];
            const packet = {text, relative: text, flags, seq: 0, ack: null, wnd: 4, len: 0, to: 1 - end, tag: 1, old: false, age: 0};
            segments.push({packet, sent: index, place, ends: null, fate: "under-way"});
        });
        const what = {kind, by: "user", end, call, timer: null, segment, number: null, words: ""};
        return {token: "", what, end, before, after: [...states], rows: happening.rows ?? [], restarts: happening.restarts ?? false, tick};
    });
    for (const segment of segments) if (!segment.gone) flights.push(segment);
    return {link: name, subject: {msl, timeWait: 2 * msl}, steps, flights, at: steps.length, now: {ends: [{state: "CLOSED"}, {state: "CLOSED"}]}};
}

/** Both ends open at once. */
export const OPEN = runOf([
    {end: 0, call: "active OPEN", state: "SYN-SENT", sends: ["<SEQ=14><CTL=SYN>"]},
    {end: 1, call: "active OPEN", state: "SYN-SENT", sends: ["<SEQ=5><CTL=SYN>"]},
    {arrives: 0, state: "SYN-RECEIVED", sends: ["<SEQ=5><ACK=15><CTL=SYN,ACK>"]},
    {arrives: 1, state: "SYN-RECEIVED", sends: ["<SEQ=14><ACK=6><CTL=SYN,ACK>"]},
    {arrives: 2, state: "ESTABLISHED"},
    {arrives: 3, state: "ESTABLISHED"},
]);

/** Both ends close at once; A does all that it can do before B does anything. */
export const CLOSE = runOf([
    {end: 1, call: "passive OPEN", state: "LISTEN"},
    {end: 0, call: "active OPEN", state: "SYN-SENT", sends: ["<SEQ=14><CTL=SYN>"]},
    {arrives: 0, state: "SYN-RECEIVED", sends: ["<SEQ=5><ACK=15><CTL=SYN,ACK>"]},
    {arrives: 1, state: "ESTABLISHED", sends: ["<SEQ=15><ACK=6><CTL=ACK>"]},
    {arrives: 2, state: "ESTABLISHED"},
    {end: 0, call: "CLOSE", state: "FIN-WAIT-1"},
    {end: 0, call: "sends", sends: ["<SEQ=15><ACK=6><CTL=FIN,ACK>"]},
    {end: 1, call: "CLOSE", state: "FIN-WAIT-1"},
    {end: 1, call: "sends", sends: ["<SEQ=6><ACK=15><CTL=FIN,ACK>"]},
    {arrives: 3, state: "CLOSING", sends: ["<SEQ=7><ACK=0><CTL=ACK>"]},
    {arrives: 4, state: "CLOSING", sends: ["<SEQ=0><ACK=7><CTL=ACK>"]},
    {arrives: 5, state: "TIME-WAIT"},
    {arrives: 6, state: "TIME-WAIT"},
]);

/** Numbers that look random and are the same each time. */
function generator(seed) {
    let state = seed;
    return limit => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * limit);
    };
}

/** A run of so many steps in which segments are sent, arrive, are lost and come twice at random. */
export function randomRun(seed, length) {
    const random = generator(seed);
    const texts = ["<SEQ=14><CTL=SYN>", "<SEQ=15><ACK=6><CTL=ACK>", "<SEQ=15><ACK=6><CTL=PSH,ACK><DATA=1>", "<SEQ=6><ACK=0><CTL=FIN,ACK>"];
    const happenings = [];
    const flying = [];
    let sent = 0;
    const sends = () => Array.from({length: random(4) === 0 ? 2 : 1}, () => (flying.push(sent++), texts[random(texts.length)]));
    while (happenings.length < length) {
        const kind = random(12);
        if (flying.length === 0 || (kind < 3 && flying.length < 5)) happenings.push({end: random(2), call: "SEND", sends: sends()});
        else if (kind === 3) happenings.push({tick: true});
        else if (kind === 4) happenings.push({lost: flying.splice(random(flying.length), 1)[0]});
        else if (kind === 5) happenings.push({copied: flying[random(flying.length)]});
        else {
            const arrives = flying.splice(random(flying.length), 1)[0];
            happenings.push({arrives, sends: random(3) === 0 && flying.length < 5 ? sends() : []});
        }
    }
    return runOf(happenings, {msl: 4, name: `random ${seed}`});
}
