//! A server with small bounds, and clients that run into each of them.

use super::bounds::Bounds;
use super::job::Job;
use super::server::Server;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tcpspec_explorer::api::Refusal;

/// No test waits for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, as long as it is kept.
struct Running {
    at: SocketAddr,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn new(bounds: Bounds) -> Self {
        let server = Server::listen(([127, 0, 0, 1], 0).into(), bounds).unwrap();
        let at = server.address().unwrap();
        let (end, ended) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            server.serve(answer, async {
                let _ = ended.await;
            });
        });
        Self { at, end: Some(end), thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.at).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What the server says to this, until it closes the connection.
    fn said(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        rest(&mut stream)
    }

    /// A request with this body, the last one on its connection.
    fn post(&self, path: &str, body: &str) -> String {
        self.said(&format!("{}connection: close\r\n\r\n{body}", self.head(path, body.len())))
    }

    fn head(&self, path: &str, length: usize) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n",
            self.at
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end.take().map(|end| end.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Answers in its own way.
fn answer(request: &str) -> Result<String, Refusal> {
    match request {
        "panic" => panic!("this is a fault"),
        "large" => Ok("x".repeat(8 << 20)),
        "slow" => {
            std::thread::sleep(Duration::from_millis(300));
            Ok("\"slow\"".into())
        }
        "refuse" => Err(Refusal { error: "No.".into() }),
        _ => Ok(format!("{}", request.len())),
    }
}

/// Everything until the connection is closed, however it is.
fn rest(stream: &mut TcpStream) -> String {
    let (mut all, mut some) = (Vec::new(), [0; 1 << 16]);
    loop {
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(octets) => all.extend_from_slice(&some[..octets]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn a_fault_is_told_and_hurts_nobody_else() {
    let server = Running::new(Bounds::default());
    for _ in 0..20 {
        let said = server.post("/ask", "panic");
        assert!(said.starts_with("HTTP/1.1 500 ") && said.contains("this is a fault"), "{said}");
    }
    assert!(server.post("/ask", "hello").ends_with("\r\n\r\n5"));
    let said = server.post("/ask", "refuse");
    assert!(said.starts_with("HTTP/1.1 400 ") && said.ends_with("{\"error\":\"No.\"}"), "{said}");
}

#[test]
fn when_there_is_no_room_the_slowest_goes() {
    let server = Running::new(Bounds { connections: 4, ..Bounds::default() });
    let mut idle: Vec<_> = (0..20).map(|_| server.connect()).collect();
    assert!(server.post("/ask", "hello").ends_with("\r\n\r\n5"));
    // The first ones have been closed.
    assert_eq!(rest(&mut idle[0]), "");
    // Those that are served stay; who comes then is told so.
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = server.connect();
            let head = server.head("/ask", 4);
            stream.write_all(format!("{head}connection: close\r\n\r\nslow").as_bytes()).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(150));
    let said = rest(&mut server.connect());
    for mut stream in busy {
        assert!(rest(&mut stream).ends_with("\"slow\""));
    }
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 503 ") && head.contains(&format!("content-length: {}", body.len())),
        "{said}"
    );
    assert!(server.post("/ask", "hello").ends_with("\r\n\r\n5"));
}

#[test]
fn a_request_that_does_not_come_is_not_waited_for() {
    let short = Duration::from_millis(200);
    let server = Running::new(Bounds { head_time: short, body_time: short, ..Bounds::default() });
    for said in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\n"] {
        let words = server.said(said);
        assert!(!words.contains(" 200 "), "{words}");
    }
    let said = server.said(&format!("{}\r\nhalf", server.head("/ask", 8)));
    assert!(said.starts_with("HTTP/1.1 408 ") && said.contains("Ask again."), "{said}");
    // Nor is the next one on a connection.
    let said = server.said(&format!("{}\r\nhello", server.head("/ask", 5)));
    assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with("\r\n\r\n5"), "{said}");
}

#[test]
fn an_answer_that_is_not_taken_ends_the_connection() {
    let bounds = Bounds { take_time: Duration::from_millis(300), ..Bounds::default() };
    let server = Running::new(bounds);
    let mut lazy: Vec<_> = (0..10)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(format!("{}\r\nlarge", server.head("/ask", 5)).as_bytes()).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(server.post("/ask", "hello").ends_with("\r\n\r\n5"));
    for stream in &mut lazy {
        let taken = rest(stream).len();
        assert!(taken < 8 << 20, "{taken}");
    }
    // One that takes it in time gets all of it.
    assert!(server.post("/ask", "large").len() > 8 << 20);
}

