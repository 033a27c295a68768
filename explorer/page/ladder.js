// The ladder: a run as segments between two lifelines, time downward.

import {h, useLayoutEffect, useMemo, useRef, useState} from "./vendor/preact.js";
import {partsOf} from "./ladder/draw.js";
import {layoutOf} from "./ladder/layout.js";
import {drawing, statusOf} from "./ladder/status.js";
import {linesOf} from "./ladder/text.js";
import {element} from "./pictures/element.js";
import {languageOfPage, wordsIn} from "./pictures/words.js";

/** @typedef {import("./api.js").RunView} RunView */
/** @typedef {import("./vendor/preact.js").Node} Node */

/** Widths that the ladder is laid out for; what is narrower is scaled. */
const NARROWEST = 372;
const WIDEST = 820;

/**
 * @typedef {object} LadderProps
 * @property {RunView} run
 * @property {number} [at] how many steps are taken; all if it is left out
 * @property {number | null} [repeatsFrom] the step from which on the run repeats for ever
 * @property {boolean} [showRows]
 * @property {boolean} [relative] numbers counted from the initial ones
 * @property {[string, string]} [names]
 * @property {(steps: number) => void} [onPick]
 * @property {unknown} [words] not used: the language is the page's
 */

let drawn = 0;

/** @param {LadderProps} props */
export function Ladder({run, at = run.steps.length, repeatsFrom = null, showRows = false, relative = false, names = ["TCP A", "TCP B"], onPick}) {
    /** @type {import("./vendor/preact.js").Ref<HTMLElement | null>} */
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const id = useMemo(() => `ladder-${++drawn}`, []);
    const width = useWidth(box);
    const language = languageOfPage();
    const [a, b] = names;
    const parts = useMemo(() => {
        const words = wordsIn(language);
        const layout = layoutOf(run, {width, showRows, relative, repeatsFrom, words});
        const parts = partsOf(layout, [a, b]);
        return {
            layout,
            parts,
            // Elements that never change, so that a step forward costs little.
            steps: parts.steps.map(shapes => shapes.map(element)),
            flights: parts.flights.map(({strokes, label}) => ({strokes: strokes.map(element), label: label.map(element)})),
            frame: parts.frame.map(element),
            over: parts.over.map(element),
        };
    }, [run.link, width, showRows, relative, repeatsFrom, language, a, b]);
    const words = wordsIn(language);
    const {layout} = parts;
    const title = words("ladder", {steps: run.steps.length, a, b});
    const taken = words("ladder.now", {steps: at, all: run.steps.length});
    const status = statusOf(layout, at);
    /** @type {(name: string, inside: Node[]) => Node} */
    const group = (name, inside) => h("g", {class: name}, ...inside);
    const picture = h(
        "svg",
        {
            class: "ladder-picture",
            viewBox: `0 0 ${width} ${layout.height}`,
            role: "img",
            "aria-label": title,
            "aria-describedby": `${id}-text`,
        },
        group("ladder-frame", parts.frame),
        group(
            "ladder-lives",
            layout.spans.flatMap((span, index) => {
                const shapes = parts.parts.spans[index].shapes;
                return [
                    h("g", {class: "ladder-future"}, ...shapes(Infinity).map(element)),
                    h("g", {}, ...shapes(status.until[span.end]).map(element)),
                ];
            }),
        ),
        group(
            "ladder-strokes",
            parts.flights.map(({strokes}, index) => h("g", {class: status.flight(index)}, ...strokes)),
        ),
        group(
            "ladder-steps",
            parts.steps.map((shapes, step) =>
                h("g", {class: status.step(step), onClick: onPick && (() => onPick(step + 1))}, ...shapes),
            ),
        ),
        group(
            "ladder-labels",
            parts.flights.map(({label}, index) => h("g", {class: status.flight(index)}, ...label)),
        ),
        group("ladder-over", parts.over),
    );
    return h(
        "div",
        {class: onPick ? "ladder ladder-picks" : "ladder", ref: box},
        picture,
        h("p", {class: "ladder-text", id: `${id}-text`}, `${taken}. ${linesOf(run, at, language).slice(-1)[0]}`),
    );
}

/**
 * The width to lay out for, kept when the box changes.
 * @param {import("./vendor/preact.js").Ref<HTMLElement | null>} box
 */
function useWidth(box) {
    const [width, setWidth] = useState(560);
    useLayoutEffect(() => {
        const {current} = box;
        if (current === null) return undefined;
        const measure = () => {
            if (current.clientWidth === 0) return;
            setWidth(Math.min(Math.max(Math.floor(current.clientWidth / 4) * 4, NARROWEST), WIDEST));
        };
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(current);
        return () => observer.disconnect();
    }, []);
    return width;
}

/**
 * The ladder as lines of text.
 * @param {RunView} run
 * @param {number} [at]
 * @param {unknown} [_words]
 * @returns {string[]}
 */
export function ladderText(run, at = run.steps.length, _words) {
    return linesOf(run, at, languageOfPage());
}

/**
 * The ladder as a file of its own.
 * @param {RunView} run
 * @param {number} [at]
 * @param {{showRows?: boolean, relative?: boolean, repeatsFrom?: number | null, names?: [string, string], width?: number, language?: string}} [options]
 * @returns {string}
 */
export function standaloneSvg(run, at = run.steps.length, options = {}) {
    const {showRows = false, relative = false, repeatsFrom = null, names = ["TCP A", "TCP B"], width = 720} = options;
    const language = options.language ?? languageOfPage();
    const layout = layoutOf(run, {width, showRows, relative, repeatsFrom, words: wordsIn(language)});
    return drawing(layout, names, at, language);
}

/** @param {{segments: import("./api.js").Captured[]}} props */
export function CaptureLadder({segments}) {
    return h("pre", {}, segments.map((segment) => `${segment.from} ${segment.text}\n`).join(""));
}
