// A placeholder.
import {html} from "./vendor/preact.js";
/** @import {Captured, RunView} from "./api.js" */
/** @param {any} props */
export function Ladder(props) {
    return html`<pre role="img" aria-label="ladder">${ladderText(props.run, props.at, props.words)}</pre>`;
}
/** @param {{segments: Captured[], words: unknown}} props */
export function CaptureLadder({segments}) {
    return html`<pre>${segments.map((segment) => `${segment.from} ${segment.text}\n`)}</pre>`;
}
/** @param {RunView} run @param {number} at @param {unknown} words */
export function ladderText(run, at, words) {
    void words;
    return run.steps.map((step, n) => `${n < at ? "*" : " "} ${n + 1}. ${step.after[0].padEnd(14)} ${step.what.words}  ${step.after[1]}`).join("\n");
}
/** @param {RunView} run @param {number} at @param {unknown} options */
export function standaloneSvg(run, at, options) {
    void [run, at, options];
    return "<svg/>";
}
