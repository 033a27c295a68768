//! The explorer's server in a process of its own, and a client that is written by hand.

#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// No test waits for longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn tcpspec(arguments: &[&str]) -> Command {
    let mut command = crate::common::tcpspec();
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server that has been started.
pub(crate) struct Explorer {
    pub(crate) child: Child,
    /// Its address and port.
    pub(crate) at: String,
    /// The first line that it said.
    pub(crate) first: String,
    /// What it said after that.
    pub(crate) errors: Arc<Mutex<String>>,
}

impl Explorer {
    pub(crate) fn new(arguments: &[&str]) -> Self {
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

    pub(crate) fn connect(&self) -> TcpStream {
        connect(&self.at)
    }

    /// The answer to a request that is written like this; the server closes the connection after it.
    pub(crate) fn said(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(&mut BufReader::new(stream))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.said(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.at))
    }

    pub(crate) fn ask(&self, body: &str) -> Answer {
        self.said(&post(&self.at, "/ask", body))
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn connect(at: &str) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

pub(crate) fn post(at: &str, path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {at}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What the server answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Reads one whose length is told.
    pub(crate) fn read(stream: &mut BufReader<TcpStream>) -> Self {
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

    pub(crate) fn header(&self, name: &str) -> &str {
        header(&self.head, name).unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }

    /// Why there is no answer.
    pub(crate) fn error(&self) -> String {
        let value: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        value["error"].as_str().unwrap().to_owned()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// All events of a search.
pub(crate) fn events(explorer: &Explorer, body: &str) -> Vec<serde_json::Value> {
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

/// A search of many seconds.
pub(crate) const LONG: &str =
    r#"{"link":"scenario=deep/handshake-close","find":"A delivered 15","limit":5000000}"#;
