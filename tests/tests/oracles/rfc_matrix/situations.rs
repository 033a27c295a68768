//! The situations of the tables' headers, with the numbers that stand there; and the ways that lead to them, so that a test can say that they are real.

use tcpspec::call::{Bare, Open, Receive, Send, Transmit};
use tcpspec::{
    Acknowledge, CallError, Event, Facts, Flags, Full, Host, Notice, Options, Row, Segment, Seq, State, Tcb,
    Timer, step,
};

pub(crate) const ISS: u32 = 1000;
pub(crate) const IRS: u32 = 5000;
pub(crate) const WINDOW: u32 = 4000;

/// A host that does nothing and notes everything.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// Sent at once.
    pub(crate) emitted: Vec<Segment<Full>>,
    /// The strongest reason given for an acknowledgment.
    pub(crate) asked: Option<Acknowledge>,
    /// Timers that run; to begin with, all that could.
    pub(crate) running: Vec<Timer>,
    /// Timers started and not stopped since.
    pub(crate) started: Vec<Timer>,
    pub(crate) notices: Vec<Notice>,
    /// First number and length of what was delivered.
    pub(crate) delivered: Option<(u32, u32)>,
    pub(crate) held: bool,
    pub(crate) flushed: bool,
    /// Only what was to be sent.
    pub(crate) returned: bool,
    pub(crate) resent: bool,
    /// Numbers that have left the retransmission queue.
    pub(crate) acknowledged: u32,
    /// What the table does not know: forks and hand-overs.
    pub(crate) strange: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
}

impl Host<Full> for Recorder {
    fn emit(&mut self, segment: Segment<Full>) {
        self.emitted.push(segment);
    }
    fn acknowledge(&mut self, why: Acknowledge) {
        self.asked = self.asked.max(Some(why));
    }
    fn start(&mut self, timer: Timer) {
        for timers in [&mut self.running, &mut self.started] {
            if !timers.contains(&timer) {
                timers.push(timer);
            }
        }
    }
    fn stop(&mut self, timer: Timer) {
        for timers in [&mut self.running, &mut self.started] {
            timers.retain(|running| *running != timer);
        }
    }
    fn notify(&mut self, notice: Notice) {
        if notice == Notice::Closed {
            self.asked = None;
        }
        self.notices.push(notice);
    }
    fn initial_sequence(&mut self) -> Seq<Full> {
        Seq::new(ISS)
    }
    fn initial_window(&mut self) -> u32 {
        WINDOW
    }
    fn deliver(&mut self, segment: &Segment<Full>) {
        if self.delivered.is_some() {
            self.strange.push("delivered twice");
        }
        self.delivered = Some((segment.text_seq().get(), segment.text_len()));
    }
    fn hold(&mut self, _: &Segment<Full>) {
        self.held = true;
    }
    fn acknowledged(&mut self, advanced: u32, _: u32) {
        self.acknowledged += advanced;
    }
    fn resend(&mut self, tcb: &Tcb<Full>) {
        match tcb.sent_segment(tcb.snd_una, WINDOW) {
            Some(segment) => {
                self.resent = true;
                self.emitted.push(segment);
            }
            None => self.strange.push("sends again what was not sent"),
        }
    }
    fn flush(&mut self) {
        self.flushed = true;
        self.asked = None;
    }
    fn flush_sends(&mut self) {
        self.returned = true;
        self.asked = None;
    }
    fn abandon(&mut self) {
        self.strange.push("is abandoned");
    }
    fn fork(&mut self, _: &Segment<Full>) {
        self.strange.push("forks");
    }
    fn hand_over(&mut self, _: &Segment<Full>) {
        self.strange.push("hands over");
    }
    fn fired(&mut self, row: Row) {
        self.rows.push(row);
    }
}

/// A machine, its TCB, and what it asks of its host.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) state: State,
    pub(crate) tcb: Tcb<Full>,
    pub(crate) host: Recorder,
    pub(crate) options: Options,
}

pub(crate) fn segment(flags: Flags, seq: u32, ack: u32, len: u32) -> Segment<Full> {
    Segment { seq: Seq::new(seq), ack: Seq::new(ack), flags, len, wnd: WINDOW, ..Segment::default() }
}

const ACK: Flags = Flags::ACK;
const SYN: Flags = Flags::SYN;
const FIN_ACK: Flags = Flags::FIN.with(Flags::ACK);

impl Machine {
    /// The situation of this name.
    pub(crate) fn at(name: &str, options: Options) -> Self {
        let (state, tcb) = situation(name);
        // Any timer may be running: what shall be off has to be stopped.
        let running = if state == State::Closed { Vec::new() } else { Timer::ALL.to_vec() };
        Self { state, tcb, host: Recorder { running, ..Recorder::default() }, options }
    }

    /// The situation of this name, as peer and user bring it about.
    pub(crate) fn brought_to(name: &str, options: Options) -> Self {
        let (state, tcb) = (State::Closed, Tcb::default());
        let mut machine = Self { state, tcb, host: Recorder::default(), options };
        machine.reach(name);
        machine
    }

