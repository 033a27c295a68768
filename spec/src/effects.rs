//! Effects: what rows do. They change the TCB (and may trim the segment) and talk to the host.
//!
//! They never see the state or the options, so they cannot decide what a row should decide.

use crate::call::{Open, Receive, Send, Transmit};
use crate::{Acknowledge, FactSet, Facts, Flags, Host, Notice, Numbers, Segment, Seq, Tcb, Timer, Word};
use tcpspec_macros::breakable;

// --- Timers, notices, acknowledgments ---

/// Starts a timer, or starts it anew.
#[breakable]
#[inline(always)]
pub fn start<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H, timer: Timer) {
    host.start(timer);
}

/// Stops all timers ("turn off the other timers").
#[breakable]
#[inline]
pub fn stop_all<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
    for timer in Timer::ALL {
        host.stop(timer);
    }
}

/// Tells the user.
#[breakable]
#[inline(always)]
pub fn notify<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H, notice: Notice) {
    host.notify(notice);
}

/// An acknowledgment goes out at the end of the event.
#[breakable]
#[inline(always)]
pub fn acknowledge<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.acknowledge(Acknowledge::Now);
}

/// A challenge ACK: an acknowledgment whose rate the host may limit (RFC 5961 §7).
#[breakable]
#[inline(always)]
pub fn challenge<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.acknowledge(Acknowledge::Challenge);
}

/// Text has come in order: acknowledge now or a little later (§3.8.6.3).
#[breakable]
#[inline(always)]
pub fn acknowledge_text<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.acknowledge(Acknowledge::Text);
}

// --- The life of a TCB ---

/// A TCB for a passive OPEN.
#[breakable]
#[inline]
pub fn create_passive<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, open: &mut Open, _: &mut H) {
    *tcb = Tcb::default();
    tcb.facts.set(Facts::PASSIVE);
    if open.remote {
        tcb.facts.set(Facts::REMOTE);
        tcb.facts.set(Facts::NAMED);
    }
    if open.forks {
        tcb.facts.set(Facts::FORKS);
    }
}

/// A TCB for an active OPEN. If it was a passive one before, that is forgotten (MUST-11).
#[breakable]
#[inline]
pub fn create_active<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, _: &mut H) {
    *tcb = Tcb { facts: Facts::REMOTE.into(), ..Tcb::default() };
}

/// A TCB for an active OPEN in TIME-WAIT. It remembers what the older connection has received: RCV.NXT and TS.Recent.
#[breakable]
#[inline]
pub fn create_reusing<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, _: &mut H) {
    let mut facts = S::Facts::from(Facts::REMOTE);
    facts.set(Facts::REUSES);
    *tcb = Tcb { facts, rcv_nxt: tcb.rcv_nxt, ts_recent: tcb.ts_recent, ..Tcb::default() };
}

/// A TCB that waits again after an attempt, since the older connection's segments may still be under way. It keeps what was received, and stands beyond what was sent.
#[breakable]
#[inline]
pub fn wait_again<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, input: &mut I, host: &mut H) {
    stop_all(tcb, input, host);
    let Tcb { iss, snd_nxt, rcv_nxt, rcv_wnd, ts_recent, .. } = *tcb;
    let (snd_una, snd_end) = (snd_nxt, snd_nxt);
    // As the older connection was: closed by both, and our FIN acknowledged.
    let mut facts = S::Facts::from(Facts::REMOTE);
    facts.set(Facts::CLOSED);
    facts.set(Facts::FIN_SENT);
    *tcb = Tcb { iss, snd_una, snd_nxt, snd_end, rcv_nxt, rcv_wnd, ts_recent, facts, ..Tcb::default() };
}

/// Deletes the TCB: timers stop, the user hears of it.
#[breakable]
#[inline]
pub fn delete_tcb<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, input: &mut I, host: &mut H) {
    stop_all(tcb, input, host);
    *tcb = Tcb::default();
    host.notify(Notice::Closed);
}

