//! The program `soak` as its user meets it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SOAK: &str = env!("CARGO_BIN_EXE_soak");

fn soak(arguments: &[&str]) -> Output {
    Command::new(SOAK).args(arguments).output().expect("it starts")
}

/// Starts it, interrupts it once it has told its command, and waits for its end: its status and all that it has written.
fn interrupted(arguments: &[&str]) -> (Option<i32>, String) {
    use nix::sys::signal::{Signal, kill};
    let mut command = Command::new(SOAK);
    let mut child =
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut said = String::new();
    out.read_line(&mut said).expect("its command");
    // On an idle machine some runs are over then; nothing depends on it.
    std::thread::sleep(Duration::from_millis(300));
    let id = nix::unistd::Pid::from_raw(child.id().cast_signed());
    kill(id, Signal::SIGINT).expect("it still runs");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("its status") {
            break status;
        }
        if began.elapsed() > Duration::from_secs(60) {
            child.kill().expect("it still runs");
            panic!("it goes on after Ctrl-C");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    out.read_to_string(&mut said).expect("text");
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    (status.code(), said)
}

#[test]
fn ctrl_c_ends_it_and_it_tells_what_it_has_done() {
    let (status, said) = interrupted(&["--from", "1000", "--threads", "1"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.starts_with("soak --from 1000 --threads 1, until it is done or Ctrl-C\n"), "{said}");
    let runs = said.lines().last().and_then(|line| line.split_once(" runs, ")?.0.parse::<u64>().ok());
    assert!(runs.is_some() && said.contains(" 0 seeds fail"), "{said}");
}

#[test]
fn a_page_of_figures_is_not_written_before_all_its_runs_are_over() {
    let page = std::env::temp_dir().join(format!("tcpspec-soak-{}.md", std::process::id()));
    std::fs::write(&page, "as it was").expect("a file");
    let (status, said) = interrupted(&["--doc", page.to_str().expect("a path"), "--runs", "100000000"]);
    let text = std::fs::read_to_string(&page).expect("it is there");
    std::fs::remove_file(&page).expect("it is there");
    assert_eq!((status, text.as_str()), (Some(2), "as it was"), "{said}");
    assert!(said.contains("ended before its 100000000 runs"), "{said}");
}

#[test]
fn wrong_use_is_told_what_to_do() {
    for (arguments, words) in [
        (&["--sed", "1"][..], "soak --help"),
        (&["--seed"], "--seed needs a value"),
        (&["--seed", "x"], "takes a number"),
        (&["--seed", "1", "--runs", "2"], "--seed repeats one run"),
        (&["--capture", "x"], "belong to --seed"),
        (&["--tun", "--runs", "1"], "--tun takes"),
    ] {
        let output = soak(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

/// As somebody who may make neither a namespace nor a device.
#[test]
fn without_the_permission_for_tun_it_says_what_to_do() {
    use std::os::unix::process::CommandExt as _;
    let name = "without_the_permission_for_tun_it_says_what_to_do";
    if !nix::unistd::geteuid().is_root() {
        return tcpspec_tests::skip(name, &std::io::Error::other("only root can become somebody else"));
    }
    // Where the program lies nobody else may be able to read it.
    let copy = std::env::temp_dir().join(format!("tcpspec-soak-{}", std::process::id()));
    std::fs::copy(SOAK, &copy).expect("a copy");
    let output = Command::new(&copy).args(["--tun", "--seconds", "1"]).uid(65_534).gid(65_534).output();
    std::fs::remove_file(&copy).expect("it is there");
    let output = output.expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("root"), "{said}");
}
