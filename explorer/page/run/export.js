// A run taken away: its link, and files.

import {html, useRef, useState} from "../vendor/preact.js";
import {askExport} from "../ask.js";
import {standaloneSvg} from "../ladder.js";
import {Dialog, Problem} from "../parts.js";
import {t} from "../words.js";

/** @import {Format, RunView} from "../api.js" */

/**
 * @param {string} name
 * @param {BlobPart} data
 * @param {string} type
 */
function save(name, data, type) {
    const address = URL.createObjectURL(new Blob([data], {type}));
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = name;
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    // The browser still reads it.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** @param {string} base64 */
function octets(base64) {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/**
 * @param {{run: RunView, repeats: number | null, claim: string | null, showRows: boolean, relative: boolean, onClose: () => void}} props
 */
export function ExportDialog({run, repeats, claim, showRows, relative, onClose}) {
    const [error, setError] = useState(/** @type {unknown} */ (null));
    const [done, setDone] = useState("");
    const name = run.subject.scenario.replaceAll("/", "-");
    const file = async (/** @type {Format} */ format) => {
        try {
            const exported = await askExport(run.link, format, repeats, claim);
            save(exported.name, octets(exported.data), format === "json" ? "application/json" : "application/vnd.tcpdump.pcap");
            setError(null);
            setDone(exported.name);
        } catch (error) {
            setError(error);
        }
    };
    const picture = () => {
        const svg = standaloneSvg(run, run.at, {showRows, relative, repeatsFrom: repeats, names: ["TCP A", "TCP B"]});
        save(`${name}.svg`, svg, "image/svg+xml");
        setDone(`${name}.svg`);
    };
    return html`<${Dialog} title=${t("export.title")} onClose=${onClose}>
        <ul class="formats">
            <li><button type="button" class="button" data-focus onClick=${picture}>SVG</button> <span>${t("export.svg")}</span></li>
            <li><button type="button" class="button" onClick=${() => file("pcapng")}>pcapng</button> <span>${t("export.pcapng")}</span></li>
            <li><button type="button" class="button" onClick=${() => file("json")}>JSON</button> <span>${t("export.json")}</span></li>
        </ul>
        <p role="status">${done && t("export.done", {name: done})}</p>
        ${error !== null && html`<${Problem} error=${error} />`}
    <//>`;
}

/** @param {{onClose: () => void}} props */
export function ShareDialog({onClose}) {
    const [copied, setCopied] = useState(/** @type {boolean | null} */ (null));
    const field = useRef(/** @type {HTMLInputElement | null} */ (null));
    const address = location.href;
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(address);
            setCopied(true);
        } catch {
            // A page that is no secure context may not; then the reader copies what is marked.
            field.current?.select();
            setCopied(false);
        }
    };
    return html`<${Dialog} title=${t("share.title")} onClose=${onClose}>
        <p>${t("share.text")}</p>
        <label class="field wide">
            <span>${t("share.link")}</span>
            <input ref=${field} type="text" readonly value=${address} onFocus=${() => field.current?.select()} />
        </label>
        <p class="buttons">
            <button type="button" class="button strong" data-focus onClick=${copy}>${t("share.copy")}</button>
            <span role="status">${copied === null ? "" : t(copied ? "share.copied" : "share.by-hand")}</span>
        </p>
    <//>`;
}
