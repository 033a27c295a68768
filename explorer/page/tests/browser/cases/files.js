// Files: written, read again by others and by the page, refused.

import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {becomes, button, isAt, stepsOf, tokens} from "../acts.js";
import {REQUIRED, SERVER, output, program, startServer} from "../programs.js";

/** @import {Page} from "playwright-core" */
/** @import {Case} from "../stage.js" */

const RUN = "scenario=simultaneous-open&path=ao.bo.d0.d0.d0.d0";

/**
 * Writes a run in a format.
 * @param {Case} stage
 * @param {Page} page
 * @param {"SVG" | "pcapng" | "JSON"} format
 */
async function exported(stage, page, format) {
    await button(page, "Export").click();
    const dialog = page.getByRole("dialog", {name: "Export this run"});
    const coming = page.waitForEvent("download");
    await dialog.getByRole("button", {name: format}).click();
    const download = await coming;
    const file = join(stage.folder(), download.suggestedFilename());
    await download.saveAs(file);
    await dialog.getByRole("status").filter({hasText: download.suggestedFilename()}).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({state: "detached"});
    return file;
}

/**
 * Gives the page a file.
 * @param {Page} page
 * @param {string | {name: string, mimeType: string, buffer: Buffer}} file
 */
async function give(page, file) {
    await page.evaluate(() => void (location.hash = "#/import"));
    await page.getByLabel("Choose a file").setInputFiles(file);
}

/** @type {import("../stage.js").Cases} */
export const files = {
    "a run as JSON, and back": {
        async run(stage) {
            const claim = "a simultaneous open gives one connection, never two";
            const page = await stage.open(`#/run?${RUN}&claim=${encodeURIComponent(claim)}`);
            await isAt(page, 6);
            const file = await exported(stage, page, "JSON");
            const written = JSON.parse(readFileSync(file, "utf8"));
            assert.equal(typeof written.version, "number", "the file names its version");
            assert.equal(written.claim, claim, "the file names the claim that the run is shown for");
            await give(page, file);
            await isAt(page, 6);
            assert.match(page.url(), /scenario=simultaneous-open&path=ao\.bo\.d0\.d0\.d0\.d0/);
            assert.equal(new URLSearchParams(page.url().split("?")[1]).get("claim"), claim);
        },
    },

    "a run as pcapng: read by tshark, and back, row by row": {
        async run(stage, context) {
            const page = await stage.open(`#/run?${RUN}`);
            await isAt(page, 6);
            const file = await exported(stage, page, "pcapng");
            const tshark = program("tshark");
            if (tshark) {
                const fields = ["tcp.flags.str", "frame.comment"].flatMap((name) => ["-e", name]);
                const lines = output(tshark, ["-r", file, "-T", "fields", ...fields]).trim().split("\n");
                assert.equal(lines.length, 4, lines.join("\n"));
                assert.equal(lines.filter((line) => /S·$/.test(line.split("\t")[0] ?? "")).length, 4, lines.join("\n"));
                assert.match(lines.join("\n"), /syn_sent_syn/);
                assert.equal(output(tshark, ["-r", file, "-Y", "_ws.malformed"]).trim(), "", "nothing is malformed");
            } else if (REQUIRED) {
                assert.fail("no tshark on PATH");
            } else {
                context.diagnostic("no tshark on PATH: it does not read the file here");
            }
            await give(page, file);
            const rows = page.locator(".capture tbody tr");
            await becomes(() => rows.count(), 4, "segments");
            assert.match(await rows.first().innerText(), /CTL=SYN/);
            assert.match((await rows.allInnerTexts()).join("\n"), /syn_sent_syn/);
            assert.ok((await page.locator(".capture-ladder svg text").count()) > 4, "a ladder of the capture");
        },
    },

    "a run that the command line has written, opened by the page and by the server": {
        async run(stage) {
            const file = join(stage.folder(), "close.json");
            output(SERVER, ["trace", "simultaneous-close", "--json", file]);
            const page = await stage.open();
            await give(page, file);
            await page.locator(".position").waitFor();
            const hash = new URL(page.url()).hash;
            assert.match(hash, /scenario=simultaneous-close&path=/);
            await isAt(page, stepsOf(hash.slice("#/run?".length)));
            assert.deepEqual(await tokens(page), ["CLOSED", "CLOSED"]);
            if (stage.form === "static") return;
            const server = await startServer(0, ["--trace", file]);
            stage.after.push(() => server.stop());
            assert.equal(server.opens, hash);
        },
    },

    "the ladder as a picture of its own": {
        async run(stage) {
            const page = await stage.open(`#/run?${RUN}`);
            await isAt(page, 6);
            const text = readFileSync(await exported(stage, page, "SVG"), "utf8");
            // On a page without a policy: a reader of the file has none.
            const found = await (await page.context().newPage()).evaluate((text) => {
                const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
                return {
                    wrong: parsed.querySelector("parsererror")?.textContent ?? null,
                    root: parsed.documentElement.nodeName,
                    elsewhere: [...parsed.querySelectorAll("*")].flatMap((element) =>
                        [...element.attributes].filter(({name, value}) => /href|src/.test(name) && !value.startsWith("#")).map(({value}) => value),
                    ),
                    texts: [...parsed.querySelectorAll("text")].map((text) => text.textContent ?? ""),
                };
            }, text);
            assert.equal(found.wrong, null);
            assert.equal(found.root, "svg");
            assert.deepEqual(found.elsewhere, []);
            assert.doesNotMatch(text, /var\(--|@import|url\(/, "nothing of the page is needed");
            assert.ok(found.texts.filter((text) => text.includes("SYN-RECEIVED")).length >= 2, found.texts.join("|"));
        },
    },

    "a file that cannot be read is refused with the reason": {
        async run(stage) {
            stage.expected.push(/400/);
            const page = await stage.open(`#/run?${RUN}`);
            await isAt(page, 6);
            const json = readFileSync(await exported(stage, page, "JSON"), "utf8");
            const capture = readFileSync(await exported(stage, page, "pcapng"));
            const refused = async (/** @type {string} */ name, /** @type {string | Buffer} */ content, /** @type {RegExp} */ reason) => {
                const file = join(stage.folder(), name);
                writeFileSync(file, content);
                await give(page, file);
                const problem = page.getByRole("alert").filter({hasText: reason});
                await problem.waitFor({timeout: 10_000}).catch(async () => {
                    const said = await page.locator("#main").innerText();
                    assert.fail(`${name} should be refused with ${reason}; the page says: ${said}`);
                });
            };
            await refused("cut.json", json.slice(0, -40), /cut off|ends|EOF/i);
            await refused("other.json", json.replace(/("version":\s*)\d+/, "$1999"), /version 999/);
            await refused("nothing.json", "{}", /no trace of this tool/);
            await refused("cut.pcapng", capture.subarray(0, capture.length - 7), /cut off|ends/i);
            await refused("words.pcapng", "these are no packets", /./);
            await refused("rowless.pcapng", withoutPackets(capture), /no TCP segments/);
            // As large as a file may be: it is read, and found to be empty.
            await refused("largest.json", Buffer.alloc(8 * 1024 * 1024, 32), /cut off/);
            await refused("large.json", Buffer.alloc(9 * 1024 * 1024, 32), /9\.0 MiB/);
        },
    },
};

/**
 * A capture's first blocks, up to the first packet.
 * @param {Buffer} capture
 */
function withoutPackets(capture) {
    let at = 0;
    while (at + 8 <= capture.length && capture.readUInt32LE(at) !== 6) at += capture.readUInt32LE(at + 4);
    return capture.subarray(0, at);
}
