//! The rules of SEGMENT ARRIVES as one would write them by hand: nested matches, no table. Nothing that ships uses it. The benchmark and the test of both do, and it is proven that
//! the generated machine does the same.

use tcpspec::{
    Acknowledge, FactSet, Facts, Flags, Host, Notice, Numbers, Options, Segment, Seq, State, Tcb, Timer, Word,
};

/// Whether an option is on, or what the host says of a segment holds: as the rules of the table ask for it.
macro_rules! given {
    (seg.$name:ident of $seg:ident) => {
        S::given(concat!("SEG.", stringify!($name)), $seg.$name)
    };
    ($options:ident.$name:ident) => {
        S::given(stringify!($name), $options.$name)
    };
}

/// Processes a segment, as [`machine::segment`](tcpspec::machine::segment) does.
pub fn segment<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &mut Segment<S>,
    options: &Options,
    host: &mut H,
) {
    let goes_on = match *state {
        State::Closed => {
            if !seg.flags.has(Flags::RST) {
                reset(seg, host);
            }
            false
        }
        State::Listen => {
            listen(state, tcb, seg, host);
            false
        }
        State::SynSent => syn_sent(state, tcb, seg, options, host),
        _ => sequence(state, tcb, seg, options, host) && checks(state, tcb, seg, options, host),
    };
    if goes_on {
        text_and_fin(state, tcb, seg, options, host);
    }
}

fn reset<S: Numbers, H: Host<S>>(seg: &Segment<S>, host: &mut H) {
    if seg.flags.has(Flags::ACK) {
        host.emit(Segment { seq: seg.ack, flags: Flags::RST, ..Segment::default() });
    } else {
        host.emit(Segment {
            ack: seg.seq.plus(seg.seg_len()),
            flags: Flags::RST.with(Flags::ACK),
            ..Segment::default()
        });
    }
}

fn stop_all<S: Numbers, H: Host<S>>(host: &mut H) {
    for timer in Timer::ALL {
        host.stop(timer);
    }
}

fn delete<S: Numbers, H: Host<S>>(state: &mut State, tcb: &mut Tcb<S>, host: &mut H) {
    stop_all(host);
    *tcb = Tcb::default();
    host.notify(Notice::Closed);
    *state = State::Closed;
}

fn take_syn<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    tcb.irs = seg.seq;
    tcb.rcv_nxt = seg.seq.next();
    tcb.ts_recent = seg.ts;
    host.timestamp_taken();
    tcb.facts.set(Facts::REMOTE);
    tcb.facts.clear(Facts::REUSES);
}

fn set_window<S: Numbers>(tcb: &mut Tcb<S>, seg: &Segment<S>) {
    tcb.snd_wnd = seg.wnd;
    tcb.max_snd_wnd = tcb.max_snd_wnd.max(seg.wnd);
    tcb.snd_wl1 = seg.seq;
    tcb.snd_wl2 = seg.ack;
}

fn hold_rest<S: Numbers, H: Host<S>>(seg: &Segment<S>, host: &mut H) {
    if seg.text_len() > 0 || seg.flags.has(Flags::FIN) {
        host.hold(seg);
    }
}

fn listen<S: Numbers, H: Host<S>>(state: &mut State, tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    if seg.flags.has(Flags::RST) {
        return;
    }
    if seg.flags.has(Flags::ACK) {
        reset(seg, host);
        return;
    }
    if !seg.flags.has(Flags::SYN) {
        return;
    }
    if tcb.facts.has(Facts::FORKS) {
        host.fork(seg);
        return;
    }
    take_syn(tcb, seg, host);
    tcb.iss = host.initial_sequence();
    tcb.snd_una = tcb.iss;
    tcb.snd_nxt = tcb.iss.next();
    tcb.snd_end = tcb.snd_nxt;
    tcb.rcv_wnd = host.initial_window();
    set_window(tcb, seg);
    hold_rest(seg, host);
    host.emit(tcb.syn(true));
    host.start(Timer::Retransmission);
    host.start(Timer::User);
    *state = State::SynReceived;
}

