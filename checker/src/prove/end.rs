//! One end as the theorems see it: a TCB and an input of which nothing is known but their kind, and surroundings that keep what the rules ask of them.

use super::path;
use tcpspec::bodies::{self, Body};
use tcpspec::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
use tcpspec::{
    Acknowledge, Event, EventKind, Flags, Host, Notice, Numbers, Options, Row, Segment, Seq, State, TABLE,
    Tcb, Timer,
};

/// Where numbers and facts come from: variables, or the values of a counterexample.
pub(crate) trait Source<S: Numbers> {
    /// The number of this name.
    fn word(&self, name: &'static str) -> S::Word;
    /// The facts of the TCB.
    fn facts(&self) -> S::Facts;
    /// What is given by yes or no: an option, or what the host says of a segment.
    fn given(&self, name: &'static str) -> bool;

    /// The sequence number of this name.
    fn seq(&self, name: &'static str) -> Seq<S> {
        Seq::new(self.word(name))
    }

    /// The window, length or timestamp of this name.
    fn raw(&self, name: &'static str) -> S::Raw {
        S::raw(self.word(name))
    }
}

/// Any TCB. Its numbers are given by their distances from SND.UNA and RCV.NXT: any numbers can be given so, and distances are what rules ask for.
pub(crate) fn tcb<S: Numbers>(source: &impl Source<S>, timestamps: bool) -> Tcb<S> {
    let (snd_una, rcv_nxt) = (source.seq("SND.UNA"), source.seq("RCV.NXT"));
    let sent = |name: &'static str| snd_una.plus(source.word(name));
    let received = |name: &'static str| rcv_nxt.plus(source.word(name));
    Tcb {
        iss: sent("ISS - SND.UNA"),
        snd_una,
        snd_nxt: sent("SND.NXT - SND.UNA"),
        snd_end: sent("end - SND.UNA"),
        snd_wnd: source.raw("SND.WND"),
        max_snd_wnd: source.raw("MAX.SND.WND"),
        snd_wl1: received("SND.WL1 - RCV.NXT"),
        snd_wl2: sent("SND.WL2 - SND.UNA"),
        snd_up: sent("SND.UP - SND.UNA"),
        irs: received("IRS - RCV.NXT"),
        rcv_nxt,
        rcv_wnd: source.raw("RCV.WND"),
        rcv_up: received("RCV.UP - RCV.NXT"),
        ts_recent: timestamps.then(|| source.raw("TS.Recent")),
        facts: source.facts(),
    }
}

/// The furthest right edge of a window that the peer has offered.
pub(crate) fn edge<S: Numbers>(source: &impl Source<S>) -> Seq<S> {
    source.seq("SND.UNA").plus(source.word("edge - SND.UNA"))
}

/// The options as the source says.
pub(crate) fn options<S: Numbers>(source: &impl Source<S>) -> Options {
    let mut options = Options::default();
    for option in TABLE.options {
        options.set(option.name, source.given(option.name));
    }
    options
}

/// How many inputs of this kind there are: one for each combination of what they say by yes and no.
pub(crate) const fn inputs(kind: EventKind) -> u32 {
    let bits = match kind {
        EventKind::Segment => 7,
        EventKind::Held => 1,
        EventKind::Open | EventKind::Retransmission | EventKind::Probe | EventKind::KeepAlive => 3,
        EventKind::Send => 2,
        EventKind::Release | EventKind::Unreachable => 1,
        _ => 0,
    };
    1 << bits
}

/// Any input of this kind, as the bits of `which` say.
pub(crate) fn input<S: Numbers>(source: &impl Source<S>, kind: EventKind, which: u32) -> Event<S> {
    let bit = |at: u32| which >> at & 1 == 1;
    let expiry = Expiry { early: bit(0), r1: bit(1), r2: bit(2) };
    match kind {
        EventKind::Open => Event::Open(Open { active: bit(0), remote: bit(1), forks: bit(2) }),
        EventKind::Send => Event::Send(Send { len: source.word("SEND.LEN"), urgent: bit(0), room: bit(1) }),
        EventKind::Receive => Event::Receive(Receive {
            on_hand: source.word("RECEIVE.ON-HAND"),
            max: source.word("RECEIVE.MAX"),
            window: source.word("RECEIVE.WINDOW"),
            taken: 0.into(),
        }),
        EventKind::Close => Event::Close(Bare),
        EventKind::Abort => Event::Abort(Bare),
        EventKind::Release => Event::Release(Release { unread: bit(0) }),
        EventKind::Status => Event::Status(Bare),
        EventKind::Segment => Event::Segment(Segment {
            seq: source.seq("RCV.NXT").plus(source.word("SEG.SEQ - RCV.NXT")),
            ack: source.seq("SND.UNA").plus(source.word("SEG.ACK - SND.UNA")),
            wnd: source.raw("SEG.WND"),
            up: source.seq("RCV.NXT").plus(source.word("SEG.SEQ - RCV.NXT")).plus(source.word("SEG.UP")),
            len: source.raw("SEG.LEN"),
            flags: Flags((which & 63) as u8),
            ts: bit(6).then(|| source.raw("SEG.TSval")),
            listener: source.given("SEG.listener"),
            echoes: source.given("SEG.echoes"),
            outdated: source.given("SEG.outdated"),
        }),
        EventKind::Held => Event::Held(Segment {
            seq: source.seq("RCV.NXT").plus(source.word("SEG.SEQ - RCV.NXT")),
            len: source.raw("SEG.LEN"),
            flags: if bit(0) { Flags::FIN } else { Flags::default() },
            ..Segment::default()
        }),
        EventKind::Transmit => {
            Event::Transmit(Transmit { max: source.word("TRANSMIT.MAX"), text: 0.into(), fin: false })
        }
        EventKind::Unreachable => Event::Unreachable(Unreachable {
            seq: source.seq("SND.UNA").plus(source.word("SEG.SEQ - SND.UNA")),
            hard: bit(0),
        }),
        EventKind::Retransmission => Event::Retransmission(expiry),
        EventKind::Probe => Event::Probe(expiry),
        EventKind::KeepAlive => Event::KeepAlive(expiry),
        EventKind::DelayedAck => Event::DelayedAck(Bare),
        EventKind::TimeWait => Event::TimeWait(Bare),
        EventKind::UserTimeout => Event::UserTimeout(Bare),
        EventKind::Orphan => Event::Orphan(Bare),
    }
}

/// What the rules have asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said<S: Numbers> {
    /// A segment leaves.
    Emit(Segment<S>),
    /// An acknowledgment is wanted.
    Acknowledge(Acknowledge),
    /// A timer starts.
    Start(Timer),
    /// A timer stops.
    Stop(Timer),
    /// The user is told.
    Notify(Notice),
    /// Text becomes the user's.
    Deliver(Segment<S>),
    /// A segment is kept.
    Hold(Segment<S>),
    /// An acceptable ACK came.
    Acknowledged(S::Word, S::Word),
    /// All queues are emptied.
    Flush,
    /// What is to be sent is thrown away.
    FlushSends,
    /// What was received is thrown away.
    Abandon,
    /// TS.Recent was taken.
    TimestampTaken,
    /// A child is made.
    Fork(Segment<S>),
    /// A listener gets the segment.
    HandOver(Segment<S>),
}

/// Surroundings that may do whatever a host may do, and keep what they are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings<S: Numbers> {
    /// What was asked for, in order.
    pub(crate) said: Vec<Said<S>>,
    /// The rows that fired, in order.
    pub(crate) rows: Vec<Row>,
    /// An initial number was chosen.
    pub(crate) has_begun: bool,
    iss: Seq<S>,
    window: S::Raw,
    lost: (Seq<S>, S::Word),
    /// Nothing matters but whether this row fires.
    sought: Option<Row>,
    /// The fault of what the machine has for its host.
    body: Option<Body>,
}

