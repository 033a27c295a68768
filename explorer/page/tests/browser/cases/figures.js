// The textbook's figures: by clicks, by autoplay, in both languages.

import assert from "node:assert/strict";
import {arrived, becomes, choose, figuresOf, isAt, position, scenario, stepsOf, tokens} from "../acts.js";

/** @import {Page} from "playwright-core" */
/** @import {Case} from "../stage.js" */
/** @import {Figure} from "../../../api.js" */

/**
 * The door to a figure on the start page.
 * @param {Page} page
 * @param {Figure} figure
 * @param {string} language
 */
function door(page, figure, language = "en") {
    return page.locator(".door a").filter({hasText: figure.title[language] ?? "no title"});
}

/**
 * @param {Case} stage
 * @param {string} name
 * @returns {Promise<Figure>}
 */
async function figureOf(stage, name) {
    const figures = await figuresOf(stage);
    const figure = figures.find((figure) => figure.name === name);
    return figure ?? assert.fail(`no figure ${name} among ${figures.map((figure) => figure.name).join(", ")}`);
}

/** @type {import("../stage.js").Cases} */
export const figures = {
    "a simultaneous open, choice by choice": {
        async run(stage) {
            const page = await stage.open();
            const found = await scenario(page, "simultaneous-open");
            await found.getByRole("link", {name: /^Walk/}).click();
            await isAt(page, 0);
            assert.deepEqual(await tokens(page), ["CLOSED", "CLOSED"]);
            await choose(page, /A's user: active OPEN/);
            await choose(page, /B's user: active OPEN/);
            assert.deepEqual(await tokens(page), ["SYN-SENT", "SYN-SENT"]);
            await choose(page, /(?<!copy of )A's SYN <.*arrives at B/);
            await choose(page, /(?<!copy of )B's SYN <.*arrives at A/);
            assert.deepEqual(await tokens(page), ["SYN-RECEIVED", "SYN-RECEIVED"]);
            await choose(page, /(?<!copy of )A's SYN,ACK <.*arrives at B/);
            await choose(page, /(?<!copy of )B's SYN,ACK <.*arrives at A/);
            await becomes(() => tokens(page), ["ESTABLISHED", "ESTABLISHED"], "tokens");
            assert.deepEqual((await arrived(page)).sort(), ["SYN", "SYN", "SYN,ACK", "SYN,ACK"]);
        },
    },

    "the simultaneous close, told in captions: at most three clicks and the autoplay": {
        async run(stage, context) {
            const figure = await figureOf(stage, "simultaneous-close");
            // The page's clock is the test's: what a reader would wait for is counted, not waited for.
            const page = await stage.open("", {}, undefined, async (page) => page.clock.install());
            let clicks = 0;
            await door(page, figure).click();
            clicks += 1;
            await page.clock.runFor(100);
            await page.locator(".tour").waitFor();
            await page.locator(".tour").getByRole("button", {name: "Play"}).click();
            clicks += 1;
            let seconds = 0;
            const captions = new Set();
            const length = (await position(page))[1] ?? 0;
            while ((await position(page))[0] !== length && seconds < 300) {
                captions.add(await page.locator(".tour-caption").innerText());
                await page.clock.runFor(250);
                seconds += 0.25;
            }
            captions.add(await page.locator(".tour-caption").innerText());
            context.diagnostic(`${clicks} clicks, ${Math.round(seconds)} seconds of autoplay, ${captions.size} captions`);
            assert.ok(clicks <= 3, `${clicks} clicks`);
            assert.ok(seconds < 120, `${seconds} seconds`);
            const told = Object.values(figure.captions).map((caption) => caption["en"]);
            assert.ok(told.length >= 4, `${told.length} captions`);
            for (const caption of told) assert.ok(captions.has(caption ?? ""), `not shown: ${caption}`);
            const fins = (await arrived(page)).filter((flags) => flags.includes("FIN"));
            assert.equal(fins.length, 2, "both FINs arrive");
            // The figure: the FINs cross, so they leave at one height, and arrive at one.
            const heights = await page.locator(".ladder-picture").evaluate((picture) =>
                [...picture.querySelectorAll(".ladder-labels > g")]
                    .filter((group) => group.textContent?.includes("FIN"))
                    .map((group) => Math.round(group.getBoundingClientRect().top)),
            );
            assert.ok(Math.abs((heights[0] ?? 0) - (heights[1] ?? 99)) <= 40, `FINs side by side: ${heights}`);
        },
    },

    "the tour in both languages; a change of language keeps the place": {
        async run(stage) {
            const figures = await figuresOf(stage);
            const page = await stage.open();
            await page.getByRole("link", {name: "Take the tour"}).click();
            for (const [n, figure] of figures.entries()) {
                await becomes(() => page.locator(".tour-title strong").innerText(), figure.title["en"], "title");
                await page.keyboard.press("End");
                const steps = stepsOf(figure.link);
                await isAt(page, steps);
                const last = Math.max(...Object.keys(figure.captions).map(Number));
                await becomes(() => page.locator(".tour-caption").innerText(), figure.captions[last]?.["en"], "last caption");
                const before = page.url();
                await page.getByRole("button", {name: "中文"}).click();
                await becomes(() => page.locator(".tour-title strong").innerText(), figure.title["zh"], "Chinese title");
                await becomes(() => page.locator(".tour-caption").innerText(), figure.captions[last]?.["zh"], "last Chinese caption");
                assert.equal(page.url(), before, "the address keeps the place");
                await isAt(page, steps);
                assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
                if (n + 1 < figures.length) await page.locator(".tour-links a").last().click();
                await page.getByRole("button", {name: "English"}).click();
            }
            // The language is remembered.
            await page.getByRole("button", {name: "中文"}).click();
            await page.reload();
            await page.locator(".tour").waitFor();
            assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
            // Nothing of the page's own words is left in the other language.
            const words = await page.locator(".tour, .toolbar, .head nav").allInnerTexts();
            assert.doesNotMatch(words.join(" ").replace(/tcpspec explorer/g, ""), /\b(Play|Pause|Figures|Hazards|Next|Previous|Find|What if)\b/);
        },
    },
};
