//! A segment that is refused changes nothing of the connection: not its numbers, not its timers, not what the host has measured.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{Flags, Options, State, Timer};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{ConnectionId, Received, Traffic};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

type Deadlines = [Option<Duration>; Timer::ALL.len()];

/// A connection of a peer whose segments carry timestamps from 100 on.
struct Stamped {
    peer: Peer,
    id: ConnectionId,
    ts: u32,
    /// Of the last event, when each timer will run out.
    deadlines: Arc<Mutex<Deadlines>>,
}

impl Stamped {
    fn new(required: bool, stamps: bool) -> Self {
        Self::with(stamps, |options| options.timestamps_required = required)
    }

    fn with(stamps: bool, set: impl FnOnce(&mut Options)) -> Self {
        let mut peer = Peer::new(false, |config| {
            set(&mut config.options);
            config.keep_alive = Some(600 * SECOND);
            config.user_timeout = Some(3600 * SECOND);
        });
        let deadlines = Arc::new(Mutex::new(Deadlines::default()));
        let told = Arc::clone(&deadlines);
        peer.end.record(move |recorded| *told.lock().unwrap() = recorded.after.deadlines);
        let listener = peer.end.listen(80, 4).unwrap();
        let id = peer.connect(listener, |header| {
            header.options.timestamps = stamps.then_some(Timestamps { val: 100, ecr: 0 });
        });
        Self { peer, id, ts: 100, deadlines }
    }

    fn header(&self, flags: Flags) -> tcp::Header {
        let mut header = self.peer.header(flags);
        header.options.timestamps = Some(Timestamps { val: self.ts, ecr: 0 });
        header
    }

    /// What comes next, with this much text.
    fn next(&mut self, flags: Flags, text: &[u8]) {
        let header = self.header(flags);
        self.peer.send(&header, text);
        self.peer.seq += text.len() as u32 + u32::from(flags.has(FIN));
        self.peer.wait(SECOND);
        self.peer.all();
    }

    /// The acknowledgment of all that has been sent.
    fn acknowledge_all(&mut self) {
        self.peer.ack = self.peer.end.tcb(self.id).unwrap().snd_nxt.get();
        self.next(ACK, b"");
    }

    fn state(&self) -> State {
        self.peer.end.status(self.id).unwrap().state
    }

    /// Everything that can be seen of the connection.
    fn all(&self) -> String {
        let mut status = self.peer.end.status(self.id).unwrap();
        status.traffic = Traffic::default();
        let mut deadlines = *self.deadlines.lock().unwrap();
        // An acknowledgment that leaves takes along the one that was held back.
        deadlines[Timer::DelayedAck as usize] = None;
        let tcb = self.peer.end.tcb(self.id).unwrap();
        format!("{status:#?}\n{tcb:#?}\n{deadlines:#?}")
    }
}

/// The states in which a connection may be met, and how each is reached.
const STATES: [State; 9] = [
    State::SynSent,
    State::SynReceived,
    State::Established,
    State::FinWait1,
    State::FinWait2,
    State::CloseWait,
    State::Closing,
    State::LastAck,
    State::TimeWait,
];

fn reach(to: State) -> Stamped {
    if matches!(to, State::SynSent | State::SynReceived) {
        return opening(to);
    }
    let mut end = Stamped::new(false, true);
    // A round trip is measured, some text is under way, and some waits to be read.
    end.peer.end.send(end.peer.now, end.id, b"first").unwrap();
    end.acknowledge_all();
    end.next(ACK, b"unread");
    end.peer.end.send(end.peer.now, end.id, b"under way").unwrap();
    end.peer.all();
    let close = |end: &mut Stamped| {
        end.peer.end.close(end.peer.now, end.id).unwrap();
        end.peer.all();
    };
    match to {
        State::FinWait1 => close(&mut end),
        State::FinWait2 => {
            close(&mut end);
            end.acknowledge_all();
        }
        State::CloseWait => end.next(FIN.with(ACK), b""),
        State::Closing => {
            close(&mut end);
            end.next(FIN.with(ACK), b"");
        }
        State::LastAck => {
            end.next(FIN.with(ACK), b"");
            close(&mut end);
        }
        State::TimeWait => {
            close(&mut end);
            end.acknowledge_all();
            end.next(FIN.with(ACK), b"");
        }
        _ => {}
    }
    // Time passes, so that a timer that starts anew shows.
    end.peer.wait(Duration::from_millis(1));
    assert_eq!(end.state(), to);
    end
}

/// An active OPEN, and perhaps the peer's SYN that crosses ours.
fn opening(to: State) -> Stamped {
    let mut end = Stamped::new(false, true);
    end.peer.us.set_port(5001);
    (end.peer.them, end.peer.seq) = ((end.peer.them.ip(), 7000).into(), 1000);
    end.id = end.peer.end.connect(end.peer.now, Some(7000), end.peer.us).unwrap();
    if to == State::SynReceived {
        let syn = end.header(SYN);
        end.peer.send(&syn, b"");
        end.peer.seq += 1;
    }
    end.peer.end.send(end.peer.now, end.id, b"waits").unwrap();
    end.peer.wait(Duration::from_millis(1));
    end.peer.all();
    assert_eq!(end.state(), to);
    end
}

