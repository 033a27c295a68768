// How long a click on a choice takes until the page shows the step: the answer, and drawing it. A random walk through scenarios, the same each time.
//
//     node benches/clicks.js            every scenario of the default run
//     node benches/clicks.js --quick    every tenth

import {chromium as playwright} from "playwright-core";
import {chromium, missing, startServer, staticAddress} from "../tests/browser/programs.js";

const CLICKS = 12;
const every = process.argv.includes("--quick") ? 10 : 1;

/**
 * Clicks the choice at `place` among those that change something; the milliseconds until the position has changed, nothing without such a choice.
 * @param {number} place
 */
async function click(place) {
    const choices = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("button.choice:not(.idle)")]);
    const choice = choices[place % choices.length];
    if (!choice) return null;
    const shown = () => document.querySelector(".position")?.textContent;
    const before = shown();
    const start = performance.now();
    const changed = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
            if (shown() === before) return;
            observer.disconnect();
            resolve(performance.now());
        });
        observer.observe(document.body, {subtree: true, childList: true, characterData: true});
    });
    choice.click();
    return /** @type {Promise<number>} */ (changed.then((end) => /** @type {number} */ (end) - start));
}

/** @param {"served" | "static"} form */
async function measure(form) {
    const why = missing(form);
    if (why) {
        console.log(`| ${form} | skipped: ${why} | | | | |`);
        return;
    }
    const server = await startServer();
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const browser = await playwright.launch({executablePath: chromium() ?? "", args});
    const page = await browser.newPage({viewport: {width: 1280, height: 720}, reducedMotion: "reduce"});
    const {scenarios} = await server.ask({ask: "start"});
    /** @type {{time: number, name: string}[]} */
    const times = [];
    for (const [index, {name}] of scenarios.entries()) {
        if (index % every !== 0) continue;
        await page.goto(`${form === "served" ? server.address : staticAddress}#/run?scenario=${name}`);
        await page.locator(".position").waitFor();
        for (let step = 0; step < CLICKS; step++) {
            const time = await page.evaluate(click, step * 7 + index);
            if (time === null) break;
            times.push({time, name});
        }
    }
    await browser.close();
    await server.stop();
    times.sort((a, b) => a.time - b.time);
    const at = (/** @type {number} */ share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    const shown = (/** @type {number} */ share) => `${(at(share)?.time ?? 0).toFixed(1)} ms`;
    console.log(`| ${form} | ${times.length} | ${shown(0.5)} | ${shown(0.99)} | ${shown(1)} | ${at(1)?.name ?? ""} |`);
}

console.log("| form | clicks | median | 99 % | longest | in |\n|---|---:|---:|---:|---:|---|");
await measure("served");
await measure("static");
