//! The program: its exit status, what it prints where, and the explorer that it serves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

fn command(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_own-claims"));
    command.args(arguments.split_whitespace());
    command
}

fn run(arguments: &str) -> Output {
    command(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_exit_status_is_that_of_tcpspec() {
    let all = run("");
    assert_eq!((all.status.code(), text(&all.stderr)), (Some(0), ""), "{}", text(&all.stdout));
    assert_eq!(run("check greeting --bound b.patient=off").status.code(), Some(1));
    let unknown = run("check nothing");
    assert_eq!((unknown.status.code(), text(&unknown.stdout)), (Some(2), ""));
    assert!(text(&unknown.stderr).starts_with("own-claims: there is no scenario `nothing`"));
    assert_eq!(run("--help").status.code(), Some(0));
}

/// Ends with the test.
struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_explorer_shows_claims_of_ones_own() {
    let open = "scenario=greeting&bound=b.patient:off&path=bl.ao";
    let child = command(&format!("explore --port 0 --open {open}")).stderr(Stdio::piped()).spawn().unwrap();
    let mut server = Server(child);
    let line = BufReader::new(server.0.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    let at = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(at).unwrap();
        write!(
            stream,
            "POST /ask HTTP/1.1\r\nHost: {at}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{request}",
            request.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    };
    let start = ask(r#"{"ask": "start"}"#);
    assert!(start.contains("\"resets\"") && !start.contains("handshake-close"), "{start}");
    let run = ask(&format!(r#"{{"ask": "run", "link": "{open}"}}"#));
    assert!(run.contains("only A waits in TIME-WAIT") && run.contains("SYN-SENT"), "{run}");
}
