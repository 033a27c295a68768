//! Random inputs for the machine, and a host that remembers what it was asked for.

use std::hash::{DefaultHasher, Hash, Hasher};
use tcpspec::{Acknowledge, Facts, Flags, Host, Notice, Options, Row, Segment, Seq, Space, Tcb, Timer};

/// A host that remembers everything it is asked for, in order, and the first rows that fire.
#[derive(Default)]
pub(crate) struct Log(DefaultHasher, pub(crate) u32, pub(crate) [Option<Row>; 8]);

impl Log {
    fn note(&mut self, what: impl Hash) {
        what.hash(&mut self.0);
        self.1 += 1;
    }

    /// What was asked for, as a number, and how many requests.
    pub(crate) fn value(&self) -> (u64, u32) {
        (self.0.finish(), self.1)
    }
}

impl<S: Space> Host<S> for Log {
    fn emit(&mut self, segment: Segment<S>) {
        self.note((0, segment));
    }
    fn acknowledge(&mut self, why: Acknowledge) {
        self.note((1, why));
    }
    fn start(&mut self, timer: Timer) {
        self.note((2, timer));
    }
    fn stop(&mut self, timer: Timer) {
        self.note((3, timer));
    }
    fn notify(&mut self, notice: Notice) {
        self.note((4, notice));
    }
    fn initial_sequence(&mut self) -> Seq<S> {
        self.note(5);
        Seq::new(77)
    }
    fn initial_window(&mut self) -> S::Raw {
        self.note(6);
        S::raw(5)
    }
    fn deliver(&mut self, segment: &Segment<S>) {
        self.note((7, segment));
    }
    fn hold(&mut self, segment: &Segment<S>) {
        self.note((8, segment));
    }
    fn acknowledged(&mut self, advanced: u32, outstanding: u32) {
        self.note((9, advanced, outstanding));
    }
    fn resend(&mut self, _: &Tcb<S>) {
        self.note(10);
    }
    fn flush(&mut self) {
        self.note(11);
    }
    fn flush_sends(&mut self) {
        self.note(14);
    }
    fn abandon(&mut self) {
        self.note(15);
    }
    fn fork(&mut self, segment: &Segment<S>) {
        self.note((12, segment));
    }
    fn hand_over(&mut self, segment: &Segment<S>) {
        self.note((13, segment));
    }
    fn fired(&mut self, row: Row) {
        if let Some(free) = self.2.iter_mut().find(|row| row.is_none()) {
            *free = Some(row);
        }
    }
}

/// Inputs that look random and are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n)) as u32
    }

    pub(crate) fn yes(&mut self) -> bool {
        self.below(2) == 0
    }

    /// Near some place in the space, often just beside it.
    pub(crate) fn near<S: Space>(&mut self, place: Seq<S>) -> Seq<S> {
        match self.below(4) {
            0 => place,
            1 => place.plus(self.below(4)),
            2 => place.minus(self.below(4)),
            _ => place.plus(self.below(S::mask().min(200_000))),
        }
    }

    pub(crate) fn window<S: Space>(&mut self) -> S::Raw {
        let largest = (S::mask() / 4).min(100_000) + 1;
        S::raw(if self.below(4) == 0 { 0 } else { self.below(largest) })
    }

    pub(crate) fn tcb<S: Space>(&mut self) -> Tcb<S> {
        let iss = Seq::new(self.below(u32::MAX));
        let snd_una = self.near(iss);
        let flight = self.below((S::mask() / 4).min(50_000) + 1);
        let snd_nxt = snd_una.plus(flight);
        let irs = Seq::new(self.below(u32::MAX));
        let rcv_nxt = irs.plus(1).plus(self.below(3));
        let mut facts = Facts::default();
        for fact in [
            Facts::PASSIVE,
            Facts::CHILD,
            Facts::FORKS,
            Facts::REMOTE,
            Facts::SYN_ACKED,
            Facts::CLOSED,
            Facts::FIN_SENT,
            Facts::URGENT_OUT,
            Facts::URGENT_IN,
            Facts::RELEASED,
            Facts::NAMED,
            Facts::REUSES,
        ] {
            if self.yes() {
                facts.set(fact);
            }
        }
        Tcb {
            iss,
            snd_una,
            snd_nxt,
            snd_end: self.near(snd_nxt),
            snd_wnd: self.window::<S>(),
            max_snd_wnd: self.window::<S>(),
            snd_wl1: self.near(rcv_nxt),
            snd_wl2: self.near(snd_una),
            snd_up: self.near(snd_una),
            irs,
            rcv_nxt,
            rcv_wnd: self.window::<S>(),
            rcv_up: self.near(rcv_nxt),
            ts_recent: self.yes().then(|| S::raw(self.below(4))),
            facts,
        }
    }

    pub(crate) fn segment<S: Space>(&mut self, tcb: &Tcb<S>) -> Segment<S> {
        let left = if self.yes() { tcb.rcv_nxt } else { tcb.irs };
        let edge = if self.yes() { tcb.snd_una } else { tcb.snd_nxt };
        Segment {
            seq: self.near(left),
            ack: self.near(edge),
            wnd: self.window::<S>(),
            up: self.near(tcb.rcv_nxt),
            len: if self.yes() { S::raw(0) } else { S::raw(self.below((S::mask() / 4).min(3000))) },
            flags: Flags(self.below(64) as u8),
            ts: self.yes().then(|| S::raw(self.below(4))),
            listener: self.yes(),
            echoes: self.yes(),
            outdated: self.yes(),
        }
    }

    pub(crate) fn options(&mut self) -> Options {
        Options {
            rfc1337: self.yes(),
            reopen_by_timestamp: self.yes(),
            reopen_by_sequence: self.yes(),
            reuse_time_wait: self.yes(),
            crossed_syn_ack: self.yes(),
            old_fin_restarts_2msl: self.yes(),
            edge_acks: self.yes(),
            answers_limited: self.yes(),
            close_heeded: self.yes(),
            handshake_first: self.yes(),
            rfc5961: self.yes(),
            rst_heeds_opener: self.yes(),
            drain_after_fin: self.yes(),
            paws: self.yes(),
            timestamps_required: self.yes(),
            hard_errors_soft: self.yes(),
            new_ack_window: self.yes(),
            timestamp_after_ack: self.yes(),
            drain_after_reset: self.yes(),
            loss_is_told: self.yes(),
        }
    }
}
