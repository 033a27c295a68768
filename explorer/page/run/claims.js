// The scenario's claims: here, along the path, and in the whole exploration.

import {html, useState} from "../vendor/preact.js";
import {runAddress, withPath} from "../route.js";
import {Check, Verdict} from "../search.js";
import {t} from "../words.js";

/** @import {ClaimNow, RunView} from "../api.js" */

/**
 * How many claims this run has kept, and how many it breaks.
 * @param {ClaimNow[]} claims
 * @param {string | null} shown  The claim that the run is an example of.
 */
export function claimCounts(claims, shown) {
    const always = claims.filter((now) => now.claim.kind === "always");
    const broken = claims.filter((now) => isBroken(now, shown)).length;
    return {kept: always.filter((now) => !isBroken(now, shown)).length, broken};
}

/**
 * A claim about runs is broken by the run that was found against it: no single world shows that.
 * @param {ClaimNow} now
 * @param {string | null} shown
 */
function isBroken({claim, here, since}, shown) {
    if (claim.kind === "always") return here === false || since !== null;
    return claim.kind !== "sometimes" && claim.name === shown;
}

/** @param {{run: RunView, shown: string | null, onGo: (n: number) => void}} props `shown`: the claim that the run is an example of */
export function Claims({run, shown, onGo}) {
    const [checking, setChecking] = useState(false);
    const rank = (/** @type {ClaimNow} */ now) => (now.claim.name === shown ? 2 : 0) + Number(isBroken(now, shown));
    const sorted = [...run.claims].sort((one, two) => rank(two) - rank(one));
    return html`<div class="claims">
        ${run.subject.changed && html`<p class="note">${t("claims.changed")}</p>`}
        <ul>
            ${sorted.map((now) => html`<${Claim} key=${`${now.claim.kind} ${now.claim.name}`} now=${now} broken=${isBroken(now, shown)} onGo=${onGo} />`)}
        </ul>
        <p class="buttons">
            <button type="button" class="button" aria-expanded=${checking} onClick=${() => setChecking(!checking)}>${t("claims.check")}…</button>
        </p>
        ${checking && html`<${Check} link=${withPath(run.link, [])} label=${t("check.start")} />`}
    </div>`;
}

/**
 * What can be said of the claim at this point, with a mark.
 * @param {ClaimNow} now
 * @returns {[string, string, string]}
 */
function here({claim, here}) {
    if (here === null) return ["·", "", t("claims.here-unknown")];
    if (claim.kind === "always") return here ? ["✓", "kept", t("claims.here-kept")] : ["✗", "broken", t("claims.here-broken")];
    return here ? ["●", "shown", t("claims.here-shown")] : ["○", "", t("claims.here-not")];
}

/** @param {{now: ClaimNow, broken: boolean, onGo: (n: number) => void}} props */
function Claim({now, broken, onGo}) {
    const {claim, since} = now;
    const [mark, look, text] = broken && claim.kind !== "always" ? ["✗", "broken", t("claims.run-breaks")] : here(now);
    const always = claim.kind === "always";
    const shows = claim.verdict === "holds" ? t("claims.example") : t("claims.counterexample");
    return html`<li class=${`claim ${broken ? "broken" : ""}`}>
        <span class=${`claim-here ${look}`} title=${text}><span aria-hidden="true">${mark}</span><span class="hidden">${text}</span></span>
        <div>
            <p lang="en"><span class="claim-kind">${claim.kind}</span> ${claim.name}</p>
            <p class="claim-verdicts">
                ${since !== null &&
                html`<span class=${always ? "claim-since broken" : "claim-since"}>
                    ${t(always ? "claims.broken-by" : "claims.shown-by")}${" "}
                    <button type="button" class="plain" onClick=${() => onGo(since)}>${t("banner.step", {n: since})}</button>
                </span>`}
                <span>${t("claims.whole")} <${Verdict} verdict=${claim.verdict} /></span>
                ${claim.shownBy &&
                html`<a href=${runAddress(claim.shownBy, {repeats: claim.repeatsFrom, claim: claim.name})}
                    >${claim.repeatsFrom !== null ? t("claims.lasso") : shows}<span class="hidden">: ${claim.name}</span></a
                >`}
            </p>
            ${claim.failsBecause && html`<p class="because">${claim.failsBecause}</p>`}
        </div>
    </li>`;
}
