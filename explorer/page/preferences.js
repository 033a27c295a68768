// What a reader has chosen and finds again: switches, as hooks.

import {useState} from "./vendor/preact.js";
import {recall, remember} from "./remember.js";

/**
 * @param {string} key
 * @param {boolean} otherwise
 * @returns {[boolean, (on: boolean) => void]}
 */
export function usePreference(key, otherwise) {
    const [value, set] = useState(() => recall(key, String(otherwise)) === "true");
    return [
        value,
        (on) => {
            remember(key, String(on));
            set(on);
        },
    ];
}
