//! The command as its users run it: several processes, limits, interrupts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use serde_json::Value;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A process that takes longer waits for something that does not come.
const LIMIT: Duration = Duration::from_secs(300);

fn tcpspec(arguments: &[&str]) -> Command {
    let mut command = common::tcpspec();
    command.arg("check").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The reports, which stand alone on stdout.
fn reports(output: &Output) -> Vec<Value> {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}

/// What must not depend on who explores.
fn essence(reports: &[Value]) -> Vec<Value> {
    reports
        .iter()
        .map(|report| {
            let wanted = ["scenario", "holds", "complete", "unique_states", "total_states", "depth"];
            let mut essence: Vec<Value> = wanted.iter().map(|name| report[name].clone()).collect();
            essence.push(report["claims"].clone());
            essence.push(report["rows_never_fired"].clone());
            essence.push(report["actions_that_happened"].clone());
            Value::Array(essence)
        })
        .collect()
}

/// What a process has said when it has ended. One that does not end in time is ended, and the test fails.
fn ended(child: Child) -> Output {
    let (id, (sender, receiver)) = (child.id(), mpsc::channel());
    // Nobody listens any more once it has taken too long.
    std::thread::spawn(move || drop(sender.send(child.wait_with_output())));
    receiver.recv_timeout(LIMIT).map(Result::unwrap).unwrap_or_else(|_| {
        let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
        panic!("process {id} has not ended within {LIMIT:?}")
    })
}

/// A hosts' file with ports of this machine that were free a moment ago.
fn hosts(processes: usize) -> PathBuf {
    let listeners: Vec<_> = (0..processes).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let lines: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap().to_string()).collect();
    let file = std::env::temp_dir().join(format!("tcpspec-hosts-{}-{processes}", std::process::id()));
    std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    file
}

#[test]
fn several_processes_find_what_one_finds() {
    // One scenario after the other over the same addresses, with a variant whose claim fails.
    let scenarios = ["fast-close", "simultaneous-open/letter", "simultaneous-close/in-order"];
    let alone = tcpspec(&scenarios).args(["--json", "--threads", "1"]).output().unwrap();
    assert!(alone.status.success(), "{}", text(&alone));
    for processes in [2, 3] {
        let file = hosts(processes);
        let children: Vec<_> = (0..processes)
            .map(|process| {
                let mut command = tcpspec(&scenarios);
                command.args(["--json", "--workers", "2", "--process", &process.to_string(), "--hosts"]);
                command.arg(&file).spawn().unwrap()
            })
            .collect();
        let outputs: Vec<_> = children.into_iter().map(ended).collect();
        std::fs::remove_file(file).unwrap();
        for output in &outputs {
            assert!(output.status.success(), "{}", text(output));
        }
        assert_eq!(essence(&reports(&outputs[0])), essence(&reports(&alone)));
        assert!(text(&outputs[1]).contains("process 0 reports"));
    }
}

#[test]
fn the_memory_limit_gives_a_partial_verdict() {
    let output = tcpspec(&["everything", "--memory-limit", "20MiB"]).output().unwrap();
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("STOPPED at the memory"), "{text}");
    assert!(text.contains("? PARTIAL: 1 scenario stopped before the end, and "), "{text}");
    assert!(!text.contains("nothing failed"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let told = tcpspec(&["everything", "--memory-limit", "20MiB", "--verbose"]).output().unwrap();
    let told = self::text(&told);
    assert!(told.contains("PARTIAL: no violation within depth"), "{told}");
    assert!(told.contains("stopped at the memory limit") && told.contains("open       always"), "{told}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_gives_a_partial_verdict() {
    let child = tcpspec(&["time-wait"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = ended(child);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("STOPPED by the user at"), "{text}");
    assert!(text.contains("? PARTIAL: 1 scenario stopped before the end"), "{text}");
}

#[test]
fn wrong_use_is_said() {
    for (arguments, says) in [
        (["fast-close", "--memory-limit", "8"], "with a unit"),
        (["fast-close", "--hosts", "/nowhere"], "--process"),
        (["fast-close", "--engine", "spin"], "timely"),
    ] {
        let output = tcpspec(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).contains(says), "{}", text(&output));
    }
}
