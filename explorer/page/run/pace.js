// How long autoplay stays at a step.

import {currentLanguage, ofLanguage} from "../words.js";

/** @import {Figure, RunView} from "../api.js" */

/** Milliseconds at a step that says nothing. */
const STEP = 1_300;

/** Milliseconds that reading a letter takes. */
const LETTER = {en: 38, zh: 150};

/** At most. */
const LONGEST = 7_000;

/**
 * The caption at a number of steps, and the last one before it where there is none.
 * @param {Figure} figure
 * @param {number} at
 */
export function captionAt(figure, at) {
    for (let n = at; n >= 0; n -= 1) {
        const caption = figure.captions[n];
        if (caption) return {text: ofLanguage(caption), own: n === at};
    }
    return {text: "", own: false};
}

/**
 * @param {RunView} run
 * @param {Figure | undefined} figure
 * @param {number} speed
 */
export function pause(run, figure, speed) {
    const caption = figure ? captionAt(figure, run.at) : null;
    const reading = caption?.own ? 900 + caption.text.length * LETTER[currentLanguage()] : 0;
    return Math.min(LONGEST, Math.max(STEP, reading)) / speed;
}
