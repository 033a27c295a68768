// Steps, choices and segments in words of the page's language.

import {TIMERS} from "./timers.js";
import {t} from "./words.js";

/** @import {ChoiceView, Happening, PacketView, RunView, StepView} from "./api.js" */

/** The ends' letters. */
export const ENDS = ["A", "B"];

/**
 * @param {number | null | undefined} end
 */
export function letter(end) {
    return end === null || end === undefined ? "" : (ENDS[end] ?? "");
}

/**
 * A segment as the RFC writes it, or with numbers counted from the first ones.
 * @param {PacketView} packet
 * @param {boolean} relative
 */
export function segmentText(packet, relative) {
    return relative ? packet.relative : packet.text;
}

/**
 * The same without its control bits, where they are named already.
 * @param {PacketView} packet
 * @param {boolean} relative
 */
function numbersText(packet, relative) {
    return segmentText(packet, relative).replace(/<CTL=[^>]*>/, "");
}

/**
 * The sender in the possessive: `B's`; a forger and strays have no end.
 * @param {PacketView} packet
 */
function whose(packet) {
    if (packet.tag === 15) return t("say.forged");
    return t(packet.old ? "say.whose-old" : "say.whose", {end: letter(1 - packet.to)});
}

/** @param {string | null} name */
function timerText(name) {
    const key = TIMERS[name ?? ""];
    return key ? t(key) : (name ?? "");
}

/**
 * What happens, in a sentence.
 * @param {Happening} what
 * @param {boolean} relative
 */
export function say(what, relative) {
    const sentence = plainly(what, relative);
    const opens = what.number !== null && ["call", "deliver", "duplicate"].includes(what.kind);
    return opens ? t("say.iss", {what: sentence, number: what.number ?? ""}) : sentence;
}

/**
 * @param {Happening} what
 * @param {boolean} relative
 * @returns {string}
 */
function plainly(what, relative) {
    const end = letter(what.end);
    const number = what.number ?? "";
    const segment = what.segment;
    switch (what.kind) {
        case "call":
            return t("say.call", {end, call: what.call ?? ""});
        case "transmit":
            return t("say.transmit", {end, number});
        case "deliver":
        case "duplicate":
        case "lose": {
            if (!segment) return what.words;
            const places = {
                whose: whose(segment),
                flags: segment.flags,
                text: numbersText(segment, relative),
                to: letter(segment.to),
            };
            if (what.kind === "lose") return t("say.lose", places);
            if (what.kind === "duplicate") return t("say.duplicate", places);
            return t("say.deliver", places);
        }
        case "held":
            return t("say.held", {end});
        case "timer":
            return t("say.timer", {end, timer: timerText(what.timer)});
        case "give-up":
            return t("say.give-up", {end, timer: timerText(what.timer)});
        case "resend":
            return t("say.resend", {end, from: number.split("+")[0] ?? "", len: number.split("+")[1] ?? ""});
        case "tick":
            return t("say.tick");
        case "crash":
            return t("say.crash", {end});
        case "forge":
            return segment ? t("say.forge", {text: segmentText(segment, relative), to: end}) : what.words;
        case "stray":
            return t("say.stray", {end, event: number.replace(/^stray /, "")});
        case "vanish":
            return t("say.vanish", {end});
        default:
            return what.words;
    }
}

/**
 * What a step changed in the states, as `A: SYN-SENT → ESTABLISHED`.
 * @param {StepView} step
 */
export function changes(step) {
    return [0, 1]
        .filter((end) => step.before[end] !== step.after[end])
        .map((end) => t("say.change", {end: letter(end), from: step.before[end] ?? "", to: step.after[end] ?? ""}));
}

/**
 * The step just taken, for those who listen to the page.
 * @param {RunView} run
 * @param {boolean} relative
 */
export function announce(run, relative) {
    const step = run.steps[run.at - 1];
    if (!step) {
        const [a, b] = run.now.ends;
        return t("say.begin", {a: a.state, b: b.state});
    }
    const parts = [t("say.step", {n: run.at, of: run.steps.length, what: say(step.what, relative)}), ...changes(step)];
    for (const claim of run.claims) {
        if (claim.claim.kind === "always" && claim.since === run.at) parts.push(t("say.breaks", {claim: claim.claim.name}));
    }
    parts.push(t("say.choices", {n: run.choices.length}));
    return parts.join(". ");
}

/**
 * All words of a choice, for the filter.
 * @param {ChoiceView} choice
 * @param {boolean} relative
 */
export function searchable(choice, relative) {
    return [
        say(choice.what, relative),
        choice.what.words,
        ...choice.rows,
        ...(choice.change ?? []),
        ...choice.sent.map((packet) => packet.text),
    ]
        .join(" ")
        .toLowerCase();
}