/// What the acknowledgment number says.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Ack {
    Old,
    Same,
    New,
    Ancient,
    Ahead,
}

fn ack_place<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> Ack {
    let ahead = tcb.snd_una.distance(seg.ack);
    if ahead == 0 {
        Ack::Same
    } else if ahead <= tcb.snd_una.distance(tcb.snd_nxt) {
        Ack::New
    } else if seg.ack.distance(tcb.snd_una) <= tcb.max_snd_wnd.into() {
        Ack::Old
    } else if seg.ack.before(tcb.snd_una) {
        Ack::Ancient
    } else {
        Ack::Ahead
    }
}

/// The attempt that took a pair in TIME-WAIT is over: the older connection waits again.
fn wait_again<S: Numbers, H: Host<S>>(state: &mut State, tcb: &mut Tcb<S>, host: &mut H) {
    stop_all(host);
    let Tcb { iss, snd_nxt, rcv_nxt, rcv_wnd, ts_recent, .. } = *tcb;
    let mut waits = Tcb { iss, snd_una: snd_nxt, snd_nxt, snd_end: snd_nxt, ..Tcb::default() };
    (waits.rcv_nxt, waits.rcv_wnd, waits.ts_recent, waits.facts) =
        (rcv_nxt, rcv_wnd, ts_recent, Facts::REMOTE.into());
    waits.facts.set(Facts::CLOSED);
    waits.facts.set(Facts::FIN_SENT);
    *tcb = waits;
    host.start(Timer::TimeWait);
    *state = State::TimeWait;
}

/// True if the segment goes on with the sixth step.
fn syn_sent<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &mut Segment<S>,
    options: &Options,
    host: &mut H,
) -> bool {
    let has_ack = seg.flags.has(Flags::ACK);
    if has_ack && ack_place(tcb, seg) != Ack::New {
        if !seg.flags.has(Flags::RST) {
            reset(seg, host);
        }
        return false;
    }
    let reuses = given!(options.reuse_time_wait) && tcb.facts.has(Facts::REUSES);
    if seg.flags.has(Flags::RST) {
        if has_ack {
            host.flush();
            host.notify(Notice::Reset);
            if reuses {
                wait_again(state, tcb, host);
            } else {
                delete(state, tcb, host);
            }
        }
        return false;
    }
    if !seg.flags.has(Flags::SYN) {
        return false;
    }
    if reuses && !tcb.rcv_nxt.before(seg.seq) {
        if has_ack {
            reset(seg, host);
        }
        return false;
    }
    take_syn(tcb, seg, host);
    set_window(tcb, seg);
    if has_ack {
        advance(tcb, seg, host);
        seg.seq = seg.seq.next();
        seg.flags = seg.flags.without(Flags::SYN);
        trim(tcb, seg);
        host.notify(Notice::Established);
        host.start(Timer::KeepAlive);
        host.acknowledge(Acknowledge::Now);
        *state = State::Established;
        return true;
    }
    hold_rest(seg, host);
    host.emit(tcb.syn(true));
    host.start(Timer::Retransmission);
    *state = State::SynReceived;
    false
}

fn advance<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    let advanced = tcb.snd_una.distance(seg.ack);
    tcb.snd_una = seg.ack;
    tcb.facts.set(Facts::SYN_ACKED);
    if tcb.facts.has(Facts::URGENT_OUT) && tcb.snd_up.at_or_before(tcb.snd_una) {
        tcb.facts.clear(Facts::URGENT_OUT);
    }
    let outstanding = tcb.snd_una.distance(tcb.snd_nxt);
    if outstanding == 0 {
        host.stop(Timer::Retransmission);
    } else {
        host.start(Timer::Retransmission);
    }
    let waits = if tcb.facts.has(Facts::FIN_SENT) {
        outstanding != 0
    } else {
        tcb.snd_una != tcb.snd_end || tcb.facts.has(Facts::CLOSED)
    };
    if waits {
        host.start(Timer::User);
        host.start(Timer::Orphan);
    } else {
        host.stop(Timer::User);
    }
    host.acknowledged(advanced, outstanding);
}

