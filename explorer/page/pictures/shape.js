// A picture as data. It becomes elements on the page, or the text of a file.

/** @typedef {[tag: string, props: Record<string, unknown>, ...inside: Shape[]]} ShapeElement */
/** @typedef {string | null | ShapeElement} Shape */

/** @param {string} text */
export function escaped(text) {
    return text.replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`);
}

/**
 * As the text of a file. Handlers and keys are of the page only.
 * @param {Shape} shape
 * @returns {string}
 */
export function written(shape) {
    if (shape === null) return "";
    if (typeof shape === "string") return escaped(shape);
    const [tag, props, ...inside] = shape;
    const attributes = Object.entries(props)
        .filter(([name, value]) => name !== "key" && typeof value !== "function" && value !== undefined && value !== null)
        .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
        .join("");
    return `<${tag}${attributes}>${inside.map(written).join("")}</${tag}>`;
}

/**
 * A length in a picture, in tenths.
 * @param {number} value
 */
export function tenths(value) {
    return Math.round(value * 10) / 10;
}

/**
 * A line through points, for the `d` of a path.
 * @param {Point[]} points
 */
export function through(points) {
    return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${tenths(x)} ${tenths(y)}`).join("");
}

/** @typedef {[x: number, y: number]} Point */

/**
 * The head of an arrow.
 * @param {Point} from the point before the tip
 * @param {Point} tip
 * @param {number} length
 */
export function headOf(from, tip, length) {
    const size = Math.hypot(tip[0] - from[0], tip[1] - from[1]) || 1;
    const [dx, dy] = [(tip[0] - from[0]) / size, (tip[1] - from[1]) / size];
    const [bx, by] = [tip[0] - dx * length, tip[1] - dy * length];
    const half = length * 0.42;
    return `${through([tip, [bx - dy * half, by + dx * half], [bx + dy * half, by - dx * half]])}Z`;
}
