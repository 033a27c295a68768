// The same path with other options, other bounds, or with a fault in a row.

import {html, useState} from "../vendor/preact.js";
import {askTable, askWhatIf} from "../ask.js";
import {ClaimsOfRuns} from "../claims-of-runs.js";
import {changes, say} from "../happening.js";
import {Dialog, Problem, coded, useAnswer} from "../parts.js";
import {go, runAddress, settingsOf, tokensOf, withPath, withSettings} from "../route.js";
import {CheckedClaims, HuntProgress, LIMIT, LimitChoice, useSearch} from "../search.js";
import {t} from "../words.js";

/** @import {ClaimView, Progress, RunView, Start, StepView, WhatIf} from "../api.js" */
/** @import {Settings} from "../route.js" */

/** @param {{start: Start, run: RunView, onClose: () => void}} props */
export function WhatIfDialog({start, run, onClose}) {
    const [settings, setSettings] = useState(() => settingsOf(run.link));
    const other = withSettings(run.link, settings);
    const same = other === withSettings(run.link, settingsOf(run.link));
    return html`<${Dialog} title=${t("what-if.title")} class="broad" onClose=${onClose}>
        <div class="what-if">
            <div class="what-if-settings">
                <p>${t("what-if.text")}</p>
                <${Options} start=${start} run=${run} settings=${settings} onChange=${setSettings} />
                <${Fault} settings=${settings} onChange=${setSettings} />
                <${Bounds} start=${start} settings=${settings} onChange=${setSettings} />
            </div>
            <div class="what-if-result">
                ${same && !run.subject.changed ? html`<p class="empty">${t("what-if.nothing")}</p>` : html`<${Replay} key=${other} run=${run} other=${other} onClose=${onClose} />`}
            </div>
        </div>
    <//>`;
}

/** @param {{start: Start, run: RunView, settings: Settings, onChange: (settings: Settings) => void}} props */
function Options({start, run, settings, onChange}) {
    // As the scenario has them: what the link changes is taken back.
    const own = (/** @type {string} */ name) => {
        const now = run.subject.options[name] ?? false;
        return name in run.subject.set ? !now : now;
    };
    return html`<fieldset>
        <legend>${t("what-if.options")}</legend>
        ${start.options.map(({name, doc, source}) => {
            const mine = own(name);
            const on = settings.set[name] ?? mine;
            const change = () => {
                const {[name]: _, ...set} = settings.set;
                onChange({...settings, set: !on === mine ? set : {...set, [name]: !on}});
            };
            return html`<label key=${name} class=${on === mine ? "option" : "option differs"} title=${`${doc} (${source})`}>
                <input type="checkbox" role="switch" checked=${on} onChange=${change} />
                <span><code>${name}</code>${on !== mine && html` <b>${t("what-if.changed")}</b>`}<br /><small lang="en">${coded(doc)}</small></span>
            </label>`;
        })}
    </fieldset>`;
}

/** @param {{settings: Settings, onChange: (settings: Settings) => void}} props */
function Fault({settings, onChange}) {
    const {value: table} = useAnswer(askTable, "table");
    const [row, setRow] = useState(settings.mutant?.split(":")[0] ?? "");
    const mutants = table?.rows.find(({name}) => name === row)?.mutants ?? [];
    return html`<fieldset>
        <legend>${t("what-if.fault")}</legend>
        <label class="field wide">
            <span>${t("what-if.row")}</span>
            <input list="rows-of-the-table" value=${row} autocomplete="off" spellcheck=${false}
                onInput=${(/** @type {any} */ event) => {
                    setRow(event.currentTarget.value.trim());
                    if (settings.mutant !== null) onChange({...settings, mutant: null});
                }} />
            <datalist id="rows-of-the-table">${(table?.rows ?? []).map(({name}) => html`<option key=${name} value=${name}></option>`)}</datalist>
        </label>
        ${mutants.length > 0 &&
        html`<div class="mutants" role="radiogroup" aria-label=${t("what-if.fault")}>
            <label><input type="radio" name="mutant" checked=${settings.mutant === null} onChange=${() => onChange({...settings, mutant: null})} /> ${t("what-if.no-fault")}</label>
            ${mutants.map(
                ({name, token}) => html`<label key=${token}>
                    <input type="radio" name="mutant" checked=${settings.mutant === token} onChange=${() => onChange({...settings, mutant: token})} /> <span>${coded(name)}</span>
                </label>`,
            )}
        </div>`}
    </fieldset>`;
}

