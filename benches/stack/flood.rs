//! SYN floods: goodput, and clients that connect, while SYNs from addresses without a host come in by the same TUN.
//!
//! The flood has the last core for itself. The ends and their clients share the first one, or the scheduler would move them about, and rounds would differ more by
//! that than by the flood.

use crate::far::Far;
use crate::near;
use crate::queues::{cores, pin};
use crate::{ECHO, Ends, FAR, Plan, spread};
use rustix::net::{
    AddressFamily, SendFlags, SocketFlags, SocketType, ipproto, sendto, socket_with,
    sockopt::set_socket_send_buffer_size,
};
use rustix::thread::{CpuSet, Pid, sched_setaffinity};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec::Flags;
use tcpspec_stack::wire::options::{Options, Timestamps};
use tcpspec_stack::wire::{ip, tcp};

/// SYNs a second; none, some, many, and as many as there can be.
const RATES: [Option<u64>; 4] = [Some(0), Some(10_000), Some(100_000), None];
/// SYNs that leave together.
const BATCH: u64 = 16;
/// Different SYNs, sent in turn.
const DIFFERENT: u32 = 1 << 16;

/// SYNs to the echo service, each from another socket. No host of this network has these addresses.
fn syns() -> Vec<Vec<u8>> {
    // As a client's of Linux.
    let options = Options {
        mss: Some(1460),
        window_scale: Some(7),
        sack_permitted: true,
        timestamps: Some(Timestamps { val: 1, ecr: 0 }),
        ..Options::default()
    };
    (0..DIFFERENT)
        .map(|n| {
            let [high, low] = (n as u16).to_be_bytes();
            let ip = ip::Header::tcp(Ipv4Addr::new(10, 7, 0, 3 + low % 250).into(), FAR.into());
            let header = tcp::Header {
                source: 1024 + u16::from(high) * 2 + u16::from(low / 250),
                destination: ECHO,
                seq: n.wrapping_mul(2_654_435_761),
                flags: Flags::SYN,
                window: 65_535,
                options,
                ..tcp::Header::default()
            };
            header.packet(&ip, (&[], &[]))
        })
        .collect()
}

/// Keeps all threads that there are, and those that they start, on these cores.
fn keep_all_on(cores: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    for thread in std::fs::read_dir("/proc/self/task")? {
        let number = thread?.file_name().to_str().and_then(|name| name.parse().ok());
        // A thread that has ended by now needs no core.
        let _ = sched_setaffinity(number.and_then(Pid::from_raw), &set);
    }
    Ok(())
}

/// Sends SYNs at this rate until it shall stop; how many a second were offered.
fn flood(syns: &[Vec<u8>], rate: Option<u64>, stop: &AtomicBool) -> io::Result<f64> {
    let socket = socket_with(AddressFamily::INET, SocketType::RAW, SocketFlags::CLOEXEC, Some(ipproto::RAW))?;
    set_socket_send_buffer_size(&socket, 1 << 20)?;
    let to = SocketAddrV4::new(FAR, 0);
    let (start, mut sent) = (Instant::now(), 0_u64);
    for batch in syns.chunks(BATCH as usize).cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if let Some(rate) = rate {
            let due = Duration::from_secs_f64(sent as f64 / rate.max(1) as f64);
            if let Some(early) = due.checked_sub(start.elapsed()) {
                thread::sleep(early);
            }
        }
        for syn in batch {
            // What the device has no room for is lost, as on any line.
            let _ = sendto(&socket, syn, SendFlags::empty(), &to);
        }
        sent += batch.len() as u64;
    }
    Ok(sent as f64 / start.elapsed().as_secs_f64())
}

/// What was reached beside a flood.
#[derive(Clone, Copy)]
struct Reached {
    /// Gbit/s that the far end receives.
    goodput: f64,
    /// Thousand connections a second.
    connections: f64,
    /// Thousand SYNs a second.
    syns: f64,
}

fn beside(
    far: &Far,
    (syns, cores): (&Arc<Vec<Vec<u8>>>, &[usize]),
    rate: Option<u64>,
    span: Duration,
) -> io::Result<Reached> {
    let (received, syns, cores) = (Arc::clone(&far.received), Arc::clone(syns), cores.to_vec());
    far.near.run(move || {
        let stop = Arc::new(AtomicBool::new(rate == Some(0)));
        let flood = thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                pin(&cores, cores.len().saturating_sub(1))?;
                flood(&syns, rate, &stop)
            }
        });
        // A client that gives up has got nothing.
        let goodput = near::receives(span, &received).map_or(0.0, |bits| bits / 1e9);
        let connections = near::connects(1, span).map_or(0.0, |pace| pace.rate / 1e3);
        stop.store(true, Ordering::Relaxed);
        let syns = flood.join().map_err(|_| io::Error::other("the flood panicked"))?? / 1e3;
        Ok(Reached { goodput, connections, syns })
    })
}

/// Waits until a client gets through again: what a flood has left in queues must not meet the next round.
fn recover() {
    let gets_through = || near::connects(1, Duration::from_millis(10)).is_ok();
    (0..10).find(|_| gets_through());
}

/// Prints the table.
pub(crate) fn measure(plan: &Plan, ends: &Ends) -> io::Result<()> {
    let (syns, cores) = (Arc::new(syns()), cores()?);
    keep_all_on(cores.get(..1).unwrap_or_default())?;
    println!("\nSYN floods; with offload, the far end receives; then one client after another connects\n");
    println!(
        "| | SYNs asked for, thousand/s | offered | goodput, Gbit/s | : none | connections, thousand/s | : none |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let ends = [("ours", &ends.ours[0]), ("kernel", &ends.kernel[0])];
    let mut all: [[Vec<Reached>; RATES.len()]; 2] = Default::default();
    for _ in 0..plan.rounds {
        for ((_, far), rounds) in ends.iter().zip(&mut all) {
            for (rounds, rate) in rounds.iter_mut().zip(RATES) {
                rounds.push(beside(far, (&syns, &cores), rate, plan.span)?);
                far.near.run(recover);
            }
        }
    }
    for ((name, _), rounds) in ends.iter().zip(&all) {
        let none = &rounds[0];
        for (rounds, rate) in rounds.iter().zip(RATES) {
            let of = |figure: fn(&Reached) -> f64| spread(rounds.iter().map(figure));
            // Each round beside its own round without SYNs.
            let ratio = |figure: fn(&Reached) -> f64| {
                spread(rounds.iter().zip(none).map(|(round, none)| figure(round) / figure(none)))
            };
            let cell = |[median, low, high]: [f64; 3]| format!("{median:.2} ({low:.2}–{high:.2})");
            println!(
                "| {name} | {} | {:.0} | {} | {} | {} | {} |",
                rate.map_or("as many as there can be".to_owned(), |rate| (rate / 1000).to_string()),
                of(|r| r.syns)[0],
                cell(of(|r| r.goodput)),
                cell(ratio(|r| r.goodput)),
                cell(of(|r| r.connections)),
                cell(ratio(|r| r.connections)),
            );
        }
    }
    keep_all_on(&cores)
}
