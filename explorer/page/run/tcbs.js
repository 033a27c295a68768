// Both ends side by side: their variables, with what the last step has changed marked; and the segments under way.

import {html} from "../vendor/preact.js";
import {letter, segmentText} from "../happening.js";
import {End} from "../parts.js";
import {t} from "../words.js";

/** @import {EndView, FieldView, PacketView, WorldView} from "../api.js" */

/** Groups of fields, in the order in which they are shown. */
const GROUPS = /** @type {const} */ (["send", "receive", "timers", "host", "user"]);

/** @typedef {{name: string, fields: [FieldView | undefined, FieldView | undefined]}} Line */

/**
 * The fields of a group that at least one end has.
 * @param {[EndView, EndView]} ends
 * @param {string} group
 * @returns {Line[]}
 */
function lines(ends, group) {
    /** @type {Map<string, Line>} */
    const lines = new Map();
    ends.forEach((end, n) => {
        for (const field of end.fields) {
            if (field.group !== group) continue;
            let line = lines.get(field.name);
            if (!line) lines.set(field.name, (line = {name: field.name, fields: [undefined, undefined]}));
            line.fields[n] = field;
        }
    });
    // What neither end has, and has not just lost, takes no place.
    return [...lines.values()].filter(({fields}) => fields.some((field) => field && (field.value !== "" || field.changed)));
}

/** @param {{now: WorldView, relative: boolean}} props */
export function Tcbs({now, relative}) {
    return html`<div class="tcbs">
        <h2 class="tcb-states">
            ${now.ends.map(
                (end, n) => html`<span key=${n}>
                    <${End} end=${n} /> <b>${end.state}</b>${end.listening && html` <span class="tag">${t("tcb.listening")}</span>`}${end.quiet > 0 &&
                    html` <span class="tag">${t("tcb.quiet", {n: end.quiet})}</span>`}
                </span>`,
            )}
        </h2>
        <div class="tcb-columns">
            <div class="tcb-group tcb-net">
                <h3>${t("tcb.net")} <span class="group-count">${now.net.length}</span></h3>
                ${now.net.length === 0
                    ? html`<p class="empty">${t("tcb.net-none")}</p>`
                    : html`<ul class="net">${now.net.map((packet, n) => html`<${Packet} key=${n} packet=${packet} relative=${relative} />`)}</ul>`}
            </div>
            ${GROUPS.map((group) => html`<${Group} key=${group} group=${group} lines=${lines(now.ends, group)} relative=${relative} />`)}
            <${Left} now=${now} />
        </div>
    </div>`;
}

/** @param {{group: typeof GROUPS[number], lines: Line[], relative: boolean}} props */
function Group({group, lines, relative}) {
    if (lines.length === 0) return null;
    return html`<table class=${`tcb-group tcb-${group}`}>
        <thead>
            <tr>
                <th scope="col">${t(`tcb.${group}`)}</th>
                <th scope="col"><${End} end=${0} /></th>
                <th scope="col"><${End} end=${1} /></th>
            </tr>
        </thead>
        <tbody>
            ${lines.map(
                (line) => html`<tr key=${line.name}>
                    <th scope="row">${line.name}</th>
                    <${Cell} field=${line.fields[0]} relative=${relative} />
                    <${Cell} field=${line.fields[1]} relative=${relative} />
                </tr>`,
            )}
        </tbody>
    </table>`;
}

/** @param {{field: FieldView | undefined, relative: boolean}} props */
function Cell({field, relative}) {
    if (!field) return html`<td class="nothing">–</td>`;
    const text = (relative ? (field.relative ?? field.value) : field.value) || "–";
    const other = relative ? field.value : field.relative;
    return html`<td class=${field.changed ? "is-changed" : ""} title=${other ?? ""}>
        ${text}${field.changed && html`<span class="hidden"> ${t("tcb.changed")}</span>`}
    </td>`;
}

/** @param {{packet: PacketView, relative: boolean}} props */
function Packet({packet, relative}) {
    return html`<li class=${packet.old ? "old" : ""}>
        <${End} end=${1 - packet.to} /><span aria-hidden="true">→</span><${End} end=${packet.to} />
        <span class="mono">${segmentText(packet, relative)}</span>
        ${packet.old && html` <span class="tag">${t("tcb.old")}</span>`}
        ${packet.age > 0 && html` <span class="tag">${t("tcb.age", {n: packet.age})}</span>`}
        <span class="hidden">${t("tcb.from-to", {from: letter(1 - packet.to), to: letter(packet.to)})}</span>
    </li>`;
}

/** @param {{now: WorldView}} props */
function Left({now}) {
    const left = now.left.filter(([, n]) => n > 0);
    if (left.length === 0 && now.tick === 0) return null;
    return html`<div class="tcb-group tcb-left">
        <h3>${t("tcb.left")}</h3>
        <p class="left">
            ${left.map(([name, n]) => `${name} ${n}`).join(" · ")}
            ${now.tick > 0 && html` <span class="tag">${t("tcb.tick", {n: now.tick})}</span>`}
        </p>
    </div>`;
}
