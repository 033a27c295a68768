//! Two ends in TIME-WAIT: whatever comes to one of them, their answers to each other come to an end, and no FIN beyond the peer's restarts 2MSL.

use tcpspec::{
    Acknowledge, Event, Facts, Flags, Full, Host, Notice, Options, Segment, Seq, State, Tcb, Timer, step,
};

/// What an end answers.
#[derive(Default)]
struct Answers {
    acknowledges: bool,
    restarted: bool,
    sent: Vec<Segment<Full>>,
}

impl Host<Full> for Answers {
    fn emit(&mut self, segment: Segment<Full>) {
        self.sent.push(segment);
    }
    fn acknowledge(&mut self, _: Acknowledge) {
        self.acknowledges = true;
    }
    fn start(&mut self, timer: Timer) {
        self.restarted |= timer == Timer::TimeWait;
    }
    fn stop(&mut self, _: Timer) {}
    fn notify(&mut self, _: Notice) {}
    fn initial_sequence(&mut self) -> Seq<Full> {
        Seq::new(0)
    }
    fn initial_window(&mut self) -> u32 {
        0
    }
    fn deliver(&mut self, _: &Segment<Full>) {}
    fn hold(&mut self, _: &Segment<Full>) {}
    fn acknowledged(&mut self, _: u32, _: u32) {}
    fn resend(&mut self, _: &Tcb<Full>) {}
    fn flush(&mut self) {}
    fn flush_sends(&mut self) {}
    fn abandon(&mut self) {}
    fn fork(&mut self, _: &Segment<Full>) {}
    fn hand_over(&mut self, _: &Segment<Full>) {}
}

/// TIME-WAIT with these numbers of our own and of the peer's.
fn time_wait(own: u32, peer: u32) -> Tcb<Full> {
    let mut facts = Facts::REMOTE;
    for fact in [Facts::SYN_ACKED, Facts::CLOSED, Facts::FIN_SENT] {
        facts.set(fact);
    }
    Tcb {
        snd_una: Seq::new(own),
        snd_nxt: Seq::new(own),
        snd_end: Seq::new(own.wrapping_sub(1)),
        rcv_nxt: Seq::new(peer),
        rcv_wnd: 4,
        snd_wnd: 4,
        max_snd_wnd: 4,
        facts,
        ..Tcb::default()
    }
}

#[test]
fn a_fin_in_time_wait_is_answered_once_and_ends_there() {
    let options = Options::default();
    let (mut answered, mut cases) = (0, 0);
    for (seq, ack, flags, len) in (0..12).flat_map(|seq| {
        (0..12).flat_map(move |ack| {
            (0..64_u8).flat_map(move |flags| (0..3).map(move |len| (seq, ack, Flags(flags), len)))
        })
    }) {
        cases += 1;
        // The ends agree on their numbers, or disagree by as much as the first segment says.
        let mut ends = [time_wait(100, 200), time_wait(200, 100)];
        let mut segment =
            Segment { seq: Seq::new(195 + seq), ack: Seq::new(95 + ack), flags, len, ..Segment::default() };
        let mut exchanges = 0;
        let mut at = 0;
        loop {
            let mut host = Answers::default();
            let mut state = State::TimeWait;
            let beyond = segment.seq.plus(segment.seg_len()) != ends[at].rcv_nxt;
            let mut event = Event::Segment(segment);
            step(&mut state, &mut ends[at], &mut event, &options, &mut host).unwrap();
            assert_eq!(state, State::TimeWait, "{segment}");
            assert!(!(host.restarted && beyond), "{segment} restarts 2MSL");
            assert!(host.sent.is_empty(), "{segment} is answered by more than an ACK");
            if !host.acknowledges {
                break;
            }
            answered += u32::from(exchanges == 0 && flags.has(Flags::FIN.with(Flags::ACK)) && beyond);
            exchanges += 1;
            assert!(exchanges <= 2, "{segment} goes on");
            segment = ends[at].acknowledgment();
            at = 1 - at;
        }
    }
    assert!(cases > 10_000 && answered > 100, "{answered} of {cases}");
}
