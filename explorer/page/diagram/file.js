// The state diagram as a file, for a slide: the textbook's states and arrows, and nothing else.

import {written} from "../pictures/shape.js";
import {DIAGRAM_STYLE} from "../pictures/style.js";
import {wordsIn} from "../pictures/words.js";
import {VIEW, arrowShapes, boxShapes, drawnAmong, labelShapes, legendShapes} from "./draw.js";
import {BOXES} from "./places.js";

/** How much larger than on the page. */
const SCALE = 2;

/**
 * @param {{from: string, to: string}[]} arrows those of the table
 * @param {string} language
 * @returns {string}
 */
export function standaloneDiagram(arrows, language) {
    const words = wordsIn(language);
    const there = drawnAmong(arrows);
    const [x, y, width, height] = VIEW.split(" ").map(Number);
    return `${written([
        "svg",
        {xmlns: "http://www.w3.org/2000/svg", class: "diagram-picture", width: width * SCALE, height: height * SCALE, viewBox: VIEW, role: "img", lang: language},
        ["title", {}, words("diagram")],
        ["style", {}, DIAGRAM_STYLE],
        ["rect", {class: "diagram-paper", x, y, width, height}],
        ...there.flatMap(drawn => arrowShapes(drawn)),
        ...Object.keys(BOXES).flatMap(state => boxShapes(state)),
        ...there.flatMap(drawn => labelShapes(drawn, words)),
        ...legendShapes(words),
    ])}\n`;
}
