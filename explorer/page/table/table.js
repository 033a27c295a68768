// The whole table: searched, and a page for each row.

import {html, useEffect, useMemo, useState} from "../vendor/preact.js";
import {askTable} from "../ask.js";
import {Problem, Waiting, coded, useAnswer} from "../parts.js";
import {go, tableAddress} from "../route.js";
import {t} from "../words.js";
import {RowPage} from "./row.js";

/** @import {RowView, Start, TableView} from "../api.js" */

/** @param {{start: Start, row: string | null, query: string}} props */
export function TablePage({start, row, query}) {
    const {value: table, error, again} = useAnswer(askTable, "table");
    if (error) return html`<main id="main" class="page"><${Problem} error=${error} whole onAgain=${again} /></main>`;
    if (!table) return html`<main id="main" class="page"><${Waiting} /></main>`;
    if (row === null) return html`<${Rows} start=${start} table=${table} query=${query} />`;
    return html`<${RowPage} start=${start} table=${table} name=${row} />`;
}

/**
 * What a row is found by: everything that stands in it, and the words of its requirements.
 * @param {RowView} row
 * @param {TableView} table
 */
function text(row, table) {
    const words = table.requirements.filter(({id}) => row.requirements.includes(id)).map(({words}) => words);
    return [...words, row.quotation?.words ?? "", row.name, row.sentence, row.section, row.event, row.step, row.verb, row.next ?? "", ...row.requirements, ...row.states, ...row.condition, ...row.effects]
        .join(" ")
        .toLowerCase();
}

/** @param {RowView} row @param {string} section */
function inSection(row, section) {
    return row.section === section || row.section.startsWith(`${section}.`) || row.section.startsWith(`${section} `);
}

/** @param {{start: Start, table: TableView, query: string}} props */
function Rows({start, table, query: asked}) {
    const {rows} = table;
    const [query, setQuery] = useState(asked);
    const [state, setState] = useState("");
    const [event, setEvent] = useState("");
    useEffect(() => setQuery(asked), [asked]);
    const texts = useMemo(() => rows.map((row) => text(row, table)), [rows]);
    const events = useMemo(() => [...new Set(rows.map((row) => row.event))], [rows]);
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const section = query.trim();
    const found = rows.filter((row, n) => {
        if (state !== "" && !row.states.includes(state)) return false;
        if (event !== "" && row.event !== event) return false;
        // `§3.10.7.4` is a section, not part of `§3.10.7.41`.
        if (section.startsWith("§")) return inSection(row, section);
        return words.every((word) => texts[n]?.includes(word));
    });
    const choice = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string[]} */ values, /** @type {(value: string) => void} */ set) =>
        html`<label class="field">
            <span>${name}</span>
            <select value=${value} onChange=${(/** @type {any} */ event) => set(event.currentTarget.value)}>
                <option value="">${t("table.any")}</option>
                ${values.map((value) => html`<option key=${value} value=${value}>${value}</option>`)}
            </select>
        </label>`;
    return html`<main id="main" class="page table-page">
        <h1>${t("table.title")}</h1>
        <p class="lead">${t("table.lead")}</p>
        <div class="table-search">
            <label class="field wide">
                <span>${t("table.search")}</span>
                <input type="search" value=${query}
                    onInput=${(/** @type {any} */ event) => setQuery(event.currentTarget.value)}
                    onChange=${() => go(tableAddress({q: query.trim()}), true)} />
            </label>
            ${choice(t("table.state"), state, start.states.map((state) => state.name), setState)}
            ${choice(t("table.event"), event, events, setEvent)}
        </div>
        <p class="lead" role="status">${t("table.count", {n: found.length, of: rows.length})}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=${t("table.title")}>
            <table class="all-rows">
                <thead>
                    <tr>
                        <th scope="col">${t("table.row")}</th>
                        <th scope="col">${t("table.sentence")}</th>
                        <th scope="col">${t("table.section")}</th>
                        <th scope="col">${t("table.event")}</th>
                        <th scope="col">${t("table.next")}</th>
                        <th scope="col">${t("table.fires")}</th>
                    </tr>
                </thead>
                <tbody>
                    ${found.map(
                        (row) => html`<tr key=${row.name}>
                            <th scope="row"><a class="row-name" href=${tableAddress({row: row.name})}>${row.name}</a></th>
                            <td lang="en">${coded(row.sentence)} ${row.requirements.map((name) => html`<span class="tag" key=${name}>${name}</span> `)}</td>
                            <td><a href=${tableAddress({q: row.section})}>${row.section}</a></td>
                            <td>${row.event}</td>
                            <td>${row.next ?? row.verb}</td>
                            <td class="number">${row.firesIn}</td>
                        </tr>`,
                    )}
                </tbody>
            </table>
        </div>
    </main>`;
}
