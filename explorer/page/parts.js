// Small things that several views are made of.

import {html, useEffect, useLayoutEffect, useRef, useState} from "./vendor/preact.js";
import {Gone, Refused} from "./ask.js";
import {letter} from "./happening.js";
import {tableAddress} from "./route.js";
import {t} from "./words.js";

/** @import {Node, VNode} from "./vendor/preact.js" */

/**
 * Drawings of 16 by 16, each a path.
 * @type {Record<string, string>}
 */
const ICONS = {
    first: "M3 3v10M13 3L6 8l7 5z",
    back: "M12 3L4 8l8 5z",
    forward: "M4 3l8 5-8 5z",
    last: "M13 3v10M3 3l7 5-7 5z",
    undo: "M3 7h7a3.5 3.5 0 0 1 0 7H6M6.5 3.5L3 7l3.5 3.5",
    play: "M4 3l9 5-9 5z",
    pause: "M4 3h3v10H4zM9 3h3v10H9z",
    random: "M2 4h3l6 8h3M2 12h3l1.5-2M9.500 6L11 4h3M12 2l2 2-2 2M12 10l2 2-2 2",
    share: "M6.500 9.500l3-3M7 5l2-2a2.800 2.800 0 0 1 4 4l-2 2M9 11l-2 2a2.800 2.800 0 0 1-4-4l2-2",
    export: "M8 2v8M5 7l3 3 3-3M3 13h10",
    find: "M7 2.500a4.500 4.500 0 1 0 0 9a4.500 4.500 0 0 0 0-9M10.500 10.500L14 14",
    whatif: "M2 8h4M6 8c3 0 3-4 6-4h2M6 8c3 0 3 4 6 4h2",
    close: "M4 4l8 8M12 4l-8 8",
    sun: "M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.500 1.500M11.500 11.500L13 13M3 13l1.500-1.500M11.500 4.500L13 3",
    moon: "M13 10A6 6 0 0 1 6 3a5.500 5.500 0 1 0 7 7z",
    help: "M6 6a2 2 0 1 1 3 1.700c-.7.4-1 .8-1 1.800M8 12v.5",
    stop: "M4 4h8v8H4z",
};

/** Those that are filled. */
const SOLID = ["back", "forward", "play", "pause", "stop"];

/** @param {{name: string}} props */
export function Icon({name}) {
    return html`<svg class=${SOLID.includes(name) ? "icon solid" : "icon"} viewBox="0 0 16 16" aria-hidden="true">
        <path d=${ICONS[name] ?? ""} />
    </svg>`;
}

/**
 * An end's letter in its shape: A a circle, B a square.
 * @param {{end: number}} props
 */
export function End({end}) {
    return html`<span class=${`end end-${letter(end).toLowerCase()}`}>${letter(end)}</span>`;
}

/**
 * A row's name, which leads to its page.
 * @param {{name: string}} props
 */
export function RowName({name}) {
    return html`<a class="row-name" href=${tableAddress({row: name})}>${name}</a>`;
}

/**
 * A button with an icon; its name is spoken, and shown beside it where there is room. One that is of no use just now keeps the focus.
 * @param {{icon?: string, name: string, hint?: string, wide?: boolean, pressed?: boolean, disabled?: boolean, class?: string, onClick: () => void}} props
 */
export function Tool({icon, name, hint, wide, pressed, disabled, class: extra, onClick}) {
    return html`<button
        type="button"
        class=${`tool ${wide ? "wide" : ""} ${extra ?? ""}`}
        aria-label=${name}
        aria-pressed=${pressed}
        title=${hint ? `${name} (${hint})` : name}
        aria-disabled=${disabled ? "true" : undefined}
        onClick=${disabled ? undefined : onClick}
    >
        ${icon && html`<${Icon} name=${icon} />`} ${wide && html`<span class="tool-name">${name}</span>`}
    </button>`;
}

/**
 * @param {{name: string, on: boolean, onChange: (on: boolean) => void, children?: Node}} props
 */
export function Switch({name, on, onChange, children}) {
    return html`<label class="switch">
        <input type="checkbox" role="switch" checked=${on} onChange=${() => onChange(!on)} />
        <span>${name}${children}</span>
    </label>`;
}

/**
 * A dialog over the page. Escape closes it; focus goes back to where it came from.
 * @param {{title: string, class?: string, onClose: () => void, children?: Node}} props
 */
export function Dialog({title, class: extra, onClose, children}) {
    const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
    // Before anything is painted: what is typed next goes to the dialog.
    useLayoutEffect(() => {
        const dialog = ref.current;
        const before = document.activeElement;
        if (dialog && !dialog.open) dialog.showModal();
        const wanted = dialog?.querySelector("[data-focus]");
        if (wanted instanceof HTMLElement) wanted.focus();
        return () => {
            dialog?.close();
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);
    return html`<dialog
        ref=${ref}
        class=${`dialog ${extra ?? ""}`}
        aria-label=${title}
        onCancel=${(/** @type {Event} */ event) => {
            event.preventDefault();
            onClose();
        }}
        onClick=${(/** @type {MouseEvent} */ event) => event.target === ref.current && onClose()}
    >
        <div class="dialog-inside">
            <header class="dialog-head">
                <h2>${title}</h2>
                <${Tool} icon="close" name=${t("close")} hint="Esc" onClick=${onClose} />
            </header>
            ${children}
        </div>
    </dialog>`;
}

/**
 * What went wrong, and what to do. As the whole page, or as a part of one.
 * @param {{error: unknown, whole?: boolean, onAgain?: () => void}} props
 */
export function Problem({error, whole, onAgain}) {
    const [title, text, advice] =
        error instanceof Refused
            ? [t("problem.refused"), error.message, t("problem.refused-advice")]
            : error instanceof Gone
              ? [t("problem.gone"), t("problem.gone-text"), t("problem.gone-advice")]
              : [t("problem.page"), String(error), t("problem.page-advice")];
    return html`<section class="problem" role="alert">
        ${whole ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}
        <p class="problem-text">${text}</p>
        <p>${coded(advice)}</p>
        <p class="buttons">
            ${onAgain && html`<button type="button" class="button strong" onClick=${onAgain}>${t("again")}</button>`}
            <a class="button" href="#/">${t("to-start")}</a>
        </p>
    </section>`;
}

export function Waiting() {
    return html`<p class="waiting" role="status">${t("waiting")}</p>`;
}

/**
 * What a promise comes to; asked again when the key changes. The last value stays while the next is awaited.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {string} key
 * @returns {{value: T | null, error: unknown, again: () => void}}
 */
export function useAnswer(ask, key) {
    const [state, set] = useState(/** @type {{value: T | null, error: unknown}} */ ({value: null, error: null}));
    const [round, setRound] = useState(0);
    useEffect(() => {
        let current = true;
        ask().then(
            (value) => current && set({value, error: null}),
            (error) => current && set((before) => ({value: before.value, error})),
        );
        return () => {
            current = false;
        };
    }, [key, round]);
    return {...state, again: () => setRound((n) => n + 1)};
}

/**
 * Text in which what stands between backticks is code.
 * @param {string} text
 * @returns {VNode[] | string}
 */
export function coded(text) {
    if (!text.includes("`")) return text;
    return text.split("`").map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
