//! Runs the swarm as long as asked, or repeats one of its runs.

use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
#[cfg(target_os = "linux")]
use tcpspec_tests::long;
use tcpspec_tests::swarm::{Change, Found, Tally, kind, run, runs, shrink};

const HELP: &str = "\
Runs connections in simulated time under faults, each seed with others, and checks after each run what must hold (docs/faults.md).

    soak                                goes on until Ctrl-C, from a seed that the clock gives
    soak --runs N                       so many runs; --seconds N: so long; --from SEED: from this seed on; --threads N: on so many (1)
    soak --seed SEED                    repeats one run and tells what happens in it; --capture FILE: its last packets, with rows, as pcapng
         --off LIST --events LIST --faults LIST
                                        without these features, with only these events, with faults only of these packets
    soak --tun                          across a TUN device instead, the kernel as the other end, each octet compared, for --seconds N (3600),
                                        with faults that --seed SEED gives; as root
    soak --doc FILE                     runs the seeds from 0 on (--runs N, 200000 if not given) and writes the page of figures
    --keep FOLDER                       where captures of runs that fail go (target/soak)

Exit status: 0 if all holds, 1 if not, 2 for wrong use and where it cannot run.";

#[derive(Default)]
struct Wanted {
    seed: Option<u64>,
    from: Option<u64>,
    runs: Option<u64>,
    seconds: Option<u64>,
    threads: Option<usize>,
    capture: Option<PathBuf>,
    doc: Option<PathBuf>,
    keep: Option<PathBuf>,
    tun: bool,
    change: Change,
}

fn parse() -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        if name == "--tun" && value.is_none() {
            wanted.tun = true;
            continue;
        }
        if !name.starts_with("--") {
            return Err(format!("`{name}` is no argument; `soak --help` tells which there are"));
        }
        let value = value
            .or_else(|| words.next())
            .ok_or(format!("{name} needs a value, or there is no such argument; see `soak --help`"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} takes a number, not `{value}`"));
        match name.as_str() {
            "--seed" => wanted.seed = Some(number()?),
            "--from" => wanted.from = Some(number()?),
            "--runs" => wanted.runs = Some(number()?),
            "--seconds" => wanted.seconds = Some(number()?),
            "--threads" => wanted.threads = Some(number()?.clamp(1, 256) as usize),
            "--capture" => wanted.capture = Some(value.into()),
            "--doc" => wanted.doc = Some(value.into()),
            "--keep" => wanted.keep = Some(value.into()),
            _ => wanted.change.argument(&name, &value).map_err(|why| format!("{why}; see `soak --help`"))?,
        }
    }
    if wanted.tun {
        let others =
            wanted.runs.or(wanted.from).is_some() || wanted.threads.is_some() || wanted.doc.is_some();
        if others || wanted.capture.is_some() || wanted.keep.is_some() || wanted.change != Change::default() {
            return Err("--tun takes --seconds and --seed, and nothing else".into());
        }
        return Ok(wanted);
    }
    if wanted.seed.is_none() && (wanted.change != Change::default() || wanted.capture.is_some()) {
        return Err("--off, --events, --faults and --capture belong to --seed".into());
    }
    if wanted.seed.is_some()
        && (wanted.runs.or(wanted.seconds).or(wanted.from).is_some() || wanted.doc.is_some())
    {
        return Err("--seed repeats one run: --from, --runs, --seconds and --doc do not go with it".into());
    }
    Ok(wanted)
}

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|word| matches!(word.as_str(), "-h" | "--help")) {
        // The reader may have gone.
        let _ = writeln!(std::io::stdout(), "{HELP}");
        return ExitCode::SUCCESS;
    }
    let wanted = match parse() {
        Ok(wanted) => wanted,
        Err(why) => return wrong(&why),
    };
    let done = match wanted.seed {
        _ if wanted.tun => across_tun(&wanted),
        Some(seed) => repeat(seed, &wanted),
        None => soak(&wanted),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => wrong(&error.to_string()),
    }
}

/// Across TUN. An error says why there was no run.
#[cfg(target_os = "linux")]
fn across_tun(wanted: &Wanted) -> std::io::Result<bool> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (seed, seconds) = (wanted.seed.unwrap_or(clock), wanted.seconds.unwrap_or(3600));
    let stop = stop_at_ctrl_c()?;
    println!("soak --tun --seconds {seconds} --seed {seed}");
    let tally = long::Run::start(seed, stop)?.run(Duration::from_secs(seconds));
    match &tally {
        Ok(tally) => println!("{tally}; all holds"),
        Err(error) => println!("does not hold: {error}"),
    }
    Ok(tally.is_ok())
}

#[cfg(not(target_os = "linux"))]
fn across_tun(_: &Wanted) -> std::io::Result<bool> {
    Err(std::io::Error::other("--tun needs a TUN device of Linux"))
}

fn wrong(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(2)
}

