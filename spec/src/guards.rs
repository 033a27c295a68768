//! Guards and questions: what rows ask. Pure functions of the TCB and the event's input.
//!
//! They never see the state, the options or the host, and never change anything.

use crate::call::{Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
use crate::{AckPlace, FactSet, Facts, Flags, Numbers, Place, Segment, Tcb};
use tcpspec_macros::breakable;

// --- Facts of the connection, for any event ---

/// The connection began with a passive OPEN (MUST-11).
#[breakable]
#[inline(always)]
pub fn opened_passively<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::PASSIVE)
}

/// The TCB was forked from a listener.
#[breakable]
#[inline(always)]
pub fn forked<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::CHILD)
}

/// This listener forks a child for each connection.
#[breakable]
#[inline(always)]
pub fn forks<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::FORKS)
}

/// The user has called CLOSE, and it waits for its turn.
#[breakable]
#[inline(always)]
pub fn close_queued<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::CLOSED)
}

/// The user has let go of the connection.
#[breakable]
#[inline(always)]
pub fn released<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::RELEASED)
}

/// Our SYN is acknowledged.
#[breakable]
#[inline(always)]
pub fn syn_acked<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::SYN_ACKED)
}

/// Text that the user gave has not been sent yet.
#[breakable]
#[inline(always)]
pub fn unsent_text<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.unsent() > 0
}

/// Text that the user gave has not been acknowledged, sent or not.
#[breakable]
#[inline(always)]
pub fn text_unacked<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.unacked_text() > 0
}

/// CLOSE was called, all text is sent, the FIN is next.
#[breakable]
#[inline(always)]
pub fn fin_is_next<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.fin_is_next()
}

/// Something sent is not acknowledged.
#[breakable]
#[inline(always)]
pub fn outstanding<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.snd_una != tcb.snd_nxt
}

/// The usable window has room for one octet or the FIN.
#[breakable]
#[inline(always)]
pub fn window_open<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.usable_window() > 0
}

// --- OPEN, SEND, RECEIVE ---

/// The OPEN is active.
#[breakable]
#[inline(always)]
pub fn active<S: Numbers>(_: &Tcb<S>, open: &Open) -> bool {
    open.active
}

/// The remote socket is given now, or was given before.
#[breakable]
#[inline(always)]
pub fn remote_given<S: Numbers>(tcb: &Tcb<S>, open: &Open) -> bool {
    open.remote || tcb.facts.has(Facts::REMOTE)
}

/// The remote socket is known to the TCB.
#[breakable]
#[inline(always)]
pub fn remote_known<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::REMOTE)
}

/// The host's queue has room for what is given.
#[breakable]
#[inline(always)]
pub fn room<S: Numbers>(_: &Tcb<S>, send: &Send<S::Word>) -> bool {
    send.room
}

/// Text in order is on hand for the user.
#[breakable]
#[inline(always)]
pub fn text_on_hand<S: Numbers>(_: &Tcb<S>, receive: &Receive<S::Word>) -> bool {
    receive.on_hand > 0
}

/// Text in order has not been received.
#[breakable]
#[inline(always)]
pub fn text_unread<S: Numbers>(_: &Tcb<S>, release: &Release) -> bool {
    release.unread
}

/// The host would send text now.
#[breakable]
#[inline(always)]
pub fn text_wanted<S: Numbers>(_: &Tcb<S>, transmit: &Transmit<S::Word>) -> bool {
    transmit.max > 0
}

/// A step before this one has put text or the FIN into the segment.
#[breakable]
#[inline(always)]
pub fn something_departs<S: Numbers>(_: &Tcb<S>, transmit: &Transmit<S::Word>) -> bool {
    transmit.text > 0 || transmit.fin
}

// --- Timeouts ---

/// The timer has not run out.
#[breakable]
#[inline(always)]
pub fn early<S: Numbers>(_: &Tcb<S>, expiry: &Expiry) -> bool {
    expiry.early
}

