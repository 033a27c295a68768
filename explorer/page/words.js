// The page's words in the language that was chosen.

import {recall, remember} from "./remember.js";
import {en} from "./words/en.js";
import {zh} from "./words/zh.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {"en" | "zh"} Language */

// A key that only one language has is an error of types.
/** @type {Record<keyof typeof zh, string>} */
const english = en;
/** @type {Record<keyof typeof en, string>} */
const chinese = zh;
/** @type {Record<Language, Record<Key, string>>} */
const ALL = {en: english, zh: chinese};

/** @returns {Language} */
function first() {
    const kept = recall("language", "");
    if (kept === "en" || kept === "zh") return kept;
    return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** @type {Language} */
let language = first();

/** @returns {Language} */
export function currentLanguage() {
    return language;
}

/** @param {Language} other */
export function setLanguage(other) {
    language = other;
    remember("language", other);
}

/**
 * The words of a key, with what is put in their places.
 * @param {Key} key
 * @param {Record<string, string | number>} [places]
 * @returns {string}
 */
export function t(key, places = {}) {
    return ALL[language][key].replace(/\{(\w+)\}/g, (whole, name) => String(places[name] ?? whole));
}

/**
 * What an answer says in several languages.
 * @param {Record<string, string> | undefined} texts
 */
export function ofLanguage(texts) {
    return texts?.[language] ?? texts?.["en"] ?? "";
}

/**
 * A number as people of this language write it.
 * @param {number} value
 */
export function count(value) {
    return value.toLocaleString(language === "zh" ? "zh-CN" : "en-US");
}
