// What is said above a run: the caption of a figure, and the claim that a run is an example of.

import {html} from "../vendor/preact.js";
import {Icon} from "../parts.js";
import {runAddress} from "../route.js";
import {ofLanguage, t} from "../words.js";
import {captionAt} from "./pace.js";

/** @import {Figure, RunView} from "../api.js" */

/**
 * @param {{figures: Figure[], figure: Figure, run: RunView, mode: string | null, onPlay: () => void}} props
 */
export function TourCaption({figures, figure, run, mode, onPlay}) {
    const index = figures.indexOf(figure);
    const [before, after] = [figures[index - 1], figures[index + 1]];
    const over = run.at === run.steps.length;
    const {text} = captionAt(figure, run.at);
    const address = (/** @type {Figure} */ figure) => runAddress(figure.link, {tour: figure.name, at: 0});
    return html`<section class="tour" aria-label=${t("tour")}>
        <div class="tour-play">
            <button type="button" class="button strong" onClick=${onPlay}>
                <${Icon} name=${mode === "play" ? "pause" : "play"} />
                ${mode === "play" ? t("tool.pause") : over ? t("tour.again") : t("tool.play")}
            </button>
        </div>
        <div class="tour-text">
            <p class="tour-title">
                <strong>${ofLanguage(figure.title)}</strong>
                <span class="tour-number">${t("tour.number", {n: index + 1, of: figures.length})}</span>
            </p>
            <p class="tour-caption" aria-live="polite">${text || ofLanguage(figure.about)}</p>
        </div>
        <nav class="tour-links" aria-label=${t("tour.figures")}>
            ${before && html`<a class="button" href=${address(before)} title=${ofLanguage(before.title)}>${t("tour.before")}</a>`}
            ${after && html`<a class=${over ? "button strong" : "button"} href=${address(after)} title=${ofLanguage(after.title)}>${t("tour.after")}</a>`}
        </nav>
    </section>`;
}

/**
 * @param {{run: RunView, claim: string | null, repeats: number | null, onGo: (n: number) => void}} props
 */
export function ClaimBanner({run, claim, repeats, onGo}) {
    const now = claim === null ? undefined : run.claims.find((known) => known.claim.name === claim);
    const broken = now?.claim.kind === "always" || now?.claim.kind === "finally" || now?.claim.kind === "no cycle";
    const since = now?.since ?? null;
    const old = run.flights.filter((flight) => flight.packet.old && flight.ends !== null && flight.fate !== "lost" && flight.fate !== "expired");
    const steps = [...new Set(old.map((flight) => (flight.ends ?? 0) + 1))];
    const step = (/** @type {number} */ n) => html`<button type="button" class="plain" onClick=${() => onGo(n)}>${t("banner.step", {n})}</button>`;
    return html`<section class=${broken ? "banner broken" : "banner"} aria-label=${t("banner")}>
        ${claim !== null &&
        html`<p>
            <strong>${t(broken ? "banner.counterexample" : "banner.example")}</strong> ${claim}
            ${now?.claim.failsBecause && html`<span class="because"> (${now.claim.failsBecause})</span>`}
        </p>`}
        <p class="banner-marks">
            ${since !== null && html`<span>${t(broken ? "banner.breaks" : "banner.shows")} ${step(since)}</span>`}
            ${steps.length > 0 && html`<span>${t("banner.old")} ${steps.map((n) => step(n))}</span>`}
            ${repeats !== null && html`<span>${t("banner.repeats")} ${step(repeats)}</span>`}
        </p>
    </section>`;
}