fn update_window<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    let newer = tcb.snd_wl1.before(seg.seq);
    if newer || (tcb.snd_wl1 == seg.seq && tcb.snd_wl2.at_or_before(seg.ack)) {
        set_window(tcb, seg);
        if seg.wnd > S::Raw::default() {
            host.stop(Timer::Persist);
        }
    }
}

fn take_window<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    let newest = if tcb.snd_wl1.before(seg.seq) { seg.seq } else { tcb.snd_wl1 };
    set_window(tcb, seg);
    tcb.snd_wl1 = newest;
    if seg.wnd > S::Raw::default() {
        host.stop(Timer::Persist);
    }
}

fn is_old<S: Numbers>(recent: S::Raw, ts: S::Raw) -> bool {
    Seq::<S>::new(ts.into()).before(Seq::new(recent.into()))
}

fn take_timestamp<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    if let (Some(recent), Some(ts)) = (tcb.ts_recent, seg.ts)
        && given!(seg.echoes of seg)
        && (given!(seg.outdated of seg) || !is_old::<S>(recent, ts))
    {
        tcb.ts_recent = Some(ts);
        host.timestamp_taken();
    }
}

fn trim<S: Numbers>(tcb: &mut Tcb<S>, seg: &mut Segment<S>) {
    let window = tcb.receive_window();
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
    let over = (tcb.rcv_nxt.distance(seg.seq) + seg.seg_len()).saturating_sub(window);
    if over > 0 {
        let text = over - S::Word::from(seg.flags.has(Flags::FIN));
        seg.flags = seg.flags.without(Flags::FIN);
        seg.len = S::raw(seg.text_len().saturating_sub(text));
    }
}

fn in_window<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    let window = tcb.receive_window();
    let len = seg.seg_len();
    let offset = tcb.rcv_nxt.distance(seg.seq);
    if window == 0 {
        len == 0 && offset == 0
    } else {
        offset < window || (len > 0 && tcb.rcv_nxt.distance(seg.seq.plus(len - 1.into())) < window)
    }
}

fn is_newer<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    match (tcb.ts_recent, seg.ts) {
        (Some(recent), Some(ts)) => {
            let (recent, ts) = (Seq::<S>::new(recent.into()), Seq::<S>::new(ts.into()));
            recent.before(ts) || (recent == ts && tcb.rcv_nxt.before(seg.seq))
        }
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

/// The SYN,ACK that crossed ours.
fn crossed<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
    !tcb.facts.has(Facts::PASSIVE)
        && seg.flags.has(Flags::SYN.with(Flags::ACK))
        && !seg.flags.has(Flags::RST)
        && seg.seq == tcb.irs
        && ack_place(tcb, seg) == Ack::New
}

