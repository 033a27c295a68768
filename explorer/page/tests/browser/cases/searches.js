// Searches and checks: found, not there, not within the limit, stopped; and the claim that a fault breaks.

import assert from "node:assert/strict";
import {button, isAt, position, scenario, tokens} from "../acts.js";

/** @import {Locator, Page} from "playwright-core" */

/**
 * Opens the dialog in which runs are looked for, and looks.
 * @param {Page} page
 * @param {{within: string, text: string, limit: string}} question
 * @returns {Promise<Locator>}
 */
async function find(page, {within, text, limit}) {
    await button(page, "Find…").click();
    const dialog = page.getByRole("dialog", {name: "Find a run"});
    await dialog.getByLabel("In the scenario").selectOption(within);
    await dialog.getByLabel("What it should come to").fill(text);
    await dialog.getByLabel("States at most").selectOption({label: limit});
    await dialog.getByRole("button", {name: "Find the shortest run"}).click();
    return dialog;
}

/** @param {string} text */
function numberIn(text) {
    return Number(/[\d,]+/.exec(text)?.[0].replaceAll(",", "") ?? "NaN");
}

/**
 * Waits until a search says something of this kind.
 * @param {Locator} inside
 * @param {RegExp} words
 */
async function says(inside, words) {
    const place = inside.locator(".hunt-words").filter({hasText: words});
    await place.waitFor();
    return place.innerText();
}

/** @type {import("../stage.js").Cases} */
export const searches = {
    "a search that finds opens the shortest run": {
        async run(stage) {
            const page = await stage.open();
            await find(page, {within: "simultaneous-open", text: "two SYNs under way", limit: "100,000"});
            await isAt(page, 2);
            assert.equal((await page.locator(".net li").allInnerTexts()).filter((text) => /CTL=SYN>/.test(text)).length, 2);
            await page.goto(stage.stage.base);
            await find(page, {within: "handshake-close", text: "A in TIME-WAIT and B in LAST-ACK", limit: "300,000"});
            await page.locator(".position").waitFor();
            assert.deepEqual(await tokens(page), ["TIME-WAIT", "LAST-ACK"]);
        },
    },

    "a search within all states says that there is none": {
        async run(stage) {
            const page = await stage.open();
            const dialog = await find(page, {within: "fast-close", text: "both in SYN-RECEIVED", limit: "1,000,000"});
            assert.match(await says(dialog, /None/), /None in all [\d,]+ states within the bounds/);
        },
    },

    "a search that reaches its limit does not say that there is none": {
        async run(stage) {
            const page = await stage.open();
            const dialog = await find(page, {within: "everything", text: "A in CLOSING and B in CLOSING", limit: "10,000"});
            const text = await says(dialog, /None/);
            assert.match(text, /None found within 10,0\d\d states/);
            assert.doesNotMatch(text, /in all/);
        },
    },

    "a search that is stopped says how far it came": {
        async run(stage) {
            const page = await stage.open();
            const dialog = await find(page, {within: "everything", text: "A delivered 14", limit: "5,000,000"});
            await dialog.locator(".hunt-numbers dd").first().filter({hasText: /[1-9]/}).waitFor();
            await dialog.getByRole("button", {name: "Stop"}).click();
            const text = await says(dialog, /Stopped/);
            assert.ok(numberIn(text) > 0 && numberIn(text) < 5_000_000, text);
            // The next one gets its turn.
            await page.keyboard.press("Escape");
            await find(page, {within: "simultaneous-open", text: "two SYNs under way", limit: "10,000"});
            await isAt(page, 2);
        },
    },

    "a question that is not understood is answered with what can be asked": {
        async run(stage) {
            stage.expected.push(/400/);
            const page = await stage.open();
            const dialog = await find(page, {within: "simultaneous-open", text: "pigs fly", limit: "10,000"});
            const problem = dialog.getByRole("alert");
            await problem.waitFor();
            assert.match(await problem.innerText(), /pigs fly.*not understood.*two SYNs under way/s);
        },
    },

    "a check on the start page: started, watched, stopped": {
        async run(stage) {
            const page = await stage.open();
            const found = await scenario(page, "everything");
            await found.getByRole("button", {name: /^Check: /}).click();
            await found.getByLabel("States at most").selectOption({label: "5,000,000"});
            await found.getByRole("button", {name: "Check all claims"}).click();
            const states = found.locator(".hunt-numbers dd").first();
            await states.filter({hasText: /[1-9]/}).waitFor();
            const [early, rate] = [numberIn(await states.innerText()), found.locator(".hunt-numbers dd").nth(3)];
            await page.waitForFunction(
                ([before]) => Number(document.querySelector(".hunt-numbers dd")?.textContent?.replaceAll(",", "")) > (before ?? 0),
                [early],
            );
            assert.ok(numberIn(await rate.innerText()) > 0, "states a second");
            await found.getByRole("button", {name: "Stop"}).click();
            const text = await says(found, /Stopped/);
            assert.ok(numberIn(text) >= early && numberIn(text) < 5_000_000, text);
            assert.match(text, /Nothing is said of the others/);
        },
    },

    "a check to the end says what every claim came to": {
        async run(stage) {
            const page = await stage.open();
            const found = await scenario(page, "fast-close");
            await found.getByRole("button", {name: /^Check: /}).click();
            await found.getByLabel("States at most").selectOption({label: "1,000,000"});
            await found.getByRole("button", {name: "Check all claims"}).click();
            await says(found, /All [\d,]+ states within the bounds were explored/);
            const verdicts = await found.locator(".checked .verdict").allInnerTexts();
            assert.ok(verdicts.length > 10, `${verdicts.length} claims`);
            for (const verdict of verdicts) assert.match(verdict, /holds/);
        },
    },

    "a fault in a row, and the claim that it breaks": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=handshake-close&path=bl.ao.d0.d0.d0");
            await button(page, "What if").click();
            const dialog = page.getByRole("dialog", {name: "What if"});
            await dialog.getByLabel("Row", {exact: true}).fill(FAULT.row);
            await dialog.getByRole("radio", {name: FAULT.name}).check();
            // The same path, replayed.
            await dialog.locator(".difference").waitFor();
            assert.match(await dialog.locator(".difference").innerText(), FAULT.differs);
            await dialog.getByRole("button", {name: "Look for the claim that breaks"}).click();
            await dialog.waitFor({state: "detached"});
            const banner = page.getByRole("region", {name: "Why this run is shown"});
            await banner.waitFor();
            assert.match(await banner.innerText(), /Counterexample:/);
            assert.match(await page.locator(".changed").innerText(), new RegExp(FAULT.name));
            // The step that breaks it is named, leads there, and is said.
            const breaks = banner.locator(".banner-marks span").filter({hasText: "The claim breaks at"}).getByRole("button");
            const step = numberIn(await breaks.innerText());
            const [, length = 0] = await position(page);
            assert.ok(step > 0 && step <= length, `step ${step} of ${length}`);
            await page.keyboard.press("Home");
            await isAt(page, 0, length);
            await breaks.click();
            await isAt(page, step, length);
            await page.getByRole("status").filter({hasText: "This breaks the claim"}).first().waitFor({state: "attached"});
            await page.getByRole("tab", {name: /Claims/}).click();
            assert.match(await page.locator(".claim.broken").first().innerText(), /broken/);
        },
    },
};

/** A fault that a short run of the textbook's handshake shows. */
const FAULT = {
    row: "listen_syn",
    name: "listen_syn does not enter SYN-RECEIVED",
    differs: /The first 2 steps come out the same\. Step 3 differs:/,
};
