// Errors: each says what is wrong, and what to do.

import assert from "node:assert/strict";
import {becomes, isAt} from "../acts.js";
import {startServer} from "../programs.js";

/** @import {Page} from "playwright-core" */

/**
 * @param {Page} page
 * @param {RegExp} reason
 * @param {RegExp} advice
 */
async function saysSo(page, reason, advice) {
    const problem = page.getByRole("alert");
    await problem.waitFor();
    const text = await problem.innerText();
    assert.match(text, reason);
    assert.match(text, advice);
}

/** @type {[string, string, RegExp][]} */
const WRONG = [
    ["a scenario that does not exist", "#/run?scenario=simultaneous-opne", /simultaneous-opne/],
    ["a link without a scenario", "#/run?path=ao", /scenario/],
    ["a path that cannot happen", "#/run?scenario=simultaneous-open&path=ao.ao", /step 2 of 2.*cannot happen/],
    ["a path that is none", "#/run?scenario=simultaneous-open&path=%3Cscript%3E", /<script>/],
    ["an option that does not exist", "#/run?scenario=simultaneous-open&set=rfc9999:on", /rfc9999/],
    ["a bound that is too large", "#/run?scenario=simultaneous-open&bound=window:99", /window/],
    ["a fault that does not exist", "#/run?scenario=simultaneous-open&mutant=listen_syn:gone", /listen_syn/],
];

/** @type {import("../stage.js").Cases} */
export const errors = {
    "a wrong link says what is wrong with it": {
        async run(stage) {
            stage.expected.push(/400/);
            for (const [what, hash, reason] of WRONG) {
                const page = await stage.open(hash);
                await saysSo(page, reason, /start page/i).catch((error) => assert.fail(`${what}: ${error.message}`));
                // And the way out of it.
                await page.getByRole("alert").getByRole("link", {name: "To the start page"}).click();
                await page.locator(".hero").waitFor();
                await page.close();
            }
        },
    },

    "an address that the page does not have": {
        async run(stage) {
            const page = await stage.open("#/elsewhere");
            await saysSo(page, /no such place/, /start page/i);
        },
    },

    "after a wrong link a right one works": {
        async run(stage) {
            stage.expected.push(/400/);
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao.ao");
            await saysSo(page, /cannot happen/, /start page/i);
            await page.evaluate(() => void (location.hash = "#/run?scenario=simultaneous-open&path=ao"));
            await isAt(page, 1);
            assert.equal(await page.getByRole("alert").count(), 0);
        },
    },

    "a server that has gone, and comes back": {
        only: "served",
        async run(stage) {
            // What is being answered when the server ends hears so, with 503.
            stage.expected.push(/ERR_CONNECTION|ERR_EMPTY|503/);
            const server = await startServer();
            const page = await stage.open("#/run?scenario=simultaneous-open", {}, server.address);
            await isAt(page, 0);
            await server.stop();
            await page.locator(".choice").first().click();
            await saysSo(page, /Nobody answers/, /tcpspec explore/);
            const again = await startServer(Number(new URL(server.address).port));
            stage.after.push(() => again.stop());
            await page.getByRole("button", {name: "Ask again"}).click();
            await becomes(() => page.getByRole("alert").count(), 0, "the message goes");
            await isAt(page, 1);
        },
    },

    "a server that goes in the middle of a search": {
        only: "served",
        async run(stage) {
            stage.expected.push(/ERR_|503/);
            const server = await startServer();
            const page = await stage.open("", {}, server.address);
            await page.getByRole("button", {name: "Find…"}).click();
            const dialog = page.getByRole("dialog");
            await dialog.getByLabel("In the scenario").selectOption("everything");
            await dialog.getByLabel("What it should come to").fill("A delivered 14");
            await dialog.getByLabel("States at most").selectOption({label: "5,000,000"});
            await dialog.getByRole("button", {name: "Find the shortest run"}).click();
            await dialog.locator(".hunt-numbers dd").first().filter({hasText: /[1-9]/}).waitFor();
            await server.stop();
            await saysSo(page, /Nobody answers/, /tcpspec explore/);
        },
    },
};
