//! Our stack, smoltcp and the kernel side by side, each across a TUN with an MTU of 1500 to the kernel's sockets.
//!
//! `cargo bench -p tcpspec-benches`, as root; `-- --quick` for a short look, `-- WORD` for the lines with this word. Everything runs in network namespaces of its own. The rounds of the three
//! are interleaved, so that other work of the machine meets all of them. The best round of each counts.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run has nothing else to say")]

mod far;
mod memory;
mod near;
mod smol;

use far::Far;
use near::Pace;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The address of the programs that measure.
pub(crate) const NEAR: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 1);
/// The address of what is measured.
pub(crate) const FAR: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 2);
/// Each octet comes back.
pub(crate) const ECHO: u16 = 7;
/// Octets are counted.
pub(crate) const DISCARD: u16 = 9;
/// Octets without end.
pub(crate) const SOURCE: u16 = 19;
/// Connections stay.
pub(crate) const HELD: u16 = 21;

/// What is measured, and how thoroughly.
struct Plan {
    rounds: usize,
    span: Duration,
    only: Option<String>,
}

/// The ends that are compared.
struct Ends {
    ours: [Far; 2],
    smoltcp: Far,
    kernel: [Far; 2],
}

/// One line of the table.
struct Line {
    name: String,
    unit: &'static str,
    /// Ours, smoltcp's, the kernel's.
    figures: [f64; 3],
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let only = arguments.into_iter().find(|argument| !argument.starts_with("--"));
    let (rounds, millis) = if quick { (2, 200) } else { (7, 400) };
    match run(&Plan { rounds, span: Duration::from_millis(millis), only }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(plan: &Plan) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Err(io::Error::other("it makes network namespaces and TUN devices; run it as root"));
    }
    // Each connection of the kernel takes a descriptor.
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit)?;
    let ends = Ends {
        ours: [far::ours(true)?, far::ours(false)?],
        smoltcp: smol::smoltcp()?,
        kernel: [far::kernel(true)?, far::kernel(false)?],
    };
    let mut lines = Vec::new();
    bulk(plan, &ends, &mut lines)?;
    small(plan, &ends, &mut lines)?;
    if plan.wants("memory") {
        memory(&ends, &mut lines)?;
    }
    print(plan, &lines);
    Ok(())
}

impl Plan {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

/// The best of all rounds for each end.
fn best<T: Copy, const N: usize>(
    plan: &Plan,
    ends: [&Far; N],
    measure: impl Fn(&Far) -> io::Result<T>,
    rate: impl Fn(T) -> f64,
) -> io::Result<[T; N]> {
    let mut best: [Option<T>; N] = [None; N];
    for _ in 0..plan.rounds {
        for (best, end) in best.iter_mut().zip(ends) {
            let now = measure(end)?;
            *best = Some(best.filter(|old| rate(*old) >= rate(now)).unwrap_or(now));
        }
    }
    Ok(best.map(|best| best.expect("there is a round")))
}

fn bulk(plan: &Plan, ends: &Ends, lines: &mut Vec<Line>) -> io::Result<()> {
    let span = plan.span;
    let all = [&ends.ours[0], &ends.ours[1], &ends.smoltcp, &ends.kernel[0], &ends.kernel[1]];
    for name in ["bulk sending", "bulk receiving"] {
        if !plan.wants(name) {
            continue;
        }
        let measure = move |far: &Far| {
            let received = Arc::clone(&far.received);
            let sending = name == "bulk sending";
            far.near.run(move || if sending { near::sends(span) } else { near::receives(span, &received) })
        };
        let [ours, ours_plain, smoltcp, kernel, kernel_plain] = best(plan, all, measure, |bits| bits)?;
        let mut line = |name, figures: [f64; 3]| {
            lines.push(Line { name, unit: "Gbit/s", figures: figures.map(|bits| bits / 1e9) });
        };
        line(format!("{name}, offload"), [ours, smoltcp, kernel]);
        line(format!("{name}, no offload"), [ours_plain, smoltcp, kernel_plain]);
    }
    Ok(())
}

/// What is small and has to come back.
fn small(plan: &Plan, ends: &Ends, lines: &mut Vec<Line>) -> io::Result<()> {
    type Measure = fn(usize, Duration) -> io::Result<Pace>;
    let (span, all) = (plan.span, [&ends.ours[0], &ends.smoltcp, &ends.kernel[0]]);
    for (name, measure) in
        [("ping-pong", near::ping_pong as Measure), ("connect, octet, close", near::connects)]
    {
        for count in [1, 16] {
            let name = format!("{name}, {count} at once");
            if !plan.wants(&name) {
                continue;
            }
            let paces = best(plan, all, |far| far.near.run(move || measure(count, span)), |pace| pace.rate)?;
            let mut line = |name: String, unit, figure: fn(Pace) -> f64| {
                lines.push(Line { name, unit, figures: paces.map(figure) });
            };
            line(format!("{name}: rate"), "thousand/s", |pace| pace.rate / 1e3);
            line(format!("{name}: median"), "µs, less is better", |pace| pace.median);
            line(format!("{name}: 99 %"), "µs, less is better", |pace| pace.p99);
        }
    }
    Ok(())
}

fn memory(ends: &Ends, lines: &mut Vec<Line>) -> io::Result<()> {
    const UNIT: &str = "octets, less is better";
    let (ours, kernel) = (memory::ours(&ends.ours[0])?, memory::kernel());
    let mut line = |name: &str, ours, smoltcp, kernel: Option<f64>| {
        let figures = [ours, smoltcp, kernel.unwrap_or(f64::NAN)];
        lines.push(Line { name: name.to_owned(), unit: UNIT, figures });
    };
    // Its buffers are what they are made: here those that let it send and receive fastest.
    let smoltcp = memory::smoltcp(smol::BUFFER);
    line("memory, idle connection", ours.idle, smoltcp, kernel.map(|kernel| kernel.idle));
    line("memory, TIME-WAIT", ours.time_wait, smoltcp, kernel.map(|kernel| kernel.time_wait));
    Ok(())
}

fn print(plan: &Plan, lines: &[Line]) {
    println!("MTU 1500; the best of {} rounds of {} ms\n", plan.rounds, plan.span.as_millis());
    println!("| | unit | ours | smoltcp | kernel | ours : smoltcp | ours : kernel |");
    println!("|---|---|---:|---:|---:|---:|---:|");
    for Line { name, unit, figures } in lines {
        let [ours, smoltcp, kernel] = *figures;
        let cell = |figure: f64| match figure {
            figure if figure.is_nan() => "–".to_owned(),
            figure if figure < 10.0 => format!("{figure:.2}"),
            figure if figure < 100.0 => format!("{figure:.1}"),
            figure => format!("{figure:.0}"),
        };
        println!(
            "| {name} | {unit} | {} | {} | {} | {} | {} |",
            cell(ours),
            cell(smoltcp),
            cell(kernel),
            cell(ours / smoltcp),
            cell(ours / kernel),
        );
    }
}
