//! A device that is as bad as you want. From a seed it loses, duplicates, delays, reorders and corrupts packets, and it limits the rate.
//!
//! [`Path`] is one direction, sans-IO: time is an argument, so it serves simulated time and real devices. [`Faulty`] wraps a device
//! with a path for each direction.
//!
//! ```
//! use std::time::Duration;
//! use tcpspec_stack::device::faulty::{Conditions, Path};
//! use tcpspec_stack::{Packet, Time};
//!
//! let conditions = Conditions { loss: 0.5, delay: Duration::from_millis(30), ..Conditions::default() };
//! let mut path = Path::new(7, conditions);
//! for n in 0..100 {
//!     path.push(Time::ZERO, Packet::new(vec![n]));
//! }
//! assert_eq!(path.next_deadline(), Some(Time::at(Duration::from_millis(30))));
//! assert!(path.poll(Time::ZERO).is_none());
//! let arrived = std::iter::from_fn(|| path.poll(Time::at(Duration::from_millis(30)))).count();
//! assert_eq!(arrived as u64, 100 - path.counters().lost);
//! ```

use super::{Arrived, Device};
use crate::base::Time;
use crate::base::random::Random;
use crate::wire::packet::Packet;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tcpspec::Row;

/// How bad one direction is. By default nothing happens to a packet. Chances are from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Conditions {
    /// The chance that a packet is lost.
    pub loss: f64,
    /// The chance that a packet arrives twice.
    pub duplication: f64,
    /// The chance that one bit of a packet is flipped.
    pub corruption: f64,
    /// The chance that a packet is held back, so that others overtake it.
    pub reordering: f64,
    /// How long packets are held back at most. Default: 10 ms.
    pub held_back: Duration,
    /// How long every packet takes.
    pub delay: Duration,
    /// How much longer it takes at most; packets keep their order.
    pub jitter: Duration,
    /// Octets per second, of which 0 counts as 1; `None` for no limit.
    pub rate: Option<u64>,
    /// Octets that wait for the rate at most. Packets beyond that are dropped. Default: 256 KiB.
    pub queue: usize,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            loss: 0.0,
            duplication: 0.0,
            corruption: 0.0,
            reordering: 0.0,
            held_back: Duration::from_millis(10),
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            rate: None,
            queue: 256 << 10,
        }
    }
}

/// What has become of packets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Packets handed in.
    pub packets: u64,
    /// Lost by chance.
    pub lost: u64,
    /// Dropped because the queue for the rate was full, or too many were under way.
    pub dropped: u64,
    /// Sent twice.
    pub duplicated: u64,
    /// One bit flipped.
    pub corrupted: u64,
    /// Held back.
    pub held_back: u64,
}

/// Packets under way at most.
const UNDER_WAY: usize = 65_536;

/// One direction.
#[derive(Debug)]
pub struct Path {
    conditions: Conditions,
    random: Random,
    /// Packets under way, by the time of their arrival; those of the same time in the order in which they came.
    under_way: BTreeMap<(Time, u64), Packet>,
    count: u64,
    /// When the last octet that waits for the rate will be on its way.
    busy_until: Time,
    /// No packet that keeps its order arrives before this.
    latest: Time,
    counters: Counters,
}

