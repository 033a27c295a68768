// Where the page is: the part of its address behind `#`.
//
// `#/run?` is followed by a link (see `explorer/src/link.rs`) and the page's own keys, which the link's reader passes over.

/** @typedef {{name: "start", part: string | null}} StartRoute */
/** @typedef {{name: "run", link: string, at: number | null, tour: string | null, repeats: number | null, claim: string | null}} RunRoute */
/** @typedef {{name: "table", row: string | null, query: string}} TableRoute */
/** @typedef {{name: "import"}} ImportRoute */
/** @typedef {{name: "nowhere", address: string}} NoRoute */
/** @typedef {StartRoute | RunRoute | TableRoute | ImportRoute | NoRoute} Route */

/** Keys of the page; all others belong to the link. */
const OWN = ["at", "tour", "repeats", "claim"];

/**
 * A query string in which what links use stays readable.
 * @param {Iterable<[string, string]>} pairs
 */
function written(pairs) {
    return [...pairs]
        .map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%(2F|3A|2C)/gi, decodeURIComponent)}`)
        .join("&");
}

/** @param {string | null} text */
function number(text) {
    return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/**
 * Reads an address.
 * @param {string} hash
 * @returns {Route}
 */
export function parse(hash) {
    const [path = "", ...rest] = hash.replace(/^#/, "").split("?");
    const query = new URLSearchParams(rest.join("?"));
    switch (path) {
        case "":
        case "/":
            return {name: "start", part: null};
        case "/figures":
        case "/hazards":
        case "/scenarios":
            return {name: "start", part: path.slice(1)};
        case "/run":
            return {
                name: "run",
                link: written([...query].filter(([key]) => !OWN.includes(key))),
                at: number(query.get("at")),
                tour: query.get("tour"),
                repeats: number(query.get("repeats")),
                claim: query.get("claim"),
            };
        case "/table":
            return {name: "table", row: query.get("row"), query: query.get("q") ?? ""};
        case "/import":
            return {name: "import"};
        default:
            return {name: "nowhere", address: hash};
    }
}

/**
 * The address of a run.
 * @param {string} link
 * @param {{at?: number | null, tour?: string | null, repeats?: number | null, claim?: string | null}} [place]
 */
export function runAddress(link, place = {}) {
    /** @type {[string, string][]} */
    const pairs = [];
    for (const key of /** @type {("at" | "tour" | "repeats" | "claim")[]} */ (OWN)) {
        const value = place[key];
        if (value !== null && value !== undefined) pairs.push([key, String(value)]);
    }
    return `#/run?${link}${pairs.length > 0 ? "&" : ""}${written(pairs)}`;
}

/**
 * The address of the table, or of one of its rows.
 * @param {{row?: string, q?: string}} [place]
 */
export function tableAddress(place = {}) {
    /** @type {[string, string][]} */
    const pairs = [];
    if (place.row) pairs.push(["row", place.row]);
    if (place.q) pairs.push(["q", place.q]);
    return `#/table${pairs.length > 0 ? "?" : ""}${written(pairs)}`;
}

/**
 * Goes there; `quietly` without a new entry in the browser's history.
 * @param {string} address
 * @param {boolean} [quietly]
 */
export function go(address, quietly = false) {
    if (new URL(address, location.href).hash === location.hash) return;
    if (quietly) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    // Neither fires the event. `location.hash = …` does, but in a later task.
    dispatchEvent(new HashChangeEvent("hashchange"));
}

// --- Links ---

/** @param {string} scenario */
export function linkOf(scenario) {
    return written([["scenario", scenario]]);
}

/**
 * The steps of a link's path.
 * @param {string} link
 */
export function tokensOf(link) {
    const path = new URLSearchParams(link).get("path");
    return path ? path.split(".") : [];
}

/**
 * The link with another path.
 * @param {string} link
 * @param {string[]} tokens
 */
export function withPath(link, tokens) {
    const pairs = [...new URLSearchParams(link)].filter(([key]) => key !== "path");
    if (tokens.length > 0) pairs.push(["path", tokens.join(".")]);
    return written(pairs);
}

/** @typedef {{set: Record<string, boolean>, bound: Record<string, string>, mutant: string | null}} Settings */

/**
 * What a link changes in its scenario.
 * @param {string} link
 * @returns {Settings}
 */
export function settingsOf(link) {
    /** @type {Settings} */
    const settings = {set: {}, bound: {}, mutant: null};
    for (const [key, value] of new URLSearchParams(link)) {
        const colon = value.indexOf(":");
        const [name, what] = [value.slice(0, colon), value.slice(colon + 1)];
        if (key === "set") settings.set[name] = what === "on";
        if (key === "bound") settings.bound[name] = what;
        if (key === "mutant") settings.mutant = value;
    }
    return settings;
}

/**
 * The link with other settings.
 * @param {string} link
 * @param {Settings} settings
 */
export function withSettings(link, {set, bound, mutant}) {
    const query = new URLSearchParams(link);
    /** @type {[string, string][]} */
    const pairs = [["scenario", query.get("scenario") ?? ""]];
    for (const [name, on] of Object.entries(set)) pairs.push(["set", `${name}:${on ? "on" : "off"}`]);
    for (const [name, value] of Object.entries(bound)) pairs.push(["bound", `${name}:${value}`]);
    if (mutant !== null) pairs.push(["mutant", mutant]);
    const path = query.get("path");
    if (path) pairs.push(["path", path]);
    return written(pairs);
}

/** @param {string} link */
export function scenarioOf(link) {
    return new URLSearchParams(link).get("scenario") ?? "";
}
