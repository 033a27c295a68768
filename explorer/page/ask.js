// The two back ends: the server that brought the page, and, in the static form, workers with the same functions as WebAssembly.

/** @import {Exported, Format, Imported, Progress, Request, RunView, Search, Start, TableView, WhatIf} from "./api.js" */

/**
 * @typedef {object} BackEnd
 * @property {(request: Request) => Promise<unknown>} ask
 *     Answers, or throws {@link Refused} or {@link Gone}.
 * @property {(search: Search, onProgress: (progress: Progress) => void, signal: AbortSignal) => Promise<void>} search
 *     Reports until one report is the last, or until the signal ends it.
 */

/** The request was understood and refused; the message says why, and what to do. */
export class Refused extends Error {}

/** Nobody answers. */
export class Gone extends Error {}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 */
async function post(path, body, signal) {
    /** @type {Response} */
    let response;
    try {
        response = await fetch(path, {
            method: "POST",
            headers: {"content-type": "application/json"},
            body: JSON.stringify(body),
            ...(signal ? {signal} : {}),
        });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Gone(String(error));
    }
    if (response.ok) return response;
    const text = await response.text();
    let reason = text.trim() || `${response.status} ${response.statusText}`;
    try {
        reason = JSON.parse(text).error ?? reason;
    } catch {
        // Not every refusal is JSON: a limit of the server speaks plain text.
    }
    throw new Refused(reason);
}

/**
 * The server that brought the page.
 * @type {BackEnd}
 */
export const served = {
    async ask(request) {
        const response = await post("ask", request);
        try {
            return await response.json();
        } catch (error) {
            throw new Gone(String(error));
        }
    },

    async search(search, onProgress, signal) {
        const response = await post("search", search, signal);
        if (!response.body) throw new Gone("no body");
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "";
        let over = false;
        while (!over) {
            /** @type {ReadableStreamReadResult<string>} */
            let part;
            try {
                part = await reader.read();
            } catch (error) {
                if (signal.aborted) throw error;
                throw new Gone(String(error));
            }
            if (part.done) throw new Gone("the search ended without a result");
            const events = (rest + part.value.replaceAll("\r", "")).split("\n\n");
            rest = events.pop() ?? "";
            for (const event of events) {
                const data = event
                    .split("\n")
                    .filter((line) => line.startsWith("data:"))
                    .map((line) => line.slice("data:".length))
                    .join("\n");
                if (data === "") continue;
                const progress = JSON.parse(data);
                if (typeof progress.error === "string") throw new Refused(progress.error);
                onProgress(progress);
                over ||= progress.done;
            }
        }
        await reader.cancel();
    },
};

/** @type {BackEnd} */
let backEnd = served;

/**
 * Asks somebody else from now on.
 * @param {BackEnd} other
 */
export function useBackEnd(other) {
    backEnd = other;
}

/**
 * What was asked lately: going back and forth in a run asks nobody.
 * @type {Map<string, Promise<unknown>>}
 */
const lately = new Map();

/** Answers that are kept. One of a long run has some hundred kilobytes. */
const KEPT = 64;

/**
 * @param {Request} request
 * @returns {Promise<any>}
 */
function remembered(request) {
    const key = JSON.stringify(request);
    let answer = lately.get(key);
    if (answer) {
        lately.delete(key);
    } else {
        answer = backEnd.ask(request);
        // A refusal may be of the moment.
        answer.catch(() => lately.delete(key));
    }
    lately.set(key, answer);
    for (const oldest of lately.keys()) {
        if (lately.size <= KEPT) break;
        lately.delete(oldest);
    }
    return answer;
}

/** @type {Promise<Start> | null} */
let start = null;

/** @type {Promise<TableView> | null} */
let table = null;

/** @returns {Promise<Start>} */
export function askStart() {
    start ??= /** @type {Promise<Start>} */ (backEnd.ask({ask: "start"}));
    start.catch(() => (start = null));
    return start;
}

/** @returns {Promise<TableView>} */
export function askTable() {
    table ??= /** @type {Promise<TableView>} */ (backEnd.ask({ask: "table"}));
    table.catch(() => (table = null));
    return table;
}

/**
 * @param {string} link
 * @param {number | null} at
 * @returns {Promise<RunView>}
 */
export function askRun(link, at) {
    return remembered({ask: "run", link, at});
}

/**
 * @param {string} link
 * @param {string} other
 * @returns {Promise<WhatIf>}
 */
export function askWhatIf(link, other) {
    return remembered({ask: "what-if", link, other});
}

/**
 * @param {string} name
 * @param {string} data
 * @returns {Promise<Imported>}
 */
export function askImport(name, data) {
    return /** @type {Promise<Imported>} */ (backEnd.ask({ask: "import", name, data}));
}

/**
 * @param {string} link
 * @param {Format} format
 * @param {number | null} repeatsFrom
 * @param {string | null} claim
 * @returns {Promise<Exported>}
 */
export function askExport(link, format, repeatsFrom, claim) {
    return /** @type {Promise<Exported>} */ (backEnd.ask({ask: "export", link, format, repeatsFrom, claim}));
}

/**
 * @param {Search} search
 * @param {(progress: Progress) => void} onProgress
 * @param {AbortSignal} signal
 */
export function runSearch(search, onProgress, signal) {
    return backEnd.search(search, onProgress, signal);
}
