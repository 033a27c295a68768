// The style of a ladder in a file is that of the page, with the light colours put in.

import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {test} from "node:test";

const CSS = new URL("../pictures.css", import.meta.url);
const STYLE = new URL("../ladder/style.js", import.meta.url);

test("the style in files is current", () => {
    const css = readFileSync(CSS, "utf8");
    const colours = new Map([...css.slice(0, css.indexOf("}")).matchAll(/(--[\w-]+): ([^;]+);/g)].map(found => [found[1], found[2]]));
    const part = css.slice(css.indexOf("/* begin: ladder in a file */"), css.indexOf("/* end: ladder in a file */"));
    const plain = part
        .replace(/\/\*.*?\*\//gs, "")
        .replace(/var\((--[\w-]+)\)/g, (_, name) => colours.get(name) ?? assert.fail(`${name} has no colour`))
        .replace(/\s+/g, " ")
        .replace(/ ?([{};:,>]) ?/g, "$1")
        .trim();
    const text = `// Generated from pictures.css by \`node --test\`; do not edit.\n\n/** The style of a ladder in a file. */\nexport const LADDER_STYLE =\n    ${JSON.stringify(plain)};\n`;
    let before = "";
    try {
        before = readFileSync(STYLE, "utf8");
    } catch {
        // It is written below.
    }
    if (before !== text) {
        writeFileSync(STYLE, text);
        assert.fail("ladder/style.js was not current; it has been written anew");
    }
});
