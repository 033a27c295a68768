//! What is claimed. Each `always` that could hold because nothing happens has a `sometimes` beside it.

pub mod expectations;
pub(crate) mod memory;

use super::scenario::{Claim, Kind, Scenario};
use super::world::{Marks, World, fault, past};
use crate::call::Receive;
use crate::{Event, Facts, Seq, State, Timer, enabled};

// --- liveness ---

/// Nobody is ever trapped.
pub const CAN_CLOSE: Claim =
    Claim::of_runs("from every reachable state both ends can still reach CLOSED", Kind::Possible, |_, w| {
        both_closed(w)
    });
/// Fairness leads to the end.
pub const DOES_CLOSE: Claim =
    Claim::of_runs("once the network has healed, both ends reach CLOSED for good", Kind::Finally, |_, w| {
        both_closed(w)
    });
/// Fairness leads all text to its user.
pub const DOES_DELIVER: Claim = Claim::of_runs(
    "once the network has healed, all text reaches its user unless an abort, R2 or the user timeout came in between",
    Kind::Finally,
    |s, w| both_closed(w) && (0..2).all(|i| has_delivered(s, w, i)),
).asks_past(past::GIVEN_UP | past::CRASHED | past::SYNCHRONIZED);
/// What nobody waits for comes to its end.
pub const RELEASED_ENDS: Claim = Claim::of_runs(
    "once the network has healed, a connection that its user has left reaches CLOSED, whatever the other user does",
    Kind::Finally,
    |_, w| w.ends.iter().all(|end| !end.closed || end.state == State::Closed),
);
/// ACK storms.
pub const NO_STORM: Claim = Claim::of_runs(
    "two ends never send for ever without user calls, timers, loss or duplication",
    Kind::NoCycle,
    |_, _| false,
);

fn both_closed(w: &World) -> bool {
    w.ends.iter().all(|end| end.state == State::Closed)
}

/// All that an end has given has come to the other's user, or there is a good reason why not.
fn has_delivered(s: &Scenario, w: &World, from: usize) -> bool {
    let (sender, receiver) = (&w.ends[from], &w.ends[1 - from]);
    let cut_short = w.ends.iter().zip(&s.users).any(|(end, user)| {
        end.gone || end.aborts < user.aborts || end.has_passed(past::GIVEN_UP | past::CRASHED)
    });
    // A CLOSE before the connection is there gives back what was given (§3.10.4).
    let never_began = !sender.has_passed(past::SYNCHRONIZED);
    let given: u8 = sender.given.iter().sum();
    cut_short || never_began || (receiver.delivered == given && receiver.on_hand == 0)
}

// --- always ---

/// Delivery: no octet twice, none out of order, none that was not given.
pub const TEXT_IN_ORDER: Claim = Claim::never::<{ fault::WRONG_TEXT }>("text is delivered once and in order");
/// Delivery before the end.
pub const ALL_BEFORE_END: Claim = Claim::never::<{ fault::EARLY_END }>(
    "all text sent before the FIN is delivered before the peer sees the end",
);
/// Incarnations apart.
pub const NO_OLD_TEXT: Claim = Claim::never::<{ fault::OLD_TEXT }>(
    "no octet of an older connection is delivered by a newer one (after closes by FIN)",
);
/// Incarnations apart, whatever happened.
pub const NO_OLD_TEXT_AT_ALL: Claim = Claim::never::<{ fault::OLD_TEXT | fault::OLD_TEXT_UNCLEAN }>(
    "no octet of an older connection is delivered by a newer one, however the older one ended",
);
/// TIME-WAIT.
pub const TIME_WAIT_ACKS: Claim =
    Claim::never::<{ fault::TIME_WAIT_SENT }>("TIME-WAIT sends nothing but ACKs");
/// TIME-WAIT.
pub const NOT_REOPENED: Claim = Claim::never::<{ fault::REOPENED | fault::TIME_WAIT_CUT_SHORT }>(
    "no pair of sockets is opened again while it is in TIME-WAIT",
);
/// TIME-WAIT, whatever ends it.
pub const NONE_BEGINS_IN_2MSL: Claim =
    Claim::never::<{ fault::REOPENED }>("no connection begins while its pair of sockets waits 2MSL");
