// The words of the pictures in the page's language.

import {en} from "../words/pictures-en.js";
import {zh} from "../words/pictures-zh.js";

/** @typedef {keyof typeof en & keyof typeof zh} PictureKey */
/** @typedef {(key: PictureKey, places?: Record<string, string | number>) => string} PictureWords */

/** The same keys in both: a missing one is an error of types. */
/** @type {Record<string, Record<keyof typeof en | keyof typeof zh, string>>} */
const ALL = {en, zh};

/**
 * The words of a language.
 * @param {string} language
 * @returns {PictureWords}
 */
export function wordsIn(language) {
    const words = ALL[language.toLowerCase().startsWith("zh") ? "zh" : "en"];
    return (key, places = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => String(places[name] ?? whole));
}

/** The language that the page is in. */
export function languageOfPage() {
    return globalThis.document?.documentElement.lang || "en";
}