impl<S: Numbers> Surroundings<S> {
    /// Surroundings that choose their numbers as the source says.
    pub(crate) fn new(source: &impl Source<S>) -> Self {
        Self {
            said: Vec::new(),
            rows: Vec::new(),
            has_begun: false,
            iss: source.seq("host's ISS"),
            window: source.raw("host's window"),
            lost: (
                source.seq("SND.UNA").plus(source.word("host's lost segment - SND.UNA")),
                source.word("host's segment size"),
            ),
            sought: None,
            body: None,
        }
    }

    /// The same, beside a machine with this fault.
    pub(crate) fn with(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// The same, where nothing matters but whether this row fires. Rows fire in their order in the table, so it is known at the latest when a later one does.
    pub(crate) fn seeking(mut self, row: Row) -> Self {
        self.sought = Some(row);
        self
    }

    /// The initial number that it has for a connection that begins.
    pub(crate) fn iss(&self) -> Seq<S> {
        self.iss
    }

    /// The window that it offers then.
    pub(crate) fn window(&self) -> S::Raw {
        self.window
    }

    /// What it has chosen to send again: the first number, and octets of text at most.
    pub(crate) fn lost(&self) -> (Seq<S>, S::Word) {
        self.lost
    }

    /// Whether a host can choose so in this state: it offers no window of 2^30 octets, and some window where a pair of sockets is taken again (its buffer is empty then), and it sends
    /// segments that are not empty.
    pub(crate) fn is_able(&self, state: State) -> bool {
        let is_offered = state != State::TimeWait || self.window.into() > 0;
        self.window.into() < super::invariant::LIMIT && is_offered && self.lost.1 > 0
    }

    /// What the host is asked for at the end of the event: the strongest acknowledgment, what becomes of each timer, and the rest in its order.
    pub(crate) fn asked(&self) -> (Option<Acknowledge>, [Option<bool>; Timer::ALL.len()], Vec<Said<S>>) {
        let (mut acknowledge, mut timers, mut rest) = (None, [None; Timer::ALL.len()], Vec::new());
        for said in &self.said {
            match said {
                Said::Acknowledge(why) => acknowledge = acknowledge.max(Some(*why)),
                Said::Start(timer) => timers[*timer as usize] = Some(true),
                Said::Stop(timer) => timers[*timer as usize] = Some(false),
                // A host that is asked twice to keep the same segment keeps it once.
                Said::Hold(_) if rest.last() == Some(said) => {}
                other => {
                    // With the TCB goes the acknowledgment that would speak of it.
                    if matches!(other, Said::Flush | Said::FlushSends | Said::Notify(Notice::Closed)) {
                        acknowledge = None;
                    }
                    rest.push(*other);
                }
            }
        }
        (acknowledge, timers, rest)
    }

    /// The segments that left.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Segment<S>> {
        self.said.iter().filter_map(|said| if let Said::Emit(segment) = said { Some(segment) } else { None })
    }
}

