// A run: ladder, diagram, both ends, what can happen next, and what is claimed.

import {html, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState} from "../vendor/preact.js";
import {askRun} from "../ask.js";
import {Diagram} from "../diagram.js";
import {announce} from "../happening.js";
import {useKeys} from "../keys.js";
import {Ladder, ladderText} from "../ladder.js";
import {Problem, Waiting} from "../parts.js";
import {usePreference} from "../preferences.js";
import {go, runAddress, withPath} from "../route.js";
import {t} from "../words.js";
import {ClaimBanner, TourCaption} from "./captions.js";
import {Choices} from "./choices.js";
import {Claims, claimCounts} from "./claims.js";
import {ExportDialog, ShareDialog} from "./export.js";
import {FindDialog} from "./find.js";
import {HelpDialog} from "./help.js";
import {Step} from "./step.js";
import {Tcbs} from "./tcbs.js";
import {RunHead, Toolbar} from "./toolbar.js";
import {WhatIfDialog} from "./whatif.js";
import {pause} from "./pace.js";

/** @import {ChoiceView, RunView, Start} from "../api.js" */
/** @import {RunRoute} from "../route.js" */

/** A random walk ends here. */
const WALK = 300;

/** @typedef {"find" | "what-if" | "export" | "share" | "help"} DialogName */

/**
 * A place in a run and the answer to it; the last pair stays while the next answer is awaited.
 * @param {RunRoute} route
 */
function useRun(route) {
    const [state, set] = useState(/** @type {{shown: {route: RunRoute, run: RunView} | null, error: unknown}} */ ({shown: null, error: null}));
    const [round, setRound] = useState(0);
    // Asked before the page is painted: a frame earlier.
    useLayoutEffect(() => {
        let current = true;
        askRun(route.link, route.at).then(
            (run) => current && set({shown: {route, run}, error: null}),
            (error) => current && set((before) => ({shown: before.shown, error})),
        );
        return () => {
            current = false;
        };
    }, [route, round]);
    return {...state, again: () => setRound((n) => n + 1)};
}

/** @param {{start: Start, route: RunRoute}} props */
export function RunPage({start, route}) {
    const {shown, error, again} = useRun(route);
    // Drawn once for each answer, not a second time when it is asked for.
    const workbench = useMemo(() => shown && html`<${Workbench} start=${start} route=${shown.route} run=${shown.run} />`, [start, shown]);
    if (error) return html`<main id="main" class="page"><${Problem} error=${error} whole onAgain=${again} /></main>`;
    return workbench ?? html`<main id="main" class="page"><${Waiting} /></main>`;
}

/**
 * Moves in the run. All of it goes by the address, so that the browser's own buttons undo it.
 * @param {RunView} run
 * @param {RunRoute} route
 */
function moves(run, route) {
    const length = run.steps.length;
    const along = {tour: route.tour, repeats: route.repeats, claim: route.claim};
    const tokens = run.steps.map((step) => step.token);
    return {
        /** @param {number} at */
        to(at) {
            const place = Math.max(0, Math.min(length, at));
            if (place !== run.at) go(runAddress(run.link, {...along, at: place === length ? null : place}), true);
        },
        /** @param {string} token @param {boolean} [quietly] */
        choose(token, quietly) {
            if (tokens[run.at] === token) this.to(run.at + 1);
            else go(runAddress(withPath(run.link, [...tokens.slice(0, run.at), token])), quietly);
        },
        undo() {
            if (length === 0) return;
            go(runAddress(withPath(run.link, tokens.slice(0, -1)), {at: run.at < length - 1 ? run.at : null}));
        },
        /** @param {boolean} [quietly] */
        random(quietly) {
            const among = run.choices.filter((choice) => !choice.idle);
            const choice = among[Math.floor(Math.random() * among.length)];
            if (choice) this.choose(choice.token, quietly);
        },
    };
}

/**
 * Autoplay and the random walk.
 * @param {RunView} run
 * @param {ReturnType<typeof moves>} move
 * @param {(run: RunView) => number} wait  Milliseconds until the next step.
 */
function usePlay(run, move, wait) {
    const [mode, setMode] = useState(/** @type {"play" | "walk" | null} */ (null));
    useEffect(() => {
        if (mode === null) return undefined;
        const over = mode === "play" ? run.at >= run.steps.length : run.choices.every((choice) => choice.idle) || run.at >= WALK;
        if (over) {
            setMode(null);
            return undefined;
        }
        const timer = setTimeout(() => (mode === "play" ? move.to(run.at + 1) : move.random(true)), wait(run));
        return () => clearTimeout(timer);
    }, [mode, run]);
    return {mode, setMode};
}