impl Path {
    /// A path; the same seed and the same packets at the same times give the same faults.
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        Self {
            conditions,
            random: Random::new(seed),
            under_way: BTreeMap::new(),
            count: 0,
            busy_until: Time::ZERO,
            latest: Time::ZERO,
            counters: Counters::default(),
        }
    }

    /// From now on it is as bad as this.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// What has become of packets so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// A packet sets out.
    pub fn push(&mut self, now: Time, mut packet: Packet) {
        self.counters.packets += 1;
        let Conditions { loss, duplication, corruption, reordering, held_back, delay, .. } = self.conditions;
        // All dice are thrown for every packet, so that one fault more or less does not change the others.
        let [lost, twice, corrupt, overtaken] =
            [loss, duplication, corruption, reordering].map(|chance| self.random.chance(chance));
        let (bit, jitter, back) = (self.random.next(), self.random.next(), self.random.next());
        let Some(sent) = self.serialise(now, packet.len()) else {
            self.counters.dropped += 1;
            return;
        };
        if lost {
            self.counters.lost += 1;
            return;
        }
        if corrupt && !packet.is_empty() {
            self.counters.corrupted += 1;
            // No receiver would notice it while the checksum is not there yet.
            packet.complete_checksum();
            packet.offload.checksum = Default::default();
            let at = (bit >> 3) % packet.len() as u64;
            if let Some(octet) = packet.bytes.get_mut(at as usize) {
                *octet ^= 1 << (bit & 7);
            }
        }
        let jitter = part(self.conditions.jitter, jitter);
        let mut arrival = (sent + delay + jitter).max(self.latest);
        if overtaken {
            self.counters.held_back += 1;
            arrival = arrival + part(held_back, back);
        } else {
            self.latest = arrival;
        }
        if twice {
            self.counters.duplicated += 1;
            self.insert(arrival, packet.clone());
        }
        self.insert(arrival, packet);
    }

    /// When the packet has left the bottleneck; `None` if its queue is full.
    fn serialise(&mut self, now: Time, len: usize) -> Option<Time> {
        let Some(rate) = self.conditions.rate else { return Some(now) };
        let rate = u128::from(rate.max(1));
        let waiting = self.busy_until.since(now).as_nanos() * rate / 1_000_000_000;
        if waiting > self.conditions.queue as u128 {
            return None;
        }
        let nanos = u64::try_from(len as u128 * 1_000_000_000 / rate).unwrap_or(u64::MAX);
        self.busy_until = self.busy_until.max(now) + Duration::from_nanos(nanos);
        Some(self.busy_until)
    }

    fn insert(&mut self, arrival: Time, packet: Packet) {
        if self.under_way.len() >= UNDER_WAY {
            self.counters.dropped += 1;
            return;
        }
        self.under_way.insert((arrival, self.count), packet);
        self.count += 1;
    }

    /// When the next packet arrives.
    pub fn next_deadline(&self) -> Option<Time> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// A packet that has arrived by now.
    pub fn poll(&mut self, now: Time) -> Option<Packet> {
        let first = self.under_way.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

/// A part of a span, as large as the number says.
fn part(span: Duration, number: u64) -> Duration {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(((u128::from(nanos) * u128::from(number)) >> 64) as u64)
}

/// A device with bad paths. It joins and cuts nothing: each segment has a fate of its own, as far as the inner device hands them over singly.
#[derive(Debug)]
pub struct Faulty<D: Device> {
    inner: D,
    origin: Instant,
    paths: Mutex<Paths>,
}

#[derive(Debug)]
struct Paths {
    outward: Path,
    inward: Path,
}

impl<D: Device> Faulty<D> {
    /// Wraps a device: the same conditions for both directions.
    pub fn new(inner: D, seed: u64, conditions: Conditions) -> Self {
        Self::with(inner, Path::new(seed, conditions), Path::new(!seed, conditions))
    }

    /// Wraps a device: packets that are sent take one path, and packets that are received the other.
    pub fn with(inner: D, outward: Path, inward: Path) -> Self {
        Self { inner, origin: Instant::now(), paths: Mutex::new(Paths { outward, inward }) }
    }

    /// What has become of packets that were sent, and of those received.
    pub fn counters(&self) -> (Counters, Counters) {
        let paths = self.lock();
        (paths.outward.counters, paths.inward.counters)
    }

    /// From now on both directions are as bad as this.
    pub fn set_conditions(&self, conditions: Conditions) {
        let mut paths = self.lock();
        paths.outward.set_conditions(conditions);
        paths.inward.set_conditions(conditions);
    }

    fn lock(&self) -> MutexGuard<'_, Paths> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Time {
        Time::at(self.origin.elapsed())
    }

    /// Sends what has arrived at the device's side.
    fn flush(&self, paths: &mut Paths) {
        while let Some(packet) = paths.outward.poll(self.now()) {
            // Lost, as packets are.
            let _ = self.inner.send(&packet);
        }
    }
}

impl<D: Device> Drop for Faulty<D> {
    /// All that is under way arrives at once. On a line that outlives its sender it would arrive too, but later.
    fn drop(&mut self) {
        let paths = self.paths.get_mut().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, packet)) = paths.outward.under_way.pop_first() {
            let _ = self.inner.send(&packet);
        }
    }
}

impl<D: Device> Device for Faulty<D> {
    fn receive(&self, buffer: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let end = wait.map(|wait| self.now() + wait);
        loop {
            let mut paths = self.lock();
            self.flush(&mut paths);
            if let Some(packet) = paths.inward.poll(self.now()) {
                let len = packet.len().min(buffer.len());
                if let (Some(to), Some(from)) = (buffer.get_mut(..len), packet.get(..len)) {
                    to.copy_from_slice(from);
                }
                return Ok(Some(Arrived { len, offload: packet.offload }));
            }
            let next = [end, paths.inward.next_deadline(), paths.outward.next_deadline()];
            drop(paths);
            let now = self.now();
            let wait = next.into_iter().flatten().min().map(|next| next.since(now));
            match self.inner.receive(buffer, wait)? {
                Some(Arrived { len, offload }) => {
                    let bytes = buffer.get(..len).unwrap_or_default().to_vec();
                    self.lock().inward.push(self.now(), Packet { bytes, offload, rows: Vec::new() });
                }
                // The time of something planned may have come. If not, this was `wake`.
                None if next.into_iter().flatten().min().is_some_and(|next| next <= self.now()) => {
                    if end.is_some_and(|end| end <= self.now()) {
                        let mut paths = self.lock();
                        self.flush(&mut paths);
                        if paths.inward.next_deadline().is_none_or(|next| next > self.now()) {
                            return Ok(None);
                        }
                    }
                }
                None => return Ok(None),
            }
        }
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        let mut paths = self.lock();
        let before = paths.outward.next_deadline();
        paths.outward.push(self.now(), packet.clone());
        self.flush(&mut paths);
        let sooner =
            paths.outward.next_deadline().is_some_and(|next| before.is_none_or(|before| next < before));
        drop(paths);
        if sooner {
            // A thread in `receive` must not wait longer than until then.
            self.inner.wake();
        }
        Ok(())
    }

