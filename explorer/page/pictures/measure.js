// How wide text is, as far as one can know without drawing it, and how it is broken into lines.

/** Widths of characters in parts of the font's size, on the safe side for the usual sans-serif fonts. */
const NARROW = /[ijl.,:;'|! ]/;
const SLIM = /[ftrI()[\]\-/·]/;
const WIDE = /[mwMW@%]/;

/**
 * @param {string} text
 * @param {number} size of the font
 * @param {boolean} [bold]
 */
export function widthOf(text, size, bold = false) {
    let width = 0;
    for (const letter of text) {
        if (letter > "\u2e7f") width += 1;
        else if (NARROW.test(letter)) width += 0.32;
        else if (SLIM.test(letter)) width += 0.44;
        else if (WIDE.test(letter)) width += 0.9;
        else if (letter === "=" || letter === "+") width += 0.82;
        else if (letter >= "0" && letter <= "9") width += 0.63;
        else if (letter >= "A" && letter <= "Z") width += 0.69;
        else width += 0.6;
    }
    return width * size * (bold ? 1.11 : 1);
}

/**
 * Text in lines that fit. What is too long for a line is broken after `_`, `-` or `,`, and between Chinese characters.
 * @param {string} text
 * @param {number} size
 * @param {number} room
 * @param {boolean} [bold]
 * @returns {string[]}
 */
export function wrap(text, size, room, bold = false) {
    if (widthOf(text, size, bold) <= room) return [text];
    /** @type {string[]} */
    const lines = [];
    let line = "";
    for (const piece of pieces(text, size, room, bold)) {
        if (line === "" || widthOf((line + piece).trimEnd(), size, bold) <= room) {
            line += line === "" ? piece.trimStart() : piece;
        } else {
            lines.push(line.trimEnd());
            line = piece.trimStart();
        }
    }
    if (line.trim() !== "") lines.push(line.trimEnd());
    return lines;
}

/**
 * Words with the spaces before them; those that do not fit into a line are cut.
 * @param {string} text
 * @param {number} size
 * @param {number} room
 * @param {boolean} bold
 */
function pieces(text, size, room, bold) {
    const words = text.match(/\s*(?:[\u2e80-\uffff]|[^\s\u2e80-\uffff]+)/g) ?? [];
    return words.flatMap(word =>
        widthOf(word.trim(), size, bold) <= room ? [word] : (word.match(/[^_,-]+[_,-]*/g) ?? [word]),
    );
}
