//! Connections spread over several stacks by their flow: *shards*, each with a lock, a thread and a queue of its own.
//!
//! Each shard is a whole [`Stack`](crate::Stack) on one of the queues that [`spread`] wraps, such as those of a TUN
//! ([`Builder::build_queues`](crate::device::tun::Builder::build_queues)). [`Shards`](crate::Shards) starts them. A packet that comes to the queue of another shard is handed over
//! to the shard that it belongs to ([`Flows`]). So exactly one shard answers each packet. The kernel sends the packets of a connection to the queue on which it was answered last, so that
//! few packets need that.
//!
//! ```
//! use std::io::{Read, Write};
//! use tcpspec_stack::device::pair;
//! use tcpspec_stack::device::spread::spread;
//! use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};
//!
//! // Two queues that lead to two queues. What comes to the wrong one is handed over.
//! let (a, b): (Vec<_>, Vec<_>) = (0..2).map(|_| pair::pair()).unzip();
//! let start = |ends, last| -> std::io::Result<Vec<Stack>> {
//!     spread(ends).into_iter().map(|end| Stack::start(end, Config::new([10, 0, 0, last]))).collect()
//! };
//! let (clients, servers) = (start(a, 1)?, start(b, 2)?);
//! // Each shard listens, since any of them may get the SYN.
//! let threads: Vec<_> = servers
//!     .iter()
//!     .map(|server| {
//!         let listener = TcpListener::bind(server, 7)?;
//!         Ok(std::thread::spawn(move || {
//!             while let Ok((mut stream, _)) = listener.accept() {
//!                 let _ = stream.write_all(b"text");
//!             }
//!         }))
//!     })
//!     .collect::<std::io::Result<_>>()?;
//! for client in &clients {
//!     let mut text = String::new();
//!     TcpStream::connect(client, "10.0.0.2:7")?.read_to_string(&mut text)?;
//!     assert_eq!(text, "text");
//! }
//! # for server in servers { server.shutdown(std::time::Duration::from_secs(5))?; }
//! # for thread in threads { thread.join().unwrap(); }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What each shard has for itself:
//!
//! - Its connections. A shard that connects chooses a local port with which the connection is its own. A port that the caller names may belong to another shard:
//!   then the call fails with [`Error::OtherShard`](crate::Error::OtherShard), and [`Flows::shard_of`] says where to open it.
//! - Its listeners. Each shard has to listen, as processes do that share a port (`SO_REUSEPORT`). A passive OPEN hears only the peers of its own shard.
//! - Its limits: backlogs, half-open connections, [`Config::max_connections`](crate::Config::max_connections), [`Config::memory`](crate::Config::memory), orphans, challenge ACKs, echo replies and ICMP errors a second. All shards together may
//!   reach that many times as much.
//! - Its callbacks, such as [`Stack::on_other`](crate::Stack::on_other), and its table.
//! - Its loopback. What a shard sends to its own address does not reach another shard.
//!
//! A stack that has ended leaves its packets unanswered: they are dropped and [counted](Counters::dropped), and the connections of other shards stay where they are.
//!
//! A [`Pcap`](super::pcap::Pcap) around a shard's device captures what that shard handles; one inside captures what comes to the queue, without the rows of packets that were handed over.

use super::{Arrived, Device};
use crate::wire::flow::Flows;
use crate::wire::packet::{Capabilities, Packet};
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tcpspec::Row;

/// Packets that wait for a shard at most, besides those in its queue: as many as a TUN's queue keeps, each of up to 64 KiB. More are dropped.
pub const INBOX: usize = 500;
/// Packets that are taken from an inbox before the queue has its turn.
const IN_A_ROW: u64 = 32;
/// Packets that are handed over before a shard looks after its timers.
const HANDED_OVER: usize = 128;

/// One of the queues, for one of the shards.
#[derive(Debug)]
pub struct Spread<D> {
    device: Arc<D>,
    flows: Flows,
    inboxes: Arc<[Inbox<D>]>,
    counts: Arc<[Counts]>,
    /// Packets taken from the inbox without a look at the queue. Only the thread that receives uses it.
    in_a_row: AtomicU64,
}