/// Returns the queued SENDs and RECEIVEs unserved and forgets what is queued.
#[breakable]
#[inline]
pub fn flush<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.flush();
}

/// Returns the queued SENDs unserved and forgets what came early; text that came in order stays the user's.
#[breakable]
#[inline]
pub fn flush_sends<S: Numbers, H: Host<S>, I>(_: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.flush_sends();
}

/// Back to a listener's TCB, as the passive OPEN made it.
#[breakable]
#[inline]
pub fn listen_again<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, input: &mut I, host: &mut H) {
    stop_all(tcb, input, host);
    let mut facts = S::Facts::from(Facts::PASSIVE);
    if tcb.facts.has(Facts::NAMED) {
        facts.set(Facts::REMOTE);
        facts.set(Facts::NAMED);
    }
    *tcb = Tcb { facts, ..Tcb::default() };
}

/// A child takes the segment; the listener goes on listening.
#[breakable]
#[inline]
pub fn fork<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    host.fork(seg);
}

/// The waiting listener takes the segment.
#[breakable]
#[inline]
pub fn hand_over<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    host.hand_over(seg);
}

// --- SYN ---

/// Chooses ISS and sets SND.UNA = ISS, SND.NXT = ISS + 1.
#[breakable]
#[inline]
pub fn choose_iss<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    tcb.iss = host.initial_sequence();
    tcb.snd_una = tcb.iss;
    tcb.snd_nxt = tcb.iss.next();
    tcb.snd_end = tcb.snd_nxt;
    tcb.rcv_wnd = host.initial_window();
}

/// `<SEQ=ISS><CTL=SYN>`
#[breakable]
#[inline]
pub fn send_syn<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.emit(tcb.syn(false));
}

/// `<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>`
#[breakable]
#[inline]
pub fn send_syn_ack<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.emit(tcb.syn(true));
}

/// RCV.NXT = SEG.SEQ + 1, IRS = SEG.SEQ.
#[breakable]
#[inline]
pub fn take_syn<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    tcb.irs = seg.seq;
    tcb.rcv_nxt = seg.seq.next();
    tcb.ts_recent = seg.ts;
    host.timestamp_taken();
    tcb.facts.set(Facts::REMOTE);
    tcb.facts.clear(Facts::REUSES);
}

/// Text and FIN on a SYN are kept until the connection is established.
#[breakable]
#[inline]
pub fn hold_rest<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    if seg.text_len() > 0 || seg.flags.has(Flags::FIN) {
        host.hold(seg);
    }
}

/// The SYN is processed; what is left of the segment begins after it.
#[breakable]
#[inline]
pub fn skip_syn<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, _: &mut H) {
    seg.seq = seg.text_seq();
    seg.flags = seg.flags.without(Flags::SYN);
}

/// SND.WND ← SEG.WND, SND.WL1 ← SEG.SEQ, SND.WL2 ← SEG.ACK.
#[breakable]
#[inline]
pub fn set_window<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, _: &mut H) {
    tcb.snd_wnd = seg.wnd;
    tcb.max_snd_wnd = tcb.max_snd_wnd.max(seg.wnd);
    tcb.snd_wl1 = seg.seq;
    tcb.snd_wl2 = seg.ack;
}

// --- The ACK field ---

/// SND.UNA ← SEG.ACK. What is acknowledged leaves the retransmission queue, and with the last of it the timers stop. The user's limit goes on for what was never sent.
#[breakable]
#[inline(always)]
pub fn advance_una<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    let advanced = tcb.snd_una.distance(seg.ack);
    tcb.snd_una = seg.ack;
    // The SYN comes before anything else that can be acknowledged.
    tcb.facts.set(Facts::SYN_ACKED);
    if tcb.facts.has(Facts::URGENT_OUT) && tcb.snd_up.at_or_before(tcb.snd_una) {
        tcb.facts.clear(Facts::URGENT_OUT);
    }
    let outstanding = tcb.in_flight();
    if outstanding == 0 {
        host.stop(Timer::Retransmission);
    } else {
        host.start(Timer::Retransmission);
    }
    if tcb.has_undelivered() {
        // Something was delivered. The limits for what is left count from here.
        host.start(Timer::User);
        host.start(Timer::Orphan);
    } else {
        host.stop(Timer::User);
    }
    host.acknowledged(advanced, outstanding);
}