/** @param {{start: Start, route: RunRoute, run: RunView}} props */
function Workbench({start, route, run}) {
    const [showRows, setShowRows] = usePreference("rows", true);
    const [relative, setRelative] = usePreference("relative", false);
    const [keys, setKeys] = usePreference("keys", true);
    const [speed, setSpeed] = useState(1);
    const [tab, setTab] = useState(/** @type {"ends" | "claims"} */ (route.claim ? "claims" : "ends"));
    const [dialog, setDialog] = useState(/** @type {DialogName | null} */ (null));
    const [preview, setPreview] = useState(/** @type {ChoiceView | null} */ (null));
    const filter = useRef(/** @type {HTMLInputElement | null} */ (null));
    const shown = useRef(/** @type {ChoiceView[]} */ ([]));
    const move = moves(run, route);
    const figure = route.tour === null ? undefined : start.figures.find((figure) => figure.name === route.tour);
    const {mode, setMode} = usePlay(run, move, (run) => pause(run, figure, speed));
    useEffect(() => setPreview(null), [run]);
    useEffect(() => {
        if (route.claim !== null) setTab("claims");
    }, [route.claim]);
    const stopAnd = (/** @type {() => void} */ then) => () => {
        setMode(null);
        then();
    };
    const toggle = (/** @type {"play" | "walk"} */ which) => () => {
        if (which === "play" && mode === null && run.at === run.steps.length) move.to(0);
        setMode(mode === which ? null : which);
    };
    const close = () => setDialog(null);

    const actions = {
        first: stopAnd(() => move.to(0)),
        back: stopAnd(() => move.to(run.at - 1)),
        forward: stopAnd(() => move.to(run.at + 1)),
        last: stopAnd(() => move.to(run.steps.length)),
        undo: stopAnd(() => move.undo()),
        random: stopAnd(() => move.random()),
        walk: toggle("walk"),
        play: toggle("play"),
        slower: () => setSpeed(Math.max(0.25, speed / 2)),
        faster: () => setSpeed(Math.min(8, speed * 2)),
        find: stopAnd(() => setDialog("find")),
        whatIf: stopAnd(() => setDialog("what-if")),
        export: stopAnd(() => setDialog("export")),
        share: stopAnd(() => setDialog("share")),
        help: () => setDialog("help"),
        filter: () => filter.current?.focus(),
        rows: () => setShowRows(!showRows),
        relative: () => setRelative(!relative),
        claims: () => setTab(tab === "claims" ? "ends" : "claims"),
    };
    const choose = (/** @type {ChoiceView} */ choice) => {
        setMode(null);
        move.choose(choice.token);
    };
    useKeys(dialog === null, keys, actions, (n) => {
        const choice = shown.current[n];
        if (choice) choose(choice);
    });

    // What does not change with the preview is not drawn anew.
    const pictures = useMemo(() => {
        const step = run.steps[run.at - 1];
        const taken = step
            ? [0, 1]
                  .filter((end) => step.before[end] !== step.after[end])
                  .map((end) => ({end, from: step.before[end], to: step.after[end]}))
            : [];
        return {
            diagram: html`<${Diagram}
                states=${start.states}
                arrows=${start.arrows}
                ends=${run.now.ends.map((end) => end.state)}
                taken=${taken}
            />`,
            tcbs: html`<${Tcbs} now=${run.now} relative=${relative} />`,
        };
    }, [run, relative, start]);
    const latest = useRef(move);
    latest.current = move;
    const chooser = useRef(choose);
    chooser.current = choose;
    const onChoose = useCallback((/** @type {ChoiceView} */ choice) => chooser.current(choice), []);
    const choices = useMemo(
        () => html`<${Choices}
            run=${run}
            relative=${relative}
            showRows=${showRows}
            filter=${filter}
            shown=${shown}
            onChoose=${onChoose}
            onPreview=${setPreview}
        />`,
        [run, relative, showRows],
    );
    const ladder = useMemo(
        () => html`<${LadderPane}
            run=${run}
            repeats=${route.repeats}
            showRows=${showRows}
            relative=${relative}
            onPick=${(/** @type {number} */ n) => {
                setMode(null);
                latest.current.to(n);
            }}
        />`,
        [run, relative, showRows, route.repeats],
    );
    const counts = claimCounts(run.claims, route.claim);

    return html`<main id="main" class="run">
        <div class="run-bar">
            <${RunHead} run=${run} />
            <${Toolbar} run=${run} actions=${actions} mode=${mode} speed=${speed} onSpeed=${setSpeed}
                showRows=${showRows} relative=${relative} />
        </div>
        ${figure && html`<${TourCaption} figures=${start.figures} figure=${figure} run=${run} mode=${mode} onPlay=${actions.play} />`}
        ${(route.claim !== null || route.repeats !== null) &&
        html`<${ClaimBanner} run=${run} claim=${route.claim} repeats=${route.repeats} onGo=${(/** @type {number} */ n) => move.to(n)} />`}
        ${!figure && html`<${ModuloNote} relative=${relative} onRelative=${() => setRelative(true)} />`}
        <div class="panes">
            ${ladder}
            <div class="column middle">
                <section class="pane pane-diagram" aria-label=${t("pane.diagram")}>${pictures.diagram}</section>
                <section class="pane pane-step" aria-label=${t("pane.step")} tabindex="0">
                    <${Step} run=${run} preview=${preview} showRows=${showRows} relative=${relative} />
                </section>
            </div>
            <div class="column right">
                ${choices}
                <section class="pane pane-tabs" aria-label=${t("pane.about")}>
                    <div class="tabs" role="tablist">
                        <${Tab} id="ends" current=${tab} onPick=${setTab}>${t("tab.ends")}<//>
                        <${Tab} id="claims" current=${tab} onPick=${setTab}>
                            ${t("tab.claims")} <span class="tab-count">${counts.kept} ✓${counts.broken > 0 && html` <b>${counts.broken} ✗</b>`}</span>
                        <//>
                    </div>
                    <div class="tab-body" role="tabpanel" id=${`panel-${tab}`} aria-labelledby=${`tab-${tab}`} tabindex="0">
                        ${tab === "ends"
                            ? pictures.tcbs
                            : html`<${Claims} run=${run} shown=${route.claim} onGo=${(/** @type {number} */ n) => move.to(n)} />`}
                    </div>
                </section>
            </div>
        </div>
        <p class="hidden" role="status">${announce(run, relative)}</p>
        ${dialog === "find" && html`<${FindDialog} start=${start} link=${run.link} at=${run.at} tokens=${run.steps.map((s) => s.token)} onClose=${close} />`}
        ${dialog === "what-if" && html`<${WhatIfDialog} start=${start} run=${run} onClose=${close} />`}
        ${dialog === "export" && html`<${ExportDialog} run=${run} repeats=${route.repeats} claim=${route.claim} showRows=${showRows} relative=${relative} onClose=${close} />`}
        ${dialog === "share" && html`<${ShareDialog} onClose=${close} />`}
        ${dialog === "help" && html`<${HelpDialog} keys=${keys} onKeys=${setKeys} onClose=${close} />`}
    </main>`;
}

