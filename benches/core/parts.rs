//! Instructions, counted by callgrind, and the parts of the stacks that they belong to.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;

/// The parts, each with what the paths of its files contain. The first that fits counts.
const PARTS: [(&str, &[&str]); 13] = [
    ("the table's `step`", &["/spec/src/"]),
    (
        "host",
        &[
            "/stack/src/tcp/host",
            "/stack/src/tcp/connection.rs",
            "/stack/src/tcp/record.rs",
            "/stack/src/tcp/path.rs",
        ],
    ),
    ("receiving", &["/stack/src/tcp/receiving.rs"]),
    (
        "recovery",
        &[
            "/stack/src/tcp/recovery",
            "/stack/src/tcp/sending.rs",
            "/stack/src/tcp/rto.rs",
            "/stack/src/congestion",
        ],
    ),
    ("buffers", &["/stack/src/tcp/buffer"]),
    ("parsing and emitting", &["/stack/src/wire"]),
    ("demultiplexing", &["/stack/src/endpoint/demux.rs", "siphasher", "hashbrown", "collections/hash"]),
    (
        "timers",
        &["/stack/src/endpoint/timer.rs", "/stack/src/endpoint/registry.rs", "/stack/src/endpoint/ready.rs"],
    ),
    ("endpoint", &["/stack/src/"]),
    ("smoltcp", &["/smoltcp-"]),
    (
        "the program",
        &["benches/core", "core/works.rs", "core/ours.rs", "core/smol.rs", "core/flood.rs", "core/many.rs"],
    ),
    (
        "allocation",
        &["malloc", "alloc/src/raw_vec", "stats_alloc", "alloc/src/alloc.rs", "sys/alloc", "__rust_alloc"],
    ),
    ("copies", &["memcpy", "memmove", "memset", "memcmp", "multiarch"]),
];
/// Everything else.
const REST: &str = "standard library";

/// The names of all parts.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PARTS.iter().map(|(name, _)| *name).chain([REST])
}

/// Instructions of one run, by part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) parts: BTreeMap<&'static str, u64>,
}

impl Counted {
    pub(crate) fn total(&self) -> u64 {
        self.parts.values().sum()
    }
}

/// Whether valgrind is there.
pub(crate) fn is_there() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs this program again, for one stack and one work; the instructions and the packets.
pub(crate) fn count(stack: &str, work: &str, packets: usize) -> io::Result<(Counted, usize)> {
    let file = std::env::temp_dir().join(format!("tcpspec-core-{}-{stack}-{work}", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*works*measured*"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe()?)
        .args(["--once", stack, work, &packets.to_string()])
        .output()?;
    let read = std::fs::read_to_string(&file);
    let _ = std::fs::remove_file(&file);
    let moved =
        String::from_utf8_lossy(&output.stdout).trim().parse().ok().filter(|_| output.status.success());
    let moved =
        moved.ok_or_else(|| io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))?;
    Ok((parse(&read?), moved))
}

/// The costs of a file of callgrind, by the source files that they stand in. What stands in a file of the library and was inlined counts for the function
/// that it was inlined into.
fn parse(text: &str) -> Counted {
    let mut names = Names::default();
    let mut counted = Counted::default();
    // The part of the file that a function stands in, of the function by its name, and of the file that was inlined.
    let (mut file, mut own, mut part, mut is_call) = (None, None, None, false);
    for line in text.lines() {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        match key {
            "fl" => file = part_of(&names.read("file", value)),
            "fn" => {
                let function = names.read("function", value);
                (own, part) = (file.or_else(|| part_of(&function)), None);
            }
            "fi" | "fe" => part = part_of(&names.read("file", value)),
            "cfn" => drop(names.read("function", value)),
            "cfi" | "cfl" => drop(names.read("file", value)),
            "calls" => is_call = true,
            _ if key.starts_with(|first: char| "+-*0123456789".contains(first)) => {
                let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok());
                // What a call costs stands with the function that is called.
                if !std::mem::take(&mut is_call) {
                    *counted.parts.entry(part.or(own).unwrap_or(REST)).or_default() += cost.unwrap_or(0);
                }
            }
            _ => {}
        }
    }
    counted
}

/// Names that the file spells out once: `(7) name` the first time, `(7)` later.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn read(&mut self, kind: &str, value: &str) -> String {
        let (number, name) = value.split_once(' ').unwrap_or((value, ""));
        let known = self.0.entry(format!("{kind} {number}")).or_default();
        if !name.is_empty() {
            name.clone_into(known);
        }
        known.clone()
    }
}

/// The part that the path of a file, or the name of a function, belongs to.
fn part_of(place: &str) -> Option<&'static str> {
    PARTS.iter().find(|(_, words)| words.iter().any(|word| place.contains(word))).map(|(name, _)| *name)
}
