// The step just taken, or the one that somebody points at: the rows that fire, with their sentences and sections.

import {html} from "../vendor/preact.js";
import {askTable} from "../ask.js";
import {changes, say, segmentText} from "../happening.js";
import {RowName, coded, useAnswer} from "../parts.js";
import {tableAddress} from "../route.js";
import {t} from "../words.js";

/** @import {ChoiceView, PacketView, RowView, RunView} from "../api.js" */

/**
 * @param {{run: RunView, preview: ChoiceView | null, showRows: boolean, relative: boolean}} props
 */
export function Step({run, preview, showRows, relative}) {
    const {value: table} = useAnswer(askTable, "table");
    const named = (/** @type {string} */ name) => table?.rows.find((row) => row.name === name);
    if (preview) {
        const to = preview.change ? [`${preview.change[0]} → ${preview.change[1]}`] : [];
        return html`<div class="step preview">
            <h2>${t("step.if")} ${say(preview.what, relative)}</h2>
            <${Rows} names=${preview.rows} named=${named} showRows=${showRows} />
            <${Effects} changes=${to} sent=${preview.sent} relative=${relative} idle=${preview.idle} />
        </div>`;
    }
    const step = run.steps[run.at - 1];
    if (!step) {
        const {summary, bounds} = run.subject;
        return html`<div class="step">
            <p><strong>${t("step.none")}</strong></p>
            <p lang="en">${coded(summary)}</p>
            <p class="empty"><small>${t("step.bounds")} <span lang="en">${bounds}</span></small></p>
        </div>`;
    }
    const sent = run.flights.filter((flight) => flight.sent === run.at - 1).map((flight) => flight.packet);
    return html`<div class="step">
        <h2><span class="step-number">${run.at}.</span> ${say(step.what, relative)}</h2>
        <${Rows} names=${step.rows} named=${named} showRows=${showRows} />
        <${Effects} changes=${changes(step)} sent=${sent} relative=${relative} idle=${false} />
    </div>`;
}

/**
 * @param {{names: string[], named: (name: string) => RowView | undefined, showRows: boolean}} props
 */
function Rows({names, named, showRows}) {
    if (names.length === 0) return html`<p class="empty">${t("step.no-row")}</p>`;
    return html`<ol class="rows">
        ${names.map((name, n) => {
            const row = named(name);
            return html`<li key=${`${n} ${name}`}>
                ${showRows && html`<${RowName} name=${name} /> `}
                <span class="sentence" lang="en">${row ? coded(row.sentence) : showRows ? "" : name}</span>
                ${row && html` <a class="section" href=${tableAddress({q: row.section})} title=${t("step.section")}>${row.section}</a>`}
            </li>`;
        })}
    </ol>`;
}

/**
 * @param {{changes: string[], sent: PacketView[], relative: boolean, idle: boolean}} props
 */
function Effects({changes, sent, relative, idle}) {
    return html`<ul class="effects">
        ${changes.map((text) => html`<li key=${text}>${text}</li>`)}
        ${sent.map((packet, n) => html`<li key=${n}>${t("step.sends", {text: segmentText(packet, relative)})}</li>`)}
        ${idle && html`<li>${t("choices.changes-nothing")}</li>`}
    </ul>`;
}