impl<S: Numbers> Host<S> for Surroundings<S> {
    fn emit(&mut self, segment: Segment<S>) {
        self.said.push(Said::Emit(segment));
    }

    fn acknowledge(&mut self, why: Acknowledge) {
        self.said.push(Said::Acknowledge(why));
    }

    fn start(&mut self, timer: Timer) {
        self.said.push(Said::Start(timer));
    }

    fn stop(&mut self, timer: Timer) {
        self.said.push(Said::Stop(timer));
    }

    fn notify(&mut self, notice: Notice) {
        self.said.push(Said::Notify(notice));
    }

    fn initial_sequence(&mut self) -> Seq<S> {
        self.has_begun = true;
        self.iss
    }

    fn initial_window(&mut self) -> S::Raw {
        self.window
    }

    fn deliver(&mut self, segment: &Segment<S>) {
        self.said.push(Said::Deliver(*segment));
    }

    fn hold(&mut self, segment: &Segment<S>) {
        self.said.push(Said::Hold(*segment));
    }

    fn acknowledged(&mut self, advanced: S::Word, outstanding: S::Word) {
        self.said.push(Said::Acknowledged(advanced, outstanding));
    }

    fn resend(&mut self, tcb: &Tcb<S>) {
        let (seq, size) = self.lost;
        if let Some(segment) = bodies::sent_segment(self.body, tcb, seq, size) {
            self.said.push(Said::Emit(segment));
        }
    }

    fn flush(&mut self) {
        self.said.push(Said::Flush);
    }

    fn flush_sends(&mut self) {
        self.said.push(Said::FlushSends);
    }

    fn abandon(&mut self) {
        self.said.push(Said::Abandon);
    }

    fn timestamp_taken(&mut self) {
        self.said.push(Said::TimestampTaken);
    }

    fn fork(&mut self, segment: &Segment<S>) {
        self.said.push(Said::Fork(*segment));
    }

    fn hand_over(&mut self, segment: &Segment<S>) {
        self.said.push(Said::HandOver(*segment));
    }

    fn fired(&mut self, row: Row) {
        self.rows.push(row);
        if self.sought.is_some_and(|sought| row as usize >= sought as usize) {
            path::settle(true);
        }
    }
}
