// What the page keeps in the browser between visits. A page opened as a file may not be allowed to keep anything.

/**
 * @param {string} key
 * @param {string} otherwise
 */
export function recall(key, otherwise) {
    try {
        return localStorage.getItem(`tcpspec.${key}`) ?? otherwise;
    } catch {
        return otherwise;
    }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
    try {
        localStorage.setItem(`tcpspec.${key}`, value);
    } catch {
        // Then it is forgotten.
    }
}
