//! Shards: pairs of endpoints behind `device::spread`, in one thread and in two. Each thread has a client's shard and a server's, and nothing but the inboxes of `spread` is shared. The queues
//! are those of a kernel that has learned where each flow is answered: nothing comes to the wrong one.

use crate::ends::{BATCH, Ends, PORT, Side, TURN};
use crate::ours::{Ours, SERVER, config, look};
use crate::works::{Work, begin, go_on};
use crate::{Plan, ratio};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_stack::device::spread::{Spread, with_key};
use tcpspec_stack::device::{Arrived, Device};
use tcpspec_stack::{ConnectionId, Endpoint, ListenerId, Offload, Packet, Received, Time};

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
/// Shards, and threads at most.
const SHARDS: usize = 2;
/// Packets that one thread exchanges on a shard before the other one's turn.
const SLICE: usize = 1000;
/// What is measured on them.
const WORKS: [(&str, Work); 3] = [("ping", Work::Ping), ("churn", Work::Churn), ("bulk", Work::Bulk)];

/// One direction between two queues. Buffers are used again, so that copies are all that a device costs here.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line {
    packets: VecDeque<(Vec<u8>, Offload)>,
    spare: Vec<Vec<u8>>,
}

/// A queue in memory.
#[derive(Debug)]
struct Queue {
    arriving: Arc<Mutex<Line>>,
    leaving: Arc<Mutex<Line>>,
}

impl Device for Queue {
    fn receive(&self, packet: &mut [u8], _: Option<Duration>) -> io::Result<Option<Arrived>> {
        let mut line = self.arriving.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((bytes, offload)) = line.packets.pop_front() else { return Ok(None) };
        let len = bytes.len();
        packet[..len].copy_from_slice(&bytes);
        line.spare.push(bytes);
        Ok(Some(Arrived { len, offload }))
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        let mut line = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = line.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(packet);
        line.packets.push_back((bytes, packet.offload));
        Ok(())
    }

    fn wake(&self) {}
}

/// A client's shard and a server's, whose flows are the same.
#[repr(align(128))]
struct Pair {
    ends: [(Spread<Queue>, Endpoint); 2],
    connections: [Option<ConnectionId>; 2],
    listener: ListenerId,
    now: Time,
    buffer: Vec<u8>,
}

/// All pairs of two hosts with so many shards.
fn pairs(shards: usize) -> Vec<Pair> {
    let queues = || {
        let lines = [Arc::<Mutex<Line>>::default(), Arc::default()];
        let [a, b] = lines.each_ref().map(Arc::clone);
        let [c, d] = lines;
        (Queue { arriving: a, leaving: b }, Queue { arriving: d, leaving: c })
    };
    let (clients, servers): (Vec<_>, Vec<_>) = (0..shards).map(|_| queues()).unzip();
    let pair = |(client, server): (Spread<Queue>, Spread<Queue>)| {
        let start = |device: Spread<Queue>, address| {
            let mut end = Endpoint::new(config(address, true));
            end.set_device(device.capabilities());
            (device, end)
        };
        let mut ends = [start(client, CLIENT), start(server, SERVER)];
        let listener = ends[1].1.listen(PORT, 16).expect("the port is free");
        Pair { ends, connections: [None; 2], listener, now: Time::ZERO, buffer: vec![0; 2048] }
    };
    // One key on both sides: a flow has the same shard at either end.
    with_key(clients, [1, 2]).into_iter().zip(with_key(servers, [1, 2])).map(pair).collect()
}

impl Pair {
    fn end(&mut self, side: Side) -> (&mut Endpoint, ConnectionId) {
        let id = self.connections[side as usize].expect("there is a connection");
        (&mut self.ends[side as usize].1, id)
    }
}

impl Ends for Pair {
    fn connect(&mut self) {
        let id = self.ends[0].1.connect(self.now, None, (SERVER, PORT).into()).expect("there is a port");
        self.connections[0] = Some(id);
    }

    fn accept(&mut self) -> bool {
        self.connections[1] = self.ends[1].1.accept(self.listener);
        self.connections[1].is_some()
    }

    fn send(&mut self, side: Side, text: &[u8]) -> usize {
        let now = self.now;
        let (end, id) = self.end(side);
        end.send(now, id, text).expect("the connection stands")
    }

    fn receive(&mut self, side: Side, into: &mut [u8]) -> usize {
        let now = self.now;
        let (end, id) = self.end(side);
        match end.receive(now, id, into).expect("the connection stands") {
            Received::Text(octets) => octets,
            Received::Nothing | Received::End => 0,
        }
    }

    fn close(&mut self, side: Side) {
        let now = self.now;
        let (end, id) = self.end(side);
        end.close(now, id).expect("the connection stands");
    }

    fn release(&mut self, side: Side) {
        let now = self.now;
        let (end, id) = self.end(side);
        end.release(now, id);
        self.connections[side as usize] = None;
    }

    fn turn(&mut self, side: Side) -> usize {
        self.now = self.now + TURN;
        let [client, server] = &mut self.ends;
        let (from, to) = if side == Side::Client { (client, server) } else { (server, client) };
        look(&mut from.1, self.now);
        let mut moved = 0;
        while moved < BATCH
            && let Some(packet) = from.1.poll_packet(self.now)
        {
            from.0.send(&packet).expect("there is room");
            from.1.recycle(packet);
            moved += 1;
        }
        while let Some(Arrived { len, offload }) =
            to.0.receive(&mut self.buffer, Some(Duration::ZERO)).expect("the queue is there")
        {
            to.1.handle(self.now, &self.buffer[..len], offload);
        }
        moved
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        for (_, end) in &mut self.ends {
            look(end, self.now);
        }
    }
}

