//! Which guesses of a blind attacker are not refused: for each kind of segment, each state and each number as many as the RFCs permit, and no more.

use tcpspec::State;
use tcpspec_tests::attacks::blind::{
    Axis, Effects, Guess, KINDS, Kind, Linux, Numbers, Ours, Target, report, sweep,
};
use tcpspec_tests::peer::Peer;
use tcpspec_tests::reached::STATES;

/// All 2³² numbers.
const ALL: u64 = 1 << 32;
/// Octets of text in a guess.
const TEXT: u64 = 25;

/// How many numbers are permitted to have an effect, while the others are right.
fn permitted(kind: &str, axis: Axis, state: State, numbers: &Numbers) -> u64 {
    use State::{CloseWait, Closing, LastAck, SynReceived, SynSent, TimeWait};
    let window = u64::from(numbers.rcv_wnd);
    let in_flight = u64::from(numbers.snd_nxt.wrapping_sub(numbers.snd_una));
    // RFC 5961 §5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT. Once the peer has closed its text is ignored, and older acknowledgments have no effect.
    let acks = match state {
        SynReceived => 1,
        CloseWait | Closing | LastAck => in_flight + 1,
        _ => u64::from(numbers.max_snd_wnd) + in_flight + 1,
    };
    let kind = match kind.split_once(", with a timestamp") {
        // RFC 7323 §5.2: a RST is taken whatever its timestamp; else half of the space is not older.
        Some(("RST", _)) if axis == Axis::Stamp => {
            return if matches!(state, SynSent | TimeWait) { 0 } else { ALL };
        }
        Some((kind, _)) => kind,
        None => kind,
    };
    match (kind, axis, state) {
        // RFC 5961 §3.2; RFC 1337: none in TIME-WAIT; §3.10.7.3: in SYN-SENT the ACK decides.
        ("RST" | "RST,ACK", _, TimeWait) | ("RST", _, SynSent) => 0,
        ("RST,ACK", Axis::Seq, SynSent) | ("RST,ACK", Axis::Ack, _)
            if state != SynSent || axis == Axis::Seq =>
        {
            ALL
        }
        ("RST" | "RST,ACK", ..) => 1,
        // RFC 5961 §4.2; §3.5: a simultaneous open, and the SYN,ACK that crosses.
        ("SYN" | "SYN,ACK", Axis::Seq, SynSent) => ALL,
        ("SYN,ACK", Axis::Ack, SynSent) | ("SYN,ACK", Axis::Seq, SynReceived) => 1,
        ("SYN" | "SYN,ACK", ..) => 0,
        // §3.10.7.4, fifth.
        ("text, without ACK", ..) => 0,
        // MUST-55.
        ("ICMP: source quench", ..) => 0,
        // RFC 5927 §4: what is under way is spoken of.
        (kind, ..) if kind.starts_with("ICMP") => in_flight,
        // The peer's FIN that comes again starts 2MSL anew. Its number is not RCV.NXT.
        ("FIN", Axis::Seq, TimeWait) => 1,
        (_, _, SynSent | TimeWait) => 0,
        (_, Axis::Stamp, _) => ALL / 2,
        // Nothing is learnt from an ACK that acknowledges nothing that is under way.
        ("ACK", Axis::Ack, SynReceived) => 1,
        ("ACK", Axis::Ack, _) => in_flight + 1,
        (_, Axis::Ack, _) => acks,
        // With the option `edge_acks` also the number right behind the window.
        ("ACK", ..) => window + 1,
        ("FIN", ..) => window,
        (_, Axis::Seq, _) => window + TEXT - 1,
    }
}

#[test]
fn as_many_guesses_as_the_rfcs_permit_have_an_effect_and_no_more() {
    let mut target = Ours::default();
    let mut guesses = 0;
    for state in STATES {
        let numbers = target.reach(state).expect("every state can be reached");
        for kind in &KINDS {
            for axis in kind.axes {
                let swept = sweep(&mut target, state, kind, *axis).expect("as before");
                let permitted = permitted(kind.name, *axis, state, &numbers);
                assert_eq!(
                    swept.any(),
                    permitted,
                    "{}: {} {axis:?}: {:?}",
                    state.name(),
                    kind.name,
                    swept.spans
                );
                guesses += swept.guesses;
            }
        }
    }
    assert!(guesses > 10_000_000, "{guesses} guesses");
}