/// CLOSE.
pub const NONE_AFTER_CLOSE: Claim =
    Claim::never::<{ fault::SENT_AFTER_CLOSE }>("no text is accepted from the user after CLOSE");
/// RST.
pub const LISTEN_ONLY_PASSIVE: Claim = Claim::never::<{ fault::LISTEN_AFTER_ACTIVE }>(
    "SYN-RECEIVED returns to LISTEN only after a passive OPEN",
);
/// FIN.
pub const FIN_NUMBER: Claim = Claim::never::<{ fault::FIN_NUMBER | fault::NOT_RESENT }>(
    "a FIN takes the one number after the last octet, however often it is sent",
);
/// FIN.
pub const FIN_RESENT: Claim =
    Claim::always("a FIN is retransmitted until acknowledged: while it is not, the timer runs", |_, w| {
        w.ends.iter().all(|end| {
            !end.tcb.facts.has(Facts::FIN_SENT)
                || end.tcb.in_flight() == 0
                || end.is_armed(Timer::Retransmission)
        })
    });
/// RECEIVE.
pub const RECEIVABLE: Claim = Claim::always(
    "text that came before the peer's FIN can be received, whatever the user has closed",
    |s, w| {
        w.ends.iter().all(|end| {
            let on_hand = end.on_hand.into();
            let receive = Receive { on_hand, max: on_hand, ..Receive::default() };
            on_hand == 0 || enabled(end.state, &end.tcb, &Event::Receive(receive), &s.options())
        })
    },
);
/// Beginnings.
pub const FROM_CLOSED: Claim =
    Claim::never::<{ fault::NOT_FROM_CLOSED }>("every connection starts in CLOSED");
/// The model itself.
pub const WITHIN_BOUNDS: Claim = Claim::never::<{ fault::BOUNDS }>("the model stays within its own bounds");
/// Agreement.
pub const ENDS_AGREE: Claim = Claim::always(
    "two synchronized ends agree: each IRS is the other's ISS, and SND.UNA =< the peer's RCV.NXT =< SND.NXT",
    |_, w| {
        if !paired(w) {
            return true;
        }
        let agrees = |i: usize| {
            let (us, peer) = (&w.ends[i].tcb, &w.ends[1 - i].tcb);
            us.irs == peer.iss && between(us.snd_una, peer.rcv_nxt, us.snd_nxt)
        };
        agrees(0) && agrees(1)
    },
);
/// Agreement, as far as it can be had.
pub const ENDS_AGREE_CLEANLY: Claim = Claim::always(
    "two synchronized ends agree: each IRS is the other's ISS, and SND.UNA =< the peer's RCV.NXT =< SND.NXT (after closes by FIN)",
    |s, w| w.unclean || (ENDS_AGREE.holds)(s, w),
);
/// Old SYNs.
pub const NOT_BY_OLD_SYN: Claim = Claim::never::<{ fault::ESTABLISHED_BY_OLD }>(
    "nobody is established by the SYN of an attempt that is over",
);
/// Old SYNs, where both listen.
pub const BOTH_LISTEN_AGAIN: Claim =
    Claim::sometimes("an old SYN has woken a listener, and in the end both listen", |_, w| {
        w.is_quiet()
            && w.ends.iter().all(|end| end.state == State::Listen)
            && w.ends.iter().any(|end| end.has_passed(past::BACK_TO_LISTEN))
    })
    .asks_past(past::BACK_TO_LISTEN);
/// Connected to itself on a perfect network.
pub const SELF_IN_TWO: Claim =
    Claim::always("a socket connects to itself with two segments on a perfect network", |_, w| {
        !(w.ends[0].state == State::Established && w.ends[0].sends == 2) || w.segments == 2
    });
/// Simultaneous open.
pub const ONE_CONNECTION: Claim =
    Claim::always("a simultaneous open gives one connection, never two", |_, w| {
        w.ends.iter().all(|end| end.incarnation <= 1)
            && (!w.ends.iter().all(|end| end.state.is_synchronized()) || paired(w))
    });
