import assert from "node:assert/strict";
import {test} from "node:test";
import {SIZE, linesOfLabel, placeOfToken} from "../diagram/draw.js";
import {BOXES, DRAWN, HALF, HEIGHT, WIDTH} from "../diagram/places.js";
import {crosses, overlap} from "../ladder/labels.js";
import {wordsIn} from "../pictures/words.js";

const boxes = Object.entries(BOXES).map(([state, [x, y]]) => ({state, x, y, w: HALF[0], h: HALF[1], cos: 1, sin: 0}));

function labelBoxes(language) {
    return DRAWN.flatMap(drawn =>
        linesOfLabel(drawn, wordsIn(language)).map(({x, y, anchor, width}) => {
            const middle = anchor === "start" ? x + width / 2 : anchor === "end" ? x - width / 2 : x;
            return {name: `${drawn.from} → ${drawn.to}`, x: middle, y: y - SIZE * 0.33, w: width / 2, h: SIZE * 0.42, cos: 1, sin: 0};
        }),
    );
}

test("the textbook's 21 arrows run from edge to edge of their boxes", () => {
    assert.equal(DRAWN.length, 21);
    const isOnEdge = (state, [x, y]) => {
        const [dx, dy] = [Math.abs(x - BOXES[state][0]), Math.abs(y - BOXES[state][1])];
        return (dx === HALF[0] && dy < HALF[1]) || (dy === HALF[1] && dx < HALF[0]);
    };
    for (const {from, to, route} of DRAWN) {
        assert.ok(isOnEdge(from, route[0]) && isOnEdge(to, route[route.length - 1]), `${from} → ${to}`);
    }
});

test("no arrow runs through a box", () => {
    for (const {from, to, route} of DRAWN) {
        for (const box of boxes.filter(({state}) => state !== from && state !== to)) {
            route.slice(1).forEach((point, at) => assert.ok(!crosses(route[at], point, box, 1), `${from} → ${to}: ${box.state}`));
        }
    }
});

test("labels lie on no arrow, no box and no other label", () => {
    for (const language of ["en", "zh"]) {
        const labels = labelBoxes(language);
        for (const [index, label] of labels.entries()) {
            assert.ok(label.x - label.w > -2 && label.x + label.w < WIDTH && label.y + label.h < HEIGHT, label.name);
            for (const box of boxes) assert.ok(!overlap(label, box, 0), `${language} ${label.name} on ${box.state}`);
            for (const other of labels.slice(index + 1)) assert.ok(!overlap(label, other, 0), `${language} ${label.name} on ${other.name}`);
            for (const {from, to, route} of DRAWN) {
                route.slice(1).forEach((point, at) =>
                    assert.ok(!crosses(route[at], point, label, 0.5), `${language} ${label.name} struck by ${from} → ${to}`),
                );
            }
        }
    }
});

test("both tokens have room in every state", () => {
    for (const state of Object.keys(BOXES)) {
        const [a, b] = [placeOfToken(state, 0), placeOfToken(state, 1)];
        assert.ok(b[0] - a[0] > 20);
        assert.ok(a[0] - 9 > -4 && b[0] + 9 < WIDTH && a[1] - 9 > -1, state);
    }
});