/// R1 is reached.
#[breakable]
#[inline(always)]
pub fn r1_reached<S: Numbers>(_: &Tcb<S>, expiry: &Expiry) -> bool {
    expiry.r1
}

/// R2 is reached.
#[breakable]
#[inline(always)]
pub fn r2_reached<S: Numbers>(_: &Tcb<S>, expiry: &Expiry) -> bool {
    expiry.r2
}

// --- Errors that the network reports ---

/// SND.UNA =< SEG.SEQ < SND.NXT: the segment that the message quotes is one that is under way (RFC 5927 §4.1).
#[breakable]
#[inline(always)]
pub fn under_way<S: Numbers>(tcb: &Tcb<S>, error: &Unreachable<S>) -> bool {
    error.seq.in_window(tcb.snd_una, tcb.in_flight())
}

/// A hard error (RFC 5461 §2).
#[breakable]
#[inline(always)]
pub fn hard<S: Numbers>(_: &Tcb<S>, error: &Unreachable<S>) -> bool {
    error.hard
}

// --- SEGMENT ARRIVES ---

/// The RST bit is set.
#[breakable]
#[inline(always)]
pub fn has_rst<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::RST)
}

/// The SYN bit is set.
#[breakable]
#[inline(always)]
pub fn has_syn<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::SYN)
}

/// The ACK bit is set.
#[breakable]
#[inline(always)]
pub fn has_ack<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::ACK)
}

/// The FIN bit is set.
#[breakable]
#[inline(always)]
pub fn has_fin<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::FIN)
}

/// The URG bit is set.
#[breakable]
#[inline(always)]
pub fn has_urg<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::URG)
}

/// The segment carries text.
#[breakable]
#[inline(always)]
pub fn has_text<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.text_len() > 0
}

/// SEG.LEN > 0: it carries text, a SYN or a FIN.
#[breakable]
#[inline(always)]
pub fn has_length<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.seg_len() > 0
}

/// Table 6 of §3.10.7.4: whether the segment occupies a part of the receive window.
#[breakable]
#[inline(always)]
pub fn place<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> Place {
    let window = tcb.receive_window();
    let len = seg.seg_len();
    let offset = tcb.rcv_nxt.distance(seg.seq);
    let inside = if window == 0 {
        len == 0 && offset == 0
    } else if offset < window {
        true
    } else {
        // The last number of the segment; without length there is only the first one.
        len > 0 && seg.seq.plus(len - 1.into()).in_window(tcb.rcv_nxt, window)
    };
    if inside { Place::Inside } else { Place::Outside }
}

/// The window is closed, and the segment begins where it should: its ACK, URG and RST still count (§3.10.7.4, MUST-66).
#[breakable]
#[inline(always)]
pub fn meets_zero_window<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    tcb.receive_window() == 0 && seg.seq == tcb.rcv_nxt
}

/// A segment without text, SYN or FIN right behind the window: the peer has filled it, or has probed a closed one with one octet.
#[breakable]
#[inline(always)]
pub fn follows_window<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.seg_len() == 0 && tcb.rcv_nxt.distance(seg.seq) == tcb.receive_window().max(1.into())
}

/// A SYN,ACK with SEG.SEQ = IRS and SND.UNA < SEG.ACK =< SND.NXT: the one that crossed ours (Appendix A.2).
#[breakable]
#[inline(always)]
pub fn crossed_syn_ack<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    !tcb.facts.has(Facts::PASSIVE)
        && seg.flags.has(Flags::SYN.with(Flags::ACK))
        && !seg.flags.has(Flags::RST)
        && seg.seq == tcb.irs
        && ack(tcb, seg) == AckPlace::New
}

/// The peer's FIN again: its last number is RCV.NXT − 1.
#[breakable]
#[inline(always)]
pub fn resent_fin<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::FIN) && !seg.flags.has(Flags::SYN) && seg.seq.plus(seg.seg_len()) == tcb.rcv_nxt
}

