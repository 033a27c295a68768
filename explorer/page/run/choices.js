// Everything that can happen next: by who brings it about, in words, and few enough at a time to be looked through.

import {html, useMemo, useState} from "../vendor/preact.js";
import {letter, say, searchable} from "../happening.js";
import {End, Icon} from "../parts.js";
import {count, t} from "../words.js";

/** @import {ChoiceView, RunView} from "../api.js" */
/** @import {Ref} from "../vendor/preact.js" */

/** A group with more than this many is divided by kinds. */
const MANY = 14;

/** Of each part so many are shown at first; fewer where there are many parts. */
const FEW = 10;
const FEWER = 3;

/** These are many parts. */
const PARTS = 5;

/** And so many more each time that more are asked for. */
const MORE = 60;

/** From this many on there is a box to filter with. */
const FILTER = 9;

/** @typedef {{id: string, title: string, choices: ChoiceView[], idle: ChoiceView[]}} Part */
/** @typedef {{by: string, total: number, parts: Part[]}} Group */

/** @type {Record<string, import("../words.js").Key>} */
const KINDS = {
    call: "kind.call",
    transmit: "kind.transmit",
    deliver: "kind.deliver",
    duplicate: "kind.duplicate",
    lose: "kind.lose",
    held: "kind.held",
    timer: "kind.timer",
    "give-up": "kind.give-up",
    resend: "kind.resend",
    tick: "kind.tick",
    crash: "kind.crash",
    forge: "kind.forge",
    stray: "kind.stray",
    vanish: "kind.vanish",
};

/** @type {Record<string, import("../words.js").Key>} */
const BY = {user: "by.user", network: "by.network", time: "by.time"};

/**
 * Among many, the part to which a choice belongs. Strays are told apart by their control bits.
 * @param {ChoiceView} choice
 */
function partOf({what: {kind, end, number}}) {
    const key = KINDS[kind];
    const bits = kind === "stray" ? /<CTL=([^>]*)>/.exec(number ?? "") : null;
    const name = bits ? t("kind.stray-segment", {flags: bits[1] || "–"}) : key ? t(key) : kind;
    return end === null ? name : t("kind.at", {name, end: letter(end)});
}

/**
 * @param {ChoiceView[]} choices
 * @returns {Group[]}
 */
function grouped(choices) {
    return ["user", "network", "time"].flatMap((by) => {
        const all = choices.filter((choice) => choice.what.by === by);
        if (all.length === 0) return [];
        /** @type {Map<string, Part>} */
        const parts = new Map();
        for (const choice of all) {
            const title = all.length > MANY ? partOf(choice) : "";
            let part = parts.get(title);
            if (!part) parts.set(title, (part = {id: `${by} ${title}`, title, choices: [], idle: []}));
            (choice.idle ? part.idle : part.choices).push(choice);
        }
        return [{by, total: all.length, parts: [...parts.values()]}];
    });
}

/**
 * @param {{run: RunView, relative: boolean, showRows: boolean, filter: Ref<HTMLInputElement | null>, shown: Ref<ChoiceView[]>,
 *     onChoose: (choice: ChoiceView) => void, onPreview: (choice: ChoiceView | null) => void}} props
 */
