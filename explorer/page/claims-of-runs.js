// Claims about whole runs: a search of single states leaves them open, and says who decides them.

import {html} from "./vendor/preact.js";
import {settingsOf} from "./route.js";
import {t} from "./words.js";

/** @import {ClaimView, Progress} from "./api.js" */

/** Kinds of claims that single states do not decide. */
const OF_RUNS = ["possible", "finally", "no cycle"];

/**
 * The command that decides all claims under a link's settings.
 * @param {string} link
 */
export function commandFor(link) {
    const scenario = new URLSearchParams(link).get("scenario") ?? "";
    const {set, bound, mutant} = settingsOf(link);
    if (mutant) return `tcpspec mutate ${mutant.split(":")[0]} --scenario ${scenario}`;
    const options = Object.entries(set).map(([name, on]) => ` --set ${name}=${on ? "on" : "off"}`);
    const bounds = Object.entries(bound).map(([name, value]) => ` --bound ${name}=${value}`);
    return `tcpspec check ${scenario}${[...options, ...bounds].join("")}`;
}

/** @param {ClaimView} claim */
function isOpen(claim) {
    return claim.verdict === "open" && OF_RUNS.includes(claim.kind);
}

/**
 * Said once a check is over, if it has left such claims open.
 * @param {{link: string, progress: Progress}} props
 */
export function ClaimsOfRuns({link, progress}) {
    const open = progress.done ? progress.claims.filter(isOpen).length : 0;
    if (open === 0) return null;
    return html`<p class="note">${t("check.of-runs", {n: open})} <code>${commandFor(link)}</code></p>`;
}
