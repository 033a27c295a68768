// The keys.

import {html} from "../vendor/preact.js";
import {KEYS} from "../keys.js";
import {Dialog, Switch} from "../parts.js";
import {t} from "../words.js";

/** @type {Record<string, string>} */
const NAMES = {ArrowRight: "→", ArrowLeft: "←", " ": "Space", Backspace: "⌫"};

/** @param {{keys: boolean, onKeys: (on: boolean) => void, onClose: () => void}} props */
export function HelpDialog({keys, onKeys, onClose}) {
    return html`<${Dialog} title=${t("help.title")} onClose=${onClose}>
        <p>${t("help.text")}</p>
        <dl class="keys">
            ${KEYS.map(
                ([names, , text]) => html`<div key=${text}>
                    <dt>${names.map((name) => html`<kbd key=${name}>${NAMES[name] ?? name}</kbd> `)}</dt>
                    <dd>${t(text)}</dd>
                </div>`,
            )}
            <div><dt><kbd>1</kbd>–<kbd>9</kbd></dt><dd>${t("key.number")}</dd></div>
            <div><dt><kbd>Tab</kbd></dt><dd>${t("key.tab")}</dd></div>
            <div><dt><kbd>Esc</kbd></dt><dd>${t("key.close")}</dd></div>
        </dl>
        <${Switch} name=${t("help.letters")} on=${keys} onChange=${onKeys} />
    <//>`;
}