/// The first step; true if the segment goes on.
fn sequence<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &mut Segment<S>,
    options: &Options,
    host: &mut H,
) -> bool {
    let rst = seg.flags.has(Flags::RST);
    let inside = in_window(tcb, seg);
    let answer = |host: &mut H, seg: &Segment<S>| {
        let limited = seg.seg_len() == 0 && given!(options.answers_limited);
        host.acknowledge(if limited { Acknowledge::Challenge } else { Acknowledge::Now });
    };
    if let (Some(recent), Some(ts)) = (tcb.ts_recent, seg.ts)
        && given!(options.paws)
        && !rst
        && !given!(seg.outdated of seg)
        && is_old::<S>(recent, ts)
    {
        answer(host, seg);
        return false;
    }
    let exempt = rst || seg.flags.has(Flags::SYN);
    let missing =
        given!(options.timestamps_required) && !exempt && tcb.ts_recent.is_some() && seg.ts.is_none();
    match *state {
        State::SynReceived if given!(options.crossed_syn_ack) && crossed(tcb, seg) => {
            seg.seq = seg.seq.next();
            seg.flags = seg.flags.without(Flags::SYN);
            trim(tcb, seg);
            return true;
        }
        State::TimeWait => {
            let opening =
                seg.flags.0 & (Flags::SYN.0 | Flags::ACK.0 | Flags::RST.0 | Flags::FIN.0) == Flags::SYN.0;
            if opening && given!(seg.listener of seg) {
                let reopens = (given!(options.reopen_by_timestamp) && is_newer(tcb, seg))
                    || (given!(options.reopen_by_sequence) && tcb.rcv_nxt.before(seg.seq));
                if reopens {
                    delete(state, tcb, host);
                    host.hand_over(seg);
                    return false;
                }
            }
            let resent_fin = seg.flags.has(Flags::FIN)
                && !seg.flags.has(Flags::SYN)
                && seg.seq.plus(seg.seg_len()) == tcb.rcv_nxt;
            if !missing && !inside && resent_fin && !rst && given!(options.old_fin_restarts_2msl) {
                host.acknowledge(Acknowledge::Now);
                host.start(Timer::TimeWait);
                return false;
            }
        }
        _ => {}
    }
    if missing {
        return false;
    }
    if inside {
        let old_syn = seg.flags.has(Flags::SYN) && seg.seq.before(tcb.rcv_nxt) && given!(options.rfc5961);
        if old_syn && !rst && *state != State::SynReceived {
            host.acknowledge(Acknowledge::Challenge);
            return false;
        }
        if !rst {
            trim(tcb, seg);
        }
        return true;
    }
    let window = tcb.receive_window();
    if !rst
        && given!(options.edge_acks)
        && seg.seg_len() == 0
        && tcb.rcv_nxt.distance(seg.seq) == window.max(1.into())
    {
        return true;
    }
    if window == 0 && seg.seq == tcb.rcv_nxt {
        if rst {
            return true;
        }
        seg.len = S::Raw::default();
        seg.flags = seg.flags.without(Flags::FIN);
        host.acknowledge(Acknowledge::Now);
        return true;
    }
    if !rst {
        answer(host, seg);
    }
    false
}

fn back_to_listen<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    options: &Options,
    host: &mut H,
) {
    host.flush();
    if tcb.facts.has(Facts::CHILD)
        || tcb.facts.has(Facts::RELEASED)
        || (given!(options.close_heeded) && tcb.facts.has(Facts::CLOSED))
    {
        host.notify(Notice::Reset);
        delete(state, tcb, host);
        return;
    }
    if tcb.unsent() > 0 && given!(options.loss_is_told) {
        host.notify(Notice::Reset);
    }
    listen_again(state, tcb, host);
}

fn listen_again<S: Numbers, H: Host<S>>(state: &mut State, tcb: &mut Tcb<S>, host: &mut H) {
    stop_all(host);
    let mut facts = S::Facts::from(Facts::PASSIVE);
    if tcb.facts.has(Facts::NAMED) {
        facts.set(Facts::REMOTE);
        facts.set(Facts::NAMED);
    }
    *tcb = Tcb { facts, ..Tcb::default() };
    *state = State::Listen;
}