export function Choices({run, relative, showRows, filter, shown, onChoose, onPreview}) {
    const [query, setQuery] = useState("");
    const [open, setOpen] = useState(/** @type {Record<string, number>} */ ({}));
    const {choices} = run;
    const filters = choices.length >= FILTER;
    const words = filters ? query.toLowerCase().split(/\s+/).filter((word) => word !== "") : [];
    const texts = useMemo(
        () => (words.length > 0 ? choices.map((choice) => searchable(choice, relative)) : []),
        [choices, relative, words.length > 0],
    );
    const groups = useMemo(
        () => grouped(choices.filter((_, n) => words.every((word) => texts[n]?.includes(word)))),
        [choices, texts, query],
    );
    const matching = groups.reduce((sum, group) => sum + group.total, 0);
    const next = run.steps[run.at]?.token;
    const show = (/** @type {string} */ id, /** @type {number} */ n) => setOpen({...open, [id]: n});

    // Choices are numbered in the order in which they stand on the page.
    /** @type {ChoiceView[]} */
    const numbered = [];
    const item = (/** @type {ChoiceView} */ choice) => {
        const number = choice.idle ? 0 : numbered.push(choice);
        return html`<${Choice}
            key=${choice.token}
            choice=${choice}
            number=${number}
            next=${choice.token === next}
            relative=${relative}
            showRows=${showRows}
            onChoose=${onChoose}
            onPreview=${onPreview}
        />`;
    };
    const few = groups.reduce((sum, group) => sum + group.parts.length, 0) > PARTS ? FEWER : FEW;
    const part = (/** @type {Part} */ part) => {
        const idleId = `${part.id} idle`;
        const [number, idleNumber] = [open[part.id] ?? few + 2, open[idleId] ?? 0];
        const more = (/** @type {string} */ id, /** @type {number} */ number, /** @type {number} */ of) =>
            number < of &&
            html`<button type="button" class="plain more" onClick=${() => show(id, number + MORE)}>
                ${t("choices.more", {n: count(Math.min(MORE, of - number)), of: count(of)})}
            </button>`;
        const list = part.choices.length <= number ? part.choices : part.choices.slice(0, open[part.id] ?? few);
        return html`<div class="part" key=${part.id}>
            ${part.title && html`<h4>${part.title} <span class="group-count">${count(part.choices.length + part.idle.length)}</span></h4>`}
            ${list.length > 0 && html`<ul>${list.map(item)}</ul>`}
            ${more(part.id, list.length, part.choices.length)}
            ${part.idle.length > 0 &&
            html`<button type="button" class="plain more" aria-expanded=${idleNumber > 0 ? "true" : "false"}
                onClick=${() => show(idleId, idleNumber > 0 ? 0 : MORE)}>
                ${t(idleNumber > 0 ? "choices.idle-hide" : "choices.idle", {n: count(part.idle.length)})}
            </button>`}
            ${idleNumber > 0 && html`<ul>${part.idle.slice(0, idleNumber).map(item)}</ul> ${more(idleId, idleNumber, part.idle.length)}`}
        </div>`;
    };
    const body = groups.map(
        (group) => html`<section class="group" key=${group.by} aria-labelledby=${`by-${group.by}`}>
            <h3 id=${`by-${group.by}`}>${t(BY[group.by] ?? "by.network")} <span class="group-count">${count(group.total)}</span></h3>
            ${group.parts.map(part)}
        </section>`,
    );
    shown.current = numbered;

    return html`<section class="pane pane-choices" aria-labelledby="choices-title">
        <div class="choices-head">
            <h2 id="choices-title">${t("choices")} <span class="group-count">${count(choices.length)}</span></h2>
            ${filters &&
            html`<input
                ref=${filter}
                type="search"
                class="filter"
                placeholder=${t("choices.filter")}
                aria-label=${t("choices.filter")}
                value=${query}
                onInput=${(/** @type {any} */ event) => setQuery(event.currentTarget.value)}
            />`}
        </div>
        <div class="choices-body" onMouseLeave=${() => onPreview(null)}>
            ${choices.length === 0 && html`<p class="empty">${t("choices.none")}</p>`}
            ${choices.length > 0 && matching === 0 && html`<p class="empty">${t("choices.no-match")}</p>`}
            ${body}
            ${run.silent > 0 && html`<p class="empty">${t("choices.silent", {n: count(run.silent)})}</p>`}
        </div>
    </section>`;
}

/**
 * @param {{choice: ChoiceView, number: number, next: boolean, relative: boolean, showRows: boolean,
 *     onChoose: (choice: ChoiceView) => void, onPreview: (choice: ChoiceView | null) => void}} props
 */
function Choice({choice, number, next, relative, showRows, onChoose, onPreview}) {
    const {what, rows, change, idle, breaks} = choice;
    const preview = () => onPreview(choice);
    return html`<li>
        <button
            type="button"
            class=${`choice ${idle ? "idle" : ""} ${next ? "next" : ""}`}
            onClick=${() => onChoose(choice)}
            onMouseEnter=${preview}
            onFocus=${preview}
            onBlur=${() => onPreview(null)}
        >
            ${number > 0 && number <= 9 ? html`<kbd aria-hidden="true">${number}</kbd>` : html`<span class="no-key"></span>`}
            ${what.end !== null ? html`<${End} end=${what.end} />` : html`<span class="end nobody"></span>`}
            <span class="choice-text">
                ${say(what, relative)}
                ${change && html`<span class="choice-to"> → ${change[1]}</span>`}
                ${idle && html`<span class="choice-idle"> (${t("choices.changes-nothing")})</span>`}
                ${next && html`<span class="choice-next"> ${t("choices.next")}</span>`}
                ${showRows && rows.length > 0 && html` <span class="choice-rows">${rows.join(" · ")}</span>`}
                ${breaks.map((claim) => html`<span class="choice-breaks" key=${claim}><${Icon} name="close" /> ${t("choices.breaks", {claim})}</span>`)}
            </span>
        </button>
    </li>`;
}
