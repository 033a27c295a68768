//! The situations of the tables' headers: the machine is brought into each as a peer and a user would bring it, and its numbers are compared with the header's.

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
    /// Timers started and not stopped since.
    pub(crate) started: Vec<Timer>,
    pub(crate) notices: Vec<Notice>,
    /// First number and length of what was delivered.
    pub(crate) delivered: Option<(u32, u32)>,
    pub(crate) held: bool,
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
        self.started.push(timer);
    }
    fn stop(&mut self, timer: Timer) {
        self.started.retain(|started| *started != timer);
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
            Some(segment) => self.emitted.push(segment),
            None => self.strange.push("sends again what was not sent"),
        }
    }
    fn flush(&mut self) {
        self.asked = None;
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
        let (state, tcb) = (State::Closed, Tcb::default());
        let mut machine = Self { state, tcb, host: Recorder::default(), options };
        machine.reach(name);
        machine.host = Recorder::default();
        assert_eq!(machine.state_name(), name, "{machine:?}");
        if let Some((una, nxt, rcv)) = numbers(name) {
            let tcb = &machine.tcb;
            let here = [tcb.iss, tcb.snd_una, tcb.snd_nxt, tcb.rcv_nxt].map(Seq::get);
            assert_eq!(here, [ISS, una, nxt, rcv], "{name}: ISS, SND.UNA, SND.NXT, RCV.NXT");
            assert_eq!(tcb.rcv_wnd, WINDOW, "{name}");
            let send_window = if name == "SYN-SENT" { 0 } else { WINDOW };
            assert_eq!([tcb.snd_wnd, tcb.max_snd_wnd], [send_window; 2], "{name}");
        }
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
                self.send(200);
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

    /// The user gives so much text, which waits.
    pub(crate) fn send(&mut self, len: u32) {
        self.then(Event::Send(Send { len, urgent: false, room: true }));
    }

    /// The host sends what may go, so many octets of text at most.
    pub(crate) fn transmit(&mut self, max: u32) {
        self.then(Event::Transmit(Transmit { max, text: 0, fin: false }));
    }

    /// An event that cannot fail here.
    pub(crate) fn then(&mut self, mut event: Event<Full>) {
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

/// SND.UNA, SND.NXT and RCV.NXT (zero if there is none), as the header of `segments.txt` has them.
fn numbers(name: &str) -> Option<(u32, u32, u32)> {
    Some(match name {
        "CLOSED" | "LISTEN" => return None,
        "SYN-SENT" => (1000, 1001, 0),
        "SYN-RECEIVED-PASSIVE" | "SYN-RECEIVED-ACTIVE" => (1000, 1001, 5001),
        "ESTABLISHED" => (1101, 1201, 5101),
        "FIN-WAIT-1" => (1101, 1202, 5101),
        "FIN-WAIT-2" => (1202, 1202, 5101),
        "CLOSE-WAIT" => (1101, 1201, 5102),
        "CLOSING" | "LAST-ACK" => (1101, 1202, 5102),
        _ => (1202, 1202, 5102),
    })
}
