// Focus is not lost when what had it goes: it moves to what was around it, so that those without a mouse stay where they were.

/** What is worth to be told of: it has a name. */
const PLACES = "section, nav, form, [role=toolbar], [role=tabpanel], li, main";

/**
 * Watches from now on.
 * @param {HTMLElement} page
 */
export function keepFocus(page) {
    /** What had focus, and all that was around it, from the inside out. @type {Element[]} */
    let around = [];
    addEventListener("focusin", ({target}) => {
        around = [];
        for (let element = target instanceof Element ? target : null; element; element = element.parentElement) around.push(element);
    });
    const look = () => {
        if (around.length === 0 || document.activeElement !== document.body) return;
        // What is there still, and has only let go of focus, did so by the reader's will.
        if (around[0]?.isConnected) return;
        const next = around.find((element) => element.isConnected && page.contains(element) && element.matches(PLACES)) ?? document.getElementById("main");
        if (!(next instanceof HTMLElement)) return;
        if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
        next.focus({preventScroll: true});
    };
    new MutationObserver(look).observe(page, {childList: true, subtree: true});
}
