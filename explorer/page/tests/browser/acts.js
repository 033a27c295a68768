// What a reader does on a page, and what a reader sees there.

import assert from "node:assert/strict";

/** @import {Locator, Page} from "playwright-core" */
/** @import {Figure} from "../../api.js" */
/** @import {Case} from "./stage.js" */

/**
 * The textbook's figures.
 * @param {Case} stage
 * @returns {Promise<Figure[]>}
 */
export async function figuresOf(stage) {
    const {figures} = await stage.ask({ask: "start"});
    assert.ok(figures.length >= 7, `${figures.length} figures`);
    return figures;
}

/**
 * Steps of a link's path.
 * @param {string} link
 */
export function stepsOf(link) {
    return new URLSearchParams(link).get("path")?.split(".").length ?? 0;
}

/**
 * Waits until a question about the page has the expected answer.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {T} expected
 * @param {string} what
 */
export async function becomes(ask, expected, what) {
    const until = Date.now() + 20_000;
    let answer = await ask();
    while (JSON.stringify(answer) !== JSON.stringify(expected) && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        answer = await ask();
    }
    assert.deepEqual(answer, expected, what);
}

/**
 * Steps taken, and steps of the run.
 * @param {Page} page
 * @returns {Promise<number[]>}
 */
export async function position(page) {
    return (await page.locator(".position").innerText()).split("/").map(Number);
}

/**
 * @param {Page} page
 * @param {number} at
 * @param {number} of
 */
export async function isAt(page, at, of = at) {
    await becomes(() => position(page), [at, of], "steps taken, of the run's");
}

/**
 * Takes a choice.
 * @param {Page} page
 * @param {RegExp} text
 */
export async function choose(page, text) {
    const [at = 0] = await position(page);
    const choice = page.locator(".choice").filter({hasText: text});
    assert.equal(await choice.count(), 1, `choices that read ${text}`);
    await choice.click();
    await isAt(page, at + 1);
}

/**
 * States of both ends, as the diagram's tokens show them.
 * @param {Page} page
 */
export async function tokens(page) {
    return page.locator(".diagram-picture").evaluate((picture) => {
        const middle = (/** @type {Element} */ element) => {
            const {x, y, width, height} = element.getBoundingClientRect();
            return [x + width / 2, y + height / 2];
        };
        return ["a", "b"].map((end) => {
            const token = picture.querySelector(`.diagram-token-${end}`);
            if (!token) return "no token";
            const [x = 0, y = 0] = middle(token);
            // A token lies on the edge of its box.
            for (const box of picture.querySelectorAll(".diagram-box")) {
                const {left, right, top, bottom} = box.getBoundingClientRect();
                if (left - 2 <= x && x <= right + 2 && top - 2 <= y && y <= bottom + 2) return box.nextElementSibling?.textContent ?? "";
            }
            return "no box";
        });
    });
}

/**
 * Segments in the ladder that have arrived, by what is written on them.
 * @param {Page} page
 */
export async function arrived(page) {
    return page.locator(".ladder-picture").evaluate((picture) =>
        [...picture.querySelectorAll(".ladder-labels > g")]
            .filter((group) => !/future|air/.test(group.getAttribute("class") ?? ""))
            .map((group) => group.querySelector(".ladder-flags")?.textContent ?? ""),
    );
}

/**
 * @param {Page} page
 * @param {RegExp | string} name
 * @returns {Locator}
 */
export function button(page, name) {
    return page.getByRole("button", {name});
}

/**
 * Goes to a scenario as a reader does: looks for it on the start page, and walks.
 * @param {Page} page
 * @param {string} name
 */
export async function scenario(page, name) {
    await page.getByRole("searchbox", {name: /Search by name/}).fill(name);
    // The list has followed when it no longer has all.
    await page.locator(".scenarios [role=status]").filter({hasNotText: /(\d+)\D+\1\b/}).waitFor();
    const member = page.locator(".member").filter({has: page.locator("h3").getByText(name, {exact: true})});
    const family = page.locator(".family").filter({has: member});
    await family.waitFor();
    if (!(await family.evaluate((details) => details.hasAttribute("open")))) await family.locator("summary").click();
    return member;
}

/**
 * What has focus, in a few words; `body` if nothing has.
 * @param {Page} page
 */
export async function focused(page) {
    return page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return "body";
        const name = element.getAttribute("aria-label") ?? element.textContent?.trim().replace(/\s+/g, " ").slice(0, 60) ?? "";
        return `${element.tagName.toLowerCase()}.${element.className}: ${name}`;
    });
}