/// A SYN that asks for a new connection: no ACK, no RST, no FIN.
#[breakable]
#[inline(always)]
pub fn opening_syn<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.flags.has(Flags::SYN)
        && !seg.flags.has(Flags::ACK)
        && !seg.flags.has(Flags::RST)
        && !seg.flags.has(Flags::FIN)
}

/// A LISTEN for the segment's destination waits beside this connection.
#[breakable]
#[inline(always)]
pub fn listener_waits<S: Numbers>(_: &Tcb<S>, seg: &Segment<S>) -> bool {
    S::given("SEG.listener", seg.listener)
}

/// The SYN's number lies beyond everything received (MAY-2).
#[breakable]
#[inline(always)]
pub fn newer_number<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    tcb.rcv_nxt.before(seg.seq)
}

/// The SYN's timestamp is newer than the last one seen, or equal with a number beyond everything received (RFC 6191 §2).
#[breakable]
#[inline(always)]
pub fn newer_timestamp<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    match (tcb.ts_recent, seg.ts) {
        (Some(recent), Some(ts)) => {
            let (recent, ts) = (crate::Seq::<S>::new(recent.into()), crate::Seq::<S>::new(ts.into()));
            recent.before(ts) || (recent == ts && newer_number(tcb, seg))
        }
        // A timestamp where the old connection had none counts as newer; none where it had some does not.
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

/// This attempt takes a pair of sockets again that was in TIME-WAIT.
#[breakable]
#[inline(always)]
pub fn reuses<S: Numbers, I>(tcb: &Tcb<S>, _: &I) -> bool {
    tcb.facts.has(Facts::REUSES)
}

/// SEG.TSval < TS.Recent, which is not outdated (RFC 7323 §5.3 R1).
#[breakable]
#[inline(always)]
pub fn old_timestamp<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    match (tcb.ts_recent, seg.ts) {
        (Some(recent), Some(ts)) => {
            !S::given("SEG.outdated", seg.outdated)
                && crate::Seq::<S>::new(ts.into()).before(crate::Seq::new(recent.into()))
        }
        _ => false,
    }
}

/// Both ends have agreed on timestamps, and the segment has none (RFC 7323 §3.2).
#[breakable]
#[inline(always)]
pub fn lacks_timestamp<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    tcb.ts_recent.is_some() && seg.ts.is_none()
}

/// SEG.SEQ = RCV.NXT: a RST counts only here (RFC 5961 §3.2).
#[breakable]
#[inline(always)]
pub fn exactly_next<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.seq == tcb.rcv_nxt
}

/// What the acknowledgment number says (§3.4, RFC 5961 §5.2).
#[breakable]
#[inline(always)]
pub fn ack<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> AckPlace {
    let ahead = tcb.snd_una.distance(seg.ack);
    if ahead == 0 {
        AckPlace::Same
    } else if ahead <= tcb.in_flight() {
        AckPlace::New
    } else if seg.ack.distance(tcb.snd_una) <= tcb.max_snd_wnd.into() {
        AckPlace::Old
    } else if seg.ack.before(tcb.snd_una) {
        AckPlace::Ancient
    } else {
        AckPlace::Ahead
    }
}

/// The ACK covers our FIN. Asked before SND.UNA advances.
#[breakable]
#[inline(always)]
pub fn acks_fin<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    tcb.facts.has(Facts::FIN_SENT) && seg.ack == tcb.snd_nxt
}

/// SEG.SEQ < RCV.NXT: a part of the segment, its SYN if it has one, was taken before.
#[breakable]
#[inline(always)]
pub fn begins_early<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    seg.seq.before(tcb.rcv_nxt)
}

/// The segment's text ends beyond RCV.NXT: some of it was not taken before.
#[breakable]
#[inline(always)]
pub fn brings_text<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    tcb.rcv_nxt.before(seg.text_seq().plus(seg.text_len()))
}

/// The segment's text (or FIN) begins beyond RCV.NXT: something before it is missing.
#[breakable]
#[inline(always)]
pub fn begins_later<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    tcb.rcv_nxt != seg.text_seq()
}