/// No number of any kind but a SYN leaves something in LISTEN, nor any in CLOSED. SYN cookies have a test of their own.
#[test]
fn a_listener_and_a_closed_port_keep_nothing_of_a_guess() {
    let traces = |port: u16, kind: &Kind| {
        let mut peer = Peer::new(false, |_| {});
        peer.end.stop_recording();
        let listener = peer.end.listen(80, 4).expect("the port is free");
        peer.them.set_port(port);
        let held = |peer: &Peer| (peer.end.connections(), peer.end.pending(listener), peer.end.memory());
        let before = held(&peer);
        let numbers = Numbers {
            rcv_nxt: 1000,
            rcv_wnd: 0,
            snd_una: 1000,
            ack: 1000,
            snd_nxt: 1000,
            max_snd_wnd: 0,
            ts_recent: 100,
        };
        let mut traces = 0u32;
        for &axis in kind.axes {
            for number in (0..=u32::MAX).step_by(65_521) {
                let guess = Guess { kind, numbers, axis, number };
                peer.send_raw(&guess.packet((peer.us, peer.them)));
                peer.raw.clear();
                traces += u32::from(held(&peer) != before);
            }
        }
        traces
    };
    for kind in &KINDS {
        assert_eq!(traces(80, kind) > 0, kind.name == "SYN", "LISTEN: {}", kind.name);
        assert_eq!(traces(81, kind), 0, "CLOSED: {}", kind.name);
    }
}

/// A RST, a SYN, a FIN or text for the kernel: nothing that it refuses has an effect here.
#[test]
fn what_linux_refuses_of_an_established_connection_we_refuse() {
    let name = "what_linux_refuses_of_an_established_connection_we_refuse";
    let swept = std::thread::spawn(|| {
        let mut linux = Linux::open()?;
        let kinds = KINDS
            .iter()
            .filter(|kind| matches!(kind.name, "RST" | "SYN" | "text" | "FIN" | "ICMP: port unreachable"));
        Ok(kinds
            .map(|kind| (kind, sweep(&mut linux, State::Established, kind, Axis::Seq).expect("a connection")))
            .collect::<Vec<_>>())
    });
    let swept = match swept.join().expect("the sweep ends") {
        Ok(swept) => swept,
        Err(error) => return tcpspec_tests::skip(name, &error),
    };
    for (kind, theirs) in swept {
        let ours = sweep(&mut Ours::default(), State::Established, kind, Axis::Seq).expect("every state");
        for effect in [Effects::ENDED, Effects::STATE] {
            assert!(
                ours.width(effect) <= theirs.width(effect),
                "{}: {effect}: {ours:?} {theirs:?}",
                kind.name
            );
        }
    }
}

/// The sweep itself: a target that takes the numbers of these spans, wherever they lie.
#[test]
fn a_sweep_finds_the_edges_of_what_is_taken() {
    struct Mock(u32, std::ops::Range<u32>);
    impl Target for Mock {
        fn reach(&mut self, _: State) -> Option<Numbers> {
            let at = self.0;
            Some(Numbers {
                rcv_nxt: at,
                rcv_wnd: 66_000,
                snd_una: at,
                ack: at,
                snd_nxt: at,
                max_snd_wnd: 66_000,
                ts_recent: 0,
            })
        }
        fn send(&mut self, packet: &[u8]) -> (Effects, usize) {
            let seq = u32::from_be_bytes(packet[24..28].try_into().unwrap()).wrapping_sub(self.0);
            (if self.1.contains(&seq) { Effects::TEXT } else { Effects::NONE }, 0)
        }
        fn sockets(&self) -> (std::net::SocketAddr, std::net::SocketAddr) {
            (([10, 0, 0, 2], 5000).into(), ([10, 0, 0, 1], 80).into())
        }
    }
    let text = KINDS.iter().find(|kind| kind.name == "text").expect("there is text");
    for span in [0..1, 0..66_000, 3..70_000, 0x7000_0000..0x7001_0000, 0x7fff_fff0..0x8001_0000, 1000..1100] {
        for at in [0, 7, u32::MAX, 1 << 31] {
            let swept =
                sweep(&mut Mock(at, span.clone()), State::Established, text, Axis::Seq).expect("it is there");
            assert_eq!(swept.any(), u64::from(span.end - span.start), "{span:?} at {at}: {swept:?}");
        }
    }
}

#[test]
fn a_guess_costs_what_the_widths_say() {
    use report::expected;
    assert_eq!(expected(&[ALL]), Some(1.0));
    assert_eq!(expected(&[1]), Some(2_147_483_648.5));
    assert_eq!(expected(&[ALL, 1 << 16]), Some(32_768.5));
    // The other number was not right where this one has an effect.
    assert_eq!(expected(&[1, 0]), Some(2_147_483_648.5));
    assert_eq!(expected(&[0, 0]), None);
}

/// What a guess is good for: a RST ends a connection and does nothing else, text may be read.
#[test]
fn a_guess_serves_the_aims_that_its_effects_serve() {
    let kind = |name: &str| KINDS.iter().find(|kind| kind.name == name).expect("there is such a kind");
    let aims = |name: &str| {
        let found = report::find(&mut Ours::default(), State::Established, kind(name)).expect("every state");
        found.aims.map(|widths| report::expected(&widths).is_some())
    };
    assert_eq!(aims("RST"), [true, false, false]);
    assert_eq!(aims("text"), [false, true, true]);
    assert_eq!(aims("ACK"), [false, false, true]);
    assert_eq!(aims("ICMP: host unreachable"), [false, false, false]);
}
