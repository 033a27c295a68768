// The first page: the textbook's figures, the hazards, all scenarios.

import {html, useEffect, useState} from "../vendor/preact.js";
import {coded} from "../parts.js";
import {linkOf, runAddress} from "../route.js";
import {currentLanguage, ofLanguage, t} from "../words.js";
import {hazardsZh} from "../words/hazards-zh.js";
import {Scenarios} from "./scenarios.js";
import {Thumbnail} from "./thumbnail.js";
import {FindDialog} from "../run/find.js";

/** @import {Figure, HazardView, ScenarioView, Start} from "../api.js" */

/** @param {{start: Start, part: string | null}} props */
export function StartPage({start, part}) {
    const [finding, setFinding] = useState(false);
    useEffect(() => {
        if (part) document.getElementById(part)?.scrollIntoView();
    }, [part]);
    const named = new Map(start.scenarios.map((scenario) => [scenario.name, scenario]));
    return html`<main class="start" id="main">
        <section class="hero">
            <h1>${t("start.title")}</h1>
            <p>${t("start.lead")}</p>
            <p class="buttons">
                ${start.figures[0] &&
                html`<a class="button strong" href=${runAddress(start.figures[0].link, {tour: start.figures[0].name, at: 0})}>${t("start.tour")}</a>`}
                <a class="button" href=${runAddress(linkOf(start.scenarios[0]?.name ?? ""))}>${t("start.walk")}</a>
                <button type="button" class="button" onClick=${() => setFinding(true)}>${t("find")}…</button>
            </p>
        </section>
        <section id="figures" aria-labelledby="figures-title">
            <h2 id="figures-title">${t("start.figures")}</h2>
            <ul class="cards figures">
                ${start.figures.map((figure) => html`<${Door} key=${figure.name} figure=${figure} />`)}
            </ul>
        </section>
        <section id="hazards" aria-labelledby="hazards-title">
            <h2 id="hazards-title">${t("start.hazards")}</h2>
            <p class="lead">${t("start.hazards-lead")}</p>
            <ul class="cards hazards">
                ${start.hazards.map((hazard) => html`<${Hazard} key=${hazard.title} hazard=${hazard} named=${named} />`)}
            </ul>
        </section>
        <section id="scenarios" aria-labelledby="scenarios-title">
            <h2 id="scenarios-title">${t("start.scenarios")}</h2>
            ${!start.current && html`<p class="note">${t("start.stale")}</p>`}
            <${Scenarios} scenarios=${start.scenarios} />
        </section>
        ${finding && html`<${FindDialog} start=${start} link=${null} onClose=${() => setFinding(false)} />`}
    </main>`;
}

/** @param {{figure: Figure}} props */
function Door({figure}) {
    return html`<li class="card door">
        <a href=${runAddress(figure.link, {tour: figure.name, at: 0})}>
            <${Thumbnail} link=${figure.link} />
            <strong>${ofLanguage(figure.title)}</strong>
            <span class="door-about">${ofLanguage(figure.about)}</span>
        </a>
    </li>`;
}

/**
 * The first sentence of a text.
 * @param {string} text
 * @returns {string}
 */
function firstSentence(text) {
    if (text.includes("。")) return text.slice(0, text.indexOf("。") + 1);
    const end = text.search(/[.:] [A-Z`]/);
    const first = end < 0 ? text : text.slice(0, end + 1);
    // A reference such as `RFC 1337.` says nothing yet.
    return first.length < 30 && end > 0 ? `${first} ${firstSentence(text.slice(end + 2))}` : first;
}

/** @param {{hazard: HazardView, named: Map<string, ScenarioView>}} props */
function Hazard({hazard, named}) {
    const [all, setAll] = useState(false);
    const {title, text, remains} = (currentLanguage() === "zh" && hazardsZh[hazard.title]) || hazard;
    const short = firstSentence(text);
    return html`<li class="card hazard">
        <h3>${title}</h3>
        <p class="source">${hazard.source}</p>
        <p>${coded(all ? text : short)}</p>
        ${all && remains && html`<p><em>${t("hazard.remains")}</em> ${coded(remains)}</p>`}
        ${(short !== text || remains) &&
        html`<button type="button" class="plain" aria-expanded=${all} onClick=${() => setAll(!all)}>
            ${all ? t("less") : t("more")}<span class="hidden">: ${title}</span>
        </button>`}
        <ul class="cures">
            ${hazard.off.map((name) => html`<${Cure} key=${name} name=${name} on=${false} scenario=${named.get(name)} />`)}
            ${hazard.on.map((name) => html`<${Cure} key=${name} name=${name} on=${true} scenario=${named.get(name)} />`)}
        </ul>
    </li>`;
}

/**
 * A scenario of a hazard, with its counterexample where there is one.
 * @param {{name: string, on: boolean, scenario: ScenarioView | undefined}} props
 */
function Cure({name, on, scenario}) {
    const shown = scenario?.claims.filter(
        (claim) => claim.shownBy && (claim.verdict === "fails-as-expected" || claim.verdict === "violated"),
    );
    return html`<li>
        <span class=${on ? "cure on" : "cure off"}>${on ? t("hazard.on") : t("hazard.off")}</span>
        <span class="cure-links">
            <a href=${runAddress(linkOf(name))}>${name}</a>
            ${(shown ?? []).map(
                (claim, n, {length}) => html`<a
                    class="counterexample"
                    key=${claim.name}
                    title=${claim.name}
                    href=${runAddress(claim.shownBy ?? "", {repeats: claim.repeatsFrom, claim: claim.name})}
                    >${t("hazard.counterexample")}${length > 1 ? ` ${n + 1}` : ""}<span class="hidden">: ${claim.name}</span></a
                >`,
            )}
        </span>
    </li>`;
}
