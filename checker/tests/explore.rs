//! The explorer's server as strangers meet it: what it says to browsers, and whom it refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;
#[path = "common/explorer.rs"]
mod explorer;

use explorer::{Answer, Explorer, LONG, PATIENCE, events, post, tcpspec};
use std::io::{BufReader, ErrorKind, Read, Write};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

#[test]
fn every_answer_is_protected() {
    let explorer = Explorer::new(&[]);
    for answer in [
        explorer.get("/"),
        explorer.get("/page/main.js"),
        explorer.get("/nothing"),
        explorer.get("/ask"),
        explorer.ask(r#"{"ask":"start"}"#),
        explorer.ask("nonsense"),
        explorer.said("GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n"),
    ] {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value);
        }
    }
}

#[test]
fn the_page_and_its_answers_are_served() {
    let explorer = Explorer::new(&[]);
    let page = explorer.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    // Whatever the page names is there.
    for part in page.body.split("\"page/").skip(1) {
        let name = part.split('"').next().unwrap();
        let file = explorer.get(&format!("/page/{name}"));
        assert_eq!(file.status, 200, "{name}");
        let is =
            if name.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(file.header("content-type"), is);
    }
    assert!(page.body.contains("\"page/main.js\""), "{}", page.body);
    let run = explorer.ask(r#"{"ask":"run","link":"scenario=simultaneous-open&path=ao.bo"}"#);
    assert_eq!((run.status, run.header("content-type")), (200, "application/json"));
    assert!(run.body.contains("SYN-SENT"), "{}", run.body);
    // Many requests on one connection.
    let mut stream = BufReader::new(explorer.connect());
    for _ in 0..50 {
        let request = post(&explorer.at, "/ask", r#"{"ask":"run","link":"scenario=fast-close"}"#);
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        assert_eq!(Answer::read(&mut stream).status, 200);
    }
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}

#[test]
fn what_is_asked_wrongly_is_told_in_a_sentence() {
    let explorer = Explorer::new(&[]);
    let at = &explorer.at;
    for (request, status, says) in [
        (post(at, "/ask", "nonsense"), 400, "no request that the explorer knows"),
        (
            post(at, "/ask", r#"{"ask":"run","link":"scenario=nowhere"}"#),
            400,
            "there is no scenario `nowhere`",
        ),
        (post(at, "/ask", ""), 400, "no request"),
        (
            post(at, "/search", r#"{"link":"scenario=fast-close","find":"the moon","limit":5}"#),
            400,
            "not understood",
        ),
        (
            post(at, "/search", r#"{"link":"scenario=fast-close","find":null,"limit":6000000}"#),
            400,
            "5,000,000",
        ),
        (post(at, "/search", "{}"), 400, "no search that the explorer knows"),
        (post(at, "/nothing", "{}"), 404, "There is nothing at"),
        (
            post(at, "/ask", "{}").replace("application/json", "text/plain"),
            415,
            "content-type: application/json",
        ),
        (post(at, "/ask", "{}").replace("content-type", "x-type"), 415, "content-type: application/json"),
        (post(at, "/ask", &" ".repeat(2 << 20)), 413, "more than 1 MiB"),
    ] {
        let answer = explorer.said(&request);
        let error = answer.error();
        assert_eq!(answer.status, status, "{error}");
        assert!(error.contains(says), "no `{says}` in: {error}");
    }
    let file = |length| format!(r#"{{"ask":"import","name":"x","data":"{}"}}"#, "A".repeat(length));
    let large = explorer.ask(&file(9 << 20));
    assert!(large.status == 400 && large.error().contains("trace"), "{large:?}");
    assert_eq!(explorer.ask(&file(12 << 20)).status, 413);
    for (path, status) in
        [("/page/nothing.js", 404), ("/page/../Cargo.toml", 404), ("/page/", 404), ("/ask", 405)]
    {
        let answer = explorer.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer.body.contains("<h1>") && answer.body.contains("href=\"/\""),
            "{path}: {}",
            answer.body
        );
    }
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}

#[test]
fn strangers_are_refused() {
    let explorer = Explorer::new(&[]);
    let port = explorer.at.rsplit(':').next().unwrap();
    let body = r#"{"ask":"start"}"#;
    for host in
        ["evil.example".into(), format!("evil.example:{port}"), "localhost".into(), "127.0.0.1:1".into()]
    {
        let answer = explorer.said(&format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n"));
        assert_eq!(answer.status, 403, "{host}");
        assert!(answer.body.contains(&format!("Open http://127.0.0.1:{port}")), "{}", answer.body);
        let answer = explorer.said(&post(&host, "/ask", body));
        assert_eq!((answer.status, answer.error().contains(&host)), (403, true));
    }
    for origin in ["http://evil.example", "null", "http://localhost:1", "https://localhost"] {
        for path in ["/ask", "/search"] {
            let request =
                post(&explorer.at, path, body).replace("\r\n\r\n", &format!("\r\norigin: {origin}\r\n\r\n"));
            assert_eq!(explorer.said(&request).status, 403, "{origin}");
        }
    }
    for host in [format!("localhost:{port}"), format!("[::1]:{port}"), explorer.at.clone()] {
        let request =
            post(&host, "/ask", body).replace("\r\n\r\n", &format!("\r\norigin: http://{host}\r\n\r\n"));
        assert_eq!(explorer.said(&request).status, 200, "{host}");
    }
}

#[test]
fn searches_find_runs_and_checks_decide_claims() {
    let explorer = Explorer::new(&[]);
    let found = events(
        &explorer,
        r#"{"link":"scenario=simultaneous-close","find":"both in CLOSING","limit":300000}"#,
    );
    let last = found.last().unwrap();
    let link = last["found"].as_str().unwrap();
    assert!(last["done"] == true && link.starts_with("scenario=simultaneous-close&path="), "{last}");
    assert_eq!(explorer.ask(&format!(r#"{{"ask":"run","link":"{link}"}}"#)).status, 200);

    let none = events(&explorer, r#"{"link":"scenario=fast-close","find":"A delivered 9","limit":300000}"#);
    assert!(none.last().unwrap()["complete"] == true && none.last().unwrap()["found"].is_null());

    // A check decides claims about runs, too.
    let checked = events(
        &explorer,
        r#"{"link":"scenario=liveness/window&mutant=edge_ack:removed","find":null,"limit":300000}"#,
    );
    let last = checked.last().unwrap();
    let storm = last["claims"].as_array().unwrap().iter().find(|claim| claim["kind"] == "no cycle").unwrap();
    assert!(storm["verdict"] == "violated" && storm["repeatsFrom"].is_number(), "{storm}");
    assert!(last["complete"] == true && last["found"].is_string(), "{last}");

    // One that is stopped by its limit says so, and leaves open what it does not know.
    let few = events(&explorer, r#"{"link":"scenario=anything","find":null,"limit":5000}"#);
    let last = few.last().unwrap();
    assert!(last["done"] == true && last["complete"] == false, "{last}");
    assert!(last["words"].as_str().unwrap().contains("there are more"), "{last}");
    assert!(last["claims"].as_array().unwrap().iter().any(|claim| claim["verdict"] == "open"), "{last}");
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}

#[test]
fn the_address_says_what_it_begins_with() {
    for (arguments, ends) in [
        (&[][..], "/"),
        (&["time-wait"], "/#/run?scenario=time-wait"),
        (
            &["fast-close", "--set", "rfc1337=off", "--bound", "window=3"],
            "/#/run?scenario=fast-close&set=rfc1337:off&bound=window:3",
        ),
        (
            &["--open", "scenario=simultaneous-open&path=ao.bo"],
            "/#/run?scenario=simultaneous-open&path=ao.bo",
        ),
        (
            &["--open", "http://x/#/run?scenario=fast-close&at=1&path=ao&repeats=0"],
            "/#/run?scenario=fast-close&path=ao&repeats=0",
        ),
        (
            &["--claim", "when the SYNs cross"],
            "/#/run?scenario=simultaneous-open/letter&path=ao.bo.d0.d0.d0.d0.d0.d0&claim=when+the+SYNs+cross+on+a+perfect+network%2C+exactly+four+segments+are+exchanged",
        ),
    ] {
        let explorer = Explorer::new(arguments);
        let url = explorer.first.split("http://").nth(1).unwrap().split(' ').next().unwrap();
        assert_eq!(url.strip_prefix(&explorer.at), Some(ends), "{}", explorer.first);
        assert_eq!(explorer.get("/").status, 200);
    }
}

/// Refused with status 2.
fn refused(arguments: &[&str], says: &str) {
    let mut child = tcpspec(arguments).spawn().unwrap();
    let start = Instant::now();
    // One that is not refused would serve for ever.
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{arguments:?} is not refused");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&stderr);
    assert_eq!((status.code(), stdout.as_slice()), (Some(2), &b""[..]), "{arguments:?}: {error}");
    assert!(error.contains(says), "{arguments:?}: no `{says}` in: {error}");
}

#[test]
fn what_cannot_be_opened_is_told() {
    let file = std::env::temp_dir().join(format!("tcpspec-explore-{}.json", std::process::id()));
    let name = file.to_str().unwrap();
    refused(&["explore", "simultanous-open"], "did you mean `simultaneous-open`");
    refused(&["explore", "--open", "path=ao"], "names no scenario");
    refused(&["explore", "--port", "0", "--open", "scenario=fast-close&path=t"], "cannot happen there");
    refused(&["explore", "--port", "0", "--claim", "the moon is round"], "no scenario has a claim");
    refused(&["explore", "--port", "0", "--set", "rfc1337=off"], "name it");
    refused(&["explore", "--port", "0", "--trace", name], &format!("cannot open {name}"));
    for (text, says) in [
        ("{", "cut off"),
        ("[]", "no trace of this tool"),
        (r#"{"format":"tcpspec-trace","version":99}"#, "version 99"),
    ] {
        std::fs::write(&file, text).unwrap();
        refused(&["explore", "--port", "0", "--trace", name], says);
    }
    std::fs::remove_file(&file).unwrap();
}

/// Where a connection may take any initial number, the link keeps the one that it took.
#[test]
fn a_link_keeps_numbers_that_were_free() {
    let Output { stdout, .. } = tcpspec(&["check", "hazard-1337/off"]).output().unwrap();
    let said = String::from_utf8_lossy(&stdout);
    let links: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_once("tcpspec explore --open '")?.1.strip_suffix('\''))
        .collect();
    assert!(links.iter().any(|link| link.contains(".ao_")), "{said}");
    for link in links {
        let explorer = Explorer::new(&["--open", link]);
        assert!(explorer.first.contains(link), "{}", explorer.first);
    }
}

#[test]
fn a_counterexample_is_printed_written_and_opened() {
    let file = std::env::temp_dir().join(format!("tcpspec-counterexample-{}.json", std::process::id()));
    let name = file.to_str().unwrap();
    let link = "scenario=simultaneous-open/letter&path=ao.bo.d0.d0.d0.d0.d0.d0";
    for arguments in [
        &["check", "simultaneous-open/letter", "--trace", name][..],
        &["trace", "when the SYNs cross", "--json", name],
    ] {
        let Output { status, stdout, .. } = tcpspec(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&stdout);
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(said.contains(&format!("tcpspec explore --open '{link}'\n")), "{said}");
        let explorer = Explorer::new(&["--trace", name]);
        assert!(explorer.first.contains(&format!("/#/run?{link} ")), "{}", explorer.first);
        std::fs::remove_file(&file).unwrap();
    }
    // One that repeats for ever says from where on.
    let arguments = ["trace", "time-wait", "--json", name];
    assert!(tcpspec(&arguments).output().unwrap().status.success());
    assert!(Explorer::new(&["--trace", name]).first.contains("/#/run?scenario=time-wait&path="));
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_port_is_taken_once_and_a_wide_address_is_warned_of() {
    let first = Explorer::new(&[]);
    let port = first.at.rsplit(':').next().unwrap();
    assert_ne!(port, "0");
    assert_ne!(first.at, Explorer::new(&[]).at);
    refused(&["explore", "--port", port], "choose another with --port or --address");
    let wide = Explorer::new(&["--address", "0.0.0.0"]);
    assert!(wide.at.starts_with("127.0.0.1:"), "{}", wide.at);
    let start = Instant::now();
    while !wide.errors.lock().unwrap().contains("Warning: everybody who can reach 0.0.0.0:") {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(wide.get("/").status, 200);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_quietly() {
    let mut explorer = Explorer::new(&[]);
    let mut search = explorer.connect();
    search.write_all(post(&explorer.at, "/search", LONG).as_bytes()).unwrap();
    assert!(search.read(&mut [0; 100]).unwrap() > 0);
    let kill = Command::new("kill").args(["-INT", &explorer.child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = explorer.child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(0));
    let mut rest = Vec::new();
    match search.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}
