// A search or a check: started, watched and stopped.

import {html, useEffect, useRef, useState} from "./vendor/preact.js";
import {runSearch} from "./ask.js";
import {ClaimsOfRuns} from "./claims-of-runs.js";
import {Problem, Tool} from "./parts.js";
import {go, runAddress} from "./route.js";
import {count, t} from "./words.js";

/** @import {ClaimView, Progress} from "./api.js" */

/** Different states at most, if nobody says otherwise. */
export const LIMIT = 300_000;

const MIB = 1 << 20;

/** Limits that can be chosen. */
const LIMITS = [10_000, 100_000, LIMIT, 1_000_000, 5_000_000];

/**
 * @typedef {object} Hunt
 * @property {Progress | null} progress  How far it is; nothing before the first report.
 * @property {number} rate  States generated a second.
 * @property {boolean} running
 * @property {boolean} stopped  The reader stopped it.
 * @property {unknown} error
 * @property {(link: string, find: string | null, limit: number, onFound?: (progress: Progress) => void) => void} start
 * @property {() => void} stop
 */

/**
 * One search at a time; it ends with the component that started it.
 * @returns {Hunt}
 */
export function useSearch() {
    const idle = {progress: /** @type {Progress | null} */ (null), rate: 0, running: false, stopped: false, error: /** @type {unknown} */ (null)};
    const [state, set] = useState(idle);
    const control = useRef(/** @type {AbortController | null} */ (null));
    useEffect(() => () => control.current?.abort(), []);

    /** @type {Hunt["start"]} */
    const start = (link, find, limit, onFound) => {
        control.current?.abort();
        const mine = new AbortController();
        control.current = mine;
        const began = performance.now();
        set({...idle, running: true});
        runSearch(
            {link, find, limit},
            (progress) => {
                if (mine.signal.aborted) return;
                const seconds = (performance.now() - began) / 1000;
                set({...idle, progress, rate: seconds > 0 ? progress.generated / seconds : 0, running: !progress.done});
                if (progress.done) onFound?.(progress);
            },
            mine.signal,
        ).catch((error) => {
            if (!mine.signal.aborted) set((before) => ({...before, running: false, error}));
        });
    };
    const stop = () => {
        control.current?.abort();
        set((before) => ({...before, running: false, stopped: true}));
    };
    return {...state, start, stop};
}

/**
 * @param {{value: number, onChange: (limit: number) => void}} props
 */
export function LimitChoice({value, onChange}) {
    return html`<label class="field">
        <span>${t("search.limit")}</span>
        <select value=${String(value)} onChange=${(/** @type {any} */ event) => onChange(Number(event.currentTarget.value))}>
            ${LIMITS.map((limit) => html`<option value=${String(limit)} selected=${limit === value}>${count(limit)}</option>`)}
        </select>
    </label>`;
}

/** @param {Progress} progress */
function memoryUnit({memoryLimit}) {
    return memoryLimit > 0 ? t("search.memory-of", {limit: count(Math.floor(memoryLimit / MIB))}) : t("search.memory");
}

/**
 * How far a search is, with its end.
 * @param {{hunt: Hunt}} props
 */
export function HuntProgress({hunt}) {
    const {progress, running, stopped, error} = hunt;
    if (error) return html`<${Problem} error=${error} />`;
    if (!running && !progress && !stopped) return null;
    const unique = progress?.unique ?? 0;
    const limit = progress?.limit ?? 1;
    return html`<div class="hunt">
        <div class="hunt-row">
            <progress max=${limit} value=${progress?.done && progress.complete ? limit : unique} aria-label=${t("search.progress")}></progress>
            ${running && html`<${Tool} icon="stop" name=${t("search.stop")} wide class="hunt-stop" onClick=${hunt.stop} />`}
        </div>
        <dl class="hunt-numbers">
            <div><dt>${t("search.states")}</dt><dd>${count(unique)}</dd></div>
            <div><dt>${t("search.generated")}</dt><dd>${count(progress?.generated ?? 0)}</dd></div>
            <div><dt>${t("search.depth")}</dt><dd>${count(progress?.depth ?? 0)}</dd></div>
            <div><dt>${t("search.rate")}</dt><dd>${count(Math.round(hunt.rate))}</dd></div>
            <div><dt>${t("search.at-most")}</dt><dd>${progress ? count(limit) : "–"}</dd></div>
            ${progress && progress.memory > 0 && html`<div><dt>${memoryUnit(progress)}</dt><dd>${count(Math.ceil(progress.memory / MIB))}</dd></div>`}
        </dl>
        <p class="hunt-words" role="status">
            ${stopped
                ? t("search.stopped", {states: count(unique)})
                : running
                  ? t("search.running")
                  : (progress?.words ?? "")}
        </p>
    </div>`;
}

/**
 * The claims of a check, each with what is known by now.
 * @param {{claims: ClaimView[]}} props
 */
export function CheckedClaims({claims}) {
    if (claims.length === 0) return null;
    return html`<ul class="checked">
        ${claims.map(
            (claim) => html`<li key=${`${claim.kind} ${claim.name}`} class=${`verdict-${claim.verdict}`}>
                <${Verdict} verdict=${claim.verdict} /> <span>${claim.name}</span>
                ${claim.shownBy &&
                html` <a href=${runAddress(claim.shownBy, {repeats: claim.repeatsFrom, claim: claim.name})}>${t("show")}</a>`}
            </li>`,
        )}
    </ul>`;
}

/** @type {Record<ClaimView["verdict"], [string, "verdict.holds" | "verdict.violated" | "verdict.fails-as-expected" | "verdict.unexpectedly-holds" | "verdict.open" | "verdict.unknown"]>} */
const VERDICTS = {
    holds: ["✓", "verdict.holds"],
    violated: ["✗", "verdict.violated"],
    "fails-as-expected": ["✗", "verdict.fails-as-expected"],
    "unexpectedly-holds": ["!", "verdict.unexpectedly-holds"],
    open: ["?", "verdict.open"],
    unknown: ["?", "verdict.unknown"],
};

/** @param {{verdict: ClaimView["verdict"]}} props */
export function Verdict({verdict}) {
    const [mark, key] = VERDICTS[verdict];
    return html`<span class=${`verdict verdict-${verdict}`}><span aria-hidden="true">${mark}</span> ${t(key)}</span>`;
}

/**
 * A check of all claims, with its button.
 * @param {{link: string, label?: string, compact?: boolean}} props
 */
export function Check({link, label}) {
    const hunt = useSearch();
    const [limit, setLimit] = useState(LIMIT);
    return html`<div class="check">
        <div class="buttons">
            <button type="button" class="button" disabled=${hunt.running} onClick=${() => hunt.start(link, null, limit)}>
                ${label ?? t("check")}
            </button>
            <${LimitChoice} value=${limit} onChange=${setLimit} />
        </div>
        <${HuntProgress} hunt=${hunt} />
        ${hunt.progress &&
        html`<${CheckedClaims} claims=${hunt.progress.claims} /> <${ClaimsOfRuns} link=${link} progress=${hunt.progress} />`}
    </div>`;
}

/**
 * Opens what a search found.
 * @param {Progress} progress
 */
export function openFound(progress) {
    if (progress.found === null) return false;
    go(runAddress(progress.found));
    return true;
}
