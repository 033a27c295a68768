// A screenshot with at most 256 colours: a quarter of its octets, and nobody sees it.

import {crc32, deflateSync, inflateSync} from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/**
 * @param {Buffer} png  Eight bits a channel, not interlaced: as browsers write them.
 */
function decoded(png) {
    /** @type {Buffer[]} */
    const data = [];
    let [width, height, depth] = [0, 0, 4];
    for (let at = SIGNATURE.length; at < png.length; ) {
        const length = png.readUInt32BE(at);
        const kind = png.toString("latin1", at + 4, at + 8);
        const body = png.subarray(at + 8, at + 8 + length);
        if (kind === "IHDR") [width, height, depth] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9] === 2 ? 3 : 4];
        if (kind === "IDAT") data.push(body);
        at += length + 12;
    }
    const raw = inflateSync(Buffer.concat(data));
    const row = width * depth;
    const pixels = new Uint8Array(row * height);
    for (let y = 0; y < height; y += 1) {
        const filter = raw[y * (row + 1)];
        for (let x = 0; x < row; x += 1) {
            const at = y * row + x;
            const left = x >= depth ? (pixels[at - depth] ?? 0) : 0;
            const up = y > 0 ? (pixels[at - row] ?? 0) : 0;
            const corner = x >= depth && y > 0 ? (pixels[at - row - depth] ?? 0) : 0;
            const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
            pixels[at] = (raw[y * (row + 1) + 1 + x] ?? 0) + guess;
        }
    }
    return {width, height, depth, pixels};
}

/**
 * @param {number} left
 * @param {number} up
 * @param {number} corner
 */
function paeth(left, up, corner) {
    const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
    return a <= b && a <= c ? left : b <= c ? up : corner;
}

/**
 * @param {string} kind
 * @param {Uint8Array} body
 */
function chunk(kind, body) {
    const inside = Buffer.concat([Buffer.from(kind, "latin1"), body]);
    const whole = Buffer.alloc(inside.length + 8);
    whole.writeUInt32BE(body.length, 0);
    inside.copy(whole, 4);
    whole.writeUInt32BE(crc32(inside) >>> 0, inside.length + 4);
    return whole;
}

/**
 * @param {Buffer} png
 * @returns {Buffer}
 */
export function quantized(png) {
    const {width, height, depth, pixels} = decoded(png);
    /** How often each colour is there. @type {Map<number, number>} */
    const counts = new Map();
    const colour = (/** @type {number} */ at) => ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
    for (let at = 0; at < pixels.length; at += depth) counts.set(colour(at), (counts.get(colour(at)) ?? 0) + 1);
    // A page has few colours; the many rare ones are edges of letters, which their neighbours stand for.
    const palette = [...counts].sort(([a, n], [b, m]) => m - n || a - b).slice(0, 256).map(([colour]) => colour);
    /** @type {Map<number, number>} */
    const nearest = new Map(palette.map((colour, index) => [colour, index]));
    const indexOf = (/** @type {number} */ wanted) => {
        let index = nearest.get(wanted);
        if (index === undefined) {
            let least = Infinity;
            index = 0;
            for (const [n, colour] of palette.entries()) {
                const far = ((wanted >> 16) - (colour >> 16)) ** 2 + (((wanted >> 8) & 255) - ((colour >> 8) & 255)) ** 2 + ((wanted & 255) - (colour & 255)) ** 2;
                if (far < least) [least, index] = [far, n];
            }
            nearest.set(wanted, index);
        }
        return index;
    };
    const rows = Buffer.alloc((width + 1) * height);
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf(colour((y * width + x) * depth));
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 3, 0, 0, 0], 8);
    return Buffer.concat([
        SIGNATURE,
        chunk("IHDR", head),
        chunk("PLTE", Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
        chunk("IDAT", deflateSync(rows, {level: 9})),
        chunk("IEND", Buffer.alloc(0)),
    ]);
}
