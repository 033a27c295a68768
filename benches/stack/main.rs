//! Our stack, smoltcp and the kernel side by side, each across a TUN with an MTU of 1500 to the kernel's sockets.
//!
//! `cargo bench -p tcpspec-benches --bench stack`, as root; `-- --quick` for a short look, `-- WORD` for the lines with this word (`queues` for one core and two, `flood` for floods). Everything runs in network namespaces of its own. The rounds of all
//! are interleaved, so that other work of the machine meets all of them. The median round of each counts.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run has nothing else to say")]

mod far;
mod flood;
mod memory;
mod near;
mod queues;
mod single;
mod smol;
mod tasks;

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
pub(crate) struct Plan {
    rounds: usize,
    span: Duration,
    only: Option<String>,
}

/// The ends that are compared.
struct Ends {
    /// With offload, without, and without either offload or io_uring.
    ours: [Far; 3],
    /// Ours again, driven by the thread that is the program.
    single: [Far; 3],
    /// Ours again, used by tasks: with offload, and without.
    tasks: [Far; 2],
    smoltcp: Far,
    kernel: [Far; 2],
}

/// What is compared.
const ENDS: usize = 5;

/// One line of the table.
struct Line {
    name: String,
    unit: &'static str,
    /// Ours, ours with one thread, ours with tasks, smoltcp's, the kernel's: of each the median round, with the lowest and the highest.
    figures: [[f64; 3]; ENDS],
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
    if plan.only.as_ref().is_some_and(|only| "queues".contains(only.as_str())) {
        return queues::measure(plan);
    }
    let ends = Ends {
        ours: [far::ours(true, true)?, far::ours(false, true)?, far::ours(false, false)?],
        single: [single::ours(true, true)?, single::ours(false, true)?, single::ours(false, false)?],
        tasks: [tasks::ours(true)?, tasks::ours(false)?],
        smoltcp: smol::smoltcp()?,
        kernel: [far::kernel(true)?, far::kernel(false)?],
    };
    if plan.only.as_ref().is_some_and(|only| "flood".contains(only.as_str())) {
        return flood::measure(plan, &ends);
    }
    let mut lines = Vec::new();
    bulk(plan, &ends, &mut lines)?;
    small(plan, &ends, &mut lines)?;
    if plan.wants("memory") {
        memory(&ends, &mut lines)?;
    }
    print(plan, &lines);
    if plan.only.is_none() {
        queues::measure(plan)?;
        flood::measure(plan, &ends)?;
    }
    Ok(())
}

