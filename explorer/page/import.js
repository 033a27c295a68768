// A file opened: a run of the model as a run, a capture row by row.

import {html, useEffect, useState} from "./vendor/preact.js";
import {Refused, askImport} from "./ask.js";
import {CaptureLadder} from "./ladder.js";
import {Problem, Waiting} from "./parts.js";
import {go, runAddress} from "./route.js";
import {t} from "./words.js";

/** @import {Captured, Imported} from "./api.js" */

/** Octets of a file at most. The reader of files has the same bound. */
const LARGEST = 8 * 1024 * 1024;

/**
 * @param {ArrayBuffer} buffer
 */
function base64(buffer) {
    const octets = new Uint8Array(buffer);
    let text = "";
    // A call takes only so many arguments.
    for (let at = 0; at < octets.length; at += 0x8000) text += String.fromCharCode(...octets.subarray(at, at + 0x8000));
    return btoa(text);
}

/** @param {{file: File | null, onTaken: () => void}} props */
export function ImportPage({file, onTaken}) {
    const [state, set] = useState(/** @type {{name: string, waiting: boolean, imported: Imported | null, error: unknown}} */ ({name: "", waiting: false, imported: null, error: null}));
    const [over, setOver] = useState(false);
    const take = async (/** @type {File} */ file) => {
        const {name} = file;
        set({name, waiting: true, imported: null, error: null});
        try {
            if (file.size > LARGEST) throw new Refused(t("import.too-large", {name, size: (file.size / 1048576).toFixed(1), most: LARGEST / 1048576}));
            const imported = await askImport(name, base64(await file.arrayBuffer()));
            set({name, waiting: false, imported, error: null});
            if (imported.kind === "run" && imported.note === null) open(imported);
        } catch (error) {
            set({name, waiting: false, imported: null, error});
        }
    };
    useEffect(() => {
        if (!file) return;
        onTaken();
        take(file);
    }, [file]);
    const {imported} = state;
    return html`<main id="main" class="page import-page">
        <h1>${t("import.title")}</h1>
        <p class="lead">${t("import.lead")}</p>
        <div
            class=${over ? "drop over" : "drop"}
            onDragOver=${(/** @type {DragEvent} */ event) => {
                event.preventDefault();
                setOver(true);
            }}
            onDragLeave=${() => setOver(false)}
            onDrop=${() => setOver(false)}
        >
            <label>
                <span>${t("import.choose")}</span>
                <input type="file" accept=".json,.pcapng,.pcap,application/json"
                    onChange=${(/** @type {any} */ event) => {
                        const [file] = event.currentTarget.files;
                        if (file) take(file);
                        event.currentTarget.value = "";
                    }} />
            </label>
        </div>
        ${state.waiting && html`<${Waiting} />`}
        ${state.error !== null && html`<${Problem} error=${state.error} />`}
        ${imported?.kind === "run" &&
        html`<section class="note" role="status">
            <p><strong>${state.name}</strong> ${imported.note}</p>
            <p><button type="button" class="button strong" onClick=${() => open(imported)}>${t("import.open")}</button></p>
        </section>`}
        ${imported?.kind === "capture" && html`<${Capture} name=${state.name} segments=${imported.segments} />`}
    </main>`;
}

/** @param {Extract<Imported, {kind: "run"}>} imported */
function open({link, repeatsFrom, claim}) {
    go(runAddress(link, {repeats: repeatsFrom, claim}));
}

/** @param {{name: string, segments: Captured[]}} props */
function Capture({name, segments}) {
    return html`<section class="capture" aria-label=${name}>
        <h2>${t("import.capture", {name, n: segments.length})}</h2>
        <div class="capture-sides">
            <div class="pane capture-ladder" tabindex="0"><${CaptureLadder} segments=${segments} /></div>
            <div class="table-scroll" tabindex="0" role="region" aria-label=${t("import.segments")}>
                <table class="all-rows">
                    <thead>
                        <tr>
                            <th scope="col">${t("import.time")}</th>
                            <th scope="col">${t("import.from-to")}</th>
                            <th scope="col">${t("import.segment")}</th>
                            <th scope="col">${t("import.comments")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        ${segments.map(
                            (segment, n) => html`<tr key=${n}>
                                <td class="number">${(segment.at / 1e6).toFixed(6)}</td>
                                <td>${segment.from} → ${segment.to}</td>
                                <td class="mono">${segment.text}</td>
                                <td lang="en">${segment.comments.map((comment, n) => html`<div key=${n}>${comment}</div>`)}</td>
                            </tr>`,
                        )}
                    </tbody>
                </table>
            </div>
        </div>
    </section>`;
}
