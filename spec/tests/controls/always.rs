//! A fault for each claim of the kind `always`.

use super::explore::Fault::{Row as Broken, Setting, Twist};
use super::small::*;
use super::{Control, built_in, control};
use tcpspec::model::claims::expectations::*;
use tcpspec::model::claims::*;
use tcpspec::model::{Action, Call, Packet, Scenario, World};
use tcpspec::mutants::Fault::{Negated, OtherNext, Removed, Without};
use tcpspec::{Flags, Row, State, Timer};

/// A change of options.
macro_rules! option {
    ($name:literal, $on:literal) => {
        Setting(|scenario: &mut Scenario| scenario.options = &[($name, $on)])
    };
}

/// The controls. A claim may have several, for what it asks in several places.
#[rustfmt::skip]
pub(crate) fn controls() -> Vec<Control> {
    vec![
        // What surrounds the machine is at fault, and not the machine: the second opinion on events has nothing to say.
        control(TEXT_IN_ORDER, "the host hands the first octet to the user twice", OPEN, Twist(octet_twice), &[]),
        control(ALL_BEFORE_END, "the host loses an octet on its way to the user", ONE, Twist(octet_lost), &[ALL_DELIVERED]),
        control(NO_OLD_TEXT, "the network keeps text of the first connection, whose numbers fit the second", TWICE, Twist(text_is_older), &[NO_OLD_TEXT_AT_ALL]),
        control(NO_OLD_TEXT_AT_ALL, "the same after an abort", TWICE_ABORTED, Twist(text_is_older_after_an_abort), &[]),
        control(NOT_KILLED_BY_OLD, "the network keeps a RST of the first connection, whose number fits the second", TWICE, Twist(rst_is_older), &[]),
        control(NONE_AFTER_CLOSE, "the machine never hears of the CLOSE that its user has called", HALF, Twist(close_unheard), &[]),
        control(FIN_NUMBER, "the FIN leaves without a CLOSE of the user", PLAIN, Twist(close_uncalled), &[]),
        control(WITHIN_BOUNDS, "there are more incarnations than the model counts", TWICE, Twist(many_incarnations), &[SECOND_CONNECTION]),
        control(ENDS_AGREE, "the receiver counts an octet that never came", SILENT, Twist(octet_from_nowhere), &[ENDS_AGREE_CLEANLY]),
        control(ENDS_AGREE_CLEANLY, "the same: the claim is the one before, but for ends that were reset", SILENT, Twist(octet_from_nowhere), &[ENDS_AGREE]),
        control(ONE_CONNECTION, "the one connection becomes a second one at both ends", SILENT, Twist(second_incarnation), &[]),
        control(WITHIN_OFFER, "the sender believes in a window that nobody has offered", BLOCKED, Twist(window_from_nowhere), &[]),
        control(TIMERS, "a timer goes on running when both ends are CLOSED", PLAIN, Twist(timer_goes_on), &[]),
        // Options by which the machine and the second opinion both follow the letter.
        control(LISTEN_ONLY_PASSIVE, "a RST makes SYN-RECEIVED listen also after an active OPEN", CROSSED, option!("rst_heeds_opener", false), &[]),
        control(NOT_REOPENED, "a RST ends TIME-WAIT", LOSSY, option!("rfc1337", false), &[]),
        control(NONE_BEGINS_IN_2MSL, "an active OPEN takes the pair of sockets again", TWICE, option!("reuse_time_wait", true), &[NOT_REOPENED]),
        control(NOT_BY_GUESS, "a RST ends a connection wherever it lies in the window", STRAYS, option!("rfc5961", false), &[]),
        control(NOT_BY_ICMP, "hard errors count", STRAYS, option!("hard_errors_soft", false), &[]),
        control(RECEIVABLE, "RECEIVE is refused in CLOSING, LAST-ACK and TIME-WAIT", SLOW, option!("drain_after_fin", false), &[]),
        control(NO_TRACE, "the timestamp of a segment that is refused counts", STRAYS, option!("timestamp_after_ack", false), &[]),
        control(TEXT_KEPT, "a RST flushes text on hand", built_in("hazard-drain/on"), option!("drain_after_reset", false), &[RESET_BEFORE_READ]),
        control(LOSS_TOLD, "a RST in CLOSING or LAST-ACK is told to nobody", ABORTED, option!("loss_is_told", false), &[]),
        control(SELF_IN_TWO, "crossing SYN,ACKs fail the first step", built_in("hazard-self-connect/on"), option!("crossed_syn_ack", false), &[]),
        control(FOUR_SEGMENTS, "crossing SYN,ACKs fail the first step", built_in("simultaneous-open/in-order"), option!("crossed_syn_ack", false), &[IN_FOUR]),
        control(FIN_RESTARTS, "the peer's FIN, sent again, does not restart 2MSL", LOSSY, option!("old_fin_restarts_2msl", false), &[]),
        control(ONLY_FIN_RESTARTS, "any acceptable ACK restarts 2MSL, and the FIN that is doubled does not", DOUBLED, option!("old_fin_restarts_2msl", false), &[FIN_RESTARTS]),
        control(TIME_WAIT_ACKS, "a SYN in the window resets TIME-WAIT", TWICE, option!("rfc5961", false), &[NOT_REOPENED]),
        // Another network, other users.
        control(CLOSING_BOTH, "the network does not keep order", built_in("simultaneous-close/in-order"), Setting(|s| s.bounds.in_order = false), &[CLOSE_IN_FOUR]),
        control(CLOSE_IN_FOUR, "a FIN is sent twice", built_in("simultaneous-close/in-order"), Setting(|s| s.bounds.retransmissions = 1), &[]),
        control(NOT_FORGED, "a forger sees the connection", FORGER, Setting(|s| s.bounds.forgeries = 1), &[ENDS_AGREE, ENDS_AGREE_CLEANLY]),
        control(NEVER_ALONE, "A crashes before B is established", SILENT, Setting(a_crashes), &[NOT_BY_OLD_SYN]),
        control(NOT_BY_OLD_SYN, "the same: the attempt is over", SILENT, Setting(a_crashes), &[NEVER_ALONE]),
        // The machine itself.
        control(ANSWERED, "SEND in CLOSED is not refused", OPEN, Broken(Row::SendClosed, Removed), &[]),
        // Only a stray calls it here; it changes nothing but the answer, and is not taken back for that.
        control(ANSWERED, "OPEN of a pair that is open is not refused", STRAYS, Broken(Row::OpenTwice, Removed), &[]),
        control(TOLD, "an end that is established says nothing", OPEN, Broken(Row::AckSyn, Without(3)), &[]),
        control(SENT, "a SYN,ACK is not acknowledged", OPEN, Broken(Row::SynSentSynAck, Without(7)), &[]),
        control(OUTCOME, "an old ACK is taken for a new one", OPEN, Broken(Row::AckOld, Negated(0)), &[WINDOW_TAKEN, TIMERS]),
        control(WINDOW_TAKEN, "the window of a SYN,ACK is not taken", SILENT, Broken(Row::SynSentSynAck, Without(1)), &[]),
        control(TIMERS, "an active OPEN does not start the user timer", OPEN, Broken(Row::OpenActive, Without(3)), &[]),
        // TIMERS asks each state which timers run in it, so it notices whatever this claim does.
        control(FIN_RESENT, "the SYN,ACK starts no retransmission timer", PLAIN, Broken(Row::ListenSyn, Without(5)), &[TIMERS]),
        // The second opinion knows the next state, too.
        control(FROM_CLOSED, "an active OPEN leads to SYN-RECEIVED", OPEN, Broken(Row::OpenActive, OtherNext(State::SynReceived)), &[OUTCOME, CONNECTED]),
    ]
}