/// Tells the host of an acceptable ACK that advances nothing (a duplicate, an answer to a probe).
#[breakable]
#[inline]
pub fn note_ack<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, _: &mut Segment<S>, host: &mut H) {
    host.acknowledged(0.into(), tcb.in_flight());
}

/// SND.WND ← SEG.WND unless an older segment brings it (WL1, WL2).
#[breakable]
#[inline(always)]
pub fn update_window<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    if tcb.snd_wl1.before(seg.seq) || (tcb.snd_wl1 == seg.seq && tcb.snd_wl2.at_or_before(seg.ack)) {
        tcb.snd_wl1 = seg.seq;
        tcb.snd_wl2 = seg.ack;
        tcb.snd_wnd = seg.wnd;
        tcb.max_snd_wnd = tcb.max_snd_wnd.max(seg.wnd);
        if seg.wnd > S::Raw::default() {
            host.stop(Timer::Persist);
        }
    }
}

/// SND.WND ← SEG.WND of a segment that acknowledges something new, whatever its number. The peer has sent that segment later than all that have come, and the right edge never
/// moves back. (SND.WL1 stays with the highest number.)
#[breakable]
#[inline(always)]
pub fn take_window<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    if tcb.snd_wl1.before(seg.seq) {
        tcb.snd_wl1 = seg.seq;
    }
    tcb.snd_wl2 = seg.ack;
    tcb.snd_wnd = seg.wnd;
    tcb.max_snd_wnd = tcb.max_snd_wnd.max(seg.wnd);
    if seg.wnd > S::Raw::default() {
        host.stop(Timer::Persist);
    }
}

// --- Resets ---

/// `<SEQ=SEG.ACK><CTL=RST>`
#[breakable]
#[inline]
pub fn reset_by_ack<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    host.emit(Segment { seq: seg.ack, flags: Flags::RST, ..Segment::default() });
}

/// `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`
#[breakable]
#[inline]
pub fn reset_by_seq<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    host.emit(Segment {
        seq: Seq::default(),
        ack: seg.seq.plus(seg.seg_len()),
        flags: Flags::RST.with(Flags::ACK),
        ..Segment::default()
    });
}

/// `<SEQ=SND.NXT><CTL=RST>`
#[breakable]
#[inline]
pub fn send_rst<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.emit(Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() });
}

/// `<SEQ=SND.NXT><CTL=RST>`, but not beyond what the peer has offered. Behind a closed window, where a probe may be under way, the peer would not look at it.
#[breakable]
#[inline]
pub fn send_rst_in_window<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    // Our SYN takes its number whatever the window.
    let syn = S::Word::from(!tcb.facts.has(Facts::SYN_ACKED));
    let seq = tcb.snd_una.plus(tcb.in_flight().min(tcb.send_window().max(syn)));
    host.emit(Segment { seq, flags: Flags::RST, ..Segment::default() });
}

// --- Text and FIN from the peer ---

/// TS.Recent ← SEG.TSval if both ends have agreed on timestamps, SEG.SEQ =< Last.ACK.sent, and it does not go back (RFC 7323 §4.3, §5.3 R3).
#[breakable]
#[inline(always)]
pub fn take_timestamp<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    if let (Some(recent), Some(ts)) = (tcb.ts_recent, seg.ts)
        && S::given("SEG.echoes", seg.echoes)
        && (S::given("SEG.outdated", seg.outdated)
            || Seq::<S>::new(recent.into()).at_or_before(Seq::new(ts.into())))
    {
        tcb.ts_recent = seg.ts;
        host.timestamp_taken();
    }
}

