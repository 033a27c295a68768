// By keyboard alone: from the start page to a step of a run and back. Focus is seen, and is never lost.

import assert from "node:assert/strict";
import {focused, isAt, position} from "../acts.js";

/** @import {Page} from "playwright-core" */

/**
 * Presses Tab until something that reads so has focus.
 * @param {Page} page
 * @param {RegExp} wanted
 * @param {string} [key]
 */
async function tabTo(page, wanted, key = "Tab") {
    const passed = [];
    for (let n = 0; n < 80; n += 1) {
        await page.keyboard.press(key);
        const now = await focused(page);
        if (wanted.test(now)) {
            await isSeen(page, now);
            return;
        }
        passed.push(now);
    }
    assert.fail(`Tab does not reach ${wanted}; it passed\n${passed.join("\n")}`);
}

/**
 * What has focus can be told from what has not: an outline or the like is there that goes with the focus.
 * @param {Page} page
 * @param {string} what
 */
async function isSeen(page, what) {
    const looks = await page.evaluate(() => {
        const element = /** @type {HTMLElement} */ (document.activeElement);
        // The label of a switch may bear the mark.
        const bearer = element.closest("label") ?? element;
        const look = () => [element, bearer].map((one) => {
            const {outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor} = getComputedStyle(one);
            return [outlineStyle === "none" ? "" : `${outlineStyle} ${outlineWidth} ${outlineColor}`, boxShadow, borderColor, backgroundColor].join("|");
        }).join("||");
        const [mine, {x, y, width, height}] = [look(), element.getBoundingClientRect()];
        element.blur();
        const without = look();
        element.focus({focusVisible: true});
        return {mine, without, size: [width, height], inside: x + width > 0 && y + height > 0 && x < innerWidth && y < innerHeight};
    });
    assert.notEqual(looks.mine, looks.without, `focus is not seen on ${what}`);
    assert.ok(looks.inside, `what has focus is not in view: ${what}`);
}

/**
 * @param {Page} page
 * @param {string} after
 */
async function isKept(page, after) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.notEqual(await focused(page), "body", `focus is lost after ${after}`);
}

/** @type {import("../stage.js").Cases} */
export const keyboard = {
    "from the start page to a step of a run and back, by keyboard": {
        async run(stage) {
            const page = await stage.open();
            await page.keyboard.press("Tab");
            assert.match(await focused(page), /Skip to the content/);
            await page.keyboard.press("Enter");
            await tabTo(page, /Walk freely/);
            await page.keyboard.press("Enter");
            await isAt(page, 0);
            await isKept(page, "going to a run");
            // A choice by its number.
            await page.keyboard.press("1");
            await isAt(page, 1);
            // A choice by Tab and Enter; focus stays among the choices.
            await tabTo(page, /button\.choice/);
            await page.keyboard.press("Enter");
            await isAt(page, 2);
            await isKept(page, "a choice");
            await page.keyboard.press("Home");
            const [, length = 0] = await position(page);
            await isAt(page, 0, length);
            await isKept(page, "going to the beginning");
            for (let n = 1; n <= length; n += 1) {
                await page.keyboard.press("ArrowRight");
                await isAt(page, n, length);
            }
            await page.keyboard.press("u");
            await isAt(page, length - 1);
            await isKept(page, "undoing");
            for (let n = length - 1; n > 0; n -= 1) {
                await page.keyboard.press("Backspace");
                await isAt(page, n - 1);
            }
            await isKept(page, "undoing everything");
            // And back to the start page.
            await tabTo(page, /tcpspec explorer/, "Shift+Tab");
            await page.keyboard.press("Enter");
            await page.locator(".hero").waitFor();
            await isKept(page, "going to the start page");
        },
    },

    "every control of a run can be reached with Tab, and shows its focus": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=handshake-close&path=bl.ao.d0&at=2");
            await isAt(page, 2, 3);
            const seen = [];
            await page.keyboard.press("Tab");
            while (seen.length < 150) {
                const now = await focused(page);
                if (now === "body") break;
                await isSeen(page, now);
                seen.push(now);
                await page.keyboard.press("Tab");
            }
            const all = seen.join("\n");
            for (const wanted of [/Figures/, /中文/, /Dark/, /To the beginning/, /Undo/, /: Play/, /Random walk/, /: Find/, /What if/, /Share/, /Export/, /Keys and help/, /choice/, /Both ends/]) {
                assert.match(all, wanted);
            }
        },
    },

    "the buttons of the toolbar keep the focus": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao.bo.d0&at=1");
            await isAt(page, 1, 3);
            for (const name of ["Forward", "To the end", "Back", "To the beginning", "Undo the last step"]) {
                await page.getByRole("button", {name, exact: true}).focus();
                await page.keyboard.press("Enter");
                await isKept(page, name);
            }
        },
    },

    "a change of language or of the theme keeps the focus": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao.bo.d0&at=1");
            await isAt(page, 1, 3);
            for (const [name, then] of /** @type {const} */ ([["中文", /English/], ["English", /中文/], ["Dark", /Light/]])) {
                await page.getByRole("button", {name, exact: true}).focus();
                await page.keyboard.press("Enter");
                await isKept(page, name);
                assert.match(await focused(page), then);
            }
        },
    },

    "the help opens with ?, names the keys, and gives focus back": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao");
            await isAt(page, 1);
            await tabTo(page, /button\.choice/);
            const before = await focused(page);
            await page.keyboard.press("?");
            const help = page.getByRole("dialog", {name: "Keys"});
            await help.waitFor();
            assert.match(await help.innerText(), /undo the last step/);
            // Keys of the run are not heard behind it.
            await page.keyboard.press("u");
            await page.keyboard.press("Escape");
            await help.waitFor({state: "detached"});
            await isAt(page, 1);
            assert.equal(await focused(page), before);
        },
    },

    "keys of one letter can be switched off, and are not heard where one writes": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=handshake-close");
            await isAt(page, 0);
            await page.keyboard.press("f");
            const dialog = page.getByRole("dialog", {name: "Find a run"});
            await dialog.waitFor();
            await page.keyboard.type("u r");
            assert.equal(await dialog.getByLabel("What it should come to").inputValue(), "u r");
            await page.keyboard.press("Escape");
            await page.keyboard.press("?");
            await page.getByRole("switch", {name: "Keys of one letter"}).click();
            await page.keyboard.press("Escape");
            await page.getByRole("dialog").waitFor({state: "detached"});
            await page.keyboard.press("r");
            await page.keyboard.press("1");
            await new Promise((resolve) => setTimeout(resolve, 200));
            await isAt(page, 0);
        },
    },

    "each step is said": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao.bo.d0&at=2");
            await isAt(page, 2, 3);
            await page.keyboard.press("ArrowRight");
            await page.getByRole("status").filter({hasText: /Step 3 of 3: .*arrives at.*SYN-SENT → SYN-RECEIVED/}).waitFor({state: "attached"});
        },
    },
};
