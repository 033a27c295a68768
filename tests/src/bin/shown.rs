//! Runs what README, CONTRIBUTING and the first lines of programs show, and compares the excerpts of what is printed: CI does so with
//! `cargo run --release -p tcpspec-tests --bin shown`. With words as arguments, only the commands that contain one of them; `walk` and `help` mean those parts.
//! With `--write`, an excerpt that differs in numbers alone gets those that were printed.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};
use tcpspec_tests::shown::excerpt::compare;
use tcpspec_tests::shown::walk::{CHAPTER, Walk};
use tcpspec_tests::shown::{self, Entry, How, LIST, already_built};

/// A command that takes longer has got stuck.
const LIMIT: &str = "1200";
/// Set where nothing may be skipped.
const REQUIRE: &str = "TCPSPEC_REQUIRE_KERNEL";
/// Set where all programs of the workspace were built just now: cargo would build them anew, with the features of one package.
const BUILT: &str = "TCPSPEC_PROGRAMS_ARE_BUILT";

fn main() -> ExitCode {
    let (options, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with('-'));
    if options.iter().any(|option| option != "--write") {
        eprintln!("the only option is `--write`");
        return ExitCode::from(2);
    }
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let (root, temporary) = (shown::root(), Temporary::new());
    let programs = std::env::current_exe().ok().and_then(|path| path.parent().map(Path::to_path_buf));
    let programs = programs.unwrap_or_default();
    let place = Place {
        root: &root,
        temporary: &temporary.0,
        programs: &programs,
        has_built: std::env::var_os(BUILT).is_some(),
        writes: !options.is_empty(),
    };
    let mut failed = Vec::new();
    let mut say = |name: &str, start: Instant, result: Result<(), String>| {
        let seconds = start.elapsed().as_secs();
        // Whoever has closed stdout still gets the status.
        let _ = match result {
            Ok(()) => writeln!(io::stdout(), "ok ({seconds} s): {name}"),
            Err(why) => {
                failed.push(name.to_owned());
                writeln!(io::stdout(), "FAILED ({seconds} s): {name}\n{why}")
            }
        };
    };
    for entry in LIST.iter().filter(|entry| is_wanted(entry.command)) {
        let start = Instant::now();
        if let Some(result) = place.run(entry) {
            say(entry.command, start, result);
        }
    }
    let start = Instant::now();
    if is_wanted("help") {
        say("help", start, place.help());
    }
    let start = Instant::now();
    if is_wanted("walk") {
        say("walk", start, place.walk());
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    let _ = writeln!(
        io::stdout(),
        "{} of what is shown did not go as shown: {}",
        failed.len(),
        failed.join("; ")
    );
    ExitCode::FAILURE
}

/// A folder that is gone with the program.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("tcpspec-shown-{}", std::process::id()));
        // If it cannot be made, whoever uses it says so.
        let _ = fs::create_dir_all(&folder);
        Self(folder)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Where commands run.
struct Place<'a> {
    root: &'a Path,
    temporary: &'a Path,
    /// Where this program stands, and those that were built with it.
    programs: &'a Path,
    /// All of them were built just now ([`BUILT`]).
    has_built: bool,
    /// Whether numbers that differ are written into the pages.
    writes: bool,
}

