//! The command's manners: what it says before it works, what it keeps when it is interrupted, and that it is quiet when nobody reads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use socket2::{Domain, Socket, Type};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder of its own, which is no checkout.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tcpspec-manners-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn tcpspec(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = common::tcpspec();
    command.args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    told(&tcpspec(folder, arguments).output().unwrap())
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Refused before anything is explored: soon, with status 2 and nothing on stdout.
fn refused_at_once(folder: &Path, arguments: &[&str], says: &[&str]) {
    let start = Instant::now();
    let mut child = tcpspec(folder, arguments).spawn().unwrap();
    // Whatever would be explored takes longer.
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{arguments:?} explores");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let (code, said, error) = told(&child.wait_with_output().unwrap());
    assert_eq!((code, said.as_str()), (Some(2), ""), "{arguments:?}: {error}");
    for part in says {
        assert!(error.contains(part), "{arguments:?}: no `{part}` in: {error}");
    }
}

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn what_fails_as_expected_is_counted_shown_and_written() {
    let folder = Folder::new("expected");
    let (code, said, _) = run(&folder.0, &["check", "simultaneous-open/letter", "--trace", "x.pcapng"]);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "22 hold, 1 fail as expected",
        "FAILS AS EXPECTED in simultaneous-open/letter\n  step 8  when the SYNs cross",
        "✓ 1 claim fails as it should",
        "✓ nothing failed",
        "Wrote the counterexample to \"when the SYNs cross",
    ] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
    assert!(!said.contains("There is no counterexample"), "{said}");
    let capture = std::fs::read(folder.0.join("x.pcapng")).unwrap();
    assert!(String::from_utf8_lossy(&capture).matches("step ").count() >= 6);
}

#[test]
fn several_expected_failures_come_after_what_is_violated() {
    let folder = Folder::new("several");
    // The first claim of all is violated by another option; the second scenario fails as it should.
    let arguments = ["check", "hazard-self-connect/on", "simultaneous-open/letter"];
    let more = ["--set", "crossed_syn_ack=off", "--bound", "losses=0", "--bound", "duplicates=0"];
    let all: Vec<_> = arguments.into_iter().chain(more).chain(["--trace", "x.pcapng"]).collect();
    let (code, said, _) = run(&folder.0, &all);
    assert_eq!(code, Some(1), "{said}");
    let wrote: Vec<_> = said.lines().filter(|line| line.starts_with("Wrote ")).collect();
    assert!(wrote.len() >= 2 && wrote[0].ends_with("to x.pcapng."), "{said}");
    assert!(wrote.last().unwrap().contains("when the SYNs cross"), "{said}");
    for number in 2..=wrote.len() {
        assert!(folder.0.join(format!("x-{number}.pcapng")).exists(), "{said}");
    }
}

/// An explorer that has been started, and where it says that it is.
fn explorer(folder: &Path, classic: &[&str]) -> (Child, String) {
    serving(tcpspec(folder, &[&["explore", "fast-close", "--port", "0"], classic].concat()))
}

fn serving(mut command: Command) -> (Child, String) {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let at = line.split("http://").nth(1).and_then(|rest| rest.split([' ', '/']).next()).unwrap_or_default();
    (child, at.to_owned())
}

