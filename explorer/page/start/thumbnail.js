// A run as a picture of a few lines: two lifelines and the arrows between them.

import {html, useEffect, useState} from "../vendor/preact.js";
import {askRun} from "../ask.js";

/** @import {RunView} from "../api.js" */

const WIDTH = 132;
const HEIGHT = 84;
const LEFT = 22;
const RIGHT = WIDTH - 22;

/**
 * The height of each step: later than what its end did before, and than the sending of what arrives. So what is simultaneous is drawn so.
 * @param {RunView} run
 */
function heights(run) {
    /** @type {number[]} */
    const heights = [];
    const last = [0, 0];
    run.steps.forEach((step, index) => {
        let height = step.end === null ? Math.max(...last) : (last[step.end] ?? 0);
        for (const flight of run.flights) {
            if (flight.ends === index && flight.sent !== null) height = Math.max(height, heights[flight.sent] ?? 0);
        }
        height += 1;
        heights.push(height);
        if (step.end === null) last.fill(height);
        else last[step.end] = height;
    });
    return heights;
}

/** @param {{run: RunView}} props */
function Lines({run}) {
    const rows = heights(run);
    const most = Math.max(1, ...rows);
    const y = (/** @type {number} */ row) => 8 + ((HEIGHT - 16) * row) / (most + 0.5);
    return html`<svg class="thumbnail" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <line class="thumbnail-life" x1=${LEFT} y1="4" x2=${LEFT} y2=${HEIGHT - 4} />
        <line class="thumbnail-life" x1=${RIGHT} y1="4" x2=${RIGHT} y2=${HEIGHT - 4} />
        ${run.flights.map((flight) => {
            if (flight.sent === null) return null;
            const from = flight.packet.to === 1 ? LEFT : RIGHT;
            const to = flight.packet.to === 1 ? RIGHT : LEFT;
            const begin = y(rows[flight.sent] ?? 0);
            const end = flight.ends === null ? begin + 6 : y(rows[flight.ends] ?? 0);
            const reach = flight.fate === "lost" ? (from + to) / 2 : to;
            const kind = `thumbnail-arrow from-${flight.packet.to === 1 ? "a" : "b"}`;
            const back = reach > from ? -1 : 1;
            return html`<g class=${kind}>
                <line x1=${from} y1=${begin} x2=${reach} y2=${end} />
                ${flight.fate === "lost"
                    ? html`<path d=${`M${reach - 3} ${end - 3}l6 6m0 -6l-6 6`} />`
                    : html`<path class="head" d=${`M${reach} ${end}l${5 * back} -3v5z`} />`}
            </g>`;
        })}
    </svg>`;
}

/**
 * The picture of a link's run, once it is there.
 * @param {{link: string}} props
 */
export function Thumbnail({link}) {
    const [run, set] = useState(/** @type {RunView | null} */ (null));
    useEffect(() => {
        let current = true;
        // Without the picture the door still opens.
        askRun(link, null).then((run) => current && set(run), () => {});
        return () => {
            current = false;
        };
    }, [link]);
    return run ? html`<${Lines} run=${run} />` : html`<span class="thumbnail"></span>`;
}