impl Place<'_> {
    /// Runs a command as its entry says; `None` if somebody else runs it, or nobody can here.
    fn run(&self, entry: &Entry) -> Option<Result<(), String>> {
        if entry.root && !is_root() {
            let why =
                if std::env::var_os(REQUIRE).is_some() { Err("it needs root".to_owned()) } else { Ok(()) };
            let _ = writeln!(io::stderr(), "SKIPPED {}: it needs root and /dev/net/tun", entry.command);
            return why.is_err().then_some(why);
        }
        match entry.how {
            How::Same(status) => Some(self.prints(entry.command, entry.command, status)),
            How::Instead { command, status, .. } => Some(self.prints(entry.command, command, status)),
            How::Served(arguments) => Some(self.serves(&format!("{} {arguments}", entry.command))),
            How::Block if entry.command.ends_with('&') => Some(self.block(entry.command)),
            How::Block | How::Walk | How::Ci(_) | How::Test(..) => None,
        }
    }

    /// A shell in the project's folder. The program need not be installed.
    fn shell(&self, script: &str) -> Command {
        let script = match script.strip_prefix("tcpspec ") {
            Some(rest) => format!("cargo run --release -- {rest}"),
            None => script.to_owned(),
        };
        let script = if self.has_built { already_built(&script, self.programs) } else { script };
        let mut command = Command::new("timeout");
        command.args([LIMIT, "bash", "-c", &script]).current_dir(self.root).env("TMP", self.temporary);
        // As in `.ci/packages-build`, with the same crates of other people.
        if script.contains("examples/own-claims") {
            command.env("CARGO_TARGET_DIR", self.root.join("target/packaged"));
            command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_DEBUG", "false");
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs it to its end, which must have this status.
    fn ends_with(&self, script: &str, status: i32) -> Result<Output, String> {
        let output = self.shell(script).output().map_err(|error| format!("{script}: {error}"))?;
        if output.status.code() == Some(status) {
            return Ok(output);
        }
        Err(format!("{script}: {} instead of {status}\n{}", output.status, said(&output)))
    }

    /// Runs it to its end, which must have this status. What pages show of it must have been printed.
    fn prints(&self, shown: &str, script: &str, status: i32) -> Result<(), String> {
        let said = said(&self.ends_with(script, status)?);
        let excerpts = shown::excerpts(self.root).map_err(|error| error.to_string())?;
        for excerpt in excerpts.iter().filter(|excerpt| excerpt.command == shown) {
            self.compares(&excerpt.page, &excerpt.lines, &said)?;
        }
        Ok(())
    }

    /// Compares an excerpt of a page with what was printed.
    fn compares(&self, page: &str, excerpt: &[String], printed: &str) -> Result<(), String> {
        let Err(difference) = compare(excerpt, printed) else { return Ok(()) };
        let why = format!("{page}: {difference}");
        let Some(anew) = difference.anew.filter(|_| self.writes) else { return Err(why) };
        let path = self.root.join(page);
        let text = fs::read_to_string(&path).map_err(|error| format!("{page}: {error}"))?;
        let text = text.replacen(&excerpt.join("\n"), &anew.join("\n"), 1);
        fs::write(&path, text).map_err(|error| format!("{page}: {error}"))?;
        let _ = writeln!(io::stdout(), "written: {page}");
        Ok(())
    }

    /// Starts a server that says where it is, asks it for its page and ends it.
    fn serves(&self, script: &str) -> Result<(), String> {
        let failed = |error: io::Error| format!("{script}: {error}");
        let mut command = self.shell(script);
        let mut server = Group(command.process_group(0).stderr(Stdio::piped()).spawn().map_err(failed)?);
        let Some(errors) = server.0.stderr.take() else { return Err(format!("{script}: no stderr")) };
        for line in BufReader::new(errors).lines() {
            let line = line.map_err(failed)?;
            let Some(at) = line.split("http://").nth(1).and_then(|rest| rest.split([' ', '/']).next()) else {
                continue;
            };
            let page = page(at).map_err(failed)?;
            return if page.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(format!("{script}: {page}")) };
        }
        Err(format!("{script} ended without saying where it serves"))
    }

    /// Runs the block of a page in which a command stands, in a network namespace of its own; whoever asks the server waits for it.
    fn block(&self, command: &str) -> Result<(), String> {
        let mut blocks = Vec::new();
        for page in shown::pages(self.root).map_err(|error| error.to_string())? {
            let text = fs::read_to_string(self.root.join(page)).map_err(|error| error.to_string())?;
            blocks.extend(shown::fenced(&text, "sh"));
        }
        let block = blocks.iter().find(|block| block.iter().any(|line| line == command));
        let block = block.ok_or_else(|| format!("no block has the line {command}"))?;
        let patient = "curl --silent --show-error --fail --retry 60 --retry-delay 1 --retry-all-errors ";
        let lines = block.join("\n").replace("curl ", patient);
        // What goes on meanwhile is built first, if it is not there.
        if !self.has_built || already_built(command, self.programs) == command {
            self.ends_with(&command.trim_end_matches('&').replace("cargo run", "cargo build"), 0)?;
        }
        // What goes on meanwhile ends with the rest, whether or not that succeeds: else it would hold the pipe that is read here.
        let end = "kill %1; wait %1 2>/dev/null || true";
        let script = format!("trap '{end}' EXIT; set -e; ip link set lo up\n{lines}");
        let unshared = format!("unshare --net bash -mc '{}'", script.replace('\'', r"'\''"));
        self.ends_with(&unshared, 0).map(drop)
    }

    /// The walk "edit a row".
    fn walk(&self) -> Result<(), String> {
        let chapter = fs::read_to_string(self.root.join(CHAPTER)).map_err(|error| error.to_string())?;
        let compares = |excerpt: &[String], printed: &str| self.compares(CHAPTER, excerpt, printed);
        Walk::read(&chapter)?.go(self.root, &self.temporary.join("walk"), compares)
    }

    /// Each program that has a help prints it: the checker's with those of all its commands, and that of `replay`.
    fn help(&self) -> Result<(), String> {
        let ask = |command: &str| -> Result<String, String> {
            let help = said(&self.ends_with(&format!("cargo run --release {command}"), 0)?);
            if help.contains("Usage:") || help.contains("Exit status:") { Ok(help) } else { Err(help) }
        };
        ask("-p tcpspec-tests --bin replay -- --help")?;
        let all = ask("-- --help")?;
        let commands = all.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
        // A line that stands further in goes on with what is said of a command.
        let of = |line: &str| line.strip_prefix("  ").is_some_and(|rest| !rest.starts_with(' '));
        let lines = commands.unwrap_or_default().lines().filter(|line| of(line));
        let commands: Vec<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
        if commands.len() < 8 {
            return Err(format!("the help lists only {commands:?}"));
        }
        for command in commands.into_iter().filter(|command| *command != "help") {
            ask(&format!("-- {command} --help"))?;
        }
        Ok(())
    }
}

/// Root, with TUN devices.
fn is_root() -> bool {
    nix::unistd::geteuid().is_root() && Path::new("/dev/net/tun").exists()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What a server answers when it is asked for its first page.
fn page(at: &str) -> io::Result<String> {
    let mut stream = loop {
        match TcpStream::connect(at) {
            Ok(stream) => break stream,
            // It says where it will serve a moment before it does.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => return Err(error),
        }
    };
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET / HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    Ok(page)
}

/// A program that is ended with all that it has started.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = nix::unistd::Pid::from_raw(self.0.id().cast_signed());
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        let _ = self.0.wait();
    }
}
