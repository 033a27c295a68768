//! The explorer's server as strangers meet it: what it says to browsers, whom it refuses, and that clients of the worst kinds do not keep the others from being served.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// No test waits for longer.
const PATIENCE: Duration = Duration::from_secs(60);

fn tcpspec(arguments: &[&str]) -> Command {
    let mut command = common::tcpspec();
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server that has been started.
struct Explorer {
    child: Child,
    /// Its address and port.
    at: String,
    /// The first line that it said.
    first: String,
    /// What it said after that.
    errors: Arc<Mutex<String>>,
}

impl Explorer {
    fn new(arguments: &[&str]) -> Self {
        let mut child = tcpspec(&[&["explore", "--port", "0"], arguments].concat()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let at = first.split("http://").nth(1).and_then(|rest| rest.split(['/', ' ']).next());
        let at = at.unwrap_or_else(|| panic!("{first}")).to_owned();
        let errors = Arc::new(Mutex::new(String::new()));
        let theirs = Arc::clone(&errors);
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                *theirs.lock().unwrap() += &(line + "\n");
            }
        });
        Self { child, at, first, errors }
    }

    fn connect(&self) -> TcpStream {
        connect(&self.at)
    }

    /// The answer to a request that is written like this; the server closes the connection after it.
    fn said(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(&mut BufReader::new(stream))
    }

    fn get(&self, path: &str) -> Answer {
        self.said(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.at))
    }

    fn ask(&self, body: &str) -> Answer {
        self.said(&post(&self.at, "/ask", body))
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn connect(at: &str) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn post(at: &str, path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {at}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What the server answers.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// Reads one whose length is told.
    fn read(stream: &mut BufReader<TcpStream>) -> Self {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).unwrap() > 0, "cut off after: {head}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        Self { status, head, body: String::from_utf8_lossy(&body).into_owned() }
    }

    fn header(&self, name: &str) -> &str {
        header(&self.head, name).unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }

    /// Why there is no answer.
    fn error(&self) -> String {
        let value: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        value["error"].as_str().unwrap().to_owned()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

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

/// All events of a search.
fn events(explorer: &Explorer, body: &str) -> Vec<serde_json::Value> {
    let mut stream = explorer.connect();
    stream
        .write_all(
            post(&explorer.at, "/search", body)
                .replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        )
        .unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("content-type: text/event-stream"), "{said}");
    said.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
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

/// A search of many seconds.
const LONG: &str = r#"{"link":"scenario=deep/handshake-close","find":"A delivered 15","limit":5000000}"#;

/// Clients of one kind.
type Kind = fn(at: &str, number: usize) -> Option<TcpStream>;

/// What a bad client does; what it leaves open stays open until all of them are done.
const KINDS: [(&str, Kind); 8] = [
    ("sends nothing", |at, _| Some(connect(at))),
    ("sends its headers slowly", |at, _| sends(at, b"GET / HTTP/1.1\r\nho")),
    ("sends half a request", |at, _| sends(at, &post(at, "/ask", &"x".repeat(1000)).into_bytes()[..400])),
    ("sends garbage", |at, number| {
        let mut state = number as u32 + 1;
        let octets: Vec<u8> = (0..2000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        sends(at, &octets)
    }),
    ("sends a huge body", |at, _| {
        let head = post(at, "/ask", "").replace("content-length: 0", "content-length: 99999999999");
        sends(at, &[head.into_bytes(), vec![b'x'; 300 << 10]].concat())
    }),
    ("closes at once", |at, _| {
        drop(connect(at));
        None
    }),
    ("does not read", |at, _| {
        let request = post(at, "/ask", r#"{"ask":"start"}"#);
        sends(at, request.repeat(20).as_bytes())
    }),
    ("begins a search and goes", |at, number| {
        let stream = sends(at, post(at, "/search", LONG).as_bytes());
        if number % 2 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(stream);
        None
    }),
];

/// Sends as much as the server takes at once.
fn sends(at: &str, octets: &[u8]) -> Option<TcpStream> {
    let mut stream = connect(at);
    stream.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
    // It may be refused meanwhile.
    let _ = stream.write_all(octets);
    Some(stream)
}

/// How long a good client takes for so many requests, each on a connection of its own.
fn good(explorer: &Explorer, requests: usize) -> Duration {
    let start = Instant::now();
    for _ in 0..requests {
        let answer = explorer.ask(r#"{"ask":"run","link":"scenario=simultaneous-open&path=ao.bo.d0.d0"}"#);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    start.elapsed()
}

/// Requests that are measured.
const MEASURED: usize = 100;
/// Bad clients of a kind.
const BAD: usize = 200;
/// So much longer may it take while there are bad clients: they have their share of the processors.
const RATIO: u32 = 20;

#[test]
fn bad_clients_do_not_keep_others_from_being_served() {
    let explorer = Explorer::new(&[]);
    good(&explorer, MEASURED);
    let alone = good(&explorer, MEASURED);
    for (kind, client) in KINDS {
        let at = explorer.at.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&stop);
        let bad = std::thread::spawn(move || {
            let mut open: Vec<_> = (0..BAD).filter_map(|number| client(&at, number)).collect();
            // Now and then an octet more, so that none of them is quiet.
            while !theirs.load(Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
                if kind.contains("slowly") {
                    for stream in &mut open {
                        let _ = stream.write(b"x");
                    }
                }
            }
        });
        let meanwhile = good(&explorer, MEASURED);
        stop.store(true, Relaxed);
        bad.join().unwrap();
        let after = good(&explorer, MEASURED);
        for time in [meanwhile, after] {
            assert!(time < alone * RATIO, "one that {kind}: {time:?} instead of {alone:?}");
        }
        assert_eq!(*explorer.errors.lock().unwrap(), "", "one that {kind}");
    }
    // The searches whose clients have gone are in nobody's way.
    let found =
        events(&explorer, r#"{"link":"scenario=fast-close","find":"A in FIN-WAIT-1","limit":300000}"#);
    assert!(found.last().unwrap()["found"].is_string());
}

#[test]
fn all_bad_clients_together_are_more_than_there_is_room_for() {
    let explorer = Explorer::new(&[]);
    good(&explorer, MEASURED);
    let alone = good(&explorer, MEASURED);
    let open: Vec<_> = KINDS
        .into_iter()
        .flat_map(|(_, client)| {
            (0..BAD).filter_map(|number| client(&explorer.at, number)).collect::<Vec<_>>()
        })
        .collect();
    let meanwhile = good(&explorer, MEASURED);
    assert!(meanwhile < alone * RATIO, "{} are open: {meanwhile:?} instead of {alone:?}", open.len());
    assert_eq!(*explorer.errors.lock().unwrap(), "");
}

/// The most memory that a process has had so far, in KiB, where the system tells it.
fn most_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    most.trim().trim_end_matches(" kB").parse().ok()
}

/// How long a client takes for so many requests that asks again where its connection had to go for a newer one; and how often it asked.
fn stubborn(explorer: &Explorer, requests: usize) -> (Duration, usize) {
    let (start, mut tries) = (Instant::now(), 0);
    let body = r#"{"ask":"run","link":"scenario=simultaneous-open&path=ao.bo.d0.d0"}"#;
    let request = post(&explorer.at, "/ask", body);
    for _ in 0..requests {
        loop {
            tries += 1;
            let mut answer = [0; 15];
            let mut stream = explorer.connect();
            let is_there = stream.write_all(request.as_bytes()).and_then(|()| stream.read_exact(&mut answer));
            if is_there.is_ok() {
                assert_eq!(answer, *b"HTTP/1.1 200 OK");
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{tries} tries");
        }
    }
    (start.elapsed(), tries)
}

/// Requests that are asked in a flood.
const ASKED: usize = 20;
/// Connections that each of two threads of a flood keeps open at most.
const KEPT: usize = 400;
/// What the server may take in a flood, in KiB.
const MOST_MEMORY: u64 = 1 << 20;

#[test]
fn a_flood_of_bad_clients_is_outlasted() {
    let explorer = Explorer::new(&[]);
    good(&explorer, MEASURED);
    let alone = good(&explorer, MEASURED);
    let (stop, came) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    // As fast as two threads can, until the requests have been answered. Each new client is of another kind.
    let flood = [0, 1].map(|thread| {
        let (at, stop, came) = (explorer.at.clone(), Arc::clone(&stop), Arc::clone(&came));
        std::thread::spawn(move || {
            let mut open = VecDeque::new();
            while !stop.load(Relaxed) {
                let number = came.fetch_add(1, Relaxed);
                let (_, client) = KINDS[(number + thread) % KINDS.len()];
                open.extend(client(&at, number));
                if open.len() > KEPT {
                    open.pop_front();
                }
            }
        })
    });
    while came.load(Relaxed) < 2 * KEPT {
        std::thread::sleep(Duration::from_millis(10));
    }
    // How long it takes is a matter of who gets the processors; that it ends is asked here.
    let (meanwhile, tries) = stubborn(&explorer, ASKED);
    stop.store(true, Relaxed);
    for thread in flood {
        thread.join().unwrap();
    }
    // What is still open is closed meanwhile.
    stubborn(&explorer, MEASURED);
    let after = good(&explorer, MEASURED);
    let (came, most) = (came.load(Relaxed), most_memory(explorer.child.id()));
    println!(
        "{came} bad clients in {meanwhile:?}: {ASKED} requests took {tries} tries; {MEASURED} took {alone:?} before and {after:?} after; memory {most:?} KiB"
    );
    assert!(after < alone * RATIO, "{came} came: {after:?} instead of {alone:?}");
    assert!(tries < 5 * ASKED, "{tries} tries for {ASKED} requests");
    assert!(most.is_none_or(|most| most < MOST_MEMORY), "{most:?} KiB");
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
