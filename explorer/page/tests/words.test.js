// Both languages say the same: the same keys, and the same places in each.

import assert from "node:assert/strict";
import {readFileSync, readdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {en} from "../words/en.js";
import {zh} from "../words/zh.js";

const ROOT = new URL("..", import.meta.url).pathname;

/** @param {string} text */
function places(text) {
    return [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
}

/** All modules of the page. */
function* modules(folder = ROOT) {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) {
            if (!["tests", "vendor", "words", "node_modules"].includes(name)) yield* modules(path);
        } else if (name.endsWith(".js")) {
            yield path;
        }
    }
}

test("both have the same keys, in the same order, with the same places", () => {
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    for (const [key, text] of Object.entries(en)) assert.deepEqual(places(zh[key]), places(text), key);
});

test("every key is used", () => {
    const code = [...modules()].map((path) => readFileSync(path, "utf8")).join("\n");
    // These are put together: `tcb.${group}`.
    const unused = Object.keys(en).filter((key) => !code.includes(`"${key}"`) && !key.startsWith("tcb."));
    assert.deepEqual(unused, []);
});
