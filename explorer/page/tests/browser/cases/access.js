// What axe-core finds on each view, light and dark, English and Chinese: nothing.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {figuresOf, isAt, scenario} from "../acts.js";

/** @import {Page} from "playwright-core" */
/** @import {Figure} from "../../../api.js" */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * @param {Page} page
 * @param {string} view
 */
async function isAccessible(page, view) {
    await page.evaluate(AXE);
    const findings = await page.evaluate(async () => {
        // @ts-ignore axe is there by now
        const {violations} = await window.axe.run(document, {resultTypes: ["violations"]});
        return violations.map((/** @type {any} */ {id, help, nodes}) => ({
            id,
            help,
            nodes: nodes.slice(0, 5).map((/** @type {any} */ {html, failureSummary}) => `${html.slice(0, 160)} – ${failureSummary.split("\n").slice(1).join(" ").trim()}`),
        }));
    });
    assert.deepEqual(findings, [], view);
}

const RUN = "#/run?scenario=simultaneous-open&path=ao.bo.d0.d0.d0.d0&at=4";

/** @type {[string, (page: Page, figures: Figure[]) => Promise<void>][]} */
const VIEWS = [
    ["start", async (page) => page.locator("h1").first().waitFor()],
    [
        "a scenario with its check",
        async (page) => {
            const found = await scenario(page, "simultaneous-open");
            await found.getByRole("button", {name: /^Check: |^检查/}).click();
        },
    ],
    ["find", async (page) => page.locator(".hero button").click()],
    ["a run", async (page) => visit(page, RUN)],
    [
        "claims",
        async (page) => {
            await visit(page, RUN);
            await page.locator("#tab-claims").click();
        },
    ],
    [
        "a counterexample",
        async (page) => {
            await visit(page, "#/run?scenario=handshake-close&mutant=listen_syn:removed&path=ao.bl.d0&claim=every event leads to the state, the numbers and the text that §3.10 gives");
            await page.locator(".banner").waitFor();
        },
    ],
    ["a run with many choices", async (page) => visit(page, "#/run?scenario=anything&path=bl.ao.d0.d0.d0")],
    ...["f", "w", "s", "e", "?"].map((key) => /** @type {[string, (page: Page) => Promise<void>]} */ ([
        `the dialog of ${key}`,
        async (page) => {
            await visit(page, RUN);
            await page.keyboard.press(key);
            await page.getByRole("dialog").waitFor();
        },
    ])),
    [
        "the table",
        async (page) => {
            await page.evaluate(() => void (location.hash = "#/table"));
            await page.locator(".all-rows tbody tr").first().waitFor();
        },
    ],
    [
        "a row",
        async (page) => {
            await page.evaluate(() => void (location.hash = "#/table?row=syn_sent_syn_ack"));
            await page.locator(".mutant-list").waitFor();
        },
    ],
    [
        "import",
        async (page) => {
            await page.evaluate(() => void (location.hash = "#/import"));
            await page.locator(".import-page").waitFor();
        },
    ],
    [
        "the tour",
        async (page, figures) => {
            const figure = figures[0];
            await visit(page, `#/run?${figure?.link}&tour=${figure?.name}&at=3`);
            await page.locator(".tour").waitFor();
        },
    ],
    [
        "an error",
        async (page) => {
            await page.evaluate(() => void (location.hash = "#/run?scenario=nothing-of-this-name"));
            await page.getByRole("alert").waitFor();
        },
    ],
    [
        "a wrong address",
        async (page) => {
            await page.evaluate(() => void (location.hash = "#/nowhere"));
            await page.getByRole("alert").waitFor();
        },
    ],
];

/**
 * @param {Page} page
 * @param {string} hash
 */
async function visit(page, hash) {
    await page.evaluate((hash) => void (location.hash = hash), hash);
    await page.locator(".position").waitFor();
}

/** @type {import("../stage.js").Cases} */
export const access = Object.fromEntries(
    VIEWS.map(([view, show]) => [
        `axe-core finds nothing: ${view}`,
        {
            async run(stage) {
                stage.expected.push(/400/);
                const figures = await figuresOf(stage);
                // Both forms have the same style: each is looked at in one of its two schemes.
                const colorScheme = stage.form === "served" ? "light" : "dark";
                const page = await stage.open("", {colorScheme});
                await show(page, figures);
                await isAccessible(page, `${view}, ${colorScheme}`);
            },
        },
    ]),
);

access["Chinese pages say that they are, and are as accessible"] = {
    async run(stage) {
        const page = await stage.open(RUN, {locale: "zh-CN"});
        await isAt(page, 4, 6);
        assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
        await isAccessible(page, "a run in Chinese");
        await page.evaluate(() => void (location.hash = "#/"));
        await page.locator(".hero").waitFor();
        await isAccessible(page, "the start page in Chinese");
    },
};