impl Plan {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

/// All rounds of each end, by rate.
fn rounds<T: Copy, const N: usize>(
    plan: &Plan,
    ends: [&Far; N],
    measure: impl Fn(&Far) -> io::Result<T>,
    rate: impl Fn(T) -> f64,
) -> io::Result<[Vec<T>; N]> {
    let mut all: [Vec<T>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..plan.rounds {
        for (rounds, end) in all.iter_mut().zip(ends) {
            rounds.push(measure(end)?);
        }
    }
    for rounds in &mut all {
        rounds.sort_by(|a, b| rate(*a).total_cmp(&rate(*b)));
    }
    Ok(all)
}

/// The median of some figures, the lowest and the highest.
pub(crate) fn spread(figures: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut all: Vec<f64> = figures.collect();
    all.sort_by(f64::total_cmp);
    let at = |place: usize| all.get(place).copied().unwrap_or(f64::NAN);
    [at(all.len() / 2), at(0), at(all.len().saturating_sub(1))]
}

fn bulk(plan: &Plan, ends: &Ends, lines: &mut Vec<Line>) -> io::Result<()> {
    let span = plan.span;
    let all = [
        &ends.ours[0],
        &ends.ours[1],
        &ends.ours[2],
        &ends.single[0],
        &ends.single[1],
        &ends.single[2],
        &ends.tasks[0],
        &ends.tasks[1],
        &ends.smoltcp,
        &ends.kernel[0],
        &ends.kernel[1],
    ];
    for name in ["bulk sending", "bulk receiving"] {
        if !plan.wants(name) {
            continue;
        }
        let sends = name == "bulk sending";
        let measure = move |far: &Far| {
            let received = Arc::clone(&far.received);
            far.near.run(move || if sends { near::sends(span) } else { near::receives(span, &received) })
        };
        let rounds = rounds(plan, all, measure, |bits| bits)?;
        let [ours, ours_plain, ours_alone, single, single_plain, single_alone, ..] = &rounds;
        let [.., tasks, tasks_plain, smoltcp, kernel, kernel_plain] = &rounds;
        let none = Vec::new();
        let mut line = |name, rounds: [&Vec<f64>; ENDS]| {
            let figures = rounds.map(|bits| spread(bits.iter().map(|bits| bits / 1e9)));
            lines.push(Line { name, unit: "Gbit/s", figures });
        };
        line(format!("{name}, offload"), [ours, single, tasks, smoltcp, kernel]);
        line(format!("{name}, no offload"), [ours_plain, single_plain, tasks_plain, smoltcp, kernel_plain]);
        if sends {
            let name = format!("{name}, no offload, packets written one by one");
            line(name, [ours_alone, single_alone, &none, smoltcp, kernel_plain]);
        }
    }
    Ok(())
}

/// What is small and has to come back.
fn small(plan: &Plan, ends: &Ends, lines: &mut Vec<Line>) -> io::Result<()> {
    type Measure = fn(usize, Duration) -> io::Result<Pace>;
    let span = plan.span;
    let all = [&ends.ours[0], &ends.single[1], &ends.tasks[0], &ends.smoltcp, &ends.kernel[0]];
    for (name, measure) in
        [("ping-pong", near::ping_pong as Measure), ("connect, octet, close", near::connects)]
    {
        for count in [1, 16] {
            let name = format!("{name}, {count} at once");
            if !plan.wants(&name) {
                continue;
            }
            let paces =
                rounds(plan, all, |far| far.near.run(move || measure(count, span)), |pace| pace.rate)?;
            let mut line = |name: String, unit, figure: fn(&Pace) -> f64| {
                let figures = paces.each_ref().map(|paces| spread(paces.iter().map(figure)));
                lines.push(Line { name, unit, figures });
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
        let figures =
            [ours, f64::NAN, f64::NAN, smoltcp, kernel.unwrap_or(f64::NAN)].map(|figure| [figure; 3]);
        lines.push(Line { name: name.to_owned(), unit: UNIT, figures });
    };
    // Its buffers are what they are made: here those that let it send and receive fastest.
    let smoltcp = memory::smoltcp(smol::BUFFER);
    line("memory, idle connection", ours.idle, smoltcp, kernel.map(|kernel| kernel.idle));
    line("memory, TIME-WAIT", ours.time_wait, smoltcp, kernel.map(|kernel| kernel.time_wait));
    Ok(())
}

fn print(plan: &Plan, lines: &[Line]) {
    println!(
        "MTU 1500; medians of {} rounds of {} ms, with the lowest and the highest\n",
        plan.rounds,
        plan.span.as_millis()
    );
    println!(
        "| | unit | ours | ours, one thread | ours, tasks | smoltcp | kernel | one thread : smoltcp | ours : kernel | tasks : ours |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    let cell = |figure: f64| match figure {
        figure if figure.is_nan() => "–".to_owned(),
        figure if figure < 10.0 => format!("{figure:.2}"),
        figure if figure < 100.0 => format!("{figure:.1}"),
        figure => format!("{figure:.0}"),
    };
    for Line { name, unit, figures } in lines {
        let cells = figures.map(|[median, low, high]| match high - low > median * 0.01 {
            true => format!("{} ({}–{})", cell(median), cell(low), cell(high)),
            false => cell(median),
        });
        let [[ours, ..], [single, ..], [tasks, ..], [smoltcp, ..], [kernel, ..]] = *figures;
        println!(
            "| {name} | {unit} | {} | {} | {} | {} |",
            cells.join(" | "),
            cell(single / smoltcp),
            cell(ours / kernel),
            cell(tasks / ours)
        );
    }
}