    fn reach(&mut self, name: &str) {
        match name {
            "CLOSED" => {}
            "LISTEN" => self.then(Event::Open(Open::default())),
            "SYN-SENT" => self.then(Event::Open(Open { active: true, remote: true, forks: false })),
            "SYN-RECEIVED-PASSIVE" => self.from("LISTEN", SYN, IRS, 0, 0),
            "SYN-RECEIVED-ACTIVE" => self.from("SYN-SENT", SYN, IRS, 0, 0),
            "ESTABLISHED" => {
                self.from("SYN-SENT", SYN.with(ACK), IRS, 1001, 0);
                self.then(Event::Send(Send { len: 200, urgent: false, room: true }));
                self.transmit(100);
                self.transmit(100);
                // A hundred octets each way; the user takes the peer's, which opens the window again.
                self.then(Event::Segment(segment(ACK, 5001, 1101, 100)));
                self.then(Event::Receive(Receive { on_hand: 100, max: 100, window: WINDOW, taken: 0 }));
            }
            "FIN-WAIT-1" => self.close_from("ESTABLISHED"),
            "FIN-WAIT-2" => self.from("FIN-WAIT-1", ACK, 5101, 1202, 0),
            "CLOSE-WAIT" => self.from("ESTABLISHED", FIN_ACK, 5101, 1101, 0),
            "CLOSING" => self.from("FIN-WAIT-1", FIN_ACK, 5101, 1101, 0),
            "LAST-ACK" => self.close_from("CLOSE-WAIT"),
            "TIME-WAIT" => self.from("FIN-WAIT-2", FIN_ACK, 5101, 1202, 0),
            name => unreachable!("{name} is no situation"),
        }
    }

    fn from(&mut self, name: &str, flags: Flags, seq: u32, ack: u32, len: u32) {
        self.reach(name);
        self.then(Event::Segment(segment(flags, seq, ack, len)));
    }

    fn close_from(&mut self, name: &str) {
        self.reach(name);
        self.then(Event::Close(Bare));
        self.transmit(WINDOW);
    }

    /// The host sends what may go, so many octets of text at most.
    pub(crate) fn transmit(&mut self, max: u32) {
        self.then(Event::Transmit(Transmit { max, text: 0, fin: false }));
    }

    /// An event that cannot fail here.
    fn then(&mut self, mut event: Event<Full>) {
        let result = self.step(&mut event);
        assert_eq!(result, Ok(()), "{event:?} in {}", self.state);
    }

    pub(crate) fn step(&mut self, event: &mut Event<Full>) -> Result<(), CallError> {
        step(&mut self.state, &mut self.tcb, event, &self.options, &mut self.host)
    }

    /// The state as the tables call it.
    pub(crate) fn state_name(&self) -> &'static str {
        match self.state {
            State::SynReceived if self.tcb.facts.has(Facts::PASSIVE) => "SYN-RECEIVED-PASSIVE",
            State::SynReceived => "SYN-RECEIVED-ACTIVE",
            state => state.name(),
        }
    }
}

const fn both(one: Facts, other: Facts) -> Facts {
    Facts::from_bits(one.bits() | other.bits())
}

/// State and TCB, as the header of `segments.txt` has them.
fn situation(name: &str) -> (State, Tcb<Full>) {
    const NEW: Facts = Facts::REMOTE;
    const KNOWN: Facts = both(NEW, Facts::SYN_ACKED);
    const CLOSED: Facts = both(both(KNOWN, Facts::CLOSED), Facts::FIN_SENT);
    let passive = Facts::PASSIVE;
    let (state, una, nxt, rcv, facts) = match name {
        "CLOSED" => return (State::Closed, Tcb::default()),
        "LISTEN" => return (State::Listen, Tcb { facts: passive, ..Tcb::default() }),
        "SYN-SENT" => (State::SynSent, 1000, 1001, 0, NEW),
        "SYN-RECEIVED-PASSIVE" => (State::SynReceived, 1000, 1001, 5001, both(NEW, passive)),
        "SYN-RECEIVED-ACTIVE" => (State::SynReceived, 1000, 1001, 5001, NEW),
        "ESTABLISHED" => (State::Established, 1101, 1201, 5101, KNOWN),
        "FIN-WAIT-1" => (State::FinWait1, 1101, 1202, 5101, CLOSED),
        "FIN-WAIT-2" => (State::FinWait2, 1202, 1202, 5101, CLOSED),
        "CLOSE-WAIT" => (State::CloseWait, 1101, 1201, 5102, KNOWN),
        "CLOSING" => (State::Closing, 1101, 1202, 5102, CLOSED),
        "LAST-ACK" => (State::LastAck, 1101, 1202, 5102, CLOSED),
        "TIME-WAIT" => (State::TimeWait, 1202, 1202, 5102, CLOSED),
        name => unreachable!("{name} is no situation"),
    };
    // In SYN-SENT nothing is known of the peer.
    let (irs, window) = if rcv == 0 { (0, 0) } else { (IRS, WINDOW) };
    let fin = u32::from(facts.has(Facts::FIN_SENT));
    let tcb = Tcb {
        iss: Seq::new(ISS),
        snd_una: Seq::new(una),
        snd_nxt: Seq::new(nxt),
        snd_end: Seq::new(nxt - fin),
        snd_wnd: window,
        max_snd_wnd: window,
        snd_wl1: Seq::new(irs),
        snd_wl2: Seq::new(if rcv == 0 { 0 } else { una }),
        irs: Seq::new(irs),
        rcv_nxt: Seq::new(rcv),
        rcv_wnd: WINDOW,
        facts,
        ..Tcb::default()
    };
    (state, tcb)
}
