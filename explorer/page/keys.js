// Keys of the run. Those of one letter can be switched off; nothing is listened to while somebody writes.

import {useLayoutEffect, useRef} from "./vendor/preact.js";

/** @import {Key} from "./words.js" */

/**
 * Key, action, and what the help says.
 * @type {[string[], string, Key][]}
 */
export const KEYS = [
    [["ArrowRight"], "forward", "key.forward"],
    [["ArrowLeft"], "back", "key.back"],
    [["Home"], "first", "key.first"],
    [["End"], "last", "key.last"],
    [["Backspace", "u"], "undo", "key.undo"],
    [[" ", "p"], "play", "key.play"],
    [["r"], "random", "key.random"],
    [["R"], "walk", "key.walk"],
    [["+", "="], "faster", "key.faster"],
    [["-"], "slower", "key.slower"],
    [["/"], "filter", "key.filter"],
    [["f"], "find", "key.find"],
    [["w"], "whatIf", "key.what-if"],
    [["c"], "claims", "key.claims"],
    [["n"], "rows", "key.rows"],
    [["m"], "relative", "key.relative"],
    [["s"], "share", "key.share"],
    [["e"], "export", "key.export"],
    [["?"], "help", "key.help"],
];

/** @param {EventTarget | null} target */
function writes(target) {
    if (!(target instanceof HTMLElement)) return false;
    if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "file"].includes(target.type);
    return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

/**
 * The keys that this element has a use for itself.
 * @param {EventTarget | null} target
 * @param {string} key
 */
function uses(target, key) {
    if (!(target instanceof Element)) return false;
    if (key === " ") return target.closest("button, a, summary, input, [role=button]") !== null;
    return key.startsWith("Arrow") && target.closest("[role=tab]") !== null;
}

/**
 * @param {boolean} active  No dialog is open.
 * @param {boolean} letters  Keys that write something are listened to.
 * @param {Record<string, () => void>} actions
 * @param {(n: number) => void} onNumber  A choice by its number, counted from 0.
 */
export function useKeys(active, letters, actions, onNumber) {
    const latest = useRef({active, letters, actions, onNumber});
    latest.current = {active, letters, actions, onNumber};
    // Before the page is painted: whoever sees it can use them.
    useLayoutEffect(() => {
        const listen = (/** @type {KeyboardEvent} */ event) => {
            const {active, letters, actions, onNumber} = latest.current;
            if (!active || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
            if (writes(event.target) || uses(event.target, event.key)) return;
            if (event.key.length === 1 && !letters && event.key !== "?") return;
            if (/^[1-9]$/.test(event.key)) {
                event.preventDefault();
                onNumber(Number(event.key) - 1);
                return;
            }
            const found = KEYS.find(([keys]) => keys.includes(event.key));
            const action = found && actions[found[1]];
            if (!action) return;
            event.preventDefault();
            action();
        };
        addEventListener("keydown", listen);
        return () => removeEventListener("keydown", listen);
    }, []);
}