/// What others have received for a shard. Those of two shards share no line of the processor's cache, since each shard writes its own with each wait.
#[derive(Debug)]
#[repr(align(128))]
struct Inbox<D> {
    /// The queue of the shard, to wake its thread. Gone with the shard.
    device: Weak<D>,
    packets: Mutex<VecDeque<Packet>>,
    /// Whether there are none, for a look without the lock.
    is_empty: AtomicBool,
    /// The shard's thread waits, or is about to.
    waits: AtomicBool,
    /// An event loop has asked for the descriptors, and perhaps waits for them.
    has_loop: AtomicBool,
}

#[derive(Debug, Default)]
#[repr(align(128))]
struct Counts {
    handed_over: AtomicU64,
    dropped: AtomicU64,
}

/// What was handed over between shards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Packets that came to another shard's queue, and were put into this shard's inbox.
    pub handed_over: u64,
    /// Packets of the same kind that were dropped, since the inbox was full or the shard has ended.
    pub dropped: u64,
}

/// Tells what was handed over, as long as anybody wants to know.
#[derive(Clone, Debug)]
pub struct Watch(Arc<[Counts]>);

impl Watch {
    /// The counters of each shard, in their order.
    pub fn counters(&self) -> Vec<Counters> {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counters = |counts: &Counts| Counters {
            handed_over: read(&counts.handed_over),
            dropped: read(&counts.dropped),
        };
        self.0.iter().map(counters).collect()
    }
}

/// Makes a shard's device of each queue. The key of the flows comes from the operating system's randomness.
pub fn spread<D: Device>(queues: Vec<D>) -> Vec<Spread<D>> {
    let random = || RandomState::new().hash_one(0_u8);
    with_key(queues, [random(), random()])
}

/// The same with a key that is known: for simulations and tests that repeat.
pub fn with_key<D: Device>(queues: Vec<D>, key: [u64; 2]) -> Vec<Spread<D>> {
    let queues: Vec<_> = queues.into_iter().map(Arc::new).collect();
    let inboxes: Arc<[_]> = queues.iter().map(Inbox::new).collect();
    let counts: Arc<[_]> = queues.iter().map(|_| Counts::default()).collect();
    let shares = Flows::shares(key, queues.len());
    let of = |(device, flows)| Spread {
        device,
        flows,
        inboxes: Arc::clone(&inboxes),
        counts: Arc::clone(&counts),
        in_a_row: AtomicU64::new(0),
    };
    queues.into_iter().zip(shares).map(of).collect()
}

impl<D> Inbox<D> {
    fn new(device: &Arc<D>) -> Self {
        Self {
            device: Arc::downgrade(device),
            packets: Mutex::default(),
            is_empty: AtomicBool::new(true),
            waits: AtomicBool::new(false),
            has_loop: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Packet>> {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        self.is_empty.load(Ordering::SeqCst)
    }

    fn take(&self, into: &mut [u8]) -> Option<Arrived> {
        if self.is_empty() {
            return None;
        }
        let mut packets = self.lock();
        let packet = packets.pop_front()?;
        self.is_empty.store(packets.is_empty(), Ordering::SeqCst);
        drop(packets);
        let len = packet.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..len), packet.get(..len)) {
            to.copy_from_slice(from);
        }
        Some(Arrived { len, offload: packet.offload })
    }
}

impl<D: Device> Inbox<D> {
    /// Keeps a packet for its shard, and wakes the shard if it waits and has perhaps seen an empty inbox. False if there is no room, or no shard any more.
    fn put(&self, packet: Packet) -> bool {
        let Some(device) = self.device.upgrade() else { return false };
        let mut packets = self.lock();
        if packets.len() >= INBOX {
            return false;
        }
        packets.push_back(packet);
        let was_empty = self.is_empty.swap(false, Ordering::SeqCst);
        drop(packets);
        // A shard that is busy looks by itself. One that is about to wait says so first, and then looks once more.
        if was_empty && (self.waits.load(Ordering::SeqCst) || self.has_loop.load(Ordering::SeqCst)) {
            device.wake();
        }
        true
    }
}