/**
 * @param {{id: "ends" | "claims", current: string, onPick: (id: "ends" | "claims") => void, children?: unknown}} props
 */
function Tab({id, current, onPick, children}) {
    const other = id === "ends" ? "claims" : "ends";
    return html`<button
        type="button"
        role="tab"
        id=${`tab-${id}`}
        aria-selected=${id === current ? "true" : "false"}
        aria-controls=${id === current ? `panel-${id}` : undefined}
        tabindex=${id === current ? 0 : -1}
        onClick=${() => onPick(id)}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
            if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
            event.preventDefault();
            event.stopPropagation();
            onPick(other);
            document.getElementById(`tab-${other}`)?.focus();
        }}
    >
        ${children}
    </button>`;
}

/**
 * The ladder; it keeps the step just taken in view.
 * @param {{run: RunView, repeats: number | null, showRows: boolean, relative: boolean, onPick: (n: number) => void}} props
 */
function LadderPane({run, repeats, showRows, relative, onPick}) {
    return html`<section class="pane pane-ladder" aria-label=${t("pane.ladder")} tabindex="0">
        <${Ladder}
            run=${run}
            at=${run.at}
            repeatsFrom=${repeats}
            showRows=${showRows}
            relative=${relative}
            names=${["TCP A", "TCP B"]}
            onPick=${onPick}
        />
        <details class="as-text">
            <summary>${t("ladder.as-text")}</summary>
            <pre>${ladderText(run, run.at).join("\n")}</pre>
        </details>
    </section>`;
}

/**
 * Numbers are few in the model; said once.
 * @param {{relative: boolean, onRelative: () => void}} props
 */
function ModuloNote({relative, onRelative}) {
    const [seen, setSeen] = usePreference("modulo-seen", false);
    if (seen || relative) return null;
    return html`<div class="note modulo">
        <p>${t("modulo")}</p>
        <p class="buttons">
            <button type="button" class="plain" onClick=${onRelative}>${t("modulo.relative")}</button>
            <button type="button" class="plain" onClick=${() => setSeen(true)}>${t("modulo.dismiss")}</button>
        </p>
    </div>`;
}
