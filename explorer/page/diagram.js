// The state diagram of the textbook, with both ends' tokens and the arrows just taken.

import {h, useMemo} from "./vendor/preact.js";
import {VIEW, arrowShapes, boxShapes, drawnAmong, drawnOf, labelShapes, legendShapes, otherShapes, placeOfToken, tokenShapes} from "./diagram/draw.js";
import {BOXES} from "./diagram/places.js";
import {element} from "./pictures/element.js";
import {languageOfPage, wordsIn} from "./pictures/words.js";

/** @typedef {import("./api.js").Arrow} Arrow */
/** @typedef {import("./api.js").StateView} StateView */

/** An arrow that an end has just taken. */
/** @typedef {{end: number, from: string, to: string}} Taken */

/**
 * @typedef {object} DiagramProps
 * @property {StateView[]} states
 * @property {Arrow[]} arrows
 * @property {[string, string] | string[]} ends states of A and B
 * @property {Taken[]} [taken]
 * @property {boolean} [all] with the arrows that the textbook leaves out
 * @property {(picked: {state: string} | {from: string, to: string}) => void} [onPick]
 * @property {unknown} [words] not used: the language is the page's
 */

let drawn = 0;

/** @param {DiagramProps} props */
export function Diagram({states, arrows, ends, taken = [], all = false, onPick}) {
    const id = useMemo(() => `diagram-${++drawn}`, []);
    const language = languageOfPage();
    const words = wordsIn(language);
    const still = useMemo(() => stillOf(states, arrows, language, onPick), [states, arrows, language, onPick]);
    const steps = taken.filter(({from, to}) => from !== to && from in BOXES && to in BOXES);
    const title = `${words("diagram")}: ${words("diagram.ends", {a: ends[0], b: ends[1]})}`;
    const text = steps.map(({end, from, to}) => words("diagram.taken", {end: end === 0 ? "A" : "B", from, to})).join(". ");
    return h(
        "div",
        {class: onPick ? "diagram diagram-picks" : "diagram"},
        h(
            "svg",
            {class: "diagram-picture", viewBox: VIEW, role: "img", "aria-label": title, "aria-describedby": `${id}-text`},
            all && h("g", {class: "diagram-others"}, ...still.others),
            ...steps.map(({end, from, to}) => h("g", {class: `diagram-glow ${colourOf(end)}`}, ...litShapes(from, to).slice(0, 1).map(element))),
            h("g", {}, ...still.arrows),
            ...steps.map(({end, from, to}) => h("g", {class: `diagram-lit ${colourOf(end)}`}, ...litShapes(from, to).map(element))),
            h("g", {}, ...still.boxes),
            h("g", {}, ...still.labels),
            ...ends.slice(0, 2).map((state, end) => {
                const side = end === 0 ? 0 : 1;
                const [x, y] = placeOfToken(state, side);
                return h("g", {key: `token-${end}`, class: "diagram-place", style: {transform: `translate(${x}px, ${y}px)`}}, ...tokenShapes(side).map(element));
            }),
        ),
        h("p", {class: "diagram-text", id: `${id}-text`}, text || title),
    );
}

/**
 * What does not move.
 * @param {StateView[]} states
 * @param {Arrow[]} arrows
 * @param {string} language
 * @param {DiagramProps["onPick"]} onPick
 */
function stillOf(states, arrows, language, onPick) {
    const words = wordsIn(language);
    const there = drawnAmong(arrows);
    const docs = new Map(states.map(({name, doc}) => [name, doc]));
    return {
        arrows: there.map(drawn => {
            const rows = arrows.find(({from, to}) => from === drawn.from && to === drawn.to)?.rows ?? [];
            return h(
                "g",
                {class: "diagram-pick", onClick: onPick && (() => onPick({from: drawn.from, to: drawn.to}))},
                h("title", {}, `${drawn.from} → ${drawn.to}: ${rows.join(", ")}`),
                ...arrowShapes(drawn).map(element),
            );
        }),
        labels: there.flatMap(drawn => labelShapes(drawn, words).map(element)).concat(legendShapes(words).map(element)),
        others: arrows.filter(arrow => drawnOf(arrow) === undefined).flatMap(({from, to}) => otherShapes(from, to).map(element)),
        boxes: Object.keys(BOXES)
            .filter(state => docs.has(state))
            .map(state =>
                h(
                    "g",
                    {class: "diagram-pick", onClick: onPick && (() => onPick({state}))},
                    h("title", {}, docs.get(state) ?? ""),
                    ...boxShapes(state).map(element),
                ),
            ),
    };
}

/**
 * @param {string} from
 * @param {string} to
 */
function litShapes(from, to) {
    const known = drawnOf({from, to});
    return known ? arrowShapes(known) : otherShapes(from, to);
}

/** @param {number} end */
function colourOf(end) {
    return end === 0 ? "diagram-of-a" : "diagram-of-b";
}
