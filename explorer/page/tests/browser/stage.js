// What every case gets: pages of one form of the explorer, watched for what no page may do.

import assert from "node:assert/strict";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {chromium as playwright} from "playwright-core";
import {chromium, startServer, staticAddress} from "./programs.js";

/** @import {Browser, BrowserContextOptions, Page} from "playwright-core" */
/** @import {TestContext} from "node:test" */
/** @import {Server} from "./programs.js" */

/** @typedef {"served" | "static"} Form */

/**
 * Cases by their names; `only` names the one form for which a case has a meaning.
 * @typedef {Record<string, {only?: Form, run: (stage: Case, context: TestContext) => Promise<void>}>} Cases
 */

/** The textbook's screen, in English. Movement would only be waited for. */
const SCREEN = /** @type {const} */ ({viewport: {width: 1280, height: 720}, locale: "en-US", reducedMotion: "reduce"});

/** Milliseconds after which an expected thing is not coming. */
const PATIENCE = 30_000;

/** The browser and the server, for all cases of a form. */
export class Stage {
    /**
     * @param {Form} form
     * @param {Browser} browser
     * @param {Server} server
     */
    constructor(form, browser, server) {
        this.form = form;
        this.browser = browser;
        this.server = server;
        this.base = form === "served" ? server.address : staticAddress;
    }

    /** @param {Form} form */
    static async open(form) {
        const browser = await playwright.launch({
            executablePath: chromium() ?? "",
            args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
        });
        return new Stage(form, browser, await startServer());
    }

    async close() {
        await this.browser.close();
        await this.server.stop();
    }
}

/** One case's pages, and what they did. */
export class Case {
    /** @param {Stage} stage */
    constructor(stage) {
        this.stage = stage;
        this.form = stage.form;
        /** Asks the server itself, for what a case begins with. */
        this.ask = stage.server.ask;
        /** @type {string[]} */
        this.faults = [];
        /** Faults that this case brings about. @type {RegExp[]} */
        this.expected = [];
        /** Requests for answers, by what is asked. @type {string[]} */
        this.asked = [];
        /** @type {(() => Promise<void> | void)[]} */
        this.after = [];
    }

    /**
     * Opens a page in a browser that knows nothing yet.
     * @param {string} [hash]
     * @param {BrowserContextOptions} [options]
     * @param {string} [base]  Another server's address.
     * @param {(page: Page) => Promise<void>} [first]  What is done before the page is there.
     * @returns {Promise<Page>}
     */
    async open(hash = "", options = {}, base = this.stage.base, first = async () => {}) {
        const context = await this.stage.browser.newContext({...SCREEN, ...options});
        this.after.push(() => context.close());
        context.setDefaultTimeout(PATIENCE);
        const page = await context.newPage();
        await this.watch(page, base);
        await first(page);
        await page.goto(base + hash);
        await page.locator("#main").waitFor();
        return page;
    }

    /**
     * @param {Page} page
     * @param {string} base
     */
    async watch(page, base) {
        const {protocol, origin} = new URL(base);
        page.on("pageerror", (error) => this.faults.push(`uncaught: ${error}`));
        page.on("console", (message) => {
            if (["error", "warning"].includes(message.type())) this.faults.push(`console: ${message.text()}`);
        });
        page.on("request", (request) => {
            const url = new URL(request.url());
            const own = protocol === "file:" ? request.url().startsWith(base) : url.origin === origin;
            if (!own && !["data:", "blob:"].includes(url.protocol)) this.faults.push(`a request elsewhere: ${request.url()}`);
            if (url.pathname === "/ask") this.asked.push(JSON.parse(request.postData() ?? "{}").ask);
            if (url.pathname === "/search") this.asked.push("search");
        });
        await page.exposeFunction("asksWorker", (/** @type {string} */ what) => void this.asked.push(what));
        await page.addInitScript(() => {
            addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
            // What the static form asks, it asks a worker.
            const post = Worker.prototype.postMessage;
            Worker.prototype.postMessage = function (/** @type {any} */ message, ...more) {
                const text = typeof message === "string" ? message : JSON.stringify(message);
                const found = /\\?"ask\\?":\s*\\?"([\w-]+)\\?"/.exec(text);
                // @ts-ignore a function of the test's
                if (found) window.asksWorker(found[1]);
                return post.call(this, message, .../** @type {any} */ (more));
            };
        });
    }

    /** A folder for files of this case. */
    folder() {
        const folder = mkdtempSync(join(tmpdir(), "tcpspec-page-"));
        this.after.push(() => rmSync(folder, {recursive: true}));
        return folder;
    }

    async end() {
        for (const then of this.after.reverse()) await then();
        const faults = this.faults.filter((fault) => !this.expected.some((expected) => expected.test(fault)));
        assert.deepEqual(faults, [], "the page did what no page may do");
    }
}
