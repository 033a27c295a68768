// Addresses are read as they are written, and links keep what they hold.

import assert from "node:assert/strict";
import {test} from "node:test";
import {linkOf, parse, runAddress, settingsOf, tableAddress, tokensOf, withPath, withSettings} from "../route.js";

const LINK = "scenario=hazard-1337/off&set=rfc1337:off&bound=a.sends:3&mutant=listen_syn:negated-0&path=ao.bo.d0.afr";

test("the address of a run is read as it is written", () => {
    const place = {at: 3, tour: "simultaneous-open", repeats: 2, claim: "text is delivered once, and in order"};
    assert.deepEqual(parse(runAddress(LINK, place)), {name: "run", link: LINK, ...place});
    assert.deepEqual(parse(runAddress(LINK)), {name: "run", link: LINK, at: null, tour: null, repeats: null, claim: null});
});

test("what is no number of steps is none", () => {
    for (const at of ["-1", "x", "1e3", "1234567"]) {
        const route = parse(`#/run?${LINK}&at=${at}`);
        assert.equal(route.name === "run" && route.at, null, at);
    }
});

test("addresses of the table, and of nothing", () => {
    assert.deepEqual(parse(tableAddress({row: "listen_syn"})), {name: "table", row: "listen_syn", query: ""});
    assert.deepEqual(parse(tableAddress({q: "§3.10.7.4 fifth"})), {name: "table", row: null, query: "§3.10.7.4 fifth"});
    assert.deepEqual(parse(""), {name: "start", part: null});
    assert.deepEqual(parse("#/hazards"), {name: "start", part: "hazards"});
    assert.equal(parse("#/elsewhere").name, "nowhere");
});

test("a path is exchanged, the rest stays", () => {
    assert.deepEqual(tokensOf(LINK), ["ao", "bo", "d0", "afr"]);
    assert.equal(withPath(LINK, []), LINK.replace(/&path=.*/, ""));
    assert.equal(withPath(withPath(LINK, []), tokensOf(LINK)), LINK);
    assert.deepEqual(tokensOf(linkOf("reset")), []);
});

test("settings are exchanged, the path stays", () => {
    const settings = settingsOf(LINK);
    assert.deepEqual(settings, {set: {rfc1337: false}, bound: {"a.sends": "3"}, mutant: "listen_syn:negated-0"});
    assert.equal(withSettings(LINK, settings), LINK);
    assert.equal(withSettings(LINK, {set: {}, bound: {}, mutant: null}), "scenario=hazard-1337/off&path=ao.bo.d0.afr");
});
