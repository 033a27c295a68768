//! The page that `tcpspec-page` builds opens as a file, answers as the crate `explorer` does on this machine, and searches.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests report by panicking")]

mod browser;

use browser::Page;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Set where nothing may be skipped.
const REQUIRE: &str = "TCPSPEC_REQUIRE_KERNEL";

/// Past the test harness, which shows nothing of a test that passes.
fn skip(why: &str) {
    assert!(env::var_os(REQUIRE).is_none(), "the static page cannot be tested here: {why}");
    let _ = io::stderr().write_all(format!("SKIPPED the static page: {why}\n").as_bytes());
}

/// Builds the page into a folder; nothing if the target is missing.
fn build(out: &Path) -> Option<()> {
    let built = Command::new(env!("CARGO_BIN_EXE_tcpspec-page")).arg("--out").arg(out).output().unwrap();
    let words = String::from_utf8_lossy(&built.stderr);
    if words.contains("rustup target add") {
        skip("the target wasm32-unknown-unknown is not installed");
        return None;
    }
    assert!(built.status.success(), "{words}");
    print!("{}", String::from_utf8_lossy(&built.stdout));
    Some(())
}

#[test]
fn the_page_opens_as_a_file() {
    let Some(program) = browser::installed() else { return skip("there is no Chromium") };
    let folder = tempfile::tempdir().unwrap();
    // A folder that an address must write in another way.
    let out = folder.path().join("页 one");
    if build(&out).is_none() {
        return;
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "one file is enough");
    let file = format!("file://{}/index.html", out.display()).replace(' ', "%20");
    let link = "scenario=simultaneous-open/in-order";
    let mut page =
        Page::open(&program, &folder.path().join("browser"), &format!("{file}#/run?{link}&lang=en"));

    simultaneous_open(&mut page);
    search(&mut page);
    answers_are_those_of_this_machine(&mut page);
    assert!(page.complaints.is_empty(), "{:#?}", page.complaints);
}

/// RFC 793's figure 8, by clicks.
fn simultaneous_open(page: &mut Page) {
    let clicks = [
        "A's user: active OPEN",
        "B's user: active OPEN",
        "A's SYN <",
        "B's SYN <",
        "A's SYN,ACK <",
        "B's SYN,ACK <",
    ];
    for (words, step) in clicks.iter().zip(1..) {
        page.click(".choice", words);
        page.wait_for(&format!(
            "document.querySelector('main')?.textContent.includes('Step {step} of {step}:')"
        ));
    }
    let both = page.value("document.querySelector('main').textContent.match(/ESTABLISHED/g).length");
    assert!(both.as_u64() >= Some(2), "{both}");
    assert_eq!(page.value("location.hash.split('.').length"), json!(6));
}

/// A run is looked for, found, and opened.
fn search(page: &mut Page) {
    page.click("button", "Find");
    page.click("dialog button", "two SYNs under way");
    page.click("dialog button[type=submit]", "");
    page.wait_for("location.hash.endsWith('path=ao.bo')");
    page.wait_for("document.querySelector('main')?.textContent.includes('Step 2 of 2:')");
}

/// The same octets, though usize has 32 bits there.
fn answers_are_those_of_this_machine(page: &mut Page) {
    // A worker as the page makes it, with what the page brings along.
    page.value(
        "(async () => {
            const text = (id) => document.getElementById(id).textContent;
            const packed = Uint8Array.from(atob(text('wasm')), (octet) => octet.charCodeAt(0));
            const octets = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
            const module = await WebAssembly.compile(await new Response(octets).arrayBuffer());
            const worker = new Worker(URL.createObjectURL(new Blob([text('worker')])));
            worker.postMessage({module});
            window.told = (order) => new Promise((resolve) => {
                worker.onmessage = ({data}) => resolve(data);
                worker.postMessage(order);
            });
        })()",
    );
    let run = "scenario=simultaneous-open/in-order&path=ao.bo";
    for request in [
        json!({ "ask": "start" }),
        json!({ "ask": "table" }),
        json!({ "ask": "run", "link": run, "at": null }),
        json!({ "ask": "what-if", "link": run, "other": "scenario=simultaneous-open/in-order&mutant=crossed:removed" }),
        json!({ "ask": "export", "link": run, "format": "json", "repeatsFrom": null, "claim": null }),
        json!({ "ask": "export", "link": run, "format": "pcapng", "repeatsFrom": null, "claim": null }),
        json!({ "ask": "run", "link": "scenario=nothing", "at": null }),
        json!({ "ask": "nothing" }),
    ] {
        let request = request.to_string();
        let there = page.value(&format!("told({{ask: {request:?}}})"));
        let here = match tcpspec_explorer::answer(&request) {
            Ok(answer) => json!({ "answer": answer }),
            Err(refusal) => json!({ "refused": refusal.error }),
        };
        let (there, here) = (there.to_string(), here.to_string());
        let same = there.bytes().zip(here.bytes()).take_while(|(there, here)| there == here).count();
        let beginning = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[same..]).chars().take(200).collect::<String>()
        };
        assert!(there == here, "{request}: {}\n… here: {}", beginning(&there), beginning(&here));
    }
    let search = json!({ "link": "scenario=simultaneous-open/letter", "find": Value::Null, "limit": 1000 })
        .to_string();
    let there = page.value(&format!("told({{search: {search:?}}})"));
    let mut here = tcpspec_explorer::search::Search::new(&search).unwrap();
    let here = serde_json::to_string(&here.advance(1000, tcpspec_explorer::known::Known::kept())).unwrap();
    let progress = |text: &str| {
        let mut progress: Value = serde_json::from_str(text).unwrap();
        // How much memory is taken depends on the allocator.
        progress["memory"].take();
        progress
    };
    assert_eq!(progress(there["answer"].as_str().unwrap()), progress(&here));
}