/// One run, with its story.
fn repeat(seed: u64, wanted: &Wanted) -> std::io::Result<bool> {
    let outcome = run(seed, &wanted.change, true);
    let mut out = std::io::stdout().lock();
    let features: Vec<_> = outcome.features.iter().map(|feature| feature.word()).collect();
    writeln!(out, "seed {seed}: {}", features.join(" "))?;
    for line in &outcome.story {
        writeln!(out, "    {line}")?;
    }
    for (name, count) in &outcome.counts {
        writeln!(out, "    {count:>9} {name}")?;
    }
    if !outcome.suffered.is_empty() {
        let packets: Vec<_> =
            outcome.suffered.iter().map(|(from, number)| format!("{from}:{number}")).collect();
        writeln!(out, "    packets that suffered: {}", packets.join(" "))?;
    }
    let holds = outcome.wrong.is_none();
    match &outcome.wrong {
        Some(wrong) => writeln!(out, "does not hold: {wrong}")?,
        None => writeln!(out, "all holds")?,
    }
    if let Some(path) = &wanted.capture {
        Found { seed, change: wanted.change.clone(), outcome, trap: None }.capture(path)?;
        writeln!(out, "{} has the last packets with the rows; the explorer opens it", path.display())?;
    }
    Ok(holds)
}

fn soak(wanted: &Wanted) -> std::io::Result<bool> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let first = wanted.from.unwrap_or(if wanted.doc.is_some() { 0 } else { clock << 20 });
    let many = wanted.runs.or(wanted.doc.is_some().then_some(200_000));
    let seeds: Range<u64> = first..many.map_or(u64::MAX, |many| first.saturating_add(many));
    let threads = wanted.threads.unwrap_or(1);
    let span = wanted
        .seconds
        .map_or_else(|| "until it is done or Ctrl-C".into(), |seconds| format!("{seconds} s at most"));
    let runs_of = many.map_or_else(String::new, |many| format!(" --runs {many}"));
    // Whoever reads the line may interrupt it from then on.
    let (stop, began) = (stop_at_ctrl_c()?, Instant::now());
    println!("soak --from {first}{runs_of} --threads {threads}, {span}");
    if let Some(seconds) = wanted.seconds {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(seconds));
            stop.store(true, Ordering::Relaxed);
        });
    }
    let keep = wanted.keep.clone().unwrap_or_else(|| "target/soak".into());
    let tally = runs(seeds, threads, stop, |seed, outcome| {
        let what = outcome.wrong.as_deref().unwrap_or_default();
        println!("seed {seed}: {}", what.lines().next().unwrap_or_default());
    });
    println!(
        "{} runs, {} events, {} packets, {} events judged, {} s, {} seeds fail",
        tally.of("runs"),
        tally.of("events"),
        tally.of("packets"),
        tally.of("events judged"),
        began.elapsed().as_secs(),
        tally.failed.len()
    );
    tell_failures(&tally, &keep)?;
    if let Some(path) = &wanted.doc {
        let many = many.unwrap_or_default();
        if tally.of("runs") < many {
            return Err(std::io::Error::other(format!(
                "ended before its {many} runs: {} is as it was",
                path.display()
            )));
        }
        std::fs::write(path, tcpspec_tests::swarm::page(&tally, many))?;
    }
    Ok(tally.failed.is_empty())
}

/// Each kind of failure once, as small as it gets.
fn tell_failures(tally: &Tally, keep: &Path) -> std::io::Result<()> {
    let mut kinds = std::collections::BTreeMap::new();
    for (seed, outcome) in &tally.failed {
        let kind = kind(outcome.wrong.as_deref().unwrap_or_default());
        kinds.entry(kind).or_insert_with(Vec::new).push((*seed, outcome));
    }
    for (kind, seeds) in kinds {
        let Some((seed, outcome)) = seeds.first() else { continue };
        let found = shrink(*seed, (*outcome).clone(), None);
        println!("\n{} × {kind}\n{}", seeds.len(), found.outcome.wrong.as_deref().unwrap_or_default());
        for line in &found.outcome.story {
            println!("    {line}");
        }
        println!("{}", found.command_of_whole());
        println!("{}", found.command());
        std::fs::create_dir_all(keep)?;
        let file = keep.join(format!("{seed}.pcapng"));
        found.capture(&file)?;
        println!("{}", file.display());
    }
    Ok(())
}

/// Becomes true at Ctrl-C. A second one ends the program.
fn stop_at_ctrl_c() -> std::io::Result<&'static AtomicBool> {
    use nix::sys::signal::{SigSet, Signal};
    static STOP: AtomicBool = AtomicBool::new(false);
    let mut interrupts = SigSet::empty();
    interrupts.add(Signal::SIGINT);
    interrupts.thread_block()?;
    std::thread::spawn(move || {
        while interrupts.wait().is_ok() {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        }
    });
    Ok(&STOP)
}