    fn wake(&self) {
        self.inner.wake();
    }

    fn wants_rows(&self) -> bool {
        self.inner.wants_rows()
    }

    fn handled(&self, rows: &[Row]) {
        self.inner.handled(rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::packet::Checksum;

    const MS: Duration = Duration::from_millis(1);

    fn run(seed: u64, conditions: Conditions, packets: u64) -> (Vec<(Time, Vec<u8>)>, Counters) {
        let mut path = Path::new(seed, conditions);
        let mut arrived = Vec::new();
        for n in 0..packets {
            path.push(Time::at(MS * n as u32), Packet::new(n.to_be_bytes().repeat(10)));
        }
        while let Some(at) = path.next_deadline() {
            arrived.extend(path.poll(at).map(|packet| (at, packet.bytes)));
        }
        (arrived, path.counters())
    }

    #[test]
    fn without_faults_everything_arrives_in_order() {
        let conditions = Conditions { delay: MS * 5, ..Conditions::default() };
        let (arrived, counters) = run(1, conditions, 1000);
        assert_eq!(counters, Counters { packets: 1000, ..Counters::default() });
        for (n, (at, bytes)) in (0_u64..).zip(&arrived) {
            assert_eq!((*at, bytes), (Time::at(MS * (n as u32 + 5)), &n.to_be_bytes().repeat(10)));
        }
    }

    #[test]
    fn faults_are_as_frequent_as_asked_and_the_same_for_the_same_seed() {
        let conditions = Conditions {
            loss: 0.1,
            duplication: 0.05,
            corruption: 0.02,
            reordering: 0.2,
            held_back: MS * 20,
            ..Conditions::default()
        };
        let (arrived, counters) = run(3, conditions, 10_000);
        let near = |count: u64, wanted: u64| count.abs_diff(wanted) < wanted / 5;
        assert!(near(counters.lost, 1000), "{counters:?}");
        assert!(near(counters.duplicated, 450) && near(counters.corrupted, 180), "{counters:?}");
        assert!(near(counters.held_back, 1800), "{counters:?}");
        assert_eq!(arrived.len() as u64, 10_000 - counters.lost + counters.duplicated);
        assert!(arrived.windows(2).any(|two| two[0].1 > two[1].1), "some are overtaken");
        assert_eq!(run(3, conditions, 10_000), (arrived.clone(), counters));
        assert_ne!(run(4, conditions, 10_000).0, arrived);
    }

    #[test]
    fn jitter_keeps_the_order() {
        let (arrived, _) = run(5, Conditions { jitter: MS * 50, ..Conditions::default() }, 1000);
        assert!(arrived.windows(2).all(|two| two[0].1 < two[1].1));
        assert!(arrived.windows(2).any(|two| two[1].0.since(two[0].0) > MS * 2), "and changes the times");
    }

    #[test]
    fn the_rate_is_kept_and_the_queue_is_bounded() {
        let mut path =
            Path::new(1, Conditions { rate: Some(1_000_000), queue: 10_000, ..Conditions::default() });
        for _ in 0..100 {
            path.push(Time::ZERO, Packet::new(vec![0; 1000]));
        }
        // One on its way, ten that wait.
        assert_eq!(path.counters().dropped, 89);
        let mut last = Time::ZERO;
        while let Some(at) = path.next_deadline() {
            path.poll(at);
            last = at;
        }
        assert_eq!(last, Time::at(MS * 11), "a thousand octets take a millisecond");
        path.push(Time::at(MS * 20), Packet::new(vec![0; 500]));
        assert_eq!(path.next_deadline(), Some(Time::at(MS * 20 + MS / 2)), "an idle line saves nothing up");
    }

    #[test]
    fn a_corrupted_packet_can_be_noticed() {
        let mut path = Path::new(1, Conditions { corruption: 1.0, ..Conditions::default() });
        let mut packet = Packet::new(vec![0; 60]);
        packet.offload.checksum = Checksum::Partial { start: 20, offset: 16 };
        path.push(Time::ZERO, packet);
        let packet = path.poll(Time::ZERO).expect("it arrives");
        assert_eq!(packet.offload.checksum, Checksum::Complete);
        let changed: u32 = packet.iter().map(|octet| octet.count_ones()).sum();
        assert_eq!(changed, 16 + 1, "the checksum ffff and one bit, or 16 - 1 where it was hit");
    }
}
