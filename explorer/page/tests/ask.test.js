// The served back end: answers, refusals, and events that come in any pieces.

import assert from "node:assert/strict";
import {afterEach, test} from "node:test";
import {Gone, Refused, served} from "../ask.js";

const real = globalThis.fetch;
afterEach(() => {
    globalThis.fetch = real;
});

/** Answers everything with this. */
function answer(make) {
    globalThis.fetch = async () => make();
}

/** A body that comes in these pieces. */
function body(pieces) {
    return new ReadableStream({
        start(controller) {
            for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
            controller.close();
        },
    });
}

test("an answer", async () => {
    answer(() => new Response('{"version": 1}'));
    assert.deepEqual(await served.ask({ask: "start"}), {version: 1});
});

test("a refusal says why, whether it is JSON or not", async () => {
    answer(() => new Response('{"error": "there is no scenario `x`"}', {status: 400}));
    await assert.rejects(served.ask({ask: "start"}), (error) => error instanceof Refused && error.message === "there is no scenario `x`");
    answer(() => new Response("too many connections\n", {status: 503}));
    await assert.rejects(served.ask({ask: "start"}), (error) => error instanceof Refused && error.message === "too many connections");
});

test("a server that is gone, and an answer that is cut off", async () => {
    answer(() => {
        throw new TypeError("fetch failed");
    });
    await assert.rejects(served.ask({ask: "start"}), Gone);
    answer(() => new Response('{"version'));
    await assert.rejects(served.ask({ask: "start"}), Gone);
});

test("events come in any pieces", async () => {
    const text = ": beat\n\ndata: {\"unique\": 1, \"done\": false}\r\n\r\ndata: {\"unique\": 2, \"done\": true}\n\n";
    for (let size = 1; size < text.length; size += 3) {
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g"));
        answer(() => new Response(body(pieces)));
        const seen = [];
        await served.search({link: "", find: null, limit: 1}, (progress) => seen.push(progress.unique), new AbortController().signal);
        assert.deepEqual(seen, [1, 2], `in pieces of ${size}`);
    }
});

test("a search that ends without a result, or in a refusal", async () => {
    const search = () => served.search({link: "", find: null, limit: 1}, () => {}, new AbortController().signal);
    answer(() => new Response(body(['data: {"unique": 1, "done": false}\n\n'])));
    await assert.rejects(search(), Gone);
    answer(() => new Response(body(['data: {"error": "all searches are taken"}\n\n'])));
    await assert.rejects(search(), Refused);
});
