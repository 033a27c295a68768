import assert from "node:assert/strict";
import {test} from "node:test";
import {crosses, overlap} from "../ladder/labels.js";
import {layoutOf} from "../ladder/layout.js";
import {rowsOf} from "../ladder/rows.js";
import {statusOf, drawing} from "../ladder/status.js";
import {linesOf} from "../ladder/text.js";
import {wordsIn} from "../pictures/words.js";
import {CLOSE, OPEN, randomRun, runOf} from "./runs.js";

const look = (width, more = {}) => ({width, showRows: false, relative: false, repeatsFrom: null, words: wordsIn("en"), ...more});
const RANDOM = Array.from({length: 12}, (_, seed) => randomRun(seed + 1, 60));

test("what happens at once lies at one height, in whichever order the path names it", () => {
    assert.deepEqual(rowsOf(OPEN.steps, OPEN.flights), [0, 0, 1, 1, 2, 2]);
    const rows = rowsOf(CLOSE.steps, CLOSE.flights);
    // Both CLOSEs, both FINs leave, both arrive, both ACKs arrive.
    for (const [a, b] of [[5, 7], [6, 8], [9, 10], [11, 12]]) assert.equal(rows[a], rows[b], `${rows}`);
});

test("crossing arrows are mirror images, and so are their labels", () => {
    for (const width of [400, 480, 560, 760]) {
        const layout = layoutOf(OPEN, look(width));
        const middle = layout.lane[0] + layout.lane[1];
        for (const [one, other] of [[0, 1], [2, 3]]) {
            const [a, b] = [one, other].map(number => layout.ways.findIndex(way => way.flight === OPEN.flights[number]));
            layout.ways[a].points.forEach(([x, y], index) => {
                const [otherX, otherY] = layout.ways[b].points[index];
                assert.ok(Math.abs(x + otherX - middle) < 1 && Math.abs(y - otherY) < 1);
            });
            const [first, second] = [a, b].map(way => layout.placed.find(placed => placed.way === way).box);
            assert.ok(Math.abs(first.y - second.y) < 1, `${width}: ${first.y} ${second.y}`);
        }
    }
});

test("a step lies below all that it depends on", () => {
    for (const run of [OPEN, CLOSE, ...RANDOM]) {
        const rows = rowsOf(run.steps, run.flights);
        const last = [-1, -1];
        run.steps.forEach(({end}, step) => {
            if (end === null) {
                // The clock and the network concern both ends.
                assert.ok(rows[step] > Math.max(...last), run.link);
                last.fill(rows[step]);
            } else {
                assert.ok(rows[step] > last[end], run.link);
                last[end] = rows[step];
            }
        });
        for (const {sent, ends} of run.flights) if (ends !== null) assert.ok(rows[sent] < rows[ends], run.link);
    }
});

test("labels lie on no other label and no arrow, but for the few that are told", () => {
    let [all, crowded] = [0, 0];
    for (const run of [OPEN, CLOSE, ...RANDOM]) {
        for (const width of [400, 560, 760]) {
            const {placed, ways, lane} = layoutOf(run, look(width));
            const strokes = ways.flatMap(({points}, way) => points.slice(1).map((to, at) => ({way, from: points[at], to})));
            for (const [index, label] of placed.entries()) {
                all += 1;
                if (!label.clean) {
                    crowded += 1;
                    continue;
                }
                for (const other of placed.slice(index + 1)) assert.ok(!other.clean || !overlap(label.box, other.box, 0), `${run.link} ${width} ${JSON.stringify([label, other])}`);
                for (const {way, from, to} of strokes) {
                    if (way !== label.way) assert.ok(!crosses(from, to, label.box, 0), `${run.link} ${width}`);
                }
                assert.ok(label.box.x - label.box.w * label.box.cos > lane[0] && label.box.x + label.box.w * label.box.cos < lane[1]);
            }
        }
    }
    for (const run of [OPEN, CLOSE]) {
        for (const width of [400, 560, 760]) assert.ok(layoutOf(run, look(width)).placed.every(label => label.clean), `${run.link} ${width}`);
    }
    assert.ok(crowded < all * 0.15, `${crowded} of ${all}`);
});

test("notes beside the lifelines do not overlap", () => {
    for (const run of [OPEN, CLOSE, ...RANDOM]) {
        const {places, rows} = layoutOf(run, look(420, {showRows: true}));
        for (const {row, lines} of places) assert.ok(rows[row + 1] - rows[row] >= lines.length * 11);
    }
});

test("2MSL is a span, from entering TIME-WAIT to leaving it, and shows where it starts anew", () => {
    const run = runOf([
        {end: 0, call: "CLOSE", state: "TIME-WAIT"},
        {end: 1, call: "SEND", sends: ["<SEQ=6><ACK=1><CTL=FIN,ACK>"]},
        {arrives: 0, rows: ["old_fin"], restarts: true},
        {tick: true},
        {end: 0, call: "timer", state: "CLOSED"},
    ]);
    const span = layoutOf(run, look(560)).spans.find(({state}) => state === "TIME-WAIT");
    assert.deepEqual([span.from, span.to, span.restarts], [0, 4, [2]]);
});

test("what lies ahead is pale, what is under way is half drawn", () => {
    const layout = layoutOf(OPEN, look(560));
    const status = statusOf(layout, 3);
    assert.equal(status.step(2), "ladder-step ladder-last");
    assert.equal(status.step(3), "ladder-step ladder-future");
    const [arrived, underWay, sentNow, later] = OPEN.flights.map((_, index) => status.flight(index));
    assert.deepEqual([arrived, underWay, sentNow, later], ["ladder-last", "ladder-air", "ladder-air", "ladder-future"]);
});

test("the text has a line for each step, in both languages", () => {
    for (const language of ["en", "zh"]) {
        const lines = linesOf(CLOSE, CLOSE.steps.length, language);
        assert.equal(lines.length, CLOSE.steps.length + 1);
        assert.ok(lines[3].includes("<SEQ=14><CTL=SYN>") && lines[3].includes("SYN-RECEIVED"), lines[3]);
    }
});

test("a file is well-formed and holds its style", () => {
    const svg = drawing(layoutOf(RANDOM[0], look(720, {repeatsFrom: 3})), ["TCP A", "TCP <B>"], 20, "en");
    const open = [];
    for (const [, close, name, empty] of svg.matchAll(/<(\/?)([\w]+)[^<>]*?(\/?)>/g)) {
        if (close) assert.equal(open.pop(), name);
        else if (!empty) open.push(name);
    }
    assert.deepEqual(open, []);
    assert.ok(svg.includes(".ladder-stroke{") && !svg.includes("var(--"));
    assert.ok(!svg.includes("<B>") && !svg.includes("undefined") && !svg.includes("NaN"));
});