/** @param {{start: Start, settings: Settings, onChange: (settings: Settings) => void}} props */
function Bounds({start, settings, onChange}) {
    return html`<details class="bounds-list" open=${Object.keys(settings.bound).length > 0}>
        <summary>${t("what-if.bounds")}</summary>
        ${start.bounds.map(
            ({name, what}) => html`<label key=${name} class="bound">
                <code>${name}</code>
                <input type="text" value=${settings.bound[name] ?? ""} placeholder=${t("what-if.as-it-is")}
                    onChange=${(/** @type {any} */ event) => {
                        const {[name]: _, ...bound} = settings.bound;
                        const value = event.currentTarget.value.trim();
                        onChange({...settings, bound: value === "" ? bound : {...bound, [name]: value}});
                    }} />
                <small lang="en">${coded(what)}</small>
            </label>`,
        )}
    </details>`;
}

/**
 * The shortest run that breaks a claim, opened. One that is expected to fail says less than one that is not.
 * @param {Progress} progress
 * @param {() => void} onClose
 */
function openBroken({claims}, onClose) {
    const unexpected = claims.filter(({verdict, shownBy}) => verdict === "violated" && shownBy !== null);
    const broken = unexpected.length > 0 ? unexpected : claims.filter(({verdict, shownBy}) => verdict === "fails-as-expected" && shownBy !== null);
    const length = (/** @type {ClaimView} */ {shownBy}) => tokensOf(shownBy ?? "").length;
    const [shortest] = broken.sort((one, two) => length(one) - length(two));
    if (!shortest?.shownBy) return;
    onClose();
    go(runAddress(shortest.shownBy, {claim: shortest.name, repeats: shortest.repeatsFrom}));
}

/** @param {{run: RunView, other: string, onClose: () => void}} props */
function Replay({run, other, onClose}) {
    const {value, error} = useAnswer(() => askWhatIf(run.link, other), `${run.link} ${other}`);
    const hunt = useSearch();
    const [limit, setLimit] = useState(LIMIT);
    return html`<div>
        ${error ? html`<${Problem} error=${error} />` : value && html`<${Difference} whatIf=${value} run=${run} />`}
        ${!error &&
        value &&
        html`<p class="buttons">
            <button type="button" class="button strong" onClick=${() => {
                onClose();
                go(runAddress(value.other));
            }}>${t("what-if.open")}</button>
        </p>`}
        <h3>${t("what-if.claim")}</h3>
        <div class="buttons">
            <button type="button" class="button strong" disabled=${hunt.running || error !== null}
                onClick=${() => hunt.start(withPath(other, []), null, limit, (progress) => openBroken(progress, onClose))}>
                ${t("what-if.look")}
            </button>
            <${LimitChoice} value=${limit} onChange=${setLimit} />
        </div>
        <${HuntProgress} hunt=${hunt} />
        ${hunt.progress &&
        html`<${CheckedClaims} claims=${hunt.progress.claims.filter((claim) => claim.verdict !== "holds")} />
            <${ClaimsOfRuns} link=${other} progress=${hunt.progress} />`}
    </div>`;
}

/** @param {{whatIf: WhatIf, run: RunView}} props */
function Difference({whatIf, run}) {
    const {same, differs, differences} = whatIf;
    if (!differs) return html`<p class="same">${t("what-if.same", {n: run.steps.length})}</p>`;
    const side = (/** @type {StepView | null} */ step, /** @type {string} */ title) =>
        html`<div class="side">
            <h4>${title}</h4>
            ${step
                ? html`<p>${say(step.what, false)}</p>
                      <p class="row-list">${step.rows.join(" · ") || "–"}</p>
                      ${changes(step).map((text) => html`<p key=${text}>${text}</p>`)}`
                : html`<p class="cannot">${t("what-if.cannot")}</p>`}
        </div>`;
    return html`<div class="difference">
        <p>${same === 0 ? t("what-if.none-same") : t("what-if.first-same", {n: same})} ${t("what-if.step-differs", {n: same + 1})}</p>
        <div class="sides">${side(differs[0], t("what-if.before"))} ${side(differs[1], t("what-if.after"))}</div>
        ${differences.length > 0 &&
        html`<ul class="differences">${differences.map((text) => html`<li key=${text}>${text}</li>`)}</ul>`}
    </div>`;
}
