// All scenarios, by family, each to be walked through and to be checked.

import {html, useState} from "../vendor/preact.js";
import {linkOf, runAddress} from "../route.js";
import {Check, Verdict} from "../search.js";
import {count, t} from "../words.js";

/** @import {ScenarioView} from "../api.js" */

/** @param {{scenarios: ScenarioView[]}} props */
export function Scenarios({scenarios}) {
    const [query, setQuery] = useState("");
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const matching = scenarios.filter((scenario) => {
        const text = [scenario.name, scenario.summary, scenario.bounds, ...scenario.claims.map((claim) => claim.name)]
            .join(" ")
            .toLowerCase();
        return words.every((word) => text.includes(word));
    });
    /** @type {Map<string, ScenarioView[]>} */
    const families = new Map();
    for (const scenario of matching) {
        const [family = scenario.name] = scenario.name.split("/");
        families.set(family, [...(families.get(family) ?? []), scenario]);
    }
    // Bounds and claims are words, too: what the search names comes first.
    const isNamed = (/** @type {string} */ family) => words.length > 0 && words.some((word) => family.includes(word));
    const ordered = [...families].sort(([one], [two]) => Number(isNamed(two)) - Number(isNamed(one)));
    // One that opens is a new element: Chromium draws one that opens while it moves as if it were closed.
    const open = words.length > 0 && families.size <= 6;
    return html`<div class="scenarios">
        <label class="field wide">
            <span>${t("scenarios.search")}</span>
            <input type="search" value=${query} onInput=${(/** @type {any} */ event) => setQuery(event.currentTarget.value)} />
        </label>
        <p class="lead" role="status">${t("scenarios.count", {n: matching.length, of: scenarios.length})}</p>
        ${ordered.map(
            ([family, members]) => html`<details class="family" key=${`${family} ${open}`} open=${open}>
                <summary>
                    <strong>${family}</strong>
                    <span class="family-summary">${members[0]?.summary}</span>
                    <span class="family-count">${members.length > 1 ? t("scenarios.variants", {n: members.length}) : ""}</span>
                </summary>
                <${Members} members=${members} />
            </details>`,
        )}
    </div>`;
}

/** @param {{members: ScenarioView[]}} props */
function Members({members}) {
    return html`<ul class="members">
        ${members.map((scenario) => html`<${Member} key=${scenario.name} scenario=${scenario} />`)}
    </ul>`;
}

/** @param {{scenario: ScenarioView}} props */
function Member({scenario}) {
    const [checking, setChecking] = useState(false);
    const {name, explored, claims} = scenario;
    const failing = claims.filter((claim) => claim.verdict === "fails-as-expected" || claim.verdict === "violated");
    const holding = claims.filter((claim) => claim.verdict === "holds").length;
    return html`<li class="member">
        <h3>${name}</h3>
        <p>${scenario.summary}</p>
        <p class="bounds">${scenario.bounds}</p>
        <p class="numbers">
            ${explored
                ? t(explored.complete ? "scenarios.explored" : "scenarios.explored-part", {
                      unique: count(explored.unique),
                      generated: count(explored.generated),
                  })
                : t("scenarios.unexplored")}
            ${explored && html` ${t("scenarios.claims", {holding, of: claims.length})}`}
        </p>
        ${failing.map(
            (claim) => html`<p class="failing" key=${claim.name}>
                <${Verdict} verdict=${claim.verdict} /> ${claim.name}
                ${claim.shownBy &&
                html` <a href=${runAddress(claim.shownBy, {repeats: claim.repeatsFrom, claim: claim.name})}>${t("show")}</a>`}
            </p>`,
        )}
        <p class="buttons">
            <a class="button" href=${runAddress(linkOf(name))} aria-label=${`${t("walk")}: ${name}`}>${t("walk")}</a>
            ${scenario.example &&
            html`<a class="button" href=${runAddress(scenario.example, {at: 0})} aria-label=${`${t("example")}: ${name}`}>${t("example")}</a>`}
            <button type="button" class="button" aria-expanded=${checking} aria-label=${`${t("check")}: ${name}`} onClick=${() => setChecking(!checking)}>
                ${t("check")}…
            </button>
        </p>
        ${checking && html`<${Check} link=${linkOf(name)} label=${t("check.start")} />`}
    </li>`;
}
