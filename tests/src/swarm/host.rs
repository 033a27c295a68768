//! One end: its stack, its clock, and the model that judges it.

use super::capture::Capture;
use super::line::Line;
use super::plan::{Feature, Plan};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tcpspec::model::judge::replay::{Rules, judge};
use tcpspec_stack::packet::Capabilities;
use tcpspec_stack::{Endpoint, Listen, ListenerId, Packet, Time};

/// Packets that wait for a host that is not called.
const RING: usize = 1000;
/// Packets sent at one time at most: the longest text of all connections, in the smallest segments, and acknowledgments.
const MOST_AT_ONCE: usize = 50_000;

/// What the model has said of an end.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) difference: Option<String>,
    pub(super) events: u64,
    pub(super) rows: BTreeSet<&'static str>,
}

pub(super) struct Host {
    pub(super) stack: Endpoint,
    /// By how much its clock is ahead.
    pub(super) ahead: Duration,
    /// Nobody calls it until then.
    pub(super) sleeps: Option<Time>,
    ring: Vec<Packet>,
    /// It is there: not crashed, not vanished.
    pub(super) present: bool,
    pub(super) crashes: u64,
    pub(super) restarts: Option<(Time, bool)>,
    pub(super) listener: Option<ListenerId>,
    pub(super) judged: Arc<Mutex<Judged>>,
    /// When a packet came last.
    pub(super) heard: Time,
    /// How much longer than its own time R2 may last: it does not count how late a host is called, each time that it sends something again.
    pub(super) stretch: f64,
    /// When the time was last not as a host knows it: it was not called, or its clock has jumped.
    pub(super) disturbed: Time,
}

/// How late a host is called because of a timer, at most.
pub(super) const LATE: Duration = Duration::from_millis(300);

/// The port of the server.
pub(super) const PORT: u16 = 80;

impl Host {
    pub(super) fn new(plan: &Plan, end: usize, judges: bool) -> Self {
        let judged = Arc::default();
        let stack = stack(plan, end, 0, true, judges.then_some(&judged));
        let late = if plan.has(Feature::LateTimers) { LATE.as_secs_f64() } else { 0.0 };
        let shortest = stack.config().min_rto.min(stack.config().initial_rto).as_secs_f64();
        Self {
            stack,
            stretch: 1.0 + late / shortest,
            ahead: Duration::ZERO,
            sleeps: None,
            ring: Vec::new(),
            present: true,
            crashes: 0,
            restarts: None,
            listener: None,
            judged,
            heard: Time::ZERO,
            disturbed: Time::ZERO,
        }
    }

    /// Begins anew without its connections.
    pub(super) fn restart(&mut self, plan: &Plan, end: usize, stamps: bool, judges: bool, capture: bool) {
        self.crashes += 1;
        self.stack = stack(plan, end, self.crashes, stamps, judges.then_some(&self.judged));
        if capture {
            self.stack.keep_rows();
        }
        self.present = true;
        self.listener = None;
        self.sleeps = None;
        self.ring.clear();
    }

    /// The time as this host knows it.
    pub(super) fn clock(&self, now: Time) -> Time {
        now + self.ahead
    }

    /// It is there and is called.
    pub(super) fn acts(&self) -> bool {
        self.present && self.sleeps.is_none()
    }

    /// When it wants to be called.
    pub(super) fn deadline(&self, now: Time) -> Option<Time> {
        let deadline = self.stack.next_deadline().filter(|_| self.acts())?;
        Some(now + deadline.since(self.clock(now)))
    }

    /// A packet comes.
    pub(super) fn take(&mut self, now: Time, packet: Packet, capture: &mut Option<Capture>) {
        if !self.present {
            return;
        }
        if self.sleeps.is_some() {
            if self.ring.len() < RING {
                self.ring.push(packet);
            }
            return;
        }
        self.heard = now;
        self.stack.handle(self.clock(now), &packet, packet.offload);
        if let Some(capture) = capture {
            capture.inbound(now, &packet, self.stack.rows());
        }
    }

    /// It is called again: first what has come meanwhile, or first the timers.
    pub(super) fn wake(&mut self, now: Time, timers_first: bool, capture: &mut Option<Capture>) {
        self.sleeps = None;
        self.disturbed = now;
        let clock = self.clock(now);
        if timers_first {
            self.stack.handle_deadline(clock);
        }
        for packet in std::mem::take(&mut self.ring) {
            self.take(now, packet, capture);
        }
        self.stack.handle_deadline(clock);
    }

    /// What it sends goes to the line.
    pub(super) fn send(
        &mut self,
        now: Time,
        end: usize,
        line: &mut Line,
        capture: &mut Option<Capture>,
    ) -> Result<(), String> {
        if !self.acts() {
            return Ok(());
        }
        let (clock, mut sent) = (self.clock(now), 0);
        while let Some(packet) = self.stack.poll_packet(clock) {
            sent += 1;
            if let Some(capture) = capture {
                capture.outbound(now, &packet);
            }
            line.push(now, end, packet);
            if sent > MOST_AT_ONCE {
                return Err("the device's queue has no end".into());
            }
        }
        Ok(())
    }

    pub(super) fn listen(&mut self, plan: &Plan) -> Result<(), String> {
        let mut listen = Listen::on(PORT);
        listen.reuse_address = true;
        if plan.has(Feature::Many) {
            listen.backlog = 1 + (plan.seed % 4) as usize;
            listen.half_open = 1 + (plan.seed / 4 % 2) as usize;
            listen.cookies = (plan.seed / 8).is_multiple_of(2);
        }
        let listener = self.stack.listen_with(&listen);
        self.listener = Some(listener.map_err(|error| format!("LISTEN was refused: {error}"))?);
        Ok(())
    }

    /// Its socket with this port.
    pub(super) fn socket(&self, ipv6: bool, port: u16) -> SocketAddr {
        let mut addresses = self.stack.config().addresses();
        let address = addresses.find(|address| address.is_ipv6() == ipv6);
        SocketAddr::new(address.unwrap_or(self.stack.address()), port)
    }

    /// What the model says against it.
    pub(super) fn difference(&self) -> Option<String> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).difference.clone()
    }
}

fn stack(
    plan: &Plan,
    end: usize,
    crashes: u64,
    stamps: bool,
    judged: Option<&Arc<Mutex<Judged>>>,
) -> Endpoint {
    let config = plan.config(end, crashes, stamps);
    let rules = Rules { options: config.options, two_msl: config.msl.saturating_mul(2) };
    let mut stack = match Endpoint::try_new(config.clone()) {
        Ok(stack) => stack,
        // A buffer that does not go with its window scale: the defaults do.
        Err(_) => {
            let mut config = config;
            config.receive_buffer_start = config.receive_buffer;
            Endpoint::new(config)
        }
    };
    if plan.has(Feature::Offload) && !plan.has(Feature::Mtu) {
        stack.set_device(Capabilities::ALL);
    }
    match judged {
        None => stack.stop_recording(),
        Some(judged) => {
            let judged = Arc::clone(judged);
            stack.record(move |recorded| {
                let mut judged = judged.lock().unwrap_or_else(PoisonError::into_inner);
                judged.events += 1;
                match judge(&rules, recorded) {
                    Ok(rows) => judged.rows.extend(rows.iter().map(|row| row.name())),
                    Err(difference) => {
                        let what = format!("{difference}  the record: {recorded:?}");
                        judged.difference.get_or_insert(what);
                    }
                }
            });
        }
    }
    stack
}
