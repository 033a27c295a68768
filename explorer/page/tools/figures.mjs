// Writes the textbook's figures in both languages: docs/figures/*.svg, with *.zh.svg beside them, and docs/ladders.zh.md; and the state diagram for a slide.
// `tcpspec docs` writes the text around the English ones.
//
//     node explorer/page/tools/figures.mjs            writes what is not current
//     node explorer/page/tools/figures.mjs --check    only says what is not current
//
// The runs come from the crate, the pictures from the page's own ladder.

import {spawnSync} from "node:child_process";
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {standaloneDiagram} from "../diagram/file.js";
import {standaloneSvg} from "../ladder.js";

/** @import {Arrow, Figure, RunView} from "../api.js" */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = "docs/figures/";
const CHINESE = "docs/ladders.zh.md";
const BEGIN = "<!-- figures: written by `node explorer/page/tools/figures.mjs` -->\n";
const END = "<!-- /figures -->\n";
/** What ends the names of the pictures, by language. */
const LANGUAGES = /** @type {const} */ ({en: ".svg", zh: ".zh.svg"});
const WIDTH = 760;

/** The name of the state diagram. */
const DIAGRAM = "states";

/** @type {Figure[]} */
const figures = JSON.parse(readFileSync(`${ROOT}explorer/data/figures.json`, "utf8"));

/**
 * The arrows of the table, and the runs of the figures.
 * @returns {{arrows: Arrow[], runs: RunView[]}}
 */
function asked() {
    const requests = [{ask: "start"}, ...figures.map(({link}) => ({ask: "run", link}))].map(request => `${JSON.stringify(request)}\n`).join("");
    const {status, stdout} = spawnSync("cargo", ["run", "--quiet", "--release", "--locked", "-p", "tcpspec-explorer", "--example", "ask"], {
        cwd: ROOT,
        input: requests,
        encoding: "utf8",
        maxBuffer: 64 << 20,
        stdio: ["pipe", "pipe", "inherit"],
    });
    const [start, ...runs] = (stdout ?? "").split("\n").filter(line => line !== "").map(line => JSON.parse(line));
    if (status !== 0 || runs.length !== figures.length) throw new Error("the crate does not answer; see above");
    const refused = runs.findIndex(answer => "error" in answer);
    if (refused >= 0) throw new Error(`${figures[refused].name}: ${runs[refused].error}`);
    return {arrows: start.arrows, runs};
}

/**
 * A figure as a section: its title, what it shows, the picture, and a caption for each step that has one.
 * @param {Figure} figure
 * @param {number} index
 */
function section({name, title, about, captions}, index) {
    const steps = Object.entries(captions).map(([at, words]) => `${at === "0" ? "起始" : `第 ${at} 步`} | ${words.zh}`);
    return [
        `## ${index + 1}. ${title.zh}`,
        about.zh,
        `![${title.zh}](figures/${name}${LANGUAGES.zh})`,
        ["| 步骤 | 说明 |", "|---|---|", ...steps.map(line => `| ${line} |`)].join("\n"),
    ].join("\n\n");
}

/** The files as they should be, by path. */
function files() {
    const page = readFileSync(ROOT + CHINESE, "utf8");
    const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
    if (begin < 0 || end < begin) throw new Error(`${CHINESE} has no place for the figures`);
    const sections = figures.map(section).join("\n\n");
    const {arrows, runs} = asked();
    const pictures = Object.entries(LANGUAGES).flatMap(([language, ending]) => [
        /** @type {[string, string]} */ ([FOLDER + DIAGRAM + ending, standaloneDiagram(arrows, language)]),
        ...runs.map((run, index) => {
            const svg = standaloneSvg(run, run.steps.length, {language, width: WIDTH});
            return /** @type {[string, string]} */ ([FOLDER + figures[index].name + ending, svg]);
        }),
    ]);
    return new Map([...pictures, [CHINESE, `${page.slice(0, begin)}${BEGIN}\n${sections}\n\n${page.slice(end)}`]]);
}

/** @param {string} path */
function now(path) {
    try {
        return readFileSync(ROOT + path, "utf8");
    } catch {
        return null;
    }
}

/** Pictures of figures that there are no longer. */
function forgotten() {
    const names = new Set([DIAGRAM, ...figures.map(({name}) => name)].flatMap(name => Object.values(LANGUAGES).map(ending => name + ending)));
    mkdirSync(ROOT + FOLDER, {recursive: true});
    return readdirSync(ROOT + FOLDER).filter(name => !names.has(name)).map(name => FOLDER + name);
}

const check = process.argv.includes("--check");
const wrong = [...files()].filter(([path, text]) => now(path) !== text);
const left = forgotten();
for (const [path, text] of wrong) {
    if (check) console.error(`${path} is not current`);
    else writeFileSync(ROOT + path, text);
}
for (const path of left) {
    if (check) console.error(`${path} belongs to no figure`);
    else rmSync(ROOT + path);
}
if (check && wrong.length + left.length > 0) {
    console.error("Run `node explorer/page/tools/figures.mjs`.");
    process.exitCode = 1;
}
