// The ladder: a run as segments between two lifelines, time downward.

import {h, useLayoutEffect, useMemo, useRef, useState} from "./vendor/preact.js";
import {captureShapes, linesOfCapture} from "./ladder/capture.js";
import {partsOf} from "./ladder/draw.js";
import {layoutOf} from "./ladder/layout.js";
import {classOf, drawing, statusOf} from "./ladder/status.js";
import {linesOf} from "./ladder/text.js";
import {element} from "./pictures/element.js";
import {languageOfPage, wordsIn} from "./pictures/words.js";

/** @typedef {import("./api.js").RunView} RunView */
/** @typedef {import("./vendor/preact.js").Node} Node */

/** Widths that the ladder is laid out for; what is narrower is scaled. */
const NARROWEST = 400;
const WIDEST = 820;
/** What is kept free above and below the step that is shown. */
const MARGIN = 36;

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
            steps: parts.steps.map(({hit, notes}) => ({hit: element(hit), notes: notes.map(element)})),
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
    useLayoutEffect(() => keepInView(box.current), [parts, at]);
    /** @type {(name: string, inside: Node[]) => Node} */
    const group = (name, inside) => h("g", {class: name}, ...inside);
    /** @type {(step: number) => (() => void) | undefined} */
    const pick = step => onPick && (() => onPick(step + 1));
    const picture = h(
        "svg",
        {
            class: classOf(layout),
            viewBox: `0 0 ${width} ${layout.height}`,
            role: "img",
            "aria-label": title,
            "aria-describedby": `${id}-text`,
        },
        group(
            "ladder-hits",
            parts.steps.map(({hit}, step) => h("g", {class: status.step(step), onClick: pick(step)}, hit)),
        ),
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
            "ladder-progress",
            parts.parts.flights.flatMap(({progress}, index) =>
                status.flight(index) === "ladder-air" ? progress(status.cut).map(element) : [],
            ),
        ),
        group(
            "ladder-steps",
            parts.steps.map(({notes}, step) => h("g", {class: status.step(step), onClick: pick(step)}, ...notes)),
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
        h("p", {class: "ladder-text", id: `${id}-text`}, `${taken}. ${linesOf(run, at, language, Math.max(at - 1, 0)).slice(-1)[0]}`),
    );
}

/**
 * Scrolls what scrolls around the ladder so far that the last step is seen, or the beginning where none is taken.
 * @param {HTMLElement | null} box
 */
function keepInView(box) {
    const pane = box?.parentElement;
    if (!box || !pane || pane.scrollHeight <= pane.clientHeight) return;
    const last = box.querySelector(".ladder-hits .ladder-last");
    if (last === null) {
        pane.scrollTop = 0;
        return;
    }
    const [seen, place] = [pane.getBoundingClientRect(), last.getBoundingClientRect()];
    if (place.top < seen.top + MARGIN) pane.scrollTop -= seen.top + MARGIN - place.top;
    else if (place.bottom > seen.bottom - MARGIN) pane.scrollTop += place.bottom - seen.bottom + MARGIN;
}

/** Captured segments that are drawn at once. */
const CAPTURED = 400;

/**
 * Captured segments between the lifelines of their sockets.
 * @param {{segments: import("./api.js").Captured[], words?: unknown}} props `words` is not used: the language is the page's
 */
export function CaptureLadder({segments}) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const id = useMemo(() => `ladder-${++drawn}`, []);
    const width = useWidth(box);
    const [shown, setShown] = useState(CAPTURED);
    const language = languageOfPage();
    const words = wordsIn(language);
    const picture = useMemo(() => {
        const {shapes, ...size} = captureShapes(segments.slice(0, shown), {width, words: wordsIn(language)});
        return {...size, elements: shapes.map(element)};
    }, [segments, shown, width, language]);
    const sockets = new Set(segments.flatMap(({from, to}) => [from, to])).size;
    const rest = Math.min(segments.length - shown, CAPTURED);
    return h(
        "div",
        {class: "ladder", ref: box},
        h(
            "svg",
            {
                class: "ladder-picture",
                viewBox: `0 0 ${picture.width} ${picture.height}`,
                role: "img",
                "aria-label": words("capture", {segments: segments.length, sockets}),
                "aria-describedby": `${id}-text`,
            },
            ...picture.elements,
        ),
        h("p", {class: "ladder-text", id: `${id}-text`}, linesOfCapture(segments.slice(0, shown), words).join("\n")),
        rest > 0 && h("button", {type: "button", onClick: () => setShown(shown + CAPTURED)}, words("capture.more", {number: rest})),
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
