// The run's name and its tools.

import {html} from "../vendor/preact.js";
import {Switch, Tool} from "../parts.js";
import {t} from "../words.js";

/** @import {RunView} from "../api.js" */

/**
 * The scenario, and what is changed in it.
 * @param {{run: RunView}} props
 */
export function RunHead({run}) {
    const {scenario, summary, bounds, set, bound, mutant} = run.subject;
    const changed = [
        ...Object.entries(set).map(([name, on]) => `${name} = ${on ? "on" : "off"}`),
        ...Object.entries(bound).map(([name, value]) => `${name} = ${value}`),
        ...(mutant === null ? [] : [mutant]),
    ];
    return html`<div class="run-head">
        <h1 title=${`${summary}\n${bounds}`}>${scenario}</h1>
        ${changed.length === 0
            ? html`<p class="run-summary" title=${bounds}>${summary}</p>`
            : html`<ul class="changed" aria-label=${t("run.changed")}>
                  ${changed.map((text) => html`<li key=${text} title=${text}>${text}</li>`)}
              </ul>`}
    </div>`;
}

/**
 * @param {{run: RunView, actions: Record<string, () => void>, mode: "play" | "walk" | null, speed: number,
 *     onSpeed: (speed: number) => void, showRows: boolean, relative: boolean}} props
 */
export function Toolbar({run, actions, mode, speed, onSpeed, showRows, relative}) {
    const length = run.steps.length;
    return html`<div class="toolbar" role="toolbar" aria-label=${t("toolbar")}>
        <div class="tools">
            <${Tool} icon="first" name=${t("tool.first")} hint="Home" disabled=${run.at === 0} onClick=${actions["first"]} />
            <${Tool} icon="back" name=${t("tool.back")} hint="←" disabled=${run.at === 0} onClick=${actions["back"]} />
            <span class="position" title=${t("tool.position")}>${run.at}<span class="of">/${length}</span></span>
            <${Tool} icon="forward" name=${t("tool.forward")} hint="→" disabled=${run.at === length} onClick=${actions["forward"]} />
            <${Tool} icon="last" name=${t("tool.last")} hint="End" disabled=${run.at === length} onClick=${actions["last"]} />
            <${Tool} icon="undo" name=${t("tool.undo")} hint="u" disabled=${length === 0} onClick=${actions["undo"]} />
        </div>
        <div class="tools">
            <${Tool} icon=${mode === "play" ? "pause" : "play"} name=${t(mode === "play" ? "tool.pause" : "tool.play")} hint="p"
                wide disabled=${length === 0} pressed=${mode === "play"} onClick=${actions["play"]} />
            <${Tool} icon=${mode === "walk" ? "pause" : "random"} name=${t("tool.walk")} hint="R" wide pressed=${mode === "walk"}
                disabled=${run.choices.length === 0 && mode === null} onClick=${actions["walk"]} />
            <label class="speed">
                <span class="hidden">${t("tool.speed")}</span>
                <select title=${t("tool.speed")} value=${String(speed)}
                    onChange=${(/** @type {any} */ event) => onSpeed(Number(event.currentTarget.value))}>
                    ${[0.25, 0.5, 1, 2, 4, 8].map((n) => html`<option value=${String(n)} selected=${n === speed}>${n}×</option>`)}
                </select>
            </label>
        </div>
        <div class="tools">
            <${Tool} icon="find" name=${t("find")} hint="f" wide onClick=${actions["find"]} />
            <${Tool} icon="whatif" name=${t("what-if")} hint="w" wide onClick=${actions["whatIf"]} />
            <${Tool} icon="share" name=${t("share")} hint="s" onClick=${actions["share"]} />
            <${Tool} icon="export" name=${t("export")} hint="e" onClick=${actions["export"]} />
            <${Tool} icon="help" name=${t("help")} hint="?" onClick=${actions["help"]} />
        </div>
        <div class="tools switches">
            <${Switch} name=${t("tool.rows")} on=${showRows} onChange=${actions["rows"]} />
            <${Switch} name=${t("tool.relative")} on=${relative} onChange=${actions["relative"]} />
        </div>
    </div>`;
}
