// The style of a picture in a file is that of the page, with the light colours put in.

import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {test} from "node:test";

const CSS = new URL("../pictures.css", import.meta.url);
const STYLE = new URL("../pictures/style.js", import.meta.url);

/**
 * A part of the style sheet, on one line.
 * @param {string} css
 * @param {string} name
 */
function part(css, name) {
    const colours = new Map([...css.slice(0, css.indexOf("}")).matchAll(/(--[\w-]+): ([^;]+);/g)].map(found => [found[1], found[2]]));
    const plain = css
        .slice(css.indexOf(`/* begin: ${name} in a file */`), css.indexOf(`/* end: ${name} in a file */`))
        .replace(/\/\*.*?\*\//gs, "")
        .replace(/var\((--[\w-]+)\)/g, (_, name) => colours.get(name) ?? assert.fail(`${name} has no colour`))
        .replace(/\s+/g, " ")
        .replace(/ ?([{};:,>]) ?/g, "$1")
        .trim();
    return `/** The style of a ${name} in a file. */\nexport const ${name.toUpperCase()}_STYLE =\n    ${JSON.stringify(plain)};\n`;
}

test("the style in files is current", () => {
    const css = readFileSync(CSS, "utf8");
    const text = `// Generated from pictures.css by \`node --test\`; do not edit.\n\n${part(css, "ladder")}\n${part(css, "diagram")}`;
    let before = "";
    try {
        before = readFileSync(STYLE, "utf8");
    } catch {
        // It is written below.
    }
    if (before !== text) {
        writeFileSync(STYLE, text);
        assert.fail("pictures/style.js was not current; it has been written anew");
    }
});
