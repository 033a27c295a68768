// A row of the table: what it says, where it comes from, when it fires, and what notices its faults.

import {html} from "../vendor/preact.js";
import {coded} from "../parts.js";
import {linkOf, runAddress, tableAddress, withSettings} from "../route.js";
import {t} from "../words.js";

/** @import {MutantView, Start, TableView} from "../api.js" */

/**
 * The RFC's own page of a section: `§3.10.7.4` is of RFC 9293, `RFC 5961 §4` of another.
 * @param {string} section
 */
function published(section) {
    const [, rfc = "9293", number] = /^(?:RFC (\d+) )?§?([\d.]+)?/.exec(section) ?? [];
    const anchor = number ? `#section-${number.replace(/\.$/, "")}` : "";
    return `https://www.rfc-editor.org/rfc/rfc${rfc}.html${anchor}`;
}

/** @param {{start: Start, table: TableView, name: string}} props */
export function RowPage({start, table, name}) {
    const row = table.rows.find((row) => row.name === name);
    if (!row) {
        return html`<main id="main" class="page">
            <h1>${t("row.unknown", {name})}</h1>
            <p><a class="button" href=${tableAddress()}>${t("row.all")}</a></p>
        </main>`;
    }
    const index = table.rows.indexOf(row);
    const [before, after] = [table.rows[index - 1], table.rows[index + 1]];
    const code = (/** @type {string[]} */ texts) =>
        texts.length === 0 ? html`<span>–</span>` : html`<ul class="codes">${texts.map((text) => html`<li key=${text}><code>${text}</code></li>`)}</ul>`;
    return html`<main id="main" class="page row-page">
        <nav class="row-nav" aria-label=${t("row.nav")}>
            <a href=${tableAddress()}>${t("row.all")}</a>
            ${before && html`<a href=${tableAddress({row: before.name})}>← ${before.name}</a>`}
            ${after && html`<a href=${tableAddress({row: after.name})}>${after.name} →</a>`}
        </nav>
        <h1 class="mono">${row.name}</h1>
        <p class="row-sentence" lang="en">${coded(row.sentence)}</p>
        <dl class="facts">
            <dt>${t("table.section")}</dt>
            <dd>
                <a href=${tableAddress({q: row.section})}>${row.section}</a>
                <a class="outside" href=${published(row.section)} target="_blank" rel="noreferrer">${t("row.read")} ↗</a>
            </dd>
            ${row.quotation &&
            html`<dt>${t("row.quotation")}</dt>
                <dd><q lang="en" cite=${published(row.quotation.section)}>${row.quotation.words}</q> <span class="tag">${row.quotation.section}</span></dd>`}
            ${row.requirements.length > 0 &&
            html`<dt>${t("row.requirements")}</dt>
                <dd>${row.requirements.map((name) => html`<${Requirement} key=${name} name=${name} table=${table} />`)}</dd>`}
            <dt>${t("table.event")}</dt>
            <dd>${row.event} · ${row.step}</dd>
            <dt>${t("row.states")}</dt>
            <dd>${row.states.length === start.states.length ? t("row.every-state") : row.states.join(", ")}</dd>
            <dt>${t("row.condition")}</dt>
            <dd>${code(row.condition)}</dd>
            <dt>${t("row.effects")}</dt>
            <dd>${code(row.effects)}</dd>
            <dt>${t("table.next")}</dt>
            <dd>${row.next ?? t("row.same-state")} · ${row.verb}</dd>
            <dt>${t("row.written")}</dt>
            <dd><code>spec/src/table.rs:${row.line}</code></dd>
            <dt>${t("table.fires")}</dt>
            <dd>
                ${row.firesIn === 0 && !start.current ? t("scenarios.unexplored") : t("row.fires-in", {n: row.firesIn})}
                ${row.shownBy && html` <a class="button" href=${runAddress(row.shownBy)}>${t("row.shortest")}</a>`}
            </dd>
        </dl>
        <h2>${t("row.mutants")} <span class="group-count">${row.mutants.length}</span></h2>
        <p class="lead">${t("row.mutants-text")}</p>
        ${!table.mutantsCurrent && html`<p class="note">${t("row.mutants-stale")}</p>`}
        <ul class="mutant-list">
            ${row.mutants.map((mutant) => html`<${Mutant} key=${mutant.token} mutant=${mutant} current=${table.mutantsCurrent} fallback=${new URLSearchParams(row.shownBy ?? "").get("scenario") ?? start.scenarios[0]?.name ?? ""} />`)}
        </ul>
    </main>`;
}

/**
 * A requirement in the words of Appendix B; the rows that meet it are behind its name.
 * @param {{name: string, table: TableView}} props
 */
function Requirement({name, table}) {
    return html`<div class="requirement">
        <a href=${tableAddress({q: name})} title=${t("row.meets")}>${name}</a>
        ${table.requirements
            .filter(({id}) => id === name)
            .map(({words, strength, sections}, n) => html`<p key=${n} lang="en">${words} <span class="tag">${strength}</span> <span class="tag">§${sections.replaceAll(", ", ", §")}</span></p>`)}
    </div>`;
}

/** @param {{mutant: MutantView, current: boolean, fallback: string}} props */
function Mutant({mutant, current, fallback}) {
    const {name, token, noticedBy, scenario, reason} = mutant;
    const link = withSettings(linkOf(scenario ?? fallback), {set: {}, bound: {}, mutant: token});
    const nobody = t(current ? "row.unnoticed" : "row.no-record");
    return html`<li>
        <strong>${coded(name)}</strong>
        <span>${noticedBy === null ? (reason !== null ? html`${t("row.equal")} <span lang="en">${coded(reason)}</span>` : nobody) : html`${t("row.noticed")} <q lang="en">${noticedBy}</q>`}${scenario !== null && html` (${scenario})`}</span>
        <a href=${runAddress(link)}>${t("row.walk-with")}<span class="hidden">: ${name}</span></a>
    </li>`;
}
