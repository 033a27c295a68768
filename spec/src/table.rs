//! THE table: all of RFC 9293 §3.10 and of the RFCs that amend it.
//!
//! How to read it: an event is processed in ordered steps. A step names the states that it concerns (`in`) and what must hold for it to
//! matter (`when`); otherwise it is passed over. Of its rows the first that matches is taken: `next` goes on with
//! the following step, `stop` ends, `drop` ends and does nothing (the event is ignored), `skip` goes on and does
//! nothing, `error` refuses a call. A state after `=>` is entered after the row's effects.
//!
//! Left out, as Appendix A.1 explains: the security and precedence checks (third step of §3.10.7.3 and of §3.10.7.4). The
//! errors that go with them, and "connection illegal for this process", do not arise.

use crate::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
use crate::{CallError, Host, Notice, Numbers as Space, Segment, Tcb, effects, guards, info};
use tcpspec_macros::tcp_table;

tcp_table! {
    states {
        /// No connection exists: there is no TCB.
        Closed "CLOSED",
        /// Waits for a connection request from any remote TCP, or from one that was named.
        Listen "LISTEN",
        /// A connection request has been sent; waits for a matching one.
        SynSent "SYN-SENT",
        /// A connection request has been received and one sent; waits for the acknowledgment of the latter.
        SynReceived "SYN-RECEIVED",
        /// The connection is open: text that arrives is delivered to the user.
        Established "ESTABLISHED",
        /// The user has closed; waits for the peer's FIN or for the acknowledgment of ours, which may still be unsent.
        FinWait1 "FIN-WAIT-1",
        /// Our FIN is acknowledged; waits for the peer's.
        FinWait2 "FIN-WAIT-2",
        /// The peer has closed; waits for the user to close.
        CloseWait "CLOSE-WAIT",
        /// Both have closed and the FINs have crossed; waits for the acknowledgment of ours.
        Closing "CLOSING",
        /// The peer closed first, our FIN has been sent; waits for its acknowledgment.
        LastAck "LAST-ACK",
        /// Both FINs are acknowledged; waits 2MSL, so that the last ACK can be repeated and old segments die out.
        TimeWait "TIME-WAIT",
    }

    sets {
        /// Both ends know each other's sequence numbers.
        Synchronized = [Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait];
        /// The peer may still send text.
        Receiving = [Established, FinWait1, FinWait2];
        /// The peer's FIN has been taken.
        PeerClosed = [CloseWait, Closing, LastAck, TimeWait];
        /// We may still have text or our FIN to send.
        Sending = [Established, FinWait1, CloseWait, Closing];
        /// Our SYN, text or FIN may be unacknowledged.
        Retransmitting = [SynSent, SynReceived, Established, FinWait1, CloseWait, Closing, LastAck];
        /// No SYN of the peer and ACK of ours have met yet.
        Opening = [Listen, SynSent, SynReceived];
        /// The peer's SYN has been taken.
        Known = [SynReceived, Synchronized];
        /// A TCB exists.
        Open = [Listen, SynSent, SynReceived, Synchronized];
    }

    options {
        /// A RST in TIME-WAIT is ignored, so that an old one cannot end the wait (TIME-WAIT assassination).
        rfc1337 = true, "RFC 1337 §3";
        /// A SYN in TIME-WAIT may reopen the connection if its timestamp is newer.
        reopen_by_timestamp = false, "RFC 6191 §2";
        /// A SYN in TIME-WAIT may reopen the connection if its number lies beyond everything received. (The second condition of MAY-2, to go back to TIME-WAIT if the SYN turns out to be old, is not met.)
        reopen_by_sequence = false, "RFC 9293 §3.6.1, MAY-2";
        /// An active OPEN takes a pair of sockets again that is in TIME-WAIT. The peer's SYN must then lie beyond everything received. Off is MUST-13: the pair waits until 2MSL are over.
        reuse_time_wait = false, "RFC 9293 §3.6.1, MUST-13";
        /// In SYN-RECEIVED after an active OPEN, the SYN,ACK that crossed ours counts as if its SYN were trimmed.
        crossed_syn_ack = true, "RFC 9293 Appendix A.2";
        /// In TIME-WAIT only the peer's FIN, sent again, restarts 2MSL; off is the letter of §3.10.7.4: any acceptable ACK does, and that FIN does not.
        old_fin_restarts_2msl = true, "RFC 9293 §3.10.7.4";
        /// A RST counts only at RCV.NXT, a SYN never, and an ACK from long ago not at all; each is answered by a challenge ACK.
        rfc5961 = true, "RFC 5961 §3.2, §4.2, §5.2";
        /// A RST takes SYN-RECEIVED back to LISTEN only after a passive OPEN; off: always, as §3.5 has it in passing.
        rst_heeds_opener = true, "RFC 9293 §3.10.7.4 second, MUST-11";
        /// Text that came before the peer's FIN can be received in CLOSING, LAST-ACK, TIME-WAIT and after; off is the letter of §3.10.3.
        drain_after_fin = true, "RFC 9293 §3.10.3";
        /// An ACK without text right behind the window is acceptable: the peer has filled the window, or has probed a closed one. Off is the letter of Table 6, by which two such ends answer each other for ever.
        edge_acks = true, "RFC 9293 §3.10.7.4, Table 6, Appendix A.2";
        /// A CLOSE that waits in SYN-RECEIVED for text to be sent ends the attempt when a RST or a SYN takes it back; off is the letter: LISTEN again, and the CLOSE is forgotten.
        close_heeded = true, "RFC 9293 §3.10.4 against §3.10.7.4";
        /// A segment of no length that lies outside the window or has an old timestamp is answered by a challenge ACK, whose rate the host limits. Off is the letter: each is answered, and two ends that know different connections answer each other until a timer ends it.
        answers_limited = true, "RFC 9293 §3.10.7.4 first, RFC 5961 §7";
        /// After a CLOSE in SYN-RECEIVED nothing is taken from the peer before our SYN is acknowledged; off is the letter: FIN-WAIT-1 takes text that follows an old SYN.
        handshake_first = true, "RFC 9293 §3.10.4, §3.5";
        /// A segment that acknowledges something new brings its window too, whatever its number. Off is the letter: only if none with a higher number has come; then the right edge moves with SND.UNA beyond all that the peer has offered.
        new_ack_window = true, "RFC 9293 §3.10.7.4 fifth";
        /// A segment with a timestamp older than TS.Recent is an old duplicate, whatever its numbers say: protection against wrapped sequence numbers.
        paws = true, "RFC 7323 §5";
        /// A segment without the timestamp that both ends have agreed on is dropped: the letter. Off: it is taken, and PAWS has no say about it.
        timestamps_required = false, "RFC 7323 §3.2";
        /// TS.Recent is taken once the acknowledgment was looked at, so that a segment that is refused changes nothing. Off is the letter: any segment in the window moves it.
        timestamp_after_ack = true, "RFC 7323 §5.3 R3 against RFC 5961 §5.2";
        /// Text that came in order can be received after a RST, R2, the user timeout or a hard error; off is the letter: it is flushed. ABORT flushes it in any case.
        drain_after_reset = true, "RFC 9293 §3.10.7.4 second, §3.10.8";
        /// A RST or SYN that ends an attempt or a close while text is unacknowledged is told to the user; off is the letter: CLOSING, LAST-ACK and the way back to LISTEN are silent. (With `rst_heeds_opener` off, a RST takes SYN-RECEIVED back to LISTEN in silence.)
        loss_is_told = true, "RFC 9293 §3.10.7.4 second, fourth";
        /// Once both ends know each other a hard error that the network reports counts as a soft one; off is the letter: it ends the connection.
        hard_errors_soft = true, "RFC 5927 §5.2";
    }

    questions {
        /// Where does the segment lie in the receive window (Table 6)?
        place -> Place {
            /// It occupies a part of the window.
            Inside,
            /// It does not.
            Outside,
        };
        /// What does the acknowledgment number say?
        ack -> AckPlace {
            /// SEG.ACK < SND.UNA - MAX.SND.WND: from long ago (RFC 5961 §5.2).
            Ancient,
            /// SEG.ACK < SND.UNA, but not further back than the largest window seen.
            Old,
            /// SEG.ACK = SND.UNA.
            Same,
            /// SND.UNA < SEG.ACK =< SND.NXT.
            New,
            /// SEG.ACK > SND.NXT: it acknowledges what was not sent yet.
            Ahead,
        };
    }

    timers {
        /// The front of the retransmission queue waits for its acknowledgment (RFC 6298).
        Retransmission => retransmission;
        /// The peer's window is closed and something waits (§3.8.6.1).
        Persist => probe;
        /// Nothing has been heard for long (§3.8.4).
        KeepAlive => keep_alive;
        /// An acknowledgment is being held back (§3.8.6.3).
        DelayedAck => delayed_ack;
        /// 2MSL (§3.4.2, §3.6.1).
        TimeWait => time_wait;
        /// The user's own limit for delivery (§3.9.1.1).
        User => user_timeout;
        /// A host's limit on connections that no user holds any more (§3.8.6.1; §3.6.1, MAY-1).
        Orphan => orphan;
    }

    /// OPEN: the user asks for a connection.
    event open(Open) "§3.10.1" {
        step call {
            /// Passive OPEN: wait for a SYN.
            open_passive: Closed if !active => Listen stop { create_passive };
            /// Active OPEN: send a SYN.
            open_active: Closed if remote_given => SynSent stop {
                create_active, choose_iss, send_syn, start(Timer::Retransmission), start(Timer::User),
            };
            /// Active OPEN without a remote socket.
            open_nowhere: Closed => error RemoteSocketUnspecified;
            /// Active OPEN on a listener: it becomes active and sends a SYN.
            listen_open: Listen if active && remote_given => SynSent stop {
                create_active, choose_iss, send_syn, start(Timer::Retransmission), start(Timer::User),
            };
            /// Active OPEN on a listener, but to whom?
            listen_open_nowhere: Listen if active => error RemoteSocketUnspecified;
            /// Passive OPEN where one is waiting already.
            listen_again [MUST-41]: Listen => error ConnectionAlreadyExists;
            /// Active OPEN of a pair that waits for 2MSL to be over: what the older connection has received is remembered.
            open_reuse "§3.6.1": TimeWait if active && option(reuse_time_wait) => SynSent stop {
                stop_all, create_reusing, choose_iss, send_syn, start(Timer::Retransmission), start(Timer::User),
            };
            /// The connection exists.
            open_twice: SynSent, SynReceived, Synchronized => error ConnectionAlreadyExists;
        }
    }

    /// SEND: the user gives text.
    event send(Send<S::Word>) "§3.10.2" {
        step call {
            /// Nothing to send on.
            send_closed: Closed => error ConnectionDoesNotExist;
            /// A listener does not know to whom.
            send_listen_nowhere: Listen if !remote_known => error RemoteSocketUnspecified;
            /// The user has closed.
            send_after_close: SynReceived, CloseWait if close_queued => error ConnectionClosing;
            /// The user has closed.
            send_closing: FinWait1, FinWait2, Closing, LastAck, TimeWait => error ConnectionClosing;
            /// No room for the text.
            send_no_room: Listen, SynSent, SynReceived, Established, CloseWait if !room => error InsufficientResources;
            /// SEND on a listener that knows its peer: it becomes active and sends a SYN.
            send_listen: Listen => SynSent stop {
                create_active, choose_iss, queue_text, send_syn, start(Timer::Retransmission), start(Timer::User),
            };
            /// The text waits until the connection is established.
            send_early: SynSent, SynReceived => stop { queue_text };
            /// The text joins the queue; the event `transmit` sends it.
            send_text: Established, CloseWait => stop { queue_text };
        }
    }

    /// RECEIVE: the user asks for text.
    event receive(Receive<S::Word>) "§3.10.3" {
        step call {
            /// Text that came before the peer's FIN is still the user's.
            receive_drain: Closed, Closing, LastAck, TimeWait if text_on_hand && option(drain_after_fin) => stop { take_text };
            /// Text that came before the connection ended otherwise is the user's, too.
            receive_left: Closed if text_on_hand && option(drain_after_reset) => stop { take_text };
            /// Nothing to receive from.
            receive_closed: Closed => error ConnectionDoesNotExist;
            /// The call waits until the connection is established.
            receive_early: Listen, SynSent, SynReceived => drop;
            /// The user gets what is on hand; the window may open.
            receive_text: Receiving if text_on_hand => stop { take_text, open_window };
            /// The call waits for text; the window opens if the host has more room than before.
            receive_wait: Receiving => stop { open_window };
            /// After the peer's FIN: what is on hand.
            receive_rest: CloseWait if text_on_hand => stop { take_text };
            /// After the peer's FIN: nothing more will come.
            receive_end: CloseWait => error ConnectionClosing;
            /// The user has closed, and so has the peer.
            receive_closing: Closing, LastAck, TimeWait => error ConnectionClosing;
        }
    }

    /// CLOSE: the user has no more text to send.
    event close(Bare) "§3.10.4" {
        step call {
            /// Nothing to close.
            close_closed: Closed => error ConnectionDoesNotExist;
            /// The listener stops listening.
            close_listen: Listen => Closed stop { flush, delete_tcb };
            /// Text waits to be sent: it is returned. The attempt is given up, and the pair of sockets waits again.
            close_reuse_text "§3.10.4, §3.6.1": SynSent if unsent_text && reuses && option(reuse_time_wait) => TimeWait stop {
                flush, notify(Notice::Unsent), wait_again, start(Timer::TimeWait),
            };
            /// The attempt is given up, and the pair of sockets waits again.
            close_reuse "§3.10.4, §3.6.1": SynSent if reuses && option(reuse_time_wait) => TimeWait stop { flush, wait_again, start(Timer::TimeWait) };
            /// Text waits to be sent: it is returned ("error: closing").
            close_syn_sent_text: SynSent if unsent_text => Closed stop { flush, notify(Notice::Unsent), delete_tcb };
            /// The attempt is given up.
            close_syn_sent: SynSent => Closed stop { flush, delete_tcb };
            /// The user has closed already.
            close_again: SynReceived, CloseWait if close_queued => error ConnectionClosing;
            /// With text waiting, the CLOSE waits for ESTABLISHED too.
            close_syn_received_later: SynReceived if unsent_text => stop { queue_close };
            /// With nothing to send, the FIN goes out at once.
            close_syn_received: SynReceived => FinWait1 stop { queue_close, start(Timer::KeepAlive) };
            /// The FIN follows the text that is queued.
            close_established: Established => FinWait1 stop { queue_close };
            /// The FIN follows the text that is queued; LAST-ACK comes with it.
            close_wait: CloseWait => stop { queue_close };
            /// The user has closed already.
            close_closing: FinWait1, FinWait2, Closing, LastAck, TimeWait => error ConnectionClosing;
        }
    }

    /// ABORT: the user gives the connection up.
    event abort(Bare) "§3.10.5" {
        step call {
            /// Nothing to abort.
            abort_closed: Closed => error ConnectionDoesNotExist;
            /// The attempt is given up, and the pair of sockets waits again.
            abort_reuse "§3.10.5, §3.6.1": SynSent if reuses && option(reuse_time_wait) => TimeWait stop { flush, wait_again, start(Timer::TimeWait) };
            /// Nobody has to know.
            abort_early: Listen, SynSent => Closed stop { flush, delete_tcb };
            /// The peer gets a RST.
            abort_reset: SynReceived, Established, FinWait1, FinWait2, CloseWait => Closed stop {
                send_rst, flush, delete_tcb,
            };
            /// Both have closed: the TCB just goes.
            abort_closing: Closing, LastAck, TimeWait => Closed stop { flush, delete_tcb };
        }
    }

    /// RELEASE: the user lets go of the connection, and neither SENDs nor RECEIVEs any more. It is a CLOSE, and more: what comes from now on reaches nobody.
    event release(Release) "RFC 1122 §4.2.2.13, §3.10.4" {
        step call {
            /// There is nothing to let go of.
            release_closed: Closed => drop;
            /// Text waits to be sent: it is returned. The attempt is given up, and the pair of sockets waits again.
            release_reuse_text "§3.10.4, §3.6.1": SynSent if unsent_text && reuses && option(reuse_time_wait) => TimeWait stop {
                flush, notify(Notice::Unsent), wait_again, let_go, start(Timer::TimeWait),
            };
            /// The attempt is given up, and the pair of sockets waits again.
            release_reuse "§3.10.4, §3.6.1": SynSent if reuses && option(reuse_time_wait) => TimeWait stop { flush, wait_again, let_go, start(Timer::TimeWait) };
            /// Text waits to be sent: it is returned, as with CLOSE.
            release_syn_sent_text: SynSent if unsent_text => Closed stop { flush, notify(Notice::Unsent), delete_tcb };
            /// The listener stops listening, or the attempt is given up.
            release_early: Listen, SynSent => Closed stop { flush, delete_tcb };
            /// Text has come that nobody will read: the peer must know that it is lost.
            release_unread [SHLD-3]: Established, FinWait1, FinWait2 if text_unread => Closed stop { send_rst_in_window, flush, delete_tcb };
            /// The same after the peer's FIN, if CLOSE was not called: the peer may still wait for an answer.
            release_unread_rest [SHLD-3]: CloseWait if text_unread && !close_queued => Closed stop { send_rst_in_window, flush, delete_tcb };
            /// With text waiting, the CLOSE waits for ESTABLISHED.
            release_syn_received_later: SynReceived if unsent_text => stop { queue_close, let_go, start(Timer::Orphan) };
            /// With nothing to send, the FIN goes out at once.
            release_syn_received: SynReceived => FinWait1 stop { queue_close, let_go, start(Timer::KeepAlive), start(Timer::Orphan) };
            /// The FIN follows the text that is queued.
            release_established: Established => FinWait1 stop { queue_close, let_go, start(Timer::Orphan) };
            /// The FIN follows the text that is queued; LAST-ACK comes with it.
            release_close_wait: CloseWait if !close_queued => stop { queue_close, let_go, start(Timer::Orphan) };
            /// CLOSE was called before: what is queued is still delivered.
            release_after_close: CloseWait, FinWait1, FinWait2, Closing, LastAck => stop { let_go, start(Timer::Orphan) };
            /// 2MSL go on.
            release_time_wait: TimeWait => stop { let_go };
        }
    }

    /// STATUS: the user asks for the state, which the host reads where this does not fail.
    event status(Bare) "§3.10.6" {
        step call {
            /// There is nothing to report.
            status_closed: Closed => error ConnectionDoesNotExist;
            /// The state and the TCB are there to be read.
            status_open: Open => stop;
        }
    }

    /// SEGMENT ARRIVES.
    event segment(Segment<S>) "§3.10.7" {
        /// The next text, or an acknowledgment, on an open connection: what nearly every segment is (header prediction).
        expected Established = [inside, ack_same, ack_text, text];

        step closed "§3.10.7.1" in [Closed] {
            /// A RST to no connection.
            closed_rst: Closed if has_rst => drop;
            /// Whatever acknowledges something here is answered by a RST that the sender will accept.
            closed_ack: Closed if has_ack => stop { reset_by_ack };
            /// Whatever else comes here is answered by a RST that acknowledges it.
            closed_other: Closed => stop { reset_by_seq };
        }

        step listen "§3.10.7.2" in [Listen] {
            /// A RST cannot be meant for a listener.
            listen_rst: Listen if has_rst => drop;
            /// A listener has sent nothing that could be acknowledged.
            listen_ack: Listen if has_ack => stop { reset_by_ack };
            /// Passive open, as sockets do it: a child takes the SYN.
            listen_fork: Listen if has_syn && forks => stop { fork };
            /// Passive open: receive SYN, send SYN,ACK.
            listen_syn: Listen if has_syn => SynReceived stop {
                take_syn, choose_iss, set_window, hold_rest, send_syn_ack, start(Timer::Retransmission), start(Timer::User),
            };
            /// Neither RST nor ACK nor SYN.
            listen_other: Listen => drop;
        }

        step sequence "§3.10.7.4 first" in [SynReceived, Synchronized] {
            /// An old duplicate of no length: it may be the answer of an end that knows another connection, so the host limits what it gets.
            old_timestamp_bare "RFC 7323 §5.3 R1, RFC 5961 §7": SynReceived, Synchronized
                if old_timestamp && !has_rst && !has_length && option(paws) && option(answers_limited) => stop { challenge };
            /// Its timestamp is older than what has come since: an old duplicate, even if its numbers fit by now.
            old_timestamp "RFC 7323 §5.3 R1": SynReceived, Synchronized if old_timestamp && !has_rst && option(paws) => stop { acknowledge };
            /// The SYN,ACK that crossed our own SYN,ACK counts as if its SYN were trimmed.
            crossed "Appendix A.2" [MUST-10]: SynReceived if crossed_syn_ack && option(crossed_syn_ack) => next { skip_syn, trim };
            /// A SYN with a newer timestamp reopens the connection: the listener takes it.
            reopen_timestamp "RFC 6191 §2" [SHLD-4]: TimeWait
                if option(reopen_by_timestamp) && opening_syn && listener_waits && newer_timestamp
                => Closed stop { delete_tcb, hand_over };
            /// A SYN beyond everything received reopens the connection: the listener takes it.
            reopen_number "§3.6.1" [MAY-2]: TimeWait
                if option(reopen_by_sequence) && opening_syn && listener_waits && newer_number
                => Closed stop { delete_tcb, hand_over };
            /// Without the timestamp that both ends have agreed on it does not belong to this connection. A SYN comes from a peer that has forgotten it, and goes on to be challenged.
            no_timestamp "RFC 7323 §3.2": SynReceived, Synchronized if lacks_timestamp && !has_rst && !has_syn && option(timestamps_required) => drop;
            /// The peer sends its FIN again: our ACK was lost, so it is repeated and 2MSL starts anew.
            old_fin: TimeWait
                if place is Outside && resent_fin && !has_rst && option(old_fin_restarts_2msl)
                => stop { acknowledge, start(Timer::TimeWait) };
            /// A RST outside the window.
            outside_rst "§3.10.7.4 first, RFC 5961 §3.2": SynReceived, Synchronized if place is Outside && has_rst && !meets_zero_window => drop;
            /// A RST at the edge of a closed window is looked at as it is, whatever it carries.
            edge_rst "§3.10.7.4 first" [MUST-66]: SynReceived, Synchronized if place is Outside && has_rst => skip;
            /// The peer has filled the window or probed a closed one, and that was lost: its ACK counts and is not answered.
            edge_ack "§3.10.7.4 first, Appendix A.2": SynReceived, Synchronized if place is Outside && follows_window && !has_rst && option(edge_acks) => skip;
            /// A closed window takes no text, but the ACK and URG of a segment at its edge count.
            closed_window "§3.10.7.4 first" [MUST-66]: SynReceived, Synchronized
                if place is Outside && meets_zero_window => next { strip_text, acknowledge };
            /// Outside the window and of no length: it may be the answer of an end that knows another connection, so the host limits what it gets.
            outside_bare "§3.10.7.4 first, RFC 5961 §7": SynReceived, Synchronized if place is Outside && !has_length && option(answers_limited) => stop { challenge };
            /// Outside the window: say where we are.
            outside: SynReceived, Synchronized if place is Outside => stop { acknowledge };
            /// A RST in the window is looked at as it is.
            inside_rst: SynReceived, Synchronized if has_rst => skip;
            /// A SYN before the window, with text or a FIN inside: its sender has to prove itself, wherever the SYN lies.
            old_syn "RFC 5961 §4.2": Synchronized if has_syn && begins_early && option(rfc5961) => stop { challenge };
            /// In the window: what lies outside it is cut off.
            inside: SynReceived, Synchronized => next { trim };
        }

        step timestamp "RFC 7323 §5.3 R3" in [SynReceived, Synchronized] when !has_rst && !option(timestamp_after_ack) {
            /// The letter: TS.Recent is taken whatever the acknowledgment says.
            timestamp_letter: SynReceived, Synchronized => next { take_timestamp };
        }

        step rst "§3.10.7.4 second" in [SynReceived, Synchronized] when has_rst {
            /// An old RST must not end the wait.
            rst_time_wait "RFC 1337 §3": TimeWait if option(rfc1337) => drop;
            /// In the window, but not exactly next: its sender has to prove itself.
            rst_challenge "RFC 5961 §3.2": SynReceived, Synchronized if !exactly_next && option(rfc5961) => stop { challenge };
            /// The child of a listener goes; the listener was never gone.
            rst_child [MUST-11]: SynReceived if opened_passively && forked => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// The user has let go meanwhile, with text that waits: nobody is left to listen, and the text is lost.
            rst_released "RFC 1122 §4.2.2.13" [MUST-11]: SynReceived if opened_passively && released => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// The user has closed meanwhile, with text that waits: nobody listens any more, and the text is lost.
            rst_closed "§3.10.4" [MUST-11]: SynReceived if opened_passively && close_queued && option(close_heeded) => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// The letter of §3.5: whichever end has opened, the connection listens again, if a user is left to listen.
            rst_listens "§3.5": SynReceived if !option(rst_heeds_opener) && !released => Listen stop { flush, listen_again };
            /// Text waits to be sent: it is returned, and the user must know.
            rst_passive_text [MUST-11]: SynReceived if opened_passively && unsent_text && option(loss_is_told) => Listen stop { flush, notify(Notice::Reset), listen_again };
            /// After a passive OPEN: back to waiting; the user need not know.
            rst_passive [MUST-11]: SynReceived if opened_passively => Listen stop { flush, listen_again };
            /// After an active OPEN: refused.
            rst_refused [MUST-11]: SynReceived => Closed stop { flush, notify(Notice::Refused), delete_tcb };
            /// The connection is reset; text that came in order can still be received.
            rst_reset [MUST-12]: Established, FinWait1, FinWait2, CloseWait if option(drain_after_reset) => Closed stop { flush_sends, notify(Notice::Reset), delete_tcb };
            /// The letter: the connection is reset, and what was not received is lost.
            rst_reset_letter [MUST-12]: Established, FinWait1, FinWait2, CloseWait => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// Both have closed, but the peer has not acknowledged all of our text.
            rst_undelivered: Closing, LastAck if text_unacked && option(loss_is_told) => Closed stop { flush_sends, notify(Notice::Reset), delete_tcb };
            /// Both have closed: nothing is lost, or by the letter nobody hears of it.
            rst_closing: Closing, LastAck, TimeWait => Closed stop { delete_tcb };
        }

        step syn "§3.10.7.4 fourth" in [SynReceived, Synchronized] when has_syn {
            /// The child of a listener goes; the listener was never gone.
            syn_child [MUST-11]: SynReceived if opened_passively && forked => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// The user has let go meanwhile, with text that waits: nobody is left to listen, and the text is lost.
            syn_released "RFC 1122 §4.2.2.13" [MUST-11]: SynReceived if opened_passively && released => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// The user has closed meanwhile, with text that waits: nobody listens any more, and the text is lost.
            syn_closed "§3.10.4" [MUST-11]: SynReceived if opened_passively && close_queued && option(close_heeded) => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// Text waits to be sent: it is returned, and the user must know.
            syn_passive_text [MUST-11]: SynReceived if opened_passively && unsent_text && option(loss_is_told) => Listen stop { flush, notify(Notice::Reset), listen_again };
            /// After a passive OPEN: back to waiting.
            syn_passive [MUST-11]: SynReceived if opened_passively => Listen stop { flush, listen_again };
            /// A SYN in a connection: its sender has to prove itself.
            syn_challenge "RFC 5961 §4.2": SynReceived, Synchronized if option(rfc5961) => stop { challenge };
            /// The letter without RFC 5961: a SYN in the window is an error, and the connection is reset.
            syn_reset: SynReceived, Synchronized if option(drain_after_reset) => Closed stop { send_rst, flush_sends, notify(Notice::Reset), delete_tcb };
            /// The same, and what was not received is lost.
            syn_reset_letter: SynReceived, Synchronized => Closed stop { send_rst, flush, notify(Notice::Reset), delete_tcb };
        }

        step ack "§3.10.7.4 fifth" in [SynReceived, Synchronized] {
            /// Every segment of a connection carries an ACK.
            no_ack: SynReceived, Synchronized if !has_ack => drop;
            /// Our SYN is acknowledged, and CLOSE was called meanwhile.
            ack_syn_close "§3.10.4, §3.10.7.4 fifth": SynReceived if ack is New && close_queued => FinWait1 next {
                take_timestamp, set_window, advance_una, notify(Notice::Established), start(Timer::KeepAlive),
            };
            /// Our SYN is acknowledged.
            ack_syn [MUST-10]: SynReceived if ack is New => Established next {
                take_timestamp, set_window, advance_una, notify(Notice::Established), start(Timer::KeepAlive),
            };
            /// It acknowledges something else than our SYN.
            ack_bad: SynReceived => stop { reset_by_ack };
            /// CLOSE came before the acknowledgment of our SYN, and this is not it: the peer's SYN may have been an old one.
            ack_unproven "§3.10.4, §3.10.7.4 fifth": FinWait1 if !syn_acked && ack is Ancient | Old | Same | Ahead && option(handshake_first)
                => stop { reset_by_ack };
            /// The letter of TIME-WAIT: every acceptable ACK is answered and restarts 2MSL.
            ack_time_wait: TimeWait if ack is Old | Same | New && !option(old_fin_restarts_2msl) => next {
                take_timestamp, acknowledge, start(Timer::TimeWait),
            };
            /// The letter of TIME-WAIT: what acknowledges too much or is too old to be believed is answered.
            ack_time_wait_bad "§3.5.2, §3.10.7.4 fifth" [MAY-12]: TimeWait if ack is Ahead | Ancient && !option(old_fin_restarts_2msl) => stop { challenge };
            /// A FIN beyond the peer's FIN is answered, and 2MSL go on. The answer carries no FIN, so it is not answered again.
            ack_time_wait_fin "§3.10.7.4 eighth": TimeWait if has_fin => stop { challenge };
            /// Nothing is left to be acknowledged, and an answer to an ACK could go back and forth for ever.
            ack_time_wait_late: TimeWait => drop;
            /// It acknowledges what was never sent.
            ack_ahead: Established, FinWait1, FinWait2, CloseWait, Closing, LastAck if ack is Ahead => stop { challenge };
            /// It is too old to be believed.
            ack_ancient "RFC 5961 §5.2" [MAY-12]: Established, FinWait1, FinWait2, CloseWait, Closing, LastAck
                if ack is Ancient && option(rfc5961) => stop { challenge };
            /// An old acknowledgment says nothing new; the rest of the segment may.
            ack_old: Established, FinWait1, FinWait2, CloseWait, Closing, LastAck if ack is Old | Ancient => next { take_timestamp };
            /// The same acknowledgment again: perhaps a new window.
            ack_same: Established, FinWait1, FinWait2, CloseWait, Closing, LastAck if ack is Same => next { take_timestamp, update_window, note_ack };
            /// Our FIN is acknowledged; the same segment may bring the peer's (`fin_last`).
            ack_fin: FinWait1 if acks_fin => FinWait2 next {
                take_timestamp, advance_una, update_window, notify(Notice::CloseAcknowledged), start(Timer::Orphan),
            };
            /// Our FIN, which crossed the peer's, is acknowledged.
            ack_fin_crossed [MUST-13]: Closing if acks_fin => TimeWait stop {
                take_timestamp, advance_una, stop_all, start(Timer::TimeWait), notify(Notice::CloseAcknowledged),
            };
            /// Our FIN is acknowledged, the peer's was before: the end.
            ack_fin_last: LastAck if acks_fin => Closed stop { advance_una, notify(Notice::CloseAcknowledged), delete_tcb };
            /// The letter: text is acknowledged, but the window counts only if no segment with a higher number has come.
            ack_text_letter: Established, FinWait1, FinWait2, CloseWait, Closing, LastAck if !option(new_ack_window) => next { take_timestamp, advance_una, update_window };
            /// Text is acknowledged, and nothing that the peer has sent before says more of its window.
            ack_text: Established, FinWait1, FinWait2, CloseWait, Closing, LastAck => next { take_timestamp, advance_una, take_window };
        }

        step syn_sent_ack "§3.10.7.3 first" in [SynSent] when has_ack {
            /// The ACK covers our SYN.
            syn_sent_ack_ok: SynSent if ack is New => skip;
            /// A RST that acknowledges something else.
            syn_sent_bad_rst: SynSent if has_rst => drop;
            /// It acknowledges something else than our SYN: the peer has a half-open connection.
            syn_sent_ack_bad: SynSent => stop { reset_by_ack };
        }

        step syn_sent_rst "§3.10.7.3 second" in [SynSent] when has_rst {
            /// The peer refuses our SYN; the older connection's segments may still be under way, so the pair of sockets waits again.
            syn_sent_reset_reuse "§3.10.7.3 second, §3.6.1": SynSent if has_ack && reuses && option(reuse_time_wait) => TimeWait stop {
                flush, notify(Notice::Reset), wait_again, start(Timer::TimeWait),
            };
            /// The peer refuses our SYN: its ACK shows that it has seen it.
            syn_sent_reset: SynSent if has_ack => Closed stop { flush, notify(Notice::Reset), delete_tcb };
            /// A RST without an ACK could come from anybody.
            syn_sent_blind_rst: SynSent => drop;
        }

        step syn_sent_reuse "§3.6.1" in [SynSent] when reuses && has_syn && option(reuse_time_wait) {
            /// Its number lies beyond everything that the older connection has received, so that old text lies before the window.
            reuse_newer: SynSent if newer_number => skip;
            /// Old text could fit: the peer shall choose another number.
            reuse_refused: SynSent if has_ack => stop { reset_by_ack };
            /// Perhaps a SYN of the older connection: its sender will hear of ours.
            reuse_crossed: SynSent => drop;
        }

        step syn_sent_syn "§3.10.7.3 fourth" in [SynSent] {
            /// The peer's SYN, and the acknowledgment of ours: established; the segment goes on with the sixth step.
            syn_sent_syn_ack: SynSent if has_syn && has_ack => Established next {
                take_syn, set_window, advance_una, skip_syn, trim, notify(Notice::Established), start(Timer::KeepAlive), acknowledge,
            };
            /// The SYNs have crossed: simultaneous open.
            syn_sent_syn_only [MUST-10]: SynSent if has_syn => SynReceived stop {
                take_syn, set_window, hold_rest, send_syn_ack, start(Timer::Retransmission),
            };
            /// Neither SYN nor RST.
            syn_sent_other "§3.10.7.3 fifth": SynSent => drop;
        }

        step urg "§3.10.7.4 sixth" in [Synchronized] when has_urg {
            /// Urgent text lies ahead.
            urgent [MUST-30, MUST-32]: Receiving => next { take_urgent };
            /// No text can follow the peer's FIN.
            urgent_late: PeerClosed => skip;
        }

        step text "§3.10.7.4 seventh" in [Synchronized] when has_text {
            /// Something before it is missing: keep it, and say what is missing.
            text_early [SHLD-31, MAY-13]: Receiving if begins_later => stop { hold, acknowledge };
            /// Nobody is left to receive it: the peer must know that it is lost.
            text_unwanted "RFC 1122 §4.2.2.13" [SHLD-3]: FinWait1, FinWait2 if released => Closed stop {
                send_rst_in_window, flush, notify(Notice::Orphaned), delete_tcb,
            };
            /// Text in order is the user's.
            text [MUST-58]: Receiving => next { accept_text, acknowledge_text };
            /// No text can follow the peer's FIN.
            text_late: PeerClosed => skip;
        }

        step fin "§3.10.7.4 eighth" in [Synchronized] when has_fin {
            /// Something before it is missing: keep it, and say what is missing.
            fin_early [SHLD-31, MAY-13]: Receiving if begins_later => stop { hold, acknowledge };
            /// The peer has closed; if the user closes at once, our FIN carries the acknowledgment (the fast close).
            fin [MUST-12]: Established => CloseWait stop { take_fin, acknowledge_text, notify(Notice::Closing) };
            /// The peer has closed too; our FIN is not acknowledged yet: they have crossed.
            fin_crossed [MUST-12]: FinWait1 => Closing stop { take_fin, acknowledge, notify(Notice::Closing) };
            /// Both have closed. Also the fast close: this segment's ACK has just made FIN-WAIT-2 of FIN-WAIT-1.
            fin_last [MUST-12, MUST-13]: FinWait2 => TimeWait stop {
                take_fin, acknowledge, notify(Notice::Closing), stop_all, start(Timer::TimeWait),
            };
            /// The letter of TIME-WAIT: a FIN beyond the peer's FIN restarts 2MSL.
            fin_time_wait: TimeWait if !option(old_fin_restarts_2msl) => stop { acknowledge, start(Timer::TimeWait) };
            /// A FIN beyond the peer's FIN: the state stays as it is.
            fin_again: PeerClosed => drop;
        }
    }

    /// What was kept because something before it was missing now begins at RCV.NXT or before.
    event held(Segment<S>) "§3.10.7.4 first" {
        step text "§3.10.7.4 seventh" when has_text {
            /// It waits until our SYN is acknowledged.
            held_text_unproven: FinWait1 if !syn_acked && option(handshake_first) => drop;
            /// Nobody is left to receive it: the peer must know that it is lost.
            held_text_unwanted "RFC 1122 §4.2.2.13" [SHLD-3]: FinWait1, FinWait2 if released && brings_text => Closed stop {
                send_rst_in_window, flush, notify(Notice::Orphaned), delete_tcb,
            };
            /// The text before it has come: it is the user's.
            held_text [SHLD-31, MUST-59]: Receiving => next { trim, accept_text, acknowledge };
            /// It waits for ESTABLISHED.
            held_text_early: SynReceived => drop;
            /// The connection has moved on.
            held_text_late: Closed, Listen, SynSent, PeerClosed => drop;
        }
        step fin "§3.10.7.4 eighth" {
            /// It waits until our SYN is acknowledged.
            held_fin_unproven: FinWait1 if !syn_acked && option(handshake_first) => drop;
            /// The window has cut off the FIN.
            held_no_fin: Receiving if !has_fin => drop;
            /// The peer has closed.
            held_fin [MUST-59, SHLD-31]: Established => CloseWait stop { take_fin, acknowledge, notify(Notice::Closing) };
            /// The peer has closed too, and the FINs have crossed.
            held_fin_crossed [MUST-59, SHLD-31]: FinWait1 => Closing stop { take_fin, acknowledge, notify(Notice::Closing) };
            /// Both have closed.
            held_fin_last [MUST-13, MUST-59, SHLD-31]: FinWait2 => TimeWait stop {
                take_fin, acknowledge, notify(Notice::Closing), stop_all, start(Timer::TimeWait),
            };
            /// It waits for ESTABLISHED.
            held_fin_early: SynReceived => drop;
            /// The connection has moved on.
            held_fin_late: Closed, Listen, SynSent, PeerClosed => drop;
        }
    }

    /// The host could send text or our FIN now.
    event transmit(Transmit<S::Word>) "§3.8, §3.10.2, §3.10.4" {
        step text "§3.10.2" in [Sending] {
            /// Text waits, and the window is closed with nothing under way that would open it: probe.
            text_blocked "§3.8.6.1" [MUST-36]: Sending if unsent_text && !window_open && !outstanding => stop { start(Timer::Persist) };
            /// Text goes out as far as the window and the host allow.
            text_departs [MUST-34, SHLD-15]: Sending if unsent_text && window_open && text_wanted => next { take_queued };
            /// Nothing to send, or it cannot go now.
            no_text: Sending => skip;
        }
        step fin "§3.10.4" in [Sending] {
            /// The FIN waits, and the window is closed with nothing under way that would open it: probe.
            fin_blocked "§3.8.6.1" [MUST-36]: FinWait1, Closing, CloseWait if fin_is_next && !window_open && !outstanding => stop { start(Timer::Persist) };
            /// The FIN goes out after the last text.
            fin_departs: FinWait1, Closing if fin_is_next && window_open => next { take_own_fin };
            /// The FIN goes out after the last text, the peer's came before: LAST-ACK.
            fin_departs_last: CloseWait if fin_is_next && window_open => LastAck next { take_own_fin };
            /// It is not the FIN's turn.
            no_fin: Sending => skip;
        }
        step depart "§3.7" in [Sending, LastAck] {
            /// What the steps before have taken goes out in one segment.
            departs: Sending, LastAck if something_departs => stop { depart };
            /// There is nothing to send.
            nothing_departs: Sending, LastAck => drop;
        }
        step silent "§3.10.2" in [Closed, Listen, SynSent, SynReceived, FinWait2, TimeWait] {
            /// Nothing may be sent yet, or any more.
            silent: Closed, Listen, SynSent, SynReceived, FinWait2, TimeWait => drop;
        }
    }

    /// The network says that a segment of ours could not be delivered (ICMP).
    event unreachable(Unreachable<S>) "§3.9.2.2" {
        step told "§3.9.2.2" {
            /// There is nothing of ours that could be on its way.
            unreachable_idle: Closed, Listen, FinWait2, TimeWait => drop;
            /// The sender has not seen a segment that is under way.
            unreachable_stray "RFC 5927 §4.1" [MUST-54]: Retransmitting if !under_way => drop;
            /// It may pass: the user can ask for it, and retransmission goes on.
            unreachable_soft [MUST-47, MUST-56, SHLD-25]: Retransmitting if !hard => stop { notify(Notice::SoftError) };
            /// The attempt is given up, and the pair of sockets waits again.
            unreachable_reuse "§3.9.2.2, §3.6.1": SynSent if reuses && option(reuse_time_wait) => TimeWait stop {
                flush, notify(Notice::Unreachable), wait_again, start(Timer::TimeWait),
            };
            /// The attempt is given up.
            unreachable_attempt [SHLD-26]: SynSent => Closed stop { flush, notify(Notice::Unreachable), delete_tcb };
            /// The child of a listener goes; the listener was never gone.
            unreachable_child [MUST-11, SHLD-26]: SynReceived if opened_passively && forked => Closed stop { flush, notify(Notice::Unreachable), delete_tcb };
            /// The user has let go meanwhile, with text that waits: nobody is left to listen, and the text is lost.
            unreachable_released "RFC 1122 §4.2.2.13" [MUST-11]: SynReceived if opened_passively && released => Closed stop { flush, notify(Notice::Unreachable), delete_tcb };
            /// The user has closed meanwhile, with text that waits: nobody listens any more, and the text is lost.
            unreachable_closed "§3.10.4" [MUST-11]: SynReceived if opened_passively && close_queued && option(close_heeded) => Closed stop { flush, notify(Notice::Unreachable), delete_tcb };
            /// Text waits to be sent: it is returned, and the user must know.
            unreachable_passive_text [MUST-11, SHLD-26]: SynReceived if opened_passively && unsent_text && option(loss_is_told) => Listen stop { flush, notify(Notice::Unreachable), listen_again };
            /// After a passive OPEN: back to waiting; the user need not know.
            unreachable_passive [MUST-11, SHLD-26]: SynReceived if opened_passively => Listen stop { flush, listen_again };
            /// After an active OPEN: the attempt is given up.
            unreachable_crossed [MUST-11, SHLD-26]: SynReceived => Closed stop { flush, notify(Notice::Unreachable), delete_tcb };
            /// Both ends know each other: it may be forged, and if not, R2 will come.
            unreachable_later "RFC 5927 §5.2" [SHLD-25]: Established, FinWait1, CloseWait, Closing, LastAck if option(hard_errors_soft) => stop { notify(Notice::SoftError) };
            /// The letter: the connection is aborted.
            unreachable_abort [SHLD-26]: Established, FinWait1, CloseWait, Closing, LastAck if option(drain_after_reset) => Closed stop {
                flush_sends, notify(Notice::Unreachable), delete_tcb,
            };
            /// The same, and what was not received is lost.
            unreachable_abort_letter [SHLD-26]: Established, FinWait1, CloseWait, Closing, LastAck => Closed stop {
                flush, notify(Notice::Unreachable), delete_tcb,
            };
        }
    }

    /// RETRANSMISSION TIMEOUT.
    event retransmission(Expiry) "§3.10.8, §3.8.3" {
        step pointless "§3.10.8" {
            /// Nothing is ever sent again here.
            retransmission_idle: Closed, Listen, FinWait2, TimeWait => drop;
            /// Our SYN is the oldest thing unacknowledged: only the timer sends it again, and what follows it waits for its acknowledgment.
            retransmission_early "RFC 6298 §5.4": Retransmitting if early && !syn_acked => drop;
            /// Everything has been acknowledged meanwhile.
            retransmission_acked: Established, FinWait1, CloseWait, Closing, LastAck if !outstanding => drop;
            /// Something is unacknowledged.
            retransmission_due: Retransmitting => skip;
        }
        step limit "§3.8.3" in [Retransmitting] when r2_reached {
            /// R2: nobody answers. The attempt is given up, and the pair of sockets waits again.
            give_up_reuse "§3.8.3, §3.6.1": SynSent if reuses && option(reuse_time_wait) => TimeWait stop {
                flush, notify(Notice::GivenUp), wait_again, start(Timer::TimeWait),
            };
            /// R2: nobody answers, the connection is given up.
            give_up [MUST-20, MUST-22]: Retransmitting if option(drain_after_reset) => Closed stop { flush_sends, notify(Notice::GivenUp), delete_tcb };
            /// The same by the letter: what was not received is lost.
            give_up_letter [MUST-20, MUST-22]: Retransmitting => Closed stop { flush, notify(Notice::GivenUp), delete_tcb };
        }
        step advice "§3.8.3" in [Retransmitting] when r1_reached {
            /// R1: the user hears that delivery is in trouble.
            trouble [MUST-20, MUST-22, SHLD-9]: Retransmitting => next { notify(Notice::Trouble) };
        }
        step again "§3.10.8" in [Retransmitting] {
            /// Our SYN again.
            syn_again [MUST-22]: SynSent => stop { send_syn, start(Timer::Retransmission) };
            /// Our SYN,ACK again.
            syn_ack_again [MUST-22]: SynReceived => stop { send_syn_ack, start(Timer::Retransmission) };
            /// CLOSE came in SYN-RECEIVED, so our SYN may still be the oldest thing unacknowledged.
            syn_ack_again_closing: Established, FinWait1, CloseWait, Closing, LastAck if !syn_acked
                => stop { send_syn_ack, start(Timer::Retransmission) };
            /// The front of the queue again: text, FIN or both.
            again [SHLD-16, MAY-7]: Established, FinWait1, CloseWait, Closing, LastAck => stop { resend, start(Timer::Retransmission) };
        }
    }

    /// The persist timer: the peer's window has been closed for a while.
    event probe(Expiry) "§3.8.6.1" {
        step limit "§3.8.6.1" in [Sending] when r2_reached {
            /// The peer does not even answer probes.
            probe_give_up [MUST-37]: Sending if option(drain_after_reset) => Closed stop { flush_sends, notify(Notice::GivenUp), delete_tcb };
            /// The same by the letter: what was not received is lost.
            probe_give_up_letter [MUST-37]: Sending => Closed stop { flush, notify(Notice::GivenUp), delete_tcb };
        }
        step probe {
            /// What is under way is sent again by its own timer.
            probe_outstanding: Sending if outstanding => drop;
            /// One octet of new text asks for the window.
            probe_text [MUST-35, MUST-36]: Sending if unsent_text => stop { probe_text, start(Timer::Retransmission) };
            /// The FIN asks for the window.
            probe_fin [MUST-35, MUST-36]: FinWait1, Closing if fin_is_next => stop { probe_fin, start(Timer::Retransmission) };
            /// The FIN asks for the window, the peer's came before: LAST-ACK.
            probe_fin_last [MUST-35, MUST-36]: CloseWait if fin_is_next => LastAck stop { probe_fin, start(Timer::Retransmission) };
            /// Nothing waits any more.
            probe_nothing: Sending => drop;
            /// Nothing can wait here.
            probe_idle: Closed, Listen, SynSent, SynReceived, FinWait2, LastAck, TimeWait => drop;
        }
    }

    /// The keep-alive timer: nothing has been heard for long.
    event keep_alive(Expiry) "§3.8.4" {
        step limit "§3.8.4" in [Established, FinWait2, CloseWait] when r2_reached {
            /// Many probes have gone unanswered (one must not count, MUST-29).
            keep_alive_give_up [MUST-29]: Established, FinWait2, CloseWait if option(drain_after_reset) => Closed stop { flush_sends, notify(Notice::GivenUp), delete_tcb };
            /// The same by the letter: what was not received is lost.
            keep_alive_give_up_letter [MUST-29]: Established, FinWait2, CloseWait => Closed stop { flush, notify(Notice::GivenUp), delete_tcb };
        }
        step probe {
            /// Only an idle connection is probed; this one is asked again later.
            keep_alive_busy [MUST-26]: Established, FinWait2, CloseWait if outstanding => stop { start(Timer::KeepAlive) };
            /// Ask whether the peer is still there.
            keep_alive_probe [MAY-5, SHLD-12]: Established, FinWait2, CloseWait => stop { send_keep_alive, start(Timer::KeepAlive) };
            /// Our FIN is being delivered, within limits of its own; once that is done there may be something to ask.
            keep_alive_later: FinWait1 => stop { start(Timer::KeepAlive) };
            /// No connection yet, or its own end is being timed.
            keep_alive_idle: Closed, Listen, SynSent, SynReceived, Closing, LastAck, TimeWait => drop;
        }
    }

    /// The delayed acknowledgment is due.
    event delayed_ack(Bare) "§3.8.6.3" {
        step due {
            /// Acknowledge now.
            delayed_ack [SHLD-18]: Receiving, CloseWait, Closing, LastAck => stop { acknowledge };
            /// Nothing was delayed here.
            delayed_ack_idle: Closed, Listen, SynSent, SynReceived, TimeWait => drop;
        }
    }

    /// TIME-WAIT TIMEOUT: 2MSL are over.
    event time_wait(Bare) "§3.10.8" {
        step over {
            /// 2MSL are over: the pair of sockets is free again.
            time_wait_over [MUST-13]: TimeWait => Closed stop { delete_tcb };
            /// The timer does not run here.
            time_wait_idle: Closed, Listen, SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck => drop;
        }
    }

    /// USER TIMEOUT: delivery has taken longer than the user allows.
    event user_timeout(Bare) "§3.10.8" {
        step over {
            /// The attempt is given up, and the pair of sockets waits again.
            user_timeout_reuse "§3.10.8, §3.6.1": SynSent if reuses && option(reuse_time_wait) => TimeWait stop {
                flush, notify(Notice::UserTimeout), wait_again, start(Timer::TimeWait),
            };
            /// The connection is aborted.
            user_timeout: Listen, Retransmitting, FinWait2 if option(drain_after_reset) => Closed stop { flush_sends, notify(Notice::UserTimeout), delete_tcb };
            /// The same by the letter: what was not received is lost.
            user_timeout_letter: Listen, Retransmitting, FinWait2 => Closed stop { flush, notify(Notice::UserTimeout), delete_tcb };
            /// Everything has been delivered, or there is nothing.
            user_timeout_idle: Closed, TimeWait => drop;
        }
    }

    /// No user holds the connection any more, and nothing has been delivered for long, or the host has too many such. A peer that answers probes must be allowed to keep its
    /// window closed (MUST-37), but not what nobody waits for: system resources may be reclaimed.
    event orphan(Bare) "§3.8.6.1, RFC 6429" {
        step over {
            /// What is undelivered is given up, and the peer gets a RST that it accepts, though it may have closed its window.
            orphan_reset: SynReceived, Established, FinWait1, CloseWait, Closing, LastAck => Closed stop {
                send_rst_in_window, flush_sends, notify(Notice::Orphaned), delete_tcb,
            };
            /// All is delivered, only the peer's FIN has not come. There is no RST now, since it could cost the peer's user text that is still unread.
            orphan_fin_wait_2 "§3.6.1" [MAY-1]: FinWait2 => Closed stop { flush_sends, delete_tcb };
            /// There is nothing to reclaim, or its own end is being timed.
            orphan_idle: Closed, Listen, SynSent, TimeWait => drop;
        }
    }
}