fn get(at: &str) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    let mut stream = loop {
        match TcpStream::connect(at) {
            Ok(stream) => break stream,
            Err(error) => assert!(Instant::now() < until, "{at}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    write!(stream, "GET / HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = Vec::new();
    stream.read_to_end(&mut page).unwrap();
    String::from_utf8_lossy(&page).into_owned()
}

#[test]
fn the_explorer_says_its_port_and_serves_its_own_page() {
    let folder = Folder::new("explore");
    std::fs::create_dir(folder.0.join("ui")).unwrap();
    std::fs::write(folder.0.join("ui/index.htm"), "somebody else's page").unwrap();
    for classic in [&[][..], &["--classic"]] {
        let (mut child, at) = explorer(&folder.0, classic);
        let page = (!at.ends_with(":0")).then(|| get(&at));
        child.kill().unwrap();
        child.wait().unwrap();
        let page = page.unwrap_or_else(|| panic!("{at} is no port"));
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert!(page.contains("<title>") && !page.contains("somebody else's"), "{page}");
    }
}

/// A pipe whose reader has gone already. A reader that goes later may have got everything.
fn nobody() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_who_has_gone_is_no_error() {
    let folder = Folder::new("pipe");
    for arguments in [&["list"][..], &["table", "--format", "json"], &["check", "fast-close"], &["--help"]] {
        let (code, _, error) = told(&tcpspec(&folder.0, arguments).stdout(nobody()).output().unwrap());
        assert_eq!(error, "", "{arguments:?}");
        // Whoever asks for the status hears that not all was said; the help is nobody's verdict.
        assert!(code == Some(141) || arguments == ["--help"], "{arguments:?}: {code:?}");
    }
    // Nor is a closed stderr, to which progress goes.
    let mutants = folder.0.join("mutants.json");
    let arguments = [
        "mutate",
        "rst_passive",
        "--scenario",
        "reset",
        "--budget",
        "3000",
        "--resume",
        mutants.to_str().unwrap(),
    ];
    let (code, said, _) = told(&tcpspec(&folder.0, &arguments).stderr(nobody()).output().unwrap());
    assert!(code != Some(101) && said.contains("mutants are noticed"), "{code:?}: {said}");
}

#[test]
fn a_claim_that_holds_says_so() {
    let folder = Folder::new("holds");
    let claim = "when the SYNs cross on a perfect network, exactly four segments are exchanged";
    // As a variant shows that it fails elsewhere, that is what is traced.
    let (code, said, _) = run(&folder.0, &["trace", claim]);
    assert!(code == Some(0) && said.starts_with("simultaneous-open/letter: when the SYNs cross"), "{said}");
    let claim = "a FIN takes the one number after the last octet";
    let (code, said, error) =
        run(&folder.0, &["trace", claim, "--bound", "losses=0", "--bound", "duplicates=0"]);
    assert_eq!(code, Some(0), "{said}{error}");
    assert!(said.contains(": always: ") && said.contains("so there is no run against it to show"), "{said}");
}

#[test]
fn files_that_cannot_be_written_are_told_before_anything_is_explored() {
    let folder = Folder::new("unwritable");
    let file = "/no/such/folder/x";
    let says = ["cannot write /no/such/folder/x"];
    refused_at_once(&folder.0, &["check", "--trace", file], &says);
    refused_at_once(&folder.0, &["check", "--deep", "--doc", file], &says);
    refused_at_once(&folder.0, &["trace", "H1: old", "--pcapng", file], &says[..0]);
    refused_at_once(&folder.0, &["trace", "text is delivered once", "--pcapng", file], &says);
    refused_at_once(&folder.0, &["trace", "text is delivered once", "--svg", file], &says);
    refused_at_once(&folder.0, &["mutate", "--resume", file], &says);
    refused_at_once(&folder.0, &["mutate", "--doc", file, "--resume", "mutants.json"], &says);
}

#[test]
fn what_needs_a_checkout_says_so_at_once() {
    let folder = Folder::new("outside");
    for arguments in [
        &["docs"][..],
        &["docs", "--check"],
        &["docs", "--only", "rfc"],
        &["diff"],
        &["mutate"],
        &["mutate", "rst_passive"],
    ] {
        refused_at_once(&folder.0, arguments, &["checkout of tcpspec"]);
    }
    // And nothing is left behind.
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
    // What is asked for wrongly is told before anything is printed.
    refused_at_once(
        Path::new(CHECKOUT),
        &["diff", "simultanous-open"],
        &["did you mean `simultaneous-open`?"],
    );
}

fn interrupt(child: &Child) {
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
}

/// A checkout with nothing in it but what shows that it is one.
fn bare_checkout(name: &str) -> Folder {
    let folder = Folder::new(name);
    for dir in ["docs", "spec/src", "tests/data"] {
        std::fs::create_dir_all(folder.0.join(dir)).unwrap();
    }
    std::fs::write(folder.0.join("spec/src/table.rs"), "").unwrap();
    std::fs::write(folder.0.join("tests/data/rows_on_stack.txt"), "").unwrap();
    folder
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_docs_keeps_what_there_is() {
    let folder = bare_checkout("docs");
    let verdicts = folder.0.join("docs/verdicts.md");
    std::fs::write(&verdicts, "as it was").unwrap();
    let child = tcpspec(&folder.0, &["docs"]).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    interrupt(&child);
    let (code, said, error) = told(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{said}{error}");
    assert!(said.contains("PARTIAL: stopped by the user in "), "{said}");
    // What needs no exploration is there, all else is as it was, and nothing is half written.
    assert!(std::fs::read_to_string(folder.0.join("docs/states.md")).unwrap().contains("rst_passive"));
    assert_eq!(std::fs::read_to_string(&verdicts).unwrap(), "as it was");
    assert!(!folder.0.join("docs/table.json").exists());
    assert!(!said.contains("partial ") && !folder.0.join("docs/table.partial").exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_diff_keeps_what_was_compared() {
    let docs = format!("{CHECKOUT}/docs");
    let child =
        tcpspec(Path::new(CHECKOUT), &["diff", "fast-close", "hazard-1337", "--dir", &docs]).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    interrupt(&child);
    let (code, said, error) = told(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{said}{error}");
    assert!(said.contains("PARTIAL: ") && said.contains(" scenarios were compared, "), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_mutate_keeps_what_was_found() {
    let folder = Folder::new("mutate");
    let arguments =
        ["mutate", "--resume", "mutants.json", "--scenario", "reset", "--threads", "1", "--budget", "60000"];
    let child = tcpspec(&folder.0, &arguments).spawn().unwrap();
    let kept = || std::fs::read_to_string(folder.0.join("mutants.json")).unwrap_or_default();
    // As soon as the first mutant is done.
    let until = Instant::now() + Duration::from_secs(120);
    while !kept().contains("\"killed\"") {
        assert!(Instant::now() < until, "no mutant was done in two minutes: {}", kept());
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    let (code, said, error) = told(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{said}");
    assert!(error.lines().last().unwrap().starts_with("PARTIAL: stopped by the user after "), "{error}");
    // What was found is printed and kept.
    assert!(said.contains(" mutants are noticed; "), "{said}");
    assert!(kept().contains("\"killed\""));
}

/// A hosts' file with ports of this machine that were free a moment ago.
fn hosts(folder: &Path) -> String {
    let free: Vec<_> = (0..2).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let lines: Vec<_> = free.iter().map(|listener| listener.local_addr().unwrap().to_string()).collect();
    let file = folder.join("hosts");
    std::fs::write(&file, lines.join("\n")).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_process_that_never_comes_is_not_waited_for_without_end() {
    let folder = Folder::new("missing");
    let hosts = hosts(&folder.0);
    for process in ["0", "1"] {
        let arguments =
            ["check", "fast-close", "--json", "--hosts", &hosts, "--process", process, "--wait", "1"];
        let other = if process == "0" { "1" } else { "0" };
        let missing = format!("process {other} at 127.0.0.1:");
        refused_at_once(
            &folder.0,
            &arguments,
            &["waiting for process ", &missing, "did not come within 1 s", "--wait"],
        );
    }
}

#[test]
fn a_host_that_says_nothing_is_not_called_for_longer_than_the_wait() {
    let folder = Folder::new("silent");
    let hosts = hosts(&folder.0);
    let at: SocketAddr = std::fs::read_to_string(&hosts).unwrap().lines().next().unwrap().parse().unwrap();
    // Once its queue is full, the system answers no SYN.
    let full = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    full.bind(&at.into()).unwrap();
    full.listen(0).unwrap();
    let mut callers = Vec::new();
    while let Ok(caller) = TcpStream::connect_timeout(&at, Duration::from_millis(200)) {
        callers.push(caller);
    }
    refused_at_once(
        &folder.0,
        &["check", "fast-close", "--hosts", &hosts, "--process", "1", "--wait", "1"],
        &["process 0 at ", "did not come within 1 s"],
    );
}

#[test]
fn strangers_do_not_make_the_wait_longer() {
    let folder = Folder::new("strangers");
    let hosts = hosts(&folder.0);
    let at = std::fs::read_to_string(&hosts).unwrap().lines().next().unwrap().to_owned();
    // Each says nothing: all together, they would be listened to for longer than the test waits.
    std::thread::spawn(move || {
        let mut strangers = Vec::new();
        while strangers.len() < 30 {
            match TcpStream::connect(&at) {
                Ok(stranger) => strangers.push(stranger),
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        std::thread::sleep(Duration::from_secs(60));
    });
    refused_at_once(
        &folder.0,
        &["check", "fast-close", "--hosts", &hosts, "--process", "0", "--wait", "1"],
        &["somebody called who is no process of ours", "process 1 at ", "did not come within 1 s"],
    );
}

#[test]
fn the_json_of_several_processes_stands_alone() {
    let folder = Folder::new("json");
    let hosts = hosts(&folder.0);
    let start = |process: &str| {
        let arguments = ["check", "fast-close", "--json", "--hosts", &hosts, "--process", process];
        tcpspec(&folder.0, &arguments).spawn().unwrap()
    };
    let first = start("0");
    // Now the first one has to wait.
    std::thread::sleep(Duration::from_millis(1500));
    // Somebody else calls, who is no process of ours.
    let at = std::fs::read_to_string(&hosts).unwrap().lines().next().unwrap().to_owned();
    let mut stranger = TcpStream::connect(at).unwrap();
    stranger.write_all(&[0xff; 8]).unwrap();
    let second = start("1");
    let (code, said, error) = told(&first.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{said}{error}");
    let report: Result<serde_json::Value, _> = serde_json::from_str(&said);
    assert!(report.is_ok(), "{said}");
    assert!(error.contains("waiting for process 1 at "), "{error}");
    assert!(second.wait_with_output().unwrap().status.success());
}

/// One that was killed before it could remove its folder had the same number.
#[test]
fn a_folder_that_was_left_over_does_not_keep_the_explorer_from_serving() {
    let folder = Folder::new("left");
    let script = "mkdir -p tcpspec-explore-$$/ui; echo old > tcpspec-explore-$$/ui/index.htm; exec \"$0\" explore fast-close --classic --port 0";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_tcpspec")]).current_dir(&folder.0);
    command.env("TMPDIR", &folder.0).stderr(Stdio::piped());
    let (mut child, at) = serving(command);
    let page = (!at.is_empty()).then(|| get(&at));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(page.is_some_and(|page| page.contains("<title>")), "it does not serve");
}

/// What the command prints goes through a pipe that its reader closes after a line.
#[test]
fn the_first_lines_can_be_had_alone() {
    let folder = Folder::new("head");
    let mut child = tcpspec(&folder.0, &["list"]).spawn().unwrap();
    let mut out: BufReader<ChildStdout> = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    drop(out);
    assert!(!line.is_empty());
    assert_eq!(told(&child.wait_with_output().unwrap()).2, "");
}
