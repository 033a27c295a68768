//! Queues: everything (the programs that measure, the kernel, the stack) on one core, and on two with a shard on each. Each shard is driven by the thread that is its program.

use crate::far::Far;
use crate::near::{self, Namespace};
use crate::single::run;
use crate::{FAR, NEAR, Plan, spread};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Duration;
use tcpspec_stack::device::spread::spread as over;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack};

/// How many programs measure at once. Each has connections of its own.
const PROGRAMS: usize = 2;
/// Connections of each program.
const CONNECTIONS: usize = 32;
/// Programs that open connections, and connections in bulk, of each.
const THREADS: usize = 16;

/// The same in all lines: the table's columns.
const ENDS: [(&str, usize, usize); 3] =
    [("one core, one queue", 1, 1), ("two cores, one queue", 2, 1), ("two cores, two queues", 2, 2)];

/// Keeps this thread, and those that it starts, on one of these cores.
pub(crate) fn pin(cores: &[usize], which: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    if let Some(core) = cores.get(which % cores.len().max(1)) {
        set.set(*core);
        sched_setaffinity(None, &set)?;
    }
    Ok(())
}

/// The cores that this program may use.
pub(crate) fn cores() -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
}

/// Shards on queues of a TUN without offload, each on one of these cores.
fn shards(cores: Vec<usize>, queues: usize) -> io::Result<Far> {
    let near = Arc::new(Namespace::new()?);
    let received = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&received);
    near.run(move || {
        pin(&cores, 0)?;
        let tun = Tun::builder("bench0").host(NEAR, 24).mtu(1500).offload(false);
        for (shard, device) in over(tun.build_queues(queues)?).into_iter().enumerate() {
            let stack = Stack::without_thread(device, Config::new(FAR))?;
            stack.on_loss(|_| {});
            let (cores, counter) = (cores.clone(), Arc::clone(&counter));
            thread::spawn(move || pin(&cores, shard).and_then(|()| run(&stack, &counter)));
        }
        io::Result::Ok(())
    })?;
    Ok(Far { near, received, stack: None })
}

/// What each program measures.
type Measure = fn(Duration) -> io::Result<f64>;

/// The sum over all programs, spread over these cores.
fn all_programs(cores: Vec<usize>, each: Measure, span: Duration) -> io::Result<f64> {
    let programs: Vec<_> = (0..PROGRAMS)
        .map(|program| {
            let cores = cores.clone();
            thread::spawn(move || pin(&cores, program).and_then(|()| each(span)))
        })
        .collect();
    programs.into_iter().map(|program| program.join().map_err(|_| io::Error::other("it panicked"))?).sum()
}

/// Thousand a second.
fn pings(span: Duration) -> io::Result<f64> {
    Ok(near::ping_pong(CONNECTIONS, span)?.rate / 1e3)
}

fn connects(span: Duration) -> io::Result<f64> {
    Ok(near::connects(THREADS, span)?.rate / 1e3)
}

/// Gbit/s.
fn sends(span: Duration) -> io::Result<f64> {
    let all: Vec<_> = (0..THREADS).map(|_| thread::spawn(move || near::sends(span))).collect();
    let bits: f64 = all
        .into_iter()
        .map(|one| one.join().map_err(|_| io::Error::other("it panicked"))?)
        .sum::<io::Result<f64>>()?;
    Ok(bits / 1e9)
}

/// Prints the table, if it is wanted.
pub(crate) fn measure(plan: &Plan) -> io::Result<()> {
    let cores = cores()?;
    if cores.len() < 2 {
        eprintln!("There is one core, so that queues are not measured.");
        return Ok(());
    }
    let ends = ENDS.map(|(_, count, queues)| (cores[..count].to_vec(), queues));
    let fars = ends.each_ref().map(|(cores, queues)| shards(cores.clone(), *queues));
    println!("\nNo offload; {PROGRAMS} programs; all on cores {:?}\n", &cores[..2]);
    println!(
        "| | {} | two queues : one core | two queues : one queue |",
        ENDS.map(|(name, ..)| name).join(" | ")
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, each) in [
        ("ping-pong, 64 at once, thousand/s", pings as Measure),
        ("connect, octet, close, 32 at once, thousand/s", connects),
        ("bulk sending, 32 at once, Gbit/s", sends),
    ] {
        let mut rounds: [Vec<f64>; 3] = Default::default();
        for _ in 0..plan.rounds {
            for (rounds, (far, (cores, _))) in rounds.iter_mut().zip(fars.iter().zip(&ends)) {
                let far = far.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
                let (cores, span) = (cores.clone(), plan.span);
                rounds.push(far.near.run(move || all_programs(cores, each, span))?);
            }
        }
        let figures = rounds.map(|rounds| spread(rounds.into_iter()));
        let cells = figures.map(|[median, low, high]| format!("{median:.2} ({low:.2}–{high:.2})"));
        let [one, single, two] = figures.map(|[median, ..]| median);
        println!("| {name} | {} | {:.2} | {:.2} |", cells.join(" | "), two / one, two / single);
    }
    Ok(())
}
