// Links: long ones, places within a run, the browser's own buttons.

import assert from "node:assert/strict";
import {becomes, button, choose, figuresOf, isAt, stepsOf} from "../acts.js";

/** @import {RunView} from "../../../api.js" */
/** @import {Case} from "../stage.js" */

/**
 * A run of so many steps. Few runs are so long: here each acknowledgment in TIME-WAIT is answered by another.
 * @param {Case} stage
 * @param {number} steps
 */
async function longLink(stage, steps) {
    const scenario = "scenario=hazard-storm/time-wait-letter";
    for (let seed = 1; seed < 100; seed += 1) {
        let random = seed;
        /** @type {string[]} */
        const path = [];
        while (path.length < steps) {
            /** @type {RunView} */
            const run = await stage.ask({ask: "run", link: `${scenario}&path=${path.join(".")}`, at: null});
            const moving = run.choices.filter(({idle, what}) => !idle && !["give-up", "lose", "tick"].includes(what.kind));
            const answered = moving.filter(({sent, what}) => sent.length > 0 && ["deliver", "duplicate"].includes(what.kind));
            const among = answered.length > 0 ? answered : moving;
            random = (random * 48271) % 2147483647;
            const choice = among[random % among.length];
            if (!choice) break;
            path.push(choice.token);
        }
        if (path.length === steps) return `${scenario}&path=${path.join(".")}`;
    }
    return assert.fail(`no run has ${steps} steps`);
}

/** @type {import("../stage.js").Cases} */
export const links = {
    "a link of 200 steps opens with one request": {
        async run(stage) {
            const link = await longLink(stage, 200);
            const page = await stage.open(`#/run?${link}`);
            await isAt(page, 200);
            assert.equal(stage.asked.filter((asked) => asked === "run").length, 1, `asked: ${stage.asked}`);
            assert.ok(stage.asked.length <= 3, `asked: ${stage.asked}`);
            // The last step is in view.
            const last = page.locator(".ladder-steps .ladder-last");
            await last.waitFor();
            const [pane, step] = [await page.locator(".pane-ladder").boundingBox(), await last.boundingBox()];
            assert.ok(pane && step && step.y >= pane.y && step.y + step.height <= pane.y + pane.height + 1, "the last step is in view");
            // One step back asks once more, and what was there is there at once.
            await page.keyboard.press("ArrowLeft");
            await isAt(page, 199, 200);
            await page.keyboard.press("ArrowRight");
            await isAt(page, 200);
            assert.equal(stage.asked.filter((asked) => asked === "run").length, 2, `asked: ${stage.asked}`);
        },
    },

    "a link says at which step to look": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao.bo.d0.d0.d0.d0&at=2");
            await isAt(page, 2, 6);
            assert.equal(await page.locator(".ladder-steps .ladder-future").count(), 4);
            await page.keyboard.press("ArrowRight");
            await isAt(page, 3, 6);
            assert.match(page.url(), /[?&]at=3(&|$)/);
            await page.reload();
            await isAt(page, 3, 6);
        },
    },

    "the browser's back and forward undo and redo a choice": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open");
            await isAt(page, 0);
            await choose(page, /A's user: active OPEN/);
            await choose(page, /B's user: active OPEN/);
            await page.goBack();
            await isAt(page, 1);
            await page.goBack();
            await isAt(page, 0);
            await page.goForward();
            await isAt(page, 1);
            assert.match(page.url(), /path=ao$/);
        },
    },

    "the link that is shared opens the same place": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=handshake-close&set=rfc1337:off&bound=window:3&path=bl.ao.d0&at=2");
            await isAt(page, 2, 3);
            await button(page, "Share").click();
            const address = await page.getByRole("dialog").getByLabel("Address").inputValue();
            const other = await stage.open(address.slice(address.indexOf("#")));
            await isAt(other, 2, 3);
            assert.match(await other.locator(".changed").innerText(), /rfc1337 = off[\s\S]*window = 3/);
        },
    },

    "each door of the start page opens its figure, and the browser's back leads to the doors": {
        async run(stage) {
            const figures = await figuresOf(stage);
            const page = await stage.open();
            await becomes(() => page.locator(".door a").count(), figures.length, "doors");
            for (const figure of figures) {
                await page.locator(".door a").filter({has: page.getByText(figure.title["en"] ?? "", {exact: true})}).click();
                await page.locator(".tour-title").getByText(figure.title["en"] ?? "", {exact: true}).waitFor();
                await isAt(page, 0, stepsOf(figure.link));
                await page.goBack();
                await page.getByRole("heading", {name: "See how TCP works, and why it is right"}).waitFor();
            }
        },
    },
};