/// The second, fourth and fifth step; true if the segment goes on.
fn checks<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &mut Segment<S>,
    options: &Options,
    host: &mut H,
) -> bool {
    if !seg.flags.has(Flags::RST) && !given!(options.timestamp_after_ack) {
        take_timestamp(tcb, seg, host);
    }
    if seg.flags.has(Flags::RST) {
        rst(state, tcb, seg, options, host);
        return false;
    }
    if seg.flags.has(Flags::SYN) {
        if *state == State::SynReceived && tcb.facts.has(Facts::PASSIVE) {
            back_to_listen(state, tcb, options, host);
        } else if given!(options.rfc5961) {
            host.acknowledge(Acknowledge::Challenge);
        } else {
            host.emit(Segment { seq: tcb.snd_nxt, flags: Flags::RST, ..Segment::default() });
            end(options, host);
            host.notify(Notice::Reset);
            delete(state, tcb, host);
        }
        return false;
    }
    if !seg.flags.has(Flags::ACK) {
        return false;
    }
    let ack = ack_place(tcb, seg);
    match *state {
        State::SynReceived => {
            if ack != Ack::New {
                reset(seg, host);
                return false;
            }
            take_timestamp(tcb, seg, host);
            set_window(tcb, seg);
            advance(tcb, seg, host);
            host.notify(Notice::Established);
            host.start(Timer::KeepAlive);
            *state = if tcb.facts.has(Facts::CLOSED) { State::FinWait1 } else { State::Established };
            return true;
        }
        State::FinWait1
            if given!(options.handshake_first) && !tcb.facts.has(Facts::SYN_ACKED) && ack != Ack::New =>
        {
            reset(seg, host);
            return false;
        }
        State::TimeWait => {
            if given!(options.old_fin_restarts_2msl) {
                if seg.flags.has(Flags::FIN) {
                    host.acknowledge(Acknowledge::Challenge);
                }
                return false;
            }
            if matches!(ack, Ack::Ancient | Ack::Ahead) {
                host.acknowledge(Acknowledge::Challenge);
                return false;
            }
            take_timestamp(tcb, seg, host);
            host.acknowledge(Acknowledge::Now);
            host.start(Timer::TimeWait);
            return true;
        }
        _ => {}
    }
    match ack {
        Ack::Ahead => {
            host.acknowledge(Acknowledge::Challenge);
            false
        }
        Ack::Ancient if given!(options.rfc5961) => {
            host.acknowledge(Acknowledge::Challenge);
            false
        }
        Ack::Old | Ack::Ancient => {
            take_timestamp(tcb, seg, host);
            true
        }
        Ack::Same => {
            take_timestamp(tcb, seg, host);
            // Only an ACK of our FIN that is the oldest thing unacknowledged could be looked for here; none is new.
            update_window(tcb, seg, host);
            host.acknowledged(0.into(), tcb.snd_una.distance(tcb.snd_nxt));
            true
        }
        Ack::New => new_ack(state, tcb, seg, options, host),
    }
}

fn new_ack<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &mut Segment<S>,
    options: &Options,
    host: &mut H,
) -> bool {
    let fin_acked = tcb.facts.has(Facts::FIN_SENT) && seg.ack == tcb.snd_nxt;
    if !(fin_acked && *state == State::LastAck) {
        take_timestamp(tcb, seg, host);
    }
    advance(tcb, seg, host);
    match *state {
        State::FinWait1 if fin_acked => {
            update_window(tcb, seg, host);
            host.notify(Notice::CloseAcknowledged);
            host.start(Timer::Orphan);
            *state = State::FinWait2;
            true
        }
        State::Closing if fin_acked => {
            stop_all(host);
            host.start(Timer::TimeWait);
            host.notify(Notice::CloseAcknowledged);
            *state = State::TimeWait;
            false
        }
        State::LastAck if fin_acked => {
            host.notify(Notice::CloseAcknowledged);
            delete(state, tcb, host);
            false
        }
        _ if given!(options.new_ack_window) => {
            take_window(tcb, seg, host);
            true
        }
        _ => {
            update_window(tcb, seg, host);
            true
        }
    }
}

/// The connection ends otherwise than by FINs.
fn end<S: Numbers, H: Host<S>>(options: &Options, host: &mut H) {
    if given!(options.drain_after_reset) { host.flush_sends() } else { host.flush() }
}

fn rst<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &Segment<S>,
    options: &Options,
    host: &mut H,
) {
    if *state == State::TimeWait && given!(options.rfc1337) {
        return;
    }
    if seg.seq != tcb.rcv_nxt && given!(options.rfc5961) {
        host.acknowledge(Acknowledge::Challenge);
        return;
    }
    match *state {
        State::SynReceived
            if tcb.facts.has(Facts::PASSIVE)
                && (tcb.facts.has(Facts::CHILD)
                    || tcb.facts.has(Facts::RELEASED)
                    || (given!(options.close_heeded) && tcb.facts.has(Facts::CLOSED))) =>
        {
            back_to_listen(state, tcb, options, host);
        }
        State::SynReceived if !given!(options.rst_heeds_opener) && !tcb.facts.has(Facts::RELEASED) => {
            host.flush();
            listen_again(state, tcb, host);
        }
        State::SynReceived if tcb.facts.has(Facts::PASSIVE) => {
            back_to_listen(state, tcb, options, host);
        }
        State::SynReceived => {
            host.flush();
            host.notify(Notice::Refused);
            delete(state, tcb, host);
        }
        State::Closing | State::LastAck if given!(options.loss_is_told) && tcb.unacked_text() > 0 => {
            host.flush_sends();
            host.notify(Notice::Reset);
            delete(state, tcb, host);
        }
        State::Closing | State::LastAck | State::TimeWait => delete(state, tcb, host),
        _ => {
            end(options, host);
            host.notify(Notice::Reset);
            delete(state, tcb, host);
        }
    }
}