/// Cuts off what lies outside the window, on both sides, SYN and FIN included.
#[breakable]
#[inline(always)]
pub fn trim<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, _: &mut H) {
    // The usual segment: begins at RCV.NXT or later and ends inside.
    let offset = tcb.rcv_nxt.distance(seg.seq);
    if offset < tcb.receive_window().max(1.into()) && offset + seg.seg_len() <= tcb.receive_window() {
        return;
    }
    trim_edges(tcb, seg);
}

#[breakable]
#[inline(never)]
fn trim_edges<S: Numbers>(tcb: &Tcb<S>, seg: &mut Segment<S>) {
    if seg.seq.before(tcb.rcv_nxt) {
        let mut old = seg.seq.distance(tcb.rcv_nxt);
        if seg.flags.has(Flags::SYN) {
            seg.flags = seg.flags.without(Flags::SYN);
            old = old - 1.into();
        }
        let text = old.min(seg.text_len());
        seg.len = S::raw(seg.text_len() - text);
        if text < old {
            seg.flags = seg.flags.without(Flags::FIN);
        }
        seg.seq = tcb.rcv_nxt;
    }
    let offset = tcb.rcv_nxt.distance(seg.seq);
    let over = (offset + seg.seg_len()).saturating_sub(tcb.receive_window());
    if over > 0 {
        let text = over - S::Word::from(seg.flags.has(Flags::FIN));
        seg.flags = seg.flags.without(Flags::FIN);
        seg.len = S::raw(seg.text_len().saturating_sub(text));
    }
}

/// Nothing but ACK, URG and RST counts: text, SYN and FIN do not fit a closed window.
#[breakable]
#[inline]
pub fn strip_text<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, _: &mut H) {
    seg.len = S::Raw::default();
    seg.flags = seg.flags.without(Flags::FIN);
}

/// Text in order becomes the user's: RCV.NXT advances, RCV.WND shrinks by as much (the right edge stays).
#[breakable]
#[inline(always)]
pub fn accept_text<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    host.deliver(seg);
    let len = seg.text_len();
    tcb.rcv_nxt = tcb.rcv_nxt.plus(len);
    tcb.rcv_wnd = S::raw(tcb.receive_window().saturating_sub(len));
    if tcb.facts.has(Facts::URGENT_IN) && tcb.rcv_up.at_or_before(tcb.rcv_nxt) {
        tcb.facts.clear(Facts::URGENT_IN);
        host.notify(Notice::UrgentEnd);
    }
    // The text is done with; a FIN of the segment is next.
    seg.seq = tcb.rcv_nxt;
    seg.len = S::Raw::default();
}

/// Keeps what came too early (SHLD-31).
#[breakable]
#[inline]
pub fn hold<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    host.hold(seg);
}

/// RCV.NXT advances over the FIN.
#[breakable]
#[inline]
pub fn take_fin<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, _: &mut Segment<S>, _: &mut H) {
    tcb.rcv_nxt = tcb.rcv_nxt.next();
}

/// RCV.UP ← max(RCV.UP, SEG.UP); the user is told once per run of urgent text.
#[breakable]
#[inline]
pub fn take_urgent<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
    let ahead = tcb.rcv_nxt.before(seg.up);
    if tcb.facts.has(Facts::URGENT_IN) {
        if tcb.rcv_up.before(seg.up) {
            tcb.rcv_up = seg.up;
        }
    } else if ahead {
        tcb.rcv_up = seg.up;
        tcb.facts.set(Facts::URGENT_IN);
        host.notify(Notice::Urgent);
    }
}

// --- The user's text and CLOSE ---