/// Simultaneous open on a perfect network.
pub const FOUR_SEGMENTS: Claim =
    Claim::always("when the SYNs cross on a perfect network, exactly four segments are exchanged", |_, w| {
        !(crossed_open(w) && w.is_quiet()) || w.segments == 4
    })
    .asks_past(past::CROSSED);
/// Simultaneous close on a perfect network.
pub const CLOSING_BOTH: Claim =
    Claim::always("FINs that cross on a perfect network take both ends through CLOSING", |_, w| {
        !(crossed_close(w) && w.is_quiet())
            || w.ends.iter().all(|end| end.has_passed(past::CLOSING) && end.has_passed(past::TIME_WAIT))
    })
    .asks_past(past::FINS_CROSSED | past::CLOSING | past::TIME_WAIT);
/// Simultaneous close on a perfect network.
pub const CLOSE_IN_FOUR: Claim = Claim::always(
    "FINs that cross on a perfect network take four segments, as many as a normal close",
    // Three to open, four to close.
    |_, w| !(crossed_close(w) && w.is_quiet()) || w.segments == 7,
)
.asks_past(past::FINS_CROSSED);
/// The normal close on a perfect network.
pub const NORMAL_IN_FOUR: Claim = Claim::sometimes("a normal close takes four segments", |_, w| {
    !crossed_close(w)
        && w.is_quiet()
        && w.segments == 7
        && w.ends.iter().all(|end| end.has_passed(past::SYNCHRONIZED))
        && w.ends[1].state == State::Closed
})
.asks_past(past::FINS_CROSSED | past::SYNCHRONIZED);

fn between(left: Seq<super::Space16>, x: Seq<super::Space16>, right: Seq<super::Space16>) -> bool {
    left.distance(x) <= left.distance(right)
}

/// Both ends are synchronized, each with the other's present incarnation.
fn paired(w: &World) -> bool {
    let [a, b] = &w.ends;
    a.state.is_synchronized()
        && b.state.is_synchronized()
        && a.peer_incarnation == b.incarnation
        && b.peer_incarnation == a.incarnation
}

fn crossed_open(w: &World) -> bool {
    w.ends.iter().all(|end| end.has_passed(past::CROSSED) && end.state == State::Established)
}

fn crossed_close(w: &World) -> bool {
    w.ends.iter().any(|end| end.has_passed(past::FINS_CROSSED))
}

/// TIME-WAIT by the letter.
pub const FIN_RESTARTS: Claim =
    Claim::never::<{ fault::NOT_RESTARTED }>("the peer's FIN, sent again in TIME-WAIT, restarts 2MSL");
/// TIME-WAIT by the letter.
pub const ONLY_FIN_RESTARTS: Claim =
    Claim::never::<{ fault::RESTARTED_BY_ACK }>("nothing but the peer's FIN restarts 2MSL");
/// Incarnations apart.
pub const NOT_KILLED_BY_OLD: Claim = Claim::never::<{ fault::KILLED_BY_OLD }>(
    "no segment of an older connection, nor the RST that answers it, ends a newer one (after closes by FIN)",
);
/// Old SYNs.
pub const NEVER_ALONE: Claim =
    Claim::never::<{ fault::ESTABLISHED_ALONE }>("an end that is established has a peer that knows of it");
/// Windows.
pub const WITHIN_OFFER: Claim = Claim::never::<{ fault::BEYOND_OFFER }>(
    "no text is sent beyond what the peer has offered, but to probe a closed window",
);
/// Refused segments.
pub const NO_TRACE: Claim = Claim::never::<{ fault::TRACE }>(
    "a segment that is refused changes nothing of the connection, but the count of challenge ACKs",
);
/// Text that was acknowledged.
pub const TEXT_KEPT: Claim = Claim::never::<{ fault::THROWN_AWAY }>(
    "text that came in order stays the user's until it is received, whatever ends the connection but ABORT",
);
/// Text that was not.
pub const LOSS_TOLD: Claim = Claim::never::<{ fault::UNTOLD }>(
    "when a connection ends while text of the user's is unacknowledged, the user hears of it",
);
/// The forger.
pub const NOT_FORGED: Claim =
    Claim::never::<{ fault::FORGED }>("no forged segment ends a connection or is delivered");
