// A placeholder.
import {html} from "./vendor/preact.js";
/** @param {any} props */
export function Diagram(props) {
    return html`<div>${props.ends.join(" / ")}</div>`;
}
