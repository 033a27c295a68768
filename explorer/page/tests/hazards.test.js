// Every hazard of the ledger is there in Chinese, and no other.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import {hazardsZh} from "../words/hazards-zh.js";

const LEDGER = new URL("../../../spec/src/model/scenarios/hazards/ledger.rs", import.meta.url);

test("the Chinese hazards are those of the ledger, in its order", () => {
    const titles = [...readFileSync(LEDGER, "utf8").matchAll(/^ {8}title: "(.*)",$/gm)].map((found) => found[1]);
    assert.notEqual(titles.length, 0);
    assert.deepEqual(Object.keys(hazardsZh), titles);
});
