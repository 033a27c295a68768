// What is on record of claims: counterexamples, examples, cycles, and what the table's rows lead to.

import assert from "node:assert/strict";
import {becomes, isAt, position, scenario} from "../acts.js";

/** @import {ClaimView, RowView, ScenarioView, Start, TableView} from "../../../api.js" */
/** @import {Case} from "../stage.js" */

/**
 * A claim on record that is so.
 * @param {Case} stage
 * @param {(claim: ClaimView, scenario: ScenarioView) => boolean} wanted
 */
async function onRecord(stage, wanted) {
    /** @type {Start} */
    const start = await stage.ask({ask: "start"});
    for (const scenario of start.scenarios) {
        for (const claim of scenario.claims) {
            if (claim.shownBy && wanted(claim, scenario)) return {claim, scenario};
        }
    }
    return assert.fail("no such claim is on record");
}

/** @param {ClaimView} claim */
function fails({verdict}) {
    return verdict === "fails-as-expected";
}

/** @type {import("../stage.js").Cases} */
export const claims = {
    "a hazard's counterexample, with its old segment": {
        async run(stage) {
            const {claim, scenario: hazard} = await onRecord(stage, (claim, {name}) => name === "hazard-1337/off" && claim.kind === "always" && fails(claim));
            const page = await stage.open("#/hazards");
            const cure = page.locator(".cures li").filter({hasText: hazard.name}).first();
            await cure.getByRole("link").filter({hasText: claim.name}).click();
            const banner = page.getByRole("region", {name: "Why this run is shown"});
            await banner.waitFor();
            assert.match(await banner.innerText(), /Counterexample:[\s\S]*The claim breaks at step \d+[\s\S]*Old segments arrive at step \d+/);
            const [, length = 0] = await position(page);
            await isAt(page, length);
            assert.ok((await page.locator(".ladder-strokes .ladder-old").count()) > 0, "the old segment is drawn as one");
            assert.match(await page.locator(".pane-ladder").innerText(), /of an older connection/, "with a legend");
            assert.match(await page.locator(".pane-step").innerText(), /'s old /, "the step says so");
        },
    },

    "a claim about whole runs: its cycle": {
        async run(stage) {
            const {claim, scenario: storm} = await onRecord(stage, (claim) => claim.repeatsFrom !== null && fails(claim));
            const page = await stage.open();
            const member = await scenario(page, storm.name);
            await member.locator(".failing").filter({hasText: claim.name}).getByRole("link").click();
            await page.getByRole("region", {name: "Why this run is shown"}).filter({hasText: "repeats for ever"}).waitFor();
            await page.locator(".ladder-loop").waitFor({state: "attached"});
            assert.match(page.url(), new RegExp(`repeats=${claim.repeatsFrom}`));
        },
    },

    "a claim of a run opens the shortest run that shows it": {
        async run(stage) {
            const page = await stage.open("#/run?scenario=handshake-close");
            await isAt(page, 0);
            await page.getByRole("tab", {name: /Claims/}).click();
            const claim = page.locator(".claim").filter({hasText: "both ends are ESTABLISHED"});
            await claim.getByRole("link", {name: "shortest example"}).click();
            await becomes(async () => ((await position(page))[1] ?? 0) > 0, true, "a run with steps");
            const [at, of] = await position(page);
            assert.equal(at, of);
            assert.match(await page.locator(".diagram-picture").getAttribute("aria-label").then(String), /A is in ESTABLISHED, B in ESTABLISHED/);
        },
    },

    "from the table to a row, to the run that fires it, and to the RFC's words": {
        async run(stage) {
            /** @type {TableView} */
            const table = await stage.ask({ask: "table"});
            const row = table.rows.find(({shownBy, requirements, quotation}) => shownBy !== null && requirements.length > 0 && quotation !== null) ?? assert.fail("no row has a run on record");
            const page = await stage.open("#/table");
            const rows = page.locator(".all-rows tbody tr");
            await becomes(() => rows.count(), table.rows.length, "rows");
            // By requirement, by section, by state.
            await page.getByRole("searchbox").fill(row.requirements[0] ?? "");
            const named = (/** @type {(row: RowView) => boolean} */ wanted) => table.rows.filter(wanted).length;
            assert.ok((await rows.count()) < table.rows.length);
            await page.getByRole("searchbox").fill("");
            await page.getByRole("combobox", {name: "State"}).selectOption("SYN-SENT");
            await becomes(() => rows.count(), named(({states}) => states.includes("SYN-SENT")), "rows of SYN-SENT");
            await page.getByRole("combobox", {name: "State"}).selectOption("");
            // By the RFC's own words.
            const said = row.quotation?.words ?? "";
            await page.getByRole("searchbox").fill(said);
            await becomes(() => rows.count(), named(({quotation}) => quotation?.words.includes(said) ?? false), "rows with these words");
            await page.getByRole("searchbox").fill(row.name);
            await rows.getByRole("link", {name: row.name, exact: true}).click();
            await page.getByRole("heading", {name: row.name, level: 1}).waitFor();
            const shown = await page.locator("#main").innerText();
            assert.match(shown, new RegExp(row.requirements[0] ?? "no requirement"));
            assert.ok(shown.includes(said) && shown.includes(row.quotation?.section ?? "no section"), shown);
            await page.getByRole("link", {name: "The shortest run that fires it"}).click();
            const [, length = 0] = await position(page);
            await isAt(page, length);
            assert.match(await page.locator(".pane-step").innerText(), new RegExp(row.name));
            await page.locator(".pane-step").getByRole("link", {name: row.name, exact: true}).click();
            await page.getByRole("heading", {name: row.name, level: 1}).waitFor();
        },
    },
};
