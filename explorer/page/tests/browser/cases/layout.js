// The layout: what is seen without scrolling, on a projector and on a phone; texts that do not lie on each other.

import assert from "node:assert/strict";
import {figuresOf, isAt, stepsOf} from "../acts.js";

/** @import {Page} from "playwright-core" */

/** What a run shows on its first screen, and how large it is at least. @type {[string, string, number, number][]} */
const FIRST_SCREEN = [
    ["ladder", ".pane-ladder", 420, 480],
    ["diagram", ".diagram-picture", 340, 340],
    ["the end A", ".tcb-states > :nth-child(1)", 60, 14],
    ["the end B", ".tcb-states > :nth-child(2)", 60, 14],
    ["segments under way", ".tcb-net", 200, 14],
    ["choices", ".pane-choices", 300, 200],
    ["both ends and the claims", ".pane-tabs", 300, 200],
    ["toolbar", ".toolbar", 400, 24],
    ["step", ".pane-step", 300, 100],
];

/** Letters of a picture are at least so high, in pixels. */
const SMALLEST = 8;

/** Addresses of all main views; a figure's address is put first. */
const VIEWS = ["", "#/table", "#/table?row=syn_sent_syn_ack", "#/import", "#/run?scenario=anything&path=bl.ao.d0.d0.d0", "#/elsewhere"];

/**
 * Texts of a picture that lie on each other: by their turned boxes, shrunk a little.
 * @param {Page} page
 * @param {string} picture
 */
async function overlaps(page, picture) {
    return page.locator(picture).evaluate((svg) => {
        const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent?.trim() && getComputedStyle(text).visibility !== "hidden");
        const corners = (/** @type {SVGTextElement} */ text) => {
            const {x, y, width, height} = text.getBBox();
            const matrix = text.getScreenCTM();
            const [dx, dy] = [Math.min(1, width / 4), height * 0.22];
            return [[x + dx, y + dy], [x + width - dx, y + dy], [x + width - dx, y + height - dy], [x + dx, y + height - dy]].map(([x, y]) => {
                const {x: px, y: py} = new DOMPoint(x, y).matrixTransform(matrix ?? undefined);
                return [px, py];
            });
        };
        // Two turned boxes are apart if an edge of one has the other on its far side.
        const apart = (/** @type {number[][]} */ one, /** @type {number[][]} */ two) =>
            [one, two].some((box) =>
                box.some(([x1 = 0, y1 = 0], n) => {
                    const [x2 = 0, y2 = 0] = box[(n + 1) % 4] ?? [];
                    const side = (/** @type {number[]} */ [x = 0, y = 0]) => (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
                    const other = box === one ? two : one;
                    return other.every((point) => side(point) <= 0);
                }),
            );
        const boxes = texts.map((text) => ({text: text.textContent ?? "", box: corners(/** @type {SVGTextElement} */ (text))}));
        const found = [];
        for (const [n, one] of boxes.entries()) {
            for (const two of boxes.slice(n + 1)) {
                // What is past is drawn once more, over its pale copy.
                if (one.text === two.text && JSON.stringify(one.box) === JSON.stringify(two.box)) continue;
                if (!apart(one.box, two.box)) found.push(`"${one.text}" on "${two.text}"`);
            }
        }
        return found;
    });
}

/**
 * @param {Page} page
 * @param {string} what
 */
async function isNotWider(page, what) {
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok((inner ?? 0) <= (outer ?? 0), `${what}: ${inner} wide on ${outer}`);
}

