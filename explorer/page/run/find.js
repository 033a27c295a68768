// A run that gets somewhere: looked for from the beginning, or from here.

import {html, useState} from "../vendor/preact.js";
import {Dialog} from "../parts.js";
import {go, linkOf, runAddress, withPath} from "../route.js";
import {HuntProgress, LIMIT, LimitChoice, useSearch} from "../search.js";
import {t} from "../words.js";

/** @import {Start} from "../api.js" */

/** Questions that show what can be asked. */
const EXAMPLES = [
    "A in TIME-WAIT and B in LAST-ACK",
    "row old_fin fires",
    "two SYNs under way",
    "A in CLOSING and B in CLOSING",
    "A in SYN-RECEIVED and B in SYN-RECEIVED",
];

/**
 * @param {{start: Start, link: string | null, at?: number, tokens?: string[], onClose: () => void}} props
 */
export function FindDialog({start, link, at = 0, tokens = [], onClose}) {
    const [text, setText] = useState("");
    const [scenario, setScenario] = useState(start.scenarios[0]?.name ?? "");
    const [fromHere, setFromHere] = useState(false);
    const [limit, setLimit] = useState(LIMIT);
    const hunt = useSearch();
    const begin = () => {
        if (text.trim() === "") return;
        const from = link === null ? linkOf(scenario) : withPath(link, fromHere ? tokens.slice(0, at) : []);
        hunt.start(from, text.trim(), limit, (progress) => {
            if (progress.found === null) return;
            onClose();
            go(runAddress(progress.found));
        });
    };
    return html`<${Dialog} title=${t("find.title")} onClose=${onClose}>
        <form
            class="find"
            onSubmit=${(/** @type {Event} */ event) => {
                event.preventDefault();
                begin();
            }}
        >
            ${link === null &&
            html`<label class="field wide">
                <span>${t("find.scenario")}</span>
                <select value=${scenario} onChange=${(/** @type {any} */ event) => setScenario(event.currentTarget.value)}>
                    ${start.scenarios.map(({name}) => html`<option key=${name} value=${name}>${name}</option>`)}
                </select>
            </label>`}
            <label class="field wide">
                <span>${t("find.what")}</span>
                <input type="text" data-focus value=${text} autocomplete="off" spellcheck=${false}
                    onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
            </label>
            <div class="examples">
                <span>${t("find.examples")}</span>
                ${EXAMPLES.map(
                    (example) => html`<button type="button" class="plain" key=${example} lang="en" onClick=${() => setText(example)}>${example}</button>`,
                )}
            </div>
            ${link !== null &&
            at > 0 &&
            html`<label class="check-line">
                <input type="checkbox" checked=${fromHere} onChange=${() => setFromHere(!fromHere)} /> ${t("find.from-here", {n: at})}
            </label>`}
            <div class="buttons">
                <button type="submit" class="button strong" disabled=${text.trim() === "" || hunt.running}>${t("find.start")}</button>
                <${LimitChoice} value=${limit} onChange=${setLimit} />
            </div>
        </form>
        <${HuntProgress} hunt=${hunt} />
    <//>`;
}
