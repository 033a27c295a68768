//! A segment that is refused changes nothing of the connection: not its numbers, not its timers, not what the host has measured.

use std::time::Duration;
use tcpspec::{Flags, State, Timer};
use tcpspec_stack::Received;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;
use tcpspec_tests::peer::{ACK, RST, SYN};
use tcpspec_tests::reached::{Reached, STATES, reach};

const MINUTE: Duration = Duration::from_secs(60);

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
            let before = end.seen();
            // A timestamp from the future, an acknowledgment of another window, an urgent pointer.
            end.ts = 200_000;
            let mut header = end.header(flags);
            header.seq = header.seq.wrapping_add_signed(seq);
            let nxt = end.peer.end.tcb(end.id).unwrap().snd_nxt.get();
            header.ack = if flags.has(ACK) { nxt.wrapping_add_signed(ack) } else { 0 };
            header.window = 77;
            header.urgent = if flags.has(Flags::URG) { 4 } else { 0 };
            end.peer.send(&header, text.as_bytes());
            assert_eq!(before, end.seen(), "{}: {what}", state.name());
        }
    }
}

#[test]
fn one_guess_does_not_end_a_connections_flow_but_by_the_letter() {
    for letter in [false, true] {
        let mut end = Reached::with(true, |options| options.timestamp_after_ack = !letter);
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
    let mut end = Reached::new(false, true);
    let idle_until = end.after().deadlines[Timer::KeepAlive as usize];
    assert!(idle_until.is_some());
    end.peer.wait(MINUTE);
    let mut probe = end.header(ACK);
    probe.seq = probe.seq.wrapping_sub(1);
    end.peer.send(&probe, b"");
    assert_eq!(end.peer.all().len(), 1, "it is answered");
    assert_eq!(end.after().deadlines[Timer::KeepAlive as usize], idle_until);
}

/// A peer that has rebooted, with or without timestamps, finds the half-open connection (§3.5.1, RFC 5961 §4.2).
#[test]
fn a_syn_is_challenged_with_or_without_timestamps_wherever_it_lies() {
    for (required, ts, offset) in [false, true].into_iter().flat_map(|required| {
        [None, Some(50), Some(200_000)]
            .into_iter()
            .flat_map(move |ts| [-100_000, -1, 0, 5, 100_000, 0x0200_0000].map(|at| (required, ts, at)))
    }) {
        let mut end = Reached::new(required, true);
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
        let mut end = Reached::new(required, true);
        let bare = end.peer.header(ACK);
        end.peer.send(&bare, b"text");
        let mut buffer = [0; 16];
        let received = end.peer.end.receive(end.peer.now, end.id, &mut buffer).unwrap();
        assert_eq!(received, if required { Received::Nothing } else { Received::Text(4) }, "{required}");
    }
    // Where none were agreed on nothing is missing.
    let mut end = Reached::new(true, false);
    let bare = end.peer.header(ACK);
    end.peer.send(&bare, b"text");
    let mut buffer = [0; 16];
    assert_eq!(end.peer.end.receive(end.peer.now, end.id, &mut buffer), Ok(Received::Text(4)));
}