/** @type {import("../stage.js").Cases} */
export const layout = {
    "at 1280×720 the textbook's figures are within the first screen": {
        async run(stage) {
            const figures = await figuresOf(stage);
            const page = await stage.open();
            for (const {name, link} of figures) {
                // The whole figure, and its middle.
                for (const middle of [false, true]) {
                    await page.goto(`${stage.stage.base}#/run?${link}&tour=${name}${middle ? "&at=4" : ""}`);
                    await isAt(page, middle ? 4 : stepsOf(link), stepsOf(link));
                    await isNotWider(page, name);
                    const [height = 0, screen = 0] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
                    assert.ok(height <= screen, `${name}: the page is ${height} high on ${screen}`);
                    for (const [what, selector, width, height] of FIRST_SCREEN) {
                        const box = await page.locator(selector).first().boundingBox();
                        assert.ok(box, `${name}: ${what} is there`);
                        assert.ok(box.width >= width && box.height >= height, `${name}: ${what} is too small: ${JSON.stringify(box)}`);
                        assert.ok(box.y >= 0 && box.y + box.height <= screen && box.x >= 0 && box.x + box.width <= 1280, `${name}: ${what} is seen whole: ${JSON.stringify(box)}`);
                    }
                    const heights = await page.locator(".ladder-picture text, .diagram-picture text").evaluateAll((texts) =>
                        texts.filter((text) => !text.getAttribute("transform")).map((text) => text.getBoundingClientRect().height),
                    );
                    assert.ok(Math.min(...heights) >= SMALLEST, `${name}: letters of ${Math.min(...heights)} pixels`);
                    // A choice, if there is one, can be clicked without scrolling.
                    const choice = page.locator(".choice").first();
                    if ((await choice.count()) > 0) {
                        const [box, pane] = [await choice.boundingBox(), await page.locator(".choices-body").boundingBox()];
                        assert.ok(box && pane && box.y >= pane.y - 1 && box.y + box.height <= pane.y + pane.height + 1, `${name}: the first choice is seen`);
                    }
                }
            }
        },
    },

    "no text of a picture lies on another": {
        async run(stage) {
            const figures = await figuresOf(stage);
            const page = await stage.open();
            const found = [];
            for (const language of ["en", "zh"]) {
                if (language === "zh") await page.getByRole("button", {name: "中文"}).click();
                for (const {name, link} of figures) {
                    await page.goto(`${stage.stage.base}#/run?${link}&tour=${name}`);
                    await isAt(page, stepsOf(link));
                    for (const picture of [".ladder-picture", ".diagram-picture"]) {
                        found.push(...(await overlaps(page, picture)).map((texts) => `${name} (${language}): ${texts}`));
                    }
                }
            }
            assert.deepEqual(found, []);
        },
    },

    "no page is wider than a phone, a projector or a large screen": {
        async run(stage) {
            const figures = await figuresOf(stage);
            const addresses = figures.map(({name, link}) => `#/run?${link}&tour=${name}`);
            for (const [width, height] of /** @type {const} */ ([[390, 844], [1024, 768], [1920, 1080]])) {
                const page = await stage.open("", {viewport: {width, height}});
                for (const hash of [...addresses.slice(0, 3), ...VIEWS]) {
                    await page.goto(stage.stage.base + hash);
                    await page.locator(hash.startsWith("#/run") ? ".position" : "#main").waitFor();
                    await isNotWider(page, `${hash || "start"} at ${width}×${height}`);
                }
                await page.close();
            }
        },
    },

    "on a phone what is clicked is large enough for a finger": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=simultaneous-open&path=ao", {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true});
            await isAt(page, 1);
            const small = await page.locator("button:visible, .choice:visible").evaluateAll((buttons) =>
                buttons
                    .map((button) => ({name: button.getAttribute("aria-label") ?? button.textContent ?? "", box: button.getBoundingClientRect()}))
                    .filter(({box}) => box.height < 24 || box.width < 24)
                    .map(({name, box}) => `${name.trim()} ${Math.round(box.width)}×${Math.round(box.height)}`),
            );
            assert.deepEqual(small, []);
        },
    },

    "536 choices are usable: few are drawn, all can be found": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=anything&path=bl.ao.d0.d0.d0");
            await isAt(page, 5);
            const count = Number((await page.locator("#choices-title .group-count").innerText()).replaceAll(",", ""));
            assert.ok(count > 100, `${count} choices`);
            const drawn = await page.locator(".choice").count();
            assert.ok(drawn > 20 && drawn < count / 3, `${drawn} of ${count} drawn at once`);
            await page.keyboard.press("/");
            await page.keyboard.type("RST");
            await page.locator(".choice").first().waitFor();
            // It is in the choice, or in what the choice sends.
            for (const choice of (await page.locator(".choice").all()).slice(0, 20)) {
                if (/RST/.test(await choice.innerText())) continue;
                await choice.hover();
                await page.locator(".pane-step").filter({hasText: "RST"}).waitFor({timeout: 5000});
            }
            await page.keyboard.type(" nothing of this kind");
            await page.getByText("Nothing matches the filter.").waitFor();
        },
    },
};