/// Segments that are refused in every state, in words, with how far SEQ and ACK lie from RCV.NXT and SND.NXT.
const REFUSED: [(&str, Flags, i32, i32, &str); 11] = [
    ("acknowledges what was never sent", ACK, 0, 9000, ""),
    ("acknowledges what was never sent, with text", ACK, 0, 9000, "text"),
    ("acknowledges what was never sent, with a FIN", Flags(0x11), 0, 9000, ""),
    ("acknowledges what was never sent, with urgent text", Flags(0x30), 0, 9000, "text"),
    ("has no ACK", Flags(0), 0, 0, "text"),
    ("lies before the window: a keep-alive probe", ACK, -1, 0, ""),
    ("lies before the window: an old segment", ACK, -3, 0, "ad"),
    ("lies behind the window", ACK, 0x0200_0000, 0, "text"),
    ("a SYN in the window", SYN, 5, 0, ""),
    ("a RST in the window that is not next", RST, 5, 0, ""),
    ("a RST behind the window", RST, 0x0200_0000, 0, ""),
];

#[test]
fn what_is_refused_leaves_no_trace_in_any_state() {
    for state in STATES {
        // In SYN-SENT a SYN is what is waited for.
        let refused = REFUSED.iter().filter(|(_, flags, ..)| state != State::SynSent || !flags.has(SYN));
        for &(what, flags, seq, ack, text) in refused {
            let mut end = reach(state);
            let before = end.all();
            // A timestamp from the future, an acknowledgment of another window, an urgent pointer.
            end.ts = 200_000;
            let mut header = end.header(flags);
            header.seq = header.seq.wrapping_add_signed(seq);
            let nxt = end.peer.end.tcb(end.id).unwrap().snd_nxt.get();
            header.ack = if flags.has(ACK) { nxt.wrapping_add_signed(ack) } else { 0 };
            header.window = 77;
            header.urgent = if flags.has(Flags::URG) { 4 } else { 0 };
            end.peer.send(&header, text.as_bytes());
            assert_eq!(before, end.all(), "{}: {what}", state.name());
        }
    }
}

#[test]
fn one_guess_does_not_end_a_connections_flow_but_by_the_letter() {
    for letter in [false, true] {
        let mut end = Stamped::with(true, |options| options.timestamp_after_ack = !letter);
        end.ts = 200_000;
        let mut guess = end.header(ACK);
        guess.ack = guess.ack.wrapping_add(9000);
        end.peer.send(&guess, b"");
        assert_eq!(end.peer.sent().expect("a challenge ACK").tcp.flags, ACK);
        end.ts = 201;
        end.next(ACK, b"what the peer itself sends");
        let received = end.peer.end.receive(end.peer.now, end.id, &mut [0; 64]).unwrap();
        assert_eq!(received, if letter { Received::Nothing } else { Received::Text(26) }, "{letter}");
    }
}

/// Anybody who knows the ports can send what looks like a keep-alive probe of the peer: it is answered, and says nothing of the peer.
#[test]
fn a_keep_alive_probe_of_the_peer_does_not_count_as_heard() {
    let mut end = Stamped::new(false, true);
    let idle_until = end.deadlines.lock().unwrap()[Timer::KeepAlive as usize];
    assert!(idle_until.is_some());
    end.peer.wait(MINUTE);
    let mut probe = end.header(ACK);
    probe.seq = probe.seq.wrapping_sub(1);
    end.peer.send(&probe, b"");
    assert_eq!(end.peer.all().len(), 1, "it is answered");
    assert_eq!(end.deadlines.lock().unwrap()[Timer::KeepAlive as usize], idle_until);
}

/// A peer that has rebooted, with or without timestamps, finds the half-open connection (§3.5.1, RFC 5961 §4.2).
#[test]
fn a_syn_is_challenged_with_or_without_timestamps_wherever_it_lies() {
    for (required, ts, offset) in [false, true].into_iter().flat_map(|required| {
        [None, Some(50), Some(200_000)]
            .into_iter()
            .flat_map(move |ts| [-100_000, -1, 0, 5, 100_000, 0x0200_0000].map(|at| (required, ts, at)))
    }) {
        let mut end = Stamped::new(required, true);
        let mut syn = end.peer.header(SYN);
        syn.seq = syn.seq.wrapping_add_signed(offset);
        syn.options.timestamps = ts.map(|val| Timestamps { val, ecr: 0 });
        end.peer.send(&syn, b"");
        let why = format!("required: {required}, TSval: {ts:?}, SEQ: RCV.NXT{offset:+}");
        let answer = end.peer.sent().expect(&why);
        assert_eq!((answer.tcp.flags, answer.tcp.ack), (ACK, end.peer.seq), "{why}");
        // What the rebooted peer answers to that ends the connection, and another may begin.
        let rst = tcp::Header { seq: answer.tcp.ack, ..end.peer.header(RST) };
        end.peer.send(&rst, b"");
        assert_eq!(end.state(), State::Closed, "{why}");
    }
}

#[test]
fn segments_without_the_agreed_timestamp_are_taken_unless_the_letter_is_asked_for() {
    for required in [false, true] {
        let mut end = Stamped::new(required, true);
        let bare = end.peer.header(ACK);
        end.peer.send(&bare, b"text");
        let mut buffer = [0; 16];
        let received = end.peer.end.receive(end.peer.now, end.id, &mut buffer).unwrap();
        assert_eq!(received, if required { Received::Nothing } else { Received::Text(4) }, "{required}");
    }
    // Where none were agreed on nothing is missing.
    let mut end = Stamped::new(true, false);
    let bare = end.peer.header(ACK);
    end.peer.send(&bare, b"text");
    let mut buffer = [0; 16];
    assert_eq!(end.peer.end.receive(end.peer.now, end.id, &mut buffer), Ok(Received::Text(4)));
}