/// A pair that is ready, its first packets exchanged.
fn begun<E: Ends>(work: Work, mut ends: E) -> E {
    begin(work, &mut ends);
    go_on(work, &mut ends, if work == Work::Bulk { 20_000 } else { 1000 });
    ends
}

/// What a run took.
#[derive(Clone, Copy)]
struct Rate {
    /// Packets a second.
    packets: f64,
    /// Nanoseconds of processor time a packet: what other programs of the machine leave alone.
    busy: f64,
}

/// The processor's time that this thread has taken, in nanoseconds.
fn busy() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// All these, in turn in this thread.
fn in_turn<E: Ends>(work: Work, all: &mut [E], packets: usize) -> Rate {
    let (begun, before, mut moved) = (Instant::now(), busy(), 0);
    while moved < packets * all.len() {
        for ends in &mut *all {
            moved += go_on(work, ends, SLICE);
        }
    }
    let moved = moved as f64;
    Rate { packets: moved / begun.elapsed().as_secs_f64(), busy: (busy() - before) / moved }
}

/// Keeps this thread on a core of its own, if there are so many: else the scheduler may leave both threads on one for longer than a round lasts.
fn pin(thread: usize) {
    let Ok(all) = sched_getaffinity(None) else { return };
    let mut own = CpuSet::new();
    if let Some(core) = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).nth(thread) {
        own.set(core);
        // Where that is not allowed, it goes on without.
        let _ = sched_setaffinity(None, &own);
    }
}

/// All these, each in a thread of its own.
fn at_once<E: Ends + Send>(work: Work, all: &mut [E], packets: usize) -> Rate {
    let ready = Barrier::new(all.len());
    thread::scope(|scope| {
        let run = |(thread, ends)| {
            let ready = &ready;
            scope.spawn(move || {
                pin(thread);
                ready.wait();
                let (begun, before) = (Instant::now(), busy());
                let moved = go_on(work, ends, packets);
                (moved as f64, busy() - before, begun, Instant::now())
            })
        };
        let threads: Vec<_> = all.iter_mut().enumerate().map(run).collect();
        let done = threads.into_iter().map(|thread| thread.join().expect("it has not panicked"));
        let (mut moved, mut nanos, mut first, mut last) = (0.0, 0.0, None, None);
        for (packets, busy, begun, ended) in done {
            moved += packets;
            nanos += busy;
            // From the first that begins to the last that ends.
            first = first.into_iter().chain([begun]).min();
            last = last.into_iter().chain([ended]).max();
        }
        let span = last.zip(first).map(|(last, first)| last - first).unwrap_or_default();
        Rate { packets: moved / span.as_secs_f64(), busy: nanos / moved }
    })
}

/// The median of the rounds, with the lowest and the highest.
fn cell(rounds: &[Rate], figure: impl Fn(&Rate) -> f64) -> (f64, String) {
    let mut all: Vec<f64> = rounds.iter().map(figure).collect();
    all.sort_by(f64::total_cmp);
    let at = |place: usize| all.get(place).copied().unwrap_or(f64::NAN);
    let (median, low, high) = (at(all.len() / 2), at(0), at(all.len().saturating_sub(1)));
    let digits = if median < 10.0 { 2 } else { 0 };
    (median, format!("{median:.digits$} ({low:.digits$}–{high:.digits$})"))
}

/// The tables: packets a second, and what a packet takes of the processor's time.
pub(crate) fn table(plan: &Plan) -> String {
    const HEADING: &str = "one thread, one shard | one thread, two shards | two threads, two shards | two threads, two stacks without `spread`";
    let mut rates = format!(
        "\n| two ends, million packets a second | {HEADING} | two threads : one shard | two threads : one thread, two shards |\n\
        |---|---:|---:|---:|---:|---:|---:|\n"
    );
    let mut times =
        format!("\n| two ends, ns of processor time a packet | {HEADING} |\n|---|---:|---:|---:|---:|\n");
    for (name, work) in WORKS {
        let packets = plan.packets;
        let mut alone: Vec<_> = (0..SHARDS).map(|_| begun(work, Ours::new(true))).collect();
        let mut one: Vec<_> = pairs(1).into_iter().map(|pair| begun(work, pair)).collect();
        let mut shards: Vec<_> = pairs(SHARDS).into_iter().map(|pair| begun(work, pair)).collect();
        let mut rounds: [Vec<Rate>; 4] = Default::default();
        for _ in 0..plan.rounds {
            rounds[0].push(in_turn(work, &mut one, packets));
            rounds[1].push(in_turn(work, &mut shards, packets));
            rounds[2].push(at_once(work, &mut shards, packets));
            rounds[3].push(at_once(work, &mut alone, packets));
        }
        let moved = rounds.each_ref().map(|rounds| cell(rounds, |rate| rate.packets / 1e6));
        let busy = rounds.each_ref().map(|rounds| cell(rounds, |rate| rate.busy));
        let [one, turns, two, _] = moved.each_ref().map(|(median, _)| Some(*median));
        let cells = |all: [(f64, String); 4]| all.map(|(_, cell)| cell).join(" | ");
        rates.push_str(&format!(
            "| {name} | {} | {} | {} |\n",
            cells(moved),
            ratio(two, one),
            ratio(two, turns)
        ));
        times.push_str(&format!("| {name} | {} |\n", cells(busy)));
    }
    rates + &times
}