/// The text joins the queue; an urgent SEND moves SND.UP to its end (MUST-62). The user's limit counts from the first that waits (§3.9.1.1: all data submitted).
#[breakable]
#[inline]
pub fn queue_text<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, send: &mut Send<S::Word>, host: &mut H) {
    if !tcb.has_undelivered() && send.len > 0 {
        host.start(Timer::User);
    }
    tcb.snd_end = tcb.snd_end.plus(send.len);
    if send.urgent && send.len > 0 {
        tcb.snd_up = tcb.snd_end;
        tcb.facts.set(Facts::URGENT_OUT);
    }
}

/// CLOSE is remembered: the FIN goes out after all text. The user's limit counts for it too.
#[breakable]
#[inline]
pub fn queue_close<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    if !tcb.has_undelivered() {
        host.start(Timer::User);
    }
    tcb.facts.set(Facts::CLOSED);
}

/// The user lets go of the connection. Text on hand is thrown away, and text that comes from now on reaches nobody.
#[breakable]
#[inline]
pub fn let_go<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    tcb.facts.set(Facts::RELEASED);
    host.abandon();
}

/// The user gets the text on hand, and the window that the host offers may open.
#[breakable]
#[inline]
pub fn take_text<S: Numbers, H: Host<S>>(_: &mut Tcb<S>, receive: &mut Receive<S::Word>, _: &mut H) {
    receive.taken = receive.on_hand.min(receive.max);
}

/// RCV.WND grows to what the host offers; it never shrinks.
#[breakable]
#[inline]
pub fn open_window<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, receive: &mut Receive<S::Word>, host: &mut H) {
    if receive.window > tcb.receive_window() {
        tcb.rcv_wnd = S::raw(receive.window);
        host.acknowledge(Acknowledge::Window);
    }
}

// --- What goes out ---

/// As much text as is queued, wanted by the host and allowed by the window.
#[breakable]
#[inline]
pub fn take_queued<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, transmit: &mut Transmit<S::Word>, _: &mut H) {
    transmit.text = transmit.max.min(tcb.unsent()).min(tcb.usable_window());
    tcb.snd_nxt = tcb.snd_nxt.plus(transmit.text);
}

/// Our FIN takes the next number.
#[breakable]
#[inline]
pub fn take_own_fin<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, transmit: &mut Transmit<S::Word>, _: &mut H) {
    transmit.fin = true;
    tcb.snd_nxt = tcb.snd_nxt.next();
    tcb.facts.set(Facts::FIN_SENT);
}

/// Sends what the steps before have taken, with the acknowledgment.
#[breakable]
#[inline]
pub fn depart<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, transmit: &mut Transmit<S::Word>, host: &mut H) {
    let len = transmit.text + S::Word::from(transmit.fin);
    let first = tcb.snd_nxt.minus(len);
    if first == tcb.snd_una {
        // Nothing was outstanding before.
        host.start(Timer::Retransmission);
    }
    host.emit(tcb.text_segment(first, transmit.text, transmit.fin));
}

/// Sends again what the host finds lost, the front of the queue as a rule.
#[breakable]
#[inline]
pub fn resend<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.resend(tcb);
}

/// One octet of new text into a closed window.
#[breakable]
#[inline]
pub fn probe_text<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    let seq = tcb.snd_nxt;
    tcb.snd_nxt = seq.next();
    host.emit(tcb.text_segment(seq, 1.into(), false));
}

/// Our FIN into a closed window.
#[breakable]
#[inline]
pub fn probe_fin<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    let seq = tcb.snd_nxt;
    tcb.snd_nxt = seq.next();
    tcb.facts.set(Facts::FIN_SENT);
    host.emit(tcb.text_segment(seq, 0.into(), true));
}

/// `<SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>`: the peer must answer (§3.8.4).
#[breakable]
#[inline]
pub fn send_keep_alive<S: Numbers, H: Host<S>, I>(tcb: &mut Tcb<S>, _: &mut I, host: &mut H) {
    host.emit(Segment { seq: tcb.snd_nxt.previous(), ..tcb.acknowledgment() });
}