impl<D: Device> Spread<D> {
    /// The flows of this shard.
    pub fn flows(&self) -> Flows {
        self.flows
    }

    /// What tells the counters of all shards, also after the device has gone to its stack.
    pub fn watch(&self) -> Watch {
        Watch(Arc::clone(&self.counts))
    }

    /// The queue.
    pub fn queue(&self) -> &D {
        &self.device
    }

    /// Hands a packet over to another shard. False if it is for this one.
    fn hand_over(&self, bytes: &[u8], arrived: &Arrived) -> bool {
        let shard = match self.flows.shard_of_packet(bytes) {
            Some(shard) if shard != self.flows.shard() => shard,
            _ => return false,
        };
        let (Some(inbox), Some(counts)) = (self.inboxes.get(shard), self.counts.get(shard)) else {
            return false;
        };
        let packet = Packet { bytes: bytes.to_vec(), offload: arrived.offload, rows: Vec::new() };
        let count = if inbox.put(packet) { &counts.handed_over } else { &counts.dropped };
        count.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// A packet of the queue for this shard. Those of other shards go to them on the way.
    fn receive_own(&self, packet: &mut [u8], mut wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        for _ in 0..HANDED_OVER {
            let Some(arrived) = self.device.receive(packet, wait)? else { break };
            if !self.hand_over(packet.get(..arrived.len).unwrap_or_default(), &arrived) {
                return Ok(Some(arrived));
            }
            wait = Some(Duration::ZERO);
        }
        Ok(None)
    }
}

impl<D: Device> Device for Spread<D> {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let Some(inbox) = self.inboxes.get(self.flows.shard()) else {
            return self.device.receive(packet, wait);
        };
        let in_a_row = self.in_a_row.load(Ordering::Relaxed);
        if in_a_row < IN_A_ROW
            && let Some(arrived) = inbox.take(packet)
        {
            self.in_a_row.store(in_a_row + 1, Ordering::Relaxed);
            return Ok(Some(arrived));
        }
        self.in_a_row.store(0, Ordering::Relaxed);
        let waits = wait != Some(Duration::ZERO);
        if waits {
            inbox.waits.store(true, Ordering::SeqCst);
        }
        let wait = if inbox.is_empty() { wait } else { Some(Duration::ZERO) };
        let arrived = self.receive_own(packet, wait);
        if waits {
            inbox.waits.store(false, Ordering::SeqCst);
        }
        let arrived = arrived?.or_else(|| inbox.take(packet));
        // The queue has perhaps forgotten that it was woken. An event loop has to see that there is more.
        if !inbox.is_empty() && inbox.has_loop.load(Ordering::SeqCst) {
            self.device.wake();
        }
        Ok(arrived)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        self.device.send(packet)
    }

    fn send_all(&self, packets: &[Packet]) {
        self.device.send_all(packets);
    }

    fn wake(&self) {
        self.device.wake();
    }

    #[cfg(unix)]
    fn descriptors(&self) -> Vec<std::os::fd::BorrowedFd<'_>> {
        if let Some(inbox) = self.inboxes.get(self.flows.shard()) {
            inbox.has_loop.store(true, Ordering::SeqCst);
            if !inbox.is_empty() {
                self.device.wake();
            }
        }
        self.device.descriptors()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { flows: self.flows, ..self.device.capabilities() }
    }

    fn wants_rows(&self) -> bool {
        self.device.wants_rows()
    }

    fn handled(&self, rows: &[Row]) {
        self.device.handled(rows);
    }
}

impl<D> Drop for Spread<D> {
    /// Nobody takes what waits any more.
    fn drop(&mut self) {
        let shard = self.flows.shard();
        let (Some(inbox), Some(counts)) = (self.inboxes.get(shard), self.counts.get(shard)) else { return };
        let left = std::mem::take(&mut *inbox.lock()).len();
        counts.dropped.fetch_add(left as u64, Ordering::Relaxed);
    }
}
