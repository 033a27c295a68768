//! What is true of every TCB, whatever has happened before: the inductive invariant, and what the surroundings are assumed to do.

use tcpspec::{Event, FactSet, Facts, Flags, Full, Numbers, Segment, Seq, State, Tcb, Word};

/// No window reaches 2^30 (RFC 7323 §2.3), and no host queues as much text.
pub(crate) const LIMIT: u32 = 1 << 30;
/// The longest text of a segment, and the furthest urgent pointer: 16 bits.
const LONGEST: u32 = u16::MAX as u32;

/// The first clause that does not hold, if there is one.
macro_rules! holds {
    ($condition:expr, $clause:literal) => {
        if !$condition {
            return Some($clause);
        }
    };
}

/// What the proofs say of an event, before and after, and what they assume of it, asked of an event that was recorded: what does not hold. Segments that come are none of ours, so what is assumed of
/// them is what a parser guarantees.
pub fn unproven(
    before: (State, &Tcb<Full>),
    event: &Event<Full>,
    after: (State, &Tcb<Full>),
) -> Option<&'static str> {
    if let Some(clause) = broken(before.0, before.1).or_else(|| broken(after.0, after.1)) {
        return Some(clause);
    }
    holds!(can_come(before.1, event), "what is assumed of the surroundings");
    None
}

/// The clause of the invariant that a TCB in this state breaks. No option breaks it.
pub(crate) fn broken<S: Numbers>(state: State, tcb: &Tcb<S>) -> Option<&'static str> {
    let has = |fact| tcb.facts.has(fact);
    match state {
        State::Closed | State::Listen => return broken_without_numbers(state, tcb),
        State::SynSent => {
            holds!(
                !has(Facts::PASSIVE) && !has(Facts::CHILD) && !has(Facts::RELEASED),
                "SYN-SENT follows an active OPEN"
            );
            holds!(tcb.snd_wnd == S::Raw::default(), "the peer has offered nothing in SYN-SENT");
            holds!(!has(Facts::URGENT_IN), "nothing has come in SYN-SENT");
        }
        _ => holds!(!has(Facts::REUSES), "the peer's SYN ends the reuse"),
    }
    holds!(!has(Facts::FORKS), "only a listener forks");
    holds!(has(Facts::REMOTE), "the remote socket is known");
    holds!(!has(Facts::RELEASED) || has(Facts::CLOSED), "a user who has let go has closed");
    holds!(tcb.send_window() < LIMIT, "SND.WND is below 2^30");
    holds!(tcb.receive_window() < LIMIT, "RCV.WND is below 2^30");
    holds!(tcb.max_snd_wnd.into() < LIMIT, "MAX.SND.WND is below 2^30");
    broken_facts(state, tcb).or_else(|| broken_sending(state, tcb)).or_else(|| broken_urgent(state, tcb))
}

/// In CLOSED and LISTEN nothing is known of any number.
fn broken_without_numbers<S: Numbers>(state: State, tcb: &Tcb<S>) -> Option<&'static str> {
    let has = |fact| tcb.facts.has(fact);
    let zero = Seq::<S>::default();
    let numbers = [
        tcb.iss,
        tcb.snd_una,
        tcb.snd_nxt,
        tcb.snd_end,
        tcb.snd_wl1,
        tcb.snd_wl2,
        tcb.snd_up,
        tcb.irs,
        tcb.rcv_nxt,
        tcb.rcv_up,
    ];
    for number in numbers {
        holds!(number == zero, "without a peer no number is set");
    }
    for window in [tcb.snd_wnd, tcb.max_snd_wnd, tcb.rcv_wnd] {
        holds!(window == S::Raw::default(), "without a peer no window is set");
    }
    holds!(tcb.ts_recent.is_none(), "without a peer there is no timestamp");
    let facts = [
        Facts::SYN_ACKED,
        Facts::CLOSED,
        Facts::FIN_SENT,
        Facts::URGENT_OUT,
        Facts::URGENT_IN,
        Facts::REUSES,
        Facts::RELEASED,
    ];
    for fact in facts {
        holds!(!has(fact), "without a peer nothing has happened");
    }
    if state == State::Closed {
        for fact in [Facts::PASSIVE, Facts::CHILD, Facts::FORKS, Facts::REMOTE, Facts::NAMED] {
            holds!(!has(fact), "in CLOSED there is no TCB");
        }
    } else {
        holds!(has(Facts::PASSIVE), "LISTEN follows a passive OPEN");
        holds!(!has(Facts::CHILD) || !has(Facts::FORKS), "a child does not fork");
    }
    None
}

/// Facts fit the state.
fn broken_facts<S: Numbers>(state: State, tcb: &Tcb<S>) -> Option<&'static str> {
    let has = |fact| tcb.facts.has(fact);
    if matches!(state, State::Established | State::CloseWait | State::FinWait2 | State::LastAck) {
        holds!(has(Facts::SYN_ACKED), "our SYN is acknowledged");
    }
    match state {
        State::SynSent => {
            holds!(
                !has(Facts::SYN_ACKED) && !has(Facts::CLOSED) && !has(Facts::FIN_SENT),
                "nothing but the SYN is sent in SYN-SENT"
            );
        }
        State::SynReceived => {
            holds!(
                !has(Facts::SYN_ACKED) && !has(Facts::FIN_SENT),
                "nothing but the SYN is sent in SYN-RECEIVED"
            );
            holds!(!has(Facts::URGENT_IN), "nothing is taken in SYN-RECEIVED");
            holds!(tcb.rcv_nxt == tcb.irs.next(), "nothing but the peer's SYN is taken in SYN-RECEIVED");
        }
        State::Established => {
            holds!(!has(Facts::CLOSED) && !has(Facts::FIN_SENT), "ESTABLISHED ends with CLOSE");
        }
        State::CloseWait => holds!(!has(Facts::FIN_SENT), "CLOSE-WAIT ends with our FIN"),
        State::FinWait1 | State::Closing => holds!(has(Facts::CLOSED), "the user has closed"),
        State::FinWait2 | State::LastAck | State::TimeWait => {
            holds!(has(Facts::CLOSED) && has(Facts::FIN_SENT), "our FIN is sent");
        }
        State::Closed | State::Listen => {}
    }
    // The FIN had its place in the window, and does not use it up. Nothing that changes the window is done after it.
    let has_peer_closed =
        matches!(state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait);
    if has_peer_closed || state == State::SynSent && tcb.receive_window() == 0 && has(Facts::REUSES) {
        holds!(tcb.receive_window() > 0, "RCV.WND is open once the peer's FIN is taken");
    }
    None
}

