// The page: its head, and the view that the address names.

import {Component, html, render, useEffect, useState} from "./vendor/preact.js";
import {askStart} from "./ask.js";
import {keepFocus} from "./focus.js";
import {ImportPage} from "./import.js";
import {Problem, Tool, Waiting, useAnswer} from "./parts.js";
import {recall, remember} from "./remember.js";
import {go, parse} from "./route.js";
import {RunPage} from "./run/run.js";
import {StartPage} from "./start/start.js";
import {TablePage} from "./table/table.js";
import {currentLanguage, setLanguage, t} from "./words.js";

/** @import {Start} from "./api.js" */
/** @import {Route} from "./route.js" */
/** @import {Node} from "./vendor/preact.js" */
/** @import {Language} from "./words.js" */

/** @typedef {"light" | "dark"} Theme */

/** @returns {Theme} */
function firstTheme() {
    const kept = recall("theme", "");
    if (kept === "light" || kept === "dark") return kept;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** The pictures, and whoever reads the page aloud, take the language from here. */
function declareLanguage() {
    document.documentElement.lang = currentLanguage() === "zh" ? "zh-Hans" : "en";
}

function Page() {
    const [route, setRoute] = useState(() => parse(location.hash));
    const [language, pickLanguage] = useState(currentLanguage());
    const [theme, setTheme] = useState(firstTheme);
    const [file, setFile] = useState(/** @type {File | null} */ (null));
    const {value: start, error, again} = useAnswer(askStart, "start");

    useEffect(() => {
        const follow = () => setRoute(parse(location.hash));
        addEventListener("hashchange", follow);
        return () => removeEventListener("hashchange", follow);
    }, []);
    useEffect(() => {
        document.documentElement.dataset["theme"] = theme;
    }, [theme]);
    useEffect(() => {
        document.title = title(route);
        document.body.dataset["view"] = route.name;
        if (route.name !== "start" || route.part === null) scrollTo(0, 0);
    }, [route.name, route.name === "table" ? route.row : null, language]);
    // A file may be dropped anywhere.
    useEffect(() => {
        const over = (/** @type {DragEvent} */ event) => {
            if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
        };
        const drop = (/** @type {DragEvent} */ event) => {
            const dropped = event.dataTransfer?.files[0];
            if (!dropped) return;
            event.preventDefault();
            setFile(dropped);
            go("#/import");
        };
        addEventListener("dragover", over);
        addEventListener("drop", drop);
        return () => {
            removeEventListener("dragover", over);
            removeEventListener("drop", drop);
        };
    }, []);

    const changeLanguage = (/** @type {Language} */ other) => {
        setLanguage(other);
        declareLanguage();
        pickLanguage(other);
        // All is drawn anew, the button, too.
        setTimeout(() => document.getElementById("language")?.focus());
    };
    const changeTheme = () => {
        const other = theme === "dark" ? "light" : "dark";
        remember("theme", other);
        setTheme(other);
    };
    return html`<${Guard} key=${language}>
        <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
        <${Head} route=${route} language=${language} theme=${theme} onLanguage=${changeLanguage} onTheme=${changeTheme} />
        ${error
            ? html`<main id="main" class="page"><${Problem} error=${error} whole onAgain=${again} /></main>`
            : start
              ? html`<${View} route=${route} start=${start} file=${file} onTaken=${() => setFile(null)} />`
              : html`<main id="main" class="page"><${Waiting} /></main>`}
    <//>`;
}

/** @param {Event} event */
function skip(event) {
    // The address is the page's place; it stays.
    event.preventDefault();
    const main = document.getElementById("main");
    main?.setAttribute("tabindex", "-1");
    main?.focus();
}

/** @param {Route} route */
function title(route) {
    const name = t("name");
    if (route.name === "run") return `${new URLSearchParams(route.link).get("scenario") ?? ""} – ${name}`;
    if (route.name === "table") return `${route.row ?? t("nav.table")} – ${name}`;
    if (route.name === "import") return `${t("nav.import")} – ${name}`;
    return name;
}

/**
 * @param {{route: Route, language: Language, theme: Theme, onLanguage: (language: Language) => void, onTheme: () => void}} props
 */
function Head({route, language, theme, onLanguage, onTheme}) {
    const link = (/** @type {string} */ address, /** @type {string} */ text, /** @type {boolean} */ here) =>
        html`<a href=${address} aria-current=${here ? "page" : undefined}>${text}</a>`;
    const part = route.name === "start" ? route.part : null;
    return html`<header class="head">
        <a class="brand" href="#/">${t("name")}</a>
        <nav aria-label=${t("nav")}>
            ${link("#/figures", t("nav.figures"), part === "figures")} ${link("#/hazards", t("nav.hazards"), part === "hazards")}
            ${link("#/scenarios", t("nav.scenarios"), part === "scenarios")} ${link("#/table", t("nav.table"), route.name === "table")}
            ${link("#/import", t("nav.import"), route.name === "import")}
        </nav>
        <div class="head-tools">
            <button type="button" id="language" class="tool wide" lang=${language === "en" ? "zh-Hans" : "en"} onClick=${() => onLanguage(language === "en" ? "zh" : "en")}>
                ${language === "en" ? "中文" : "English"}
            </button>
            <${Tool} icon=${theme === "dark" ? "sun" : "moon"} name=${t(theme === "dark" ? "theme.light" : "theme.dark")} onClick=${onTheme} />
        </div>
    </header>`;
}

/**
 * @param {{route: Route, start: Start, file: File | null, onTaken: () => void}} props
 */
function View({route, start, file, onTaken}) {
    switch (route.name) {
        case "start":
            return html`<${StartPage} start=${start} part=${route.part} />`;
        case "run":
            return html`<${RunPage} start=${start} route=${route} />`;
        case "table":
            return html`<${TablePage} start=${start} row=${route.row} query=${route.query} />`;
        case "import":
            return html`<${ImportPage} file=${file} onTaken=${onTaken} />`;
        case "nowhere":
            return html`<main id="main" class="page">
                <section class="problem" role="alert">
                    <h1>${t("nowhere")}</h1>
                    <p class="problem-text">${route.address}</p>
                    <p><a class="button strong" href="#/">${t("to-start")}</a></p>
                </section>
            </main>`;
    }
}

/**
 * A fault of the page itself is shown, too.
 * @extends {Component<{}, {error: unknown}>}
 */
class Guard extends Component {
    /** @param {unknown} error */
    componentDidCatch(error) {
        this.setState({error});
    }

    /** @returns {Node} */
    render() {
        const {error} = this.state;
        if (error) return html`<main class="page"><${Problem} error=${error} whole onAgain=${() => location.reload()} /></main>`;
        return this.props.children;
    }
}

const place = document.getElementById("page");
if (place) {
    declareLanguage();
    place.replaceChildren();
    keepFocus(place);
    render(html`<${Page} />`, place);
}
