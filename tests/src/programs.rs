//! Programs of this system as judges and peers: whether they are there, a bound on their time, and what they said when they fail.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Set where nothing may be skipped.
const REQUIRE: &str = "TCPSPEC_REQUIRE_KERNEL";

/// Past the test harness, which shows nothing of a test that passes.
fn skip(test: &str, why: &str) {
    assert!(std::env::var_os(REQUIRE).is_none(), "{test} cannot run here: {why}");
    // In one piece, since other tests write there too.
    let _ = io::stderr().write_all(format!("SKIPPED {test}: {why}\n").as_bytes());
}

/// The first of these programs that is installed. If there is none the test is skipped, and says so.
///
/// # Panics
///
/// If the test would be skipped where that is not allowed.
pub fn program(test: &str, names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Where an ordinary user's PATH does not lead, though what is there runs for him.
    let folders: Vec<_> = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]).collect();
    let found = names.iter().find_map(|name| folders.iter().map(|at| at.join(name)).find(|at| at.is_file()));
    if found.is_none() {
        skip(test, &format!("{} is not installed", names.join(" or ")));
    }
    found
}

/// Runs a test in a thread with a network namespace of its own, whose loopback works; what the thread starts is in it too. Skipped, and said so,
/// without the permission.
///
/// # Panics
///
/// If the test does, if it takes longer than `limit`, or if it would be skipped where that is not allowed.
pub fn in_namespace(name: &'static str, limit: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        let made = nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).map_err(io::Error::from);
        let made = made.and_then(|()| Command::new("ip").args(["link", "set", "lo", "up"]).status());
        let made = made.and_then(|_| File::options().write(true).open("/dev/net/tun"));
        if made.is_ok() {
            test();
        }
        let _ = done.send(made.err());
    });
    match wait.recv_timeout(limit) {
        Ok(None) => {}
        Ok(Some(error)) => skip(name, &error.to_string()),
        Err(mpsc::RecvTimeoutError::Disconnected) => std::panic::resume_unwind(thread.join().unwrap_err()),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} is stuck"),
    }
}

/// A place for the files of a test, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tcpspec-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl std::ops::Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<OsStr> for Folder {
    fn as_ref(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that is ended with the test, and all that it has started.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.0.id() as i32), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}

/// Starts a program that goes on until the result is dropped; what it says of errors is seen.
pub fn start(command: &mut Command) -> Running {
    let started = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    Running(started.unwrap_or_else(|error| panic!("{command:?}: {error}")))
}

/// Runs a program to its end, and kills it at the limit.
///
/// # Panics
///
/// At the limit, with what the program has said until then.
pub fn run(command: &mut Command, limit: Duration) -> Output {
    let spawned = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut running = Running(spawned.unwrap_or_else(|error| panic!("{command:?}: {error}")));
    let out = gather(running.0.stdout.take());
    let err = gather(running.0.stderr.take());
    let end = Instant::now() + limit;
    let status = loop {
        match running.0.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() > end => break None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    // Nobody writes into the pipes any more once all are gone.
    drop(running);
    let (stdout, stderr) = (out.join().unwrap(), err.join().unwrap());
    let Some(status) = status else {
        let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        panic!("still running after {limit:?}: {command:?}\n{out}\n{err}");
    };
    Output { status, stdout, stderr }
}

fn gather(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut all);
        }
        all
    })
}

/// What a program has written, if it is content.
///
/// # Panics
///
/// With what it has said if it is not, or at the limit.
pub fn output(command: &mut Command, limit: Duration) -> Vec<u8> {
    let output = run(command, limit);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {command:?}\n{out:.2000}\n{err:.8000}", output.status);
    output.stdout
}

/// Waits until something works, some seconds at most.
pub fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(Instant::now() < limit, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