/// SND.UNA, SND.NXT and the end of the text stand in their order.
fn broken_sending<S: Numbers>(state: State, tcb: &Tcb<S>) -> Option<&'static str> {
    let has = |fact| tcb.facts.has(fact);
    let flight = tcb.in_flight();
    let queued = tcb.snd_una.distance(tcb.snd_end);
    if matches!(state, State::FinWait2 | State::TimeWait) {
        holds!(tcb.snd_una == tcb.snd_nxt, "our FIN is acknowledged: nothing is outstanding");
    }
    if state == State::FinWait2 {
        holds!(tcb.snd_end.next() == tcb.snd_nxt, "our FIN is the last number");
    }
    if matches!(state, State::FinWait2 | State::TimeWait) {
        // Nothing will be sent any more, whatever the peer offers.
        return None;
    }
    if has(Facts::FIN_SENT) {
        holds!(tcb.snd_end.next() == tcb.snd_nxt, "our FIN is the last number");
    } else {
        holds!(flight <= queued, "SND.NXT lies between SND.UNA and the end of the text");
    }
    holds!(queued <= LIMIT + 1, "less than 2^30 octets wait");
    if !has(Facts::SYN_ACKED) {
        holds!(tcb.snd_una == tcb.iss, "SND.UNA is ISS until our SYN is acknowledged");
        holds!(flight > 0, "our SYN is outstanding until it is acknowledged");
        if !has(Facts::FIN_SENT) {
            holds!(tcb.snd_nxt == tcb.iss.next(), "no text is sent before our SYN is acknowledged");
        }
        if !matches!(state, State::SynSent | State::SynReceived) {
            holds!(tcb.snd_end == tcb.iss.next(), "CLOSE waits for text in SYN-RECEIVED");
        }
    }
    None
}

/// Whether the window reaches no further than `edge`, the furthest right edge of a window that the peer has offered. It stands apart: an option breaks it, and nothing but what is said
/// of the edge rests on it.
pub(crate) fn is_within<S: Numbers>(state: State, tcb: &Tcb<S>, edge: Seq<S>) -> bool {
    // In these nothing will be sent any more, whatever the peer offers; or there is no peer yet.
    if matches!(state, State::Closed | State::Listen | State::FinWait2 | State::TimeWait) {
        return true;
    }
    let offered = tcb.snd_una.distance(edge);
    offered <= LIMIT && tcb.send_window() <= offered
}

/// Urgent pointers lie ahead.
fn broken_urgent<S: Numbers>(state: State, tcb: &Tcb<S>) -> Option<&'static str> {
    let has = |fact| tcb.facts.has(fact);
    if !matches!(state, State::FinWait2 | State::TimeWait) && has(Facts::URGENT_OUT) {
        holds!(tcb.snd_una.before(tcb.snd_up), "SND.UP lies ahead of SND.UNA");
        holds!(tcb.snd_up.at_or_before(tcb.snd_end), "SND.UP lies in the text");
    }
    if state.is_receiving() && has(Facts::URGENT_IN) {
        let ahead = tcb.rcv_nxt.distance(tcb.rcv_up);
        holds!(ahead > 0 && ahead <= LIMIT + LONGEST, "RCV.UP lies ahead of RCV.NXT");
    }
    None
}

/// What is assumed of the surroundings: whether this input can come to this TCB.
pub(crate) fn can_come<S: Numbers>(tcb: &Tcb<S>, event: &Event<S>) -> bool {
    match event {
        Event::Segment(segment) => {
            is_parsed(segment)
                // The urgent pointer has 16 bits, too.
                && (!segment.flags.has(Flags::URG) || segment.seq.distance(segment.up) <= LONGEST)
        }
        // What was kept comes back when RCV.NXT has reached it. A FIN alone had its place in the window.
        Event::Held(segment) => {
            segment.text_len() <= LIMIT
                && segment.seq.distance(tcb.rcv_nxt) <= LIMIT
                && (segment.text_len() > 0 || segment.seq.in_window(tcb.rcv_nxt, tcb.receive_window()))
        }
        // A host takes no more than it can keep.
        Event::Send(send) => {
            let queued = tcb.snd_una.distance(tcb.snd_end);
            send.len <= LIMIT && (!send.room || queued < LIMIT && queued.wrapping_add(send.len) <= LIMIT)
        }
        Event::Receive(receive) => receive.window < LIMIT,
        Event::Transmit(transmit) => transmit.max < LIMIT,
        _ => true,
    }
}

fn is_parsed<S: Numbers>(segment: &Segment<S>) -> bool {
    segment.text_len() <= LONGEST && segment.wnd.into() < LIMIT
}