/// Guesses.
pub const NOT_BY_GUESS: Claim = Claim::never::<{ fault::RESET_BY_GUESS }>(
    "once both ends know each other only a RST that is exactly next ends a connection, and no SYN does (TIME-WAIT apart)",
);
/// Errors that the network reports.
pub const NOT_BY_ICMP: Claim = Claim::never::<{ fault::ENDED_BY_ICMP }>(
    "no error that the network reports ends a connection once both ends know each other",
);
/// Crashes.
pub const HALF_OPEN_ENDS: Claim =
    Claim::sometimes("a half-open connection is found out: the end that lives is reset", |_, w| {
        w.ends.iter().any(|end| end.has_passed(past::CRASHED))
            && w.ends.iter().any(|end| end.has_passed(past::RESET) || end.has_passed(past::REFUSED))
    })
    .asks_past(past::CRASHED | past::RESET | past::REFUSED);
/// Crashes.
pub const OPENED_AFTER_CRASH: Claim =
    Claim::sometimes("after a crash the same pair of sockets is connected again", |_, w| {
        paired(w)
            && w.ends.iter().any(|end| end.has_passed(past::CRASHED))
            && w.ends.iter().all(|end| end.state == State::Established)
    })
    .asks_past(past::CRASHED);
/// Connected to itself.
pub const SELF_CONNECTED: Claim =
    Claim::sometimes("a socket is connected to itself, and its text comes back", |_, w| {
        w.ends[0].state == State::Established && w.ends[0].delivered > 0
    });

// --- sometimes ---

/// Both ESTABLISHED.
pub const CONNECTED: Claim = Claim::sometimes("both ends are ESTABLISHED", |_, w| {
    paired(w) && w.ends.iter().all(|end| end.state == State::Established)
});
/// The round trip of states.
pub const CLOSED_AGAIN: Claim =
    Claim::sometimes("a connection that was established is CLOSED again at both ends", |_, w| {
        w.ends.iter().all(|end| end.has_passed(past::SYNCHRONIZED) && end.state == State::Closed)
    })
    .asks_past(past::SYNCHRONIZED);
/// The round trip of states without RST.
pub const CLEANLY_CLOSED: Claim =
    Claim::sometimes("both ends have closed by FINs and come back to CLOSED", |_, w| {
        !w.unclean
            && w.ends.iter().all(|end| end.has_passed(past::SYNCHRONIZED) && end.state == State::Closed)
    })
    .asks_past(past::SYNCHRONIZED);
/// Delivery happens.
pub const ALL_DELIVERED: Claim =
    Claim::sometimes("all text that the users may send is delivered and its end reported", |s, w| {
        (0..2).all(|i| w.ends[1 - i].delivered == s.users[i].sends)
            && w.ends.iter().any(|end| end.state.is_peer_closed())
    });
/// Crossing SYNs.
pub const SYNS_CROSS: Claim =
    Claim::sometimes("the SYNs cross and both ends reach ESTABLISHED through SYN-RECEIVED", |_, w| {
        crossed_open(w)
    })
    .asks_past(past::CROSSED);
/// Crossing SYNs, the segments.
pub const IN_FOUR: Claim = Claim::sometimes("a simultaneous open takes four segments", |_, w| {
    crossed_open(w) && w.is_quiet() && w.segments == 4
})
.asks_past(past::CROSSED);
/// By the letter.
pub const IN_SIX: Claim = Claim::sometimes("a simultaneous open takes six segments", |_, w| {
    crossed_open(w) && w.is_quiet() && w.segments == 6
})
.asks_past(past::CROSSED);
/// By the letter, out of order.
pub const IN_FIVE: Claim = Claim::sometimes("a simultaneous open takes five segments", |_, w| {
    w.ends.iter().all(|end| end.state == State::Established)
        && w.ends.iter().any(|end| end.has_passed(past::CROSSED))
        && w.is_quiet()
        && w.segments == 5
})
.asks_past(past::CROSSED);
/// Crossing FINs.
pub const FINS_CROSS: Claim = Claim::sometimes("the FINs cross and both ends pass CLOSING", |_, w| {
    w.ends.iter().all(|end| end.has_passed(past::CLOSING) && end.has_passed(past::TIME_WAIT))
})
.asks_past(past::CLOSING | past::TIME_WAIT);
/// Half-close.
pub const HALF_CLOSED: Claim = Claim::sometimes("one end has closed and still receives text", |_, w| {
    w.ends.iter().any(|end| end.state == State::FinWait2 && end.delivered > 0)
});
/// Fast close.
pub const FAST_CLOSE: Claim = Claim::sometimes(
    "a FIN with the ACK of our FIN leads from FIN-WAIT-1 to TIME-WAIT within one segment",
    |_, w| w.ends.iter().any(|end| end.has_passed(past::FAST_CLOSE)),
)
.asks_past(past::FAST_CLOSE);
/// TIME-WAIT happens.
pub const TIME_WAITED: Claim =
    Claim::sometimes("TIME-WAIT is entered and left when 2MSL are over", |_, w| {
        w.ends
            .iter()
            .any(|end| end.has_passed(past::TIME_WAIT) && end.state == State::Closed && end.quiet == 0)
            && w.faults & fault::TIME_WAIT_CUT_SHORT == 0
    })
    .asks_past(past::TIME_WAIT)
    .asks(Marks::faults(fault::TIME_WAIT_CUT_SHORT));