/// The segments under way.
fn packets(world: &mut World) -> impl Iterator<Item = &mut Packet> {
    world.net.iter_mut().flatten()
}

fn octet_twice(before: &World, _: Action, after: &mut World) {
    if before.ends[1].delivered == 0 && after.ends[1].delivered == 1 {
        after.ends[1].delivered = 2;
    }
}

fn octet_lost(before: &World, _: Action, after: &mut World) {
    if before.ends[1].delivered == 0 && after.ends[1].delivered == 1 {
        after.ends[1].delivered = 0;
    }
}

fn text_is_older(_: &World, _: Action, after: &mut World) {
    packets(after).filter(|packet| packet.tag == 2 && packet.seg.len > 0).for_each(|packet| packet.tag = 1);
}

fn text_is_older_after_an_abort(before: &World, action: Action, after: &mut World) {
    if before.unclean {
        text_is_older(before, action, after);
    }
}

/// Where B has its second connection, a segment to it becomes a RST of the first one.
fn rst_is_older(_: &World, _: Action, after: &mut World) {
    if after.ends[1].state == State::Established {
        for packet in packets(after).filter(|packet| packet.to == 1 && packet.tag == 2) {
            packet.seg.flags = Flags::RST;
            packet.seg.len = 0;
            packet.tag = 1;
        }
    }
}

fn close_unheard(before: &World, action: Action, after: &mut World) {
    if action == Action::Call(0, Call::Close) && before.ends[0].state == State::Established {
        *after = *before;
        after.ends[0].closes = 0;
        after.ends[0].closed = true;
    }
}

fn close_uncalled(_: &World, action: Action, after: &mut World) {
    if action == Action::Call(0, Call::Close) {
        after.ends[0].closed = false;
    }
}

fn many_incarnations(before: &World, action: Action, after: &mut World) {
    if action == Action::Call(0, Call::Open) && before.ends[0].incarnation == 0 {
        after.ends[0].incarnation = 5;
        packets(after).for_each(|packet| packet.tag = 5);
    }
}

fn octet_from_nowhere(before: &World, _: Action, after: &mut World) {
    if before.ends[1].state == State::SynReceived && after.ends[1].state == State::Established {
        after.ends[1].tcb.rcv_nxt = after.ends[1].tcb.rcv_nxt.plus(1);
    }
}

fn second_incarnation(before: &World, _: Action, after: &mut World) {
    if before.ends[1].state == State::SynReceived && after.ends[1].state == State::Established {
        after.ends[0].incarnation = 2;
        after.ends[1].peer_incarnation = 2;
    }
}

fn window_from_nowhere(_: &World, _: Action, after: &mut World) {
    if after.ends[0].state == State::Established {
        after.ends[0].tcb.snd_wnd = 2;
    }
}

fn timer_goes_on(_: &World, _: Action, after: &mut World) {
    if after.ends.iter().all(|end| end.state == State::Closed && end.closes == 0) {
        after.ends[0].armed = 1 << Timer::User as u8;
    }
}

fn a_crashes(scenario: &mut Scenario) {
    scenario.bounds.crashes = 1;
    scenario.users[0].crashes = true;
}
