// Pictures of the main views for the documents: `npm run pictures` writes `docs/explorer/*.png`.

import {mkdirSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {missing} from "./programs.js";
import {quantized} from "./png.js";
import {Case, Stage} from "./stage.js";

/** @import {BrowserContextOptions, Page} from "playwright-core" */
/** @import {Start} from "../../api.js" */

const FOLDER = fileURLToPath(new URL("../../../../docs/explorer/", import.meta.url));

/**
 * @typedef {object} View
 * @property {(start: Start) => string} [hash]
 * @property {BrowserContextOptions} [options]
 * @property {(page: Page) => Promise<void>} [act]
 */

/**
 * @param {string} name
 * @param {string} [place]
 * @returns {View["hash"]}
 */
function figure(name, place = "") {
    return (start) => {
        const found = start.figures.find((figure) => figure.name === name);
        if (!found) throw new Error(`no figure ${name}`);
        return `#/run?${found.link}&tour=${name}${place}`;
    };
}

/** @param {Start} start */
function oldSegment(start) {
    const scenario = start.scenarios.find(({name}) => name === "hazard-1337/off");
    const claim = scenario?.claims.find(({verdict, shownBy}) => verdict === "fails-as-expected" && shownBy);
    if (!claim) throw new Error("no counterexample of hazard-1337/off is known");
    return `#/run?${claim.shownBy}&claim=${encodeURIComponent(claim.name)}`;
}

/** @param {Page} page */
async function understood(page) {
    const button = page.getByRole("button", {name: "Understood"});
    if ((await button.count()) > 0) await button.click();
}

/** @type {Record<string, View>} */
const VIEWS = {
    "start": {},
    "simultaneous-close": {hash: figure("simultaneous-close", "&at=11")},
    "old-segment": {hash: oldSegment, act: understood},
    "choices": {hash: () => "#/run?scenario=handshake-close&path=bl.ao.d0.d0", act: understood},
    "table": {hash: () => "#/table?q=SYN-SENT"},
    "tour-zh": {hash: figure("simultaneous-close", "&at=9"), options: {locale: "zh-CN"}},
    "dark": {hash: figure("simultaneous-open"), options: {colorScheme: "dark"}},
    "phone": {hash: figure("simultaneous-open"), options: {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true}},
};

const reason = missing("served");
if (reason !== null) throw new Error(reason);
const folder = process.argv[2] ?? FOLDER;
mkdirSync(folder, {recursive: true});
const stage = await Stage.open("served");
/** @type {Start} */
const start = await stage.server.ask({ask: "start"});
for (const [name, {hash, options, act}] of Object.entries(VIEWS)) {
    const views = new Case(stage);
    const address = hash?.(start) ?? "";
    const page = await views.open(address, options);
    await page.locator(address.startsWith("#/run") ? ".position" : "#main").waitFor();
    await act?.(page);
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => document.fonts.ready);
    const picture = quantized(await page.screenshot());
    writeFileSync(join(folder, `${name}.png`), picture);
    console.log(`${name}.png  ${Math.round(picture.length / 1024)} KiB`);
    await views.end();
}
await stage.close();