/// A second incarnation.
pub const SECOND_CONNECTION: Claim =
    Claim::sometimes("the same pair of sockets carries a second connection", |_, w| {
        paired(w)
            && w.ends.iter().all(|end| end.incarnation == 2 && end.state == State::Established)
            && !w.unclean
    });
/// Text of a second incarnation.
pub const SECOND_TEXT: Claim = Claim::sometimes("the second connection delivers text", |_, w| {
    !w.unclean && w.ends.iter().any(|end| end.incarnation >= 2 && end.delivered > 0)
});
/// RST and LISTEN.
pub const BACK_TO_LISTEN: Claim = Claim::sometimes("a RST takes SYN-RECEIVED back to LISTEN", |_, w| {
    w.ends.iter().any(|end| end.has_passed(past::BACK_TO_LISTEN))
})
.asks_past(past::BACK_TO_LISTEN);
/// Refused.
pub const REFUSED: Claim = Claim::sometimes("the user hears that the connection is refused", |_, w| {
    w.ends.iter().any(|end| end.has_passed(past::REFUSED))
})
.asks_past(past::REFUSED);
/// Reset.
pub const RESET: Claim = Claim::sometimes("the user hears that the connection is reset", |_, w| {
    w.ends.iter().any(|end| end.has_passed(past::RESET))
})
.asks_past(past::RESET);
/// Text that outlives its connection.
pub const RESET_BEFORE_READ: Claim =
    Claim::sometimes("a connection is reset while text waits for the user, who can still read it", |_, w| {
        w.ends.iter().any(|end| end.has_passed(past::RESET) && end.state == State::Closed && end.on_hand > 0)
    })
    .asks_past(past::RESET);
/// Text for nobody.
pub const FOR_NOBODY: Claim =
    Claim::sometimes("text comes for a user who has let go, and the peer hears that it is lost", |_, w| {
        w.ends.iter().any(|end| end.closed && end.has_passed(past::GIVEN_UP) && end.state == State::Closed)
            && w.ends.iter().any(|end| end.has_passed(past::RESET) && end.given[1] > 0)
    })
    .asks_past(past::GIVEN_UP | past::RESET);
/// Window updates.
pub const WINDOW_OPENED: Claim =
    Claim::sometimes("an update that acknowledges nothing new opens a closed window", |_, w| {
        w.ends.iter().any(|end| end.has_passed(past::WINDOW_OPENED))
    })
    .asks_past(past::WINDOW_OPENED);
/// R2.
pub const GIVEN_UP: Claim = Claim::sometimes("a connection is given up, and its end is CLOSED", |_, w| {
    w.ends.iter().any(|end| end.has_passed(past::GIVEN_UP) && end.state == State::Closed)
})
.asks_past(past::GIVEN_UP);
/// SEND on LISTEN.
pub const LISTENER_SENDS: Claim =
    Claim::sometimes("a listener that SENDs becomes the client, and its text is delivered", |_, w| {
        w.ends[1].delivered > 0 && w.ends[0].passive_opens == 0
    });