/// The sixth, seventh and eighth step.
fn text_and_fin<S: Numbers, H: Host<S>>(
    state: &mut State,
    tcb: &mut Tcb<S>,
    seg: &mut Segment<S>,
    options: &Options,
    host: &mut H,
) {
    if matches!(*state, State::Established | State::FinWait1 | State::FinWait2) {
        if seg.flags.has(Flags::URG) {
            urgent(tcb, seg, host);
        }
        if seg.text_len() > 0 {
            if tcb.rcv_nxt != seg.text_seq() {
                host.hold(seg);
                host.acknowledge(Acknowledge::Now);
                return;
            }
            if tcb.facts.has(Facts::RELEASED) && *state != State::Established {
                let window = S::Word::from(!tcb.facts.has(Facts::SYN_ACKED)).max(tcb.send_window());
                let seq = tcb.snd_una.plus(tcb.snd_una.distance(tcb.snd_nxt).min(window));
                host.emit(Segment { seq, flags: Flags::RST, ..Segment::default() });
                host.flush();
                host.notify(Notice::Orphaned);
                delete(state, tcb, host);
                return;
            }
            host.deliver(seg);
            let len = seg.text_len();
            tcb.rcv_nxt = tcb.rcv_nxt.plus(len);
            tcb.rcv_wnd = S::raw(tcb.receive_window().saturating_sub(len));
            if tcb.facts.has(Facts::URGENT_IN) && tcb.rcv_up.at_or_before(tcb.rcv_nxt) {
                tcb.facts.clear(Facts::URGENT_IN);
                host.notify(Notice::UrgentEnd);
            }
            seg.seq = tcb.rcv_nxt;
            seg.len = S::Raw::default();
            host.acknowledge(Acknowledge::Text);
        }
        if seg.flags.has(Flags::FIN) {
            fin(state, tcb, seg, host);
        }
    } else if *state == State::TimeWait && seg.flags.has(Flags::FIN) && !given!(options.old_fin_restarts_2msl)
    {
        host.acknowledge(Acknowledge::Now);
        host.start(Timer::TimeWait);
    }
}

fn urgent<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    if tcb.facts.has(Facts::URGENT_IN) {
        if tcb.rcv_up.before(seg.up) {
            tcb.rcv_up = seg.up;
        }
    } else if tcb.rcv_nxt.before(seg.up) {
        tcb.rcv_up = seg.up;
        tcb.facts.set(Facts::URGENT_IN);
        host.notify(Notice::Urgent);
    }
}

fn fin<S: Numbers, H: Host<S>>(state: &mut State, tcb: &mut Tcb<S>, seg: &Segment<S>, host: &mut H) {
    if tcb.rcv_nxt != seg.text_seq() {
        host.hold(seg);
        host.acknowledge(Acknowledge::Now);
        return;
    }
    tcb.rcv_nxt = tcb.rcv_nxt.next();
    match *state {
        State::Established => {
            host.acknowledge(Acknowledge::Text);
            host.notify(Notice::Closing);
            *state = State::CloseWait;
        }
        State::FinWait1 => {
            host.acknowledge(Acknowledge::Now);
            host.notify(Notice::Closing);
            *state = State::Closing;
        }
        _ => {
            host.acknowledge(Acknowledge::Now);
            host.notify(Notice::Closing);
            stop_all(host);
            host.start(Timer::TimeWait);
            *state = State::TimeWait;
        }
    }
}