#[test]
fn what_is_too_large_is_refused_in_words() {
    let bounds = Bounds { body: 1000, import: 5000, small: 500, large: 4000, ..Bounds::default() };
    let server = Running::new(bounds);
    let import = |length| format!("{{\"ask\":\"import\",\"data\":\"{}\"}}", "x".repeat(length));
    assert!(server.post("/ask", &import(2000)).starts_with("HTTP/1.1 200 "));
    assert!(server.post("/ask", &"x".repeat(900)).starts_with("HTTP/1.1 200 "));
    for too_large in ["x".repeat(1100), import(6000), "x".repeat(3 << 20)] {
        let said = server.post("/ask", &too_large);
        assert!(said.starts_with("HTTP/1.1 413 ") && said.contains("may have 8 MiB"), "{said}");
    }
    // Together they may not be too large either.
    let said = server.post("/ask", &import(4600));
    assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("Ask again"), "{said}");
    assert!(server.post("/ask", &import(2000)).starts_with("HTTP/1.1 200 "));
    let long = format!("GET / HTTP/1.1\r\nhost: {}\r\nx: {}\r\n\r\n", server.at, "x".repeat(40 << 10));
    assert!(server.said(&long).starts_with("HTTP/1.1 431 "));
    let many = format!("GET / HTTP/1.1\r\nhost: {}\r\n{}\r\n", server.at, "x: y\r\n".repeat(100));
    assert!(server.said(&many).starts_with("HTTP/1.1 431 "));
}

#[test]
fn a_connection_is_closed_after_so_many_requests() {
    let server = Running::new(Bounds { requests: 3, ..Bounds::default() });
    let request = format!("{}\r\nhello", server.head("/ask", 5));
    let said = server.said(&request.repeat(5));
    assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 3, "{said}");
    assert_eq!(said.matches("connection: close").count(), 1, "{said}");
}

/// What takes minutes: no test waits for its end.
const LONG: &str = r#"{"link":"scenario=deep/handshake-close","find":null,"limit":4294967295}"#;

/// A server that lets searches be as long as they like, one after the other.
fn one_at_a_time() -> Running {
    Running::new(Bounds { searches: 1, waiting: 1, states: u32::MAX, ..Bounds::default() })
}

/// Begins such a search; what it says comes in pieces.
fn search(server: &Running) -> TcpStream {
    let body = LONG;
    let mut stream = server.connect();
    stream.write_all(format!("{}\r\n{body}", server.head("/search", body.len())).as_bytes()).unwrap();
    stream
}

/// Reads until the words come.
fn until(stream: &mut TcpStream, words: &str) -> String {
    let (mut said, mut some) = (String::new(), [0; 1 << 16]);
    let start = Instant::now();
    while !said.contains(words) {
        let octets = stream.read(&mut some).unwrap();
        assert!(octets > 0 && start.elapsed() < PATIENCE, "no `{words}` in {said}");
        said.push_str(&String::from_utf8_lossy(&some[..octets]));
    }
    said
}

#[test]
fn searches_wait_for_their_turn_and_end_when_their_client_goes() {
    let server = one_at_a_time();
    let mut first = search(&server);
    until(&mut first, " states so far.");
    let mut second = search(&server);
    until(&mut second, "Waits for its turn");
    let said = until(&mut search(&server), "}");
    assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("Stop one"), "{said}");
    // Meanwhile all else is answered.
    assert!(server.post("/ask", "hello").ends_with("\r\n\r\n5"));
    drop(first);
    until(&mut second, " states so far.");
    // One that goes while it waits makes room, too.
    let mut third = search(&server);
    until(&mut third, "Waits for its turn");
    drop(third);
    let start = Instant::now();
    let mut fourth = loop {
        let mut stream = search(&server);
        let said = until(&mut stream, "}");
        if said.contains("Waits for its turn") {
            break stream;
        }
        assert!(start.elapsed() < PATIENCE, "{said}");
        std::thread::sleep(Duration::from_millis(20));
    };
    drop(second);
    until(&mut fourth, " states so far.");
}

#[test]
fn a_search_that_is_stopped_ends_soon() {
    let slices = LONG.replace("null", "\"A delivered 15\"").replace("4294967295", "5000000");
    for request in [LONG, &slices] {
        let stop = Arc::new(AtomicBool::new(false));
        let mut told = 0;
        let done = Job::new(request, u32::MAX).unwrap().run(&stop, |progress| {
            assert!(!progress.done);
            told += 1;
            assert!(told < 30, "it goes on: {progress:?}");
            stop.store(told == 3, Relaxed);
        });
        assert!(done.done && !done.complete && done.words.contains("topped"), "{done:?}");
        assert_eq!(told, 3, "{done:?}");
    }
}

#[test]
fn the_end_does_not_wait_for_anybody() {
    let server = one_at_a_time();
    let mut stream = search(&server);
    until(&mut stream, " states so far.");
    let (done, ended): (Sender<()>, _) = channel();
    std::thread::spawn(move || {
        drop(server);
        drop(done);
    });
    assert!(
        ended
            .recv_timeout(PATIENCE)
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Disconnected)
    );
}
