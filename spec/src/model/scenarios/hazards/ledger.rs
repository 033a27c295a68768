//! The ledger: what is known to go wrong, in words.

use super::Hazard;

/// All hazards.
pub const HAZARDS: &[Hazard] = &[
    Hazard {
        title: "TIME-WAIT assassination",
        source: "RFC 1337",
        text: "An old segment reaches an end in TIME-WAIT, is answered by an ACK, and the peer, which knows of no connection any more, answers that by a RST. \
            If the RST ends TIME-WAIT, the same pair of sockets can be opened while old segments are under way. H1: old text is taken for new. H2: an old ACK or old text \
            leaves the two ends in disagreement about what was sent, and they answer each other's ACKs for ever (hazard 12, where that loop is shown). H3: an old segment in SYN-SENT is answered by a RST, which ends the new connection at the other end. \
            The cure is to ignore RSTs in TIME-WAIT (option `rfc1337`).",
        off: &["hazard-1337/off"],
        on: &["hazard-1337/on"],
        remains: "Nothing within the bounds, whatever initial numbers the second connection takes, as long as TIME-WAIT lasts 2MSL and no segment outlives MSL. \
            Connections that end otherwise than by FINs (a RST, or an attempt given up in SYN-SENT) have no TIME-WAIT: after them only numbers that do not overlap protect.",
    },
    Hazard {
        title: "Old duplicate SYN",
        source: "RFC 9293 §3.5, figure 8, and §3.5.1, figure 11",
        text: "A SYN of an earlier attempt reaches a listener. The three-way handshake finds out: the SYN,ACK acknowledges a number that nobody sent, the RST that answers takes the listener back to LISTEN; \
            if the other end listens as well (figure 11), its RST does the same. With the cure off, the listener is established as soon as it has heard a SYN: a handshake of two segments (row `listen_syn` with another next state).",
        off: &["hazard-old-syn/listener-two-way", "hazard-old-syn/two-listeners-two-way"],
        on: &["hazard-old-syn/listener", "hazard-old-syn/two-listeners"],
        remains: "Nothing within the bounds, with initial numbers that go on from one attempt to the next.",
    },
    Hazard {
        title: "Half-open connections after a crash, and the quiet time",
        source: "RFC 9293 §3.5.1 figures 9 and 10, §3.4.3",
        text: "An end that crashes forgets its connections. The other end finds out: what it sends is answered by a RST. But the restarted end has forgotten its numbers too, and \
            if they overlap, old text is delivered by a new connection. The quiet time (nothing is sent for one MSL after a restart) lets it die first.",
        off: &["hazard-crash/at-once", "hazard-crash/quiet-time-overlap"],
        on: &["hazard-crash/quiet-time"],
        remains: "The end that did not crash must choose numbers that do not overlap (its clock goes on): if its numbers overlap too, old text of its own is delivered in spite of the quiet time.",
    },
    Hazard {
        title: "The sequence check where SYNs, FINs or probes cross, and a socket connected to itself",
        source: "RFC 9293 Appendix A.2",
        text: "The first step of §3.10.7.4 keeps the ACK of a segment outside the window from being looked at. Simultaneous open: by the letter the SYN,ACK that crosses ours fails it, and six segments are exchanged instead of four, \
            five if it overtakes the SYN (`simultaneous-open/letter-overtaken`; option `crossed_syn_ack`). A socket connected to itself meets its own SYN,ACK in the same way. Simultaneous window probes: both ends have sent one octet into a closed window, the ACKs of both lie one beyond the \
            other's window and are answered by ACKs, for ever (option `edge_acks`). Simultaneous close: a FIN that is sent again in CLOSING fails the check too, but the ACK that answers it does not, so it comes to its end.",
        off: &["simultaneous-open/letter", "hazard-self-connect/letter", "hazard-probes/letter"],
        on: &[
            "simultaneous-open/in-order",
            "hazard-self-connect/on",
            "hazard-probes/on",
            "hazard-close-crossed/letter",
        ],
        remains: "By the letter the connection is still made where SYNs cross, with more segments. The scenarios that count segments have a perfect network; `simultaneous-open` and `hazard-self-connect/bad-network` show that nothing else goes wrong on a bad one.",
    },
    Hazard {
        title: "Blind RST, SYN and text",
        source: "RFC 5961",
        text: "A third party that does not see the connection tries numbers. RFC 5961 lowers the odds and does not remove them; the table below counts.",
        off: &["hazard-forger/blind-off", "hazard-forger/knowing"],
        on: &["hazard-forger/blind-on"],
        remains: "A RST at exactly RCV.NXT, and text inside the window with an acknowledgment that is not too old, still succeed. Only authentication helps.",
    },
    Hazard {
        title: "Lost window update",
        source: "RFC 9293 §3.8.6.1, MUST-36",
        text: "A window that was closed opens again, and the segment that says so is lost. Segments without text are not sent again, so without the persist timer both ends wait for ever.",
        off: &["hazard-window/no-persist"],
        on: &["hazard-window/persist"],
        remains: "Nothing, as long as the timer goes on firing and the user goes on receiving.",
    },
    Hazard {
        title: "FIN-WAIT-2 for ever",
        source: "RFC 9293 §3.3.2, §3.8.4",
        text: "Once our FIN is acknowledged, nothing is outstanding and no timer runs. If the peer's host is gone, or has forgotten the connection and lost its RST, FIN-WAIT-2 lasts for ever. One way there: the RST that refused a first SYN is still under way when the SYNs of a simultaneous open have crossed; \
            it resets one end, and the other never hears of it. What bounds it: keep-alives, whose own R2 counts, or which a living host answers by a RST; or a limit of the host's own (timer `orphan`) on connections that no user holds any more.",
        off: &["hazard-fin-wait-2/letter", "hazard-fin-wait-2/crash", "hazard-old-refusal/letter"],
        on: &[
            "hazard-fin-wait-2/keep-alive",
            "hazard-fin-wait-2/limited",
            "hazard-fin-wait-2/crash-limited",
            "hazard-old-refusal/keep-alive",
            "hazard-old-refusal/limited",
        ],
        remains: "Keep-alives are off unless the user asks for them (MUST-25): by default the letter holds, and the wait.",
    },
    Hazard {
        title: "TIME-WAIT shorter than 2MSL",
        source: "RFC 9293 §3.4.2, §3.6.1",
        text: "A sweep over the length of TIME-WAIT, with MSL = 2 ticks and initial numbers that overlap: 0, 1, 2 and 3 ticks fail, 4 hold. The counterexample at 3 shows why: \
            the last ACK takes almost one MSL, and what the peer sent again just before it came lives for another. So 2MSL is not only enough, it is needed. \
            ABORT in TIME-WAIT deletes the TCB at once (§3.10.5), and with it the wait: a violation of the promise by the letter itself.",
        off: &[
            "hazard-time-wait/0",
            "hazard-time-wait/1",
            "hazard-time-wait/2",
            "hazard-time-wait/3",
            "hazard-time-wait/abort",
        ],
        on: &["hazard-time-wait/4", "hazard-time-wait/no-abort"],
        remains: "Connections that end by a RST (LAST-ACK that is reset because the peer has gone) have no such wait and are kept apart here: \
            after them only initial numbers that do not overlap protect. ABORT in TIME-WAIT stays as the letter has it: a user that aborts gives up the promise. Sockets offer no such call: a stream that is dropped leaves TIME-WAIT alone.",
    },
    Hazard {
        title: "Reuse from TIME-WAIT by sequence number or timestamp",
        source: "RFC 9293 §3.6.1 MAY-2, RFC 6191",
        text: "A SYN may reopen the connection before 2MSL are over if its number lies beyond everything received (option `reopen_by_sequence`), or its timestamp is newer (option `reopen_by_timestamp`). Both give up \"not opened again while in TIME-WAIT\", which is \
            what they are for. Safe for text only if initial numbers go on where the older connection stopped, at both ends: condition 1 of MAY-2. With numbers chosen freely, old text is delivered, and so it is with numbers from a clock that a connection can outrun: the clock must be read, and what was used must be remembered.",
        off: &[
            "hazard-reuse/sequence-any-numbers",
            "hazard-reuse/sequence-by-the-clock",
            "hazard-reuse/timestamp-any-numbers",
        ],
        on: &["hazard-reuse/sequence-numbers-go-on", "hazard-reuse/timestamp-numbers-go-on"],
        remains: "Condition 2 of MAY-2 (back to TIME-WAIT if the SYN turns out to be old) is not met; both options are off by default.",
    },
    Hazard {
        title: "Reuse of TIME-WAIT by an active OPEN",
        source: "RFC 9293 §3.6.1 (MUST-13), §3.4.3, RFC 6191",
        text: "Whoever closes first keeps the pair of sockets for 2MSL, so a client has no more connections to one server in that time than it has ports. An active OPEN that takes such a pair again (option `reuse_time_wait`) departs from MUST-13, \
            and text of the older connection may fit the window of the newer one, in both directions. Ours to the peer: our initial number lies beyond all that was used, so our old text lies before the peer's window. The peer's to us: RCV.NXT and TS.Recent of the older connection are remembered until the peer's SYN is taken (fact `REUSES`), \
            and it is taken only if its number lies beyond RCV.NXT. Else a SYN,ACK is answered by a RST, which makes the peer choose another number when our SYN comes again; a SYN that crosses ours is dropped. \
            An attempt that fails, however it does, goes back to TIME-WAIT with what it remembers, and 2MSL begin anew (condition 2 of MAY-2): else the next OPEN would take any number.",
        off: &["hazard-reuse/open-unchecked"],
        on: &[
            "hazard-reuse/open-by-number",
            "hazard-reuse/open-client-text",
            "hazard-reuse/open-again",
            "hazard-reuse/open-crossed",
        ],
        remains: "A later timestamp is not taken for proof, as it is elsewhere: what the peer has sent in the very tick of its clock in which it answers our new SYN is not older than that answer, and the model then delivers old text. A peer whose numbers do not go on gets a RST and one more SYN. A peer whose last ACK from us was lost is in LAST-ACK still: \
            our SYN finds it half-open (§3.5.1), it is reset, and its user may hear of a loss that is none. A peer that is in TIME-WAIT itself and keeps to MUST-13 answers no SYN before its own 2MSL are over. Off by default.",
    },
    Hazard {
        title: "RST in SYN-RECEIVED that ignores who opened",
        source: "RFC 9293 §3.5 against §3.10.7.4 (MUST-11)",
        text: "§3.5 says in passing that a RST takes a connection that is not synchronized back to LISTEN; §3.10.7.4 says: only after a passive OPEN. After an active OPEN that makes a server of a client.",
        off: &["hazard-rst/whoever-opened"],
        on: &["hazard-rst/who-opened"],
        remains: "Nothing.",
    },
    Hazard {
        title: "ACK storms",
        source: "RFC 9293 §3.10.7.4, RFC 5961 §7, RFC 1337 (H2)",
        text: "Two ends that answer each other's ACKs for ever, without a user's call, a timer, a loss or a copy. Four ways there: two ends in TIME-WAIT by the letter (option `old_fin_restarts_2msl` cures it), probes that cross (hazard 4, option `edge_acks`), and ends that disagree on what was sent, \
            where what acknowledges too much is answered by an ACK and so is what lies outside the window: there the limit on challenge ACKs (RFC 5961 §7) is the cure, which the host applies. The fourth: a late copy of a SYN makes a child in SYN-RECEIVED while the other end is in TIME-WAIT, and each lies outside the other's window; what such an end says in segments of no length is answered under the same limit (option `answers_limited`).",
        off: &[
            "hazard-storm/time-wait-letter",
            "hazard-storm/half-open",
            "hazard-storm/late-copy-letter",
            "hazard-probes/letter",
        ],
        on: &[
            "hazard-storm/time-wait",
            "hazard-storm/half-open-limited",
            "hazard-storm/late-copy",
            "hazard-probes/on",
        ],
        remains: "The limit makes a storm end, it does not prevent it: while it lasts, up to so many ACKs an end are sent.",
    },
    Hazard {
        title: "TIME-WAIT by the letter",
        source: "RFC 9293 §3.10.7.4",
        text: "The peer's FIN, sent again because our ACK was lost, fails the first step and never reaches the eighth, where 2MSL would be restarted; and the fifth step restarts 2MSL for any \
            acceptable ACK. Ours (option `old_fin_restarts_2msl`): that FIN restarts 2MSL, and nothing else does. A FIN beyond the peer's FIN is challenged (row `ack_time_wait_fin`): its sender learns where we are, 2MSL go on, and no storm follows, since no answer carries a FIN and nothing but a FIN is answered.",
        off: &["hazard-2msl/letter"],
        on: &["hazard-2msl/on"],
        remains: "Nothing.",
    },
    Hazard {
        title: "A CLOSE that comes before the handshake is over",
        source: "RFC 9293 §3.10.4, §3.10.7.4 fifth, §3.5",
        text: "CLOSE in SYN-RECEIVED with nothing to send enters FIN-WAIT-1 at once. There an acknowledgment that says nothing new \"can be ignored\", and the text that comes with it is taken: but our SYN was never acknowledged, \
            so the peer's SYN may have been an old one, and the text of the same dead connection that follows it is delivered. The three-way handshake is passed by. \
            Ours (option `handshake_first`): until our SYN is acknowledged, FIN-WAIT-1 answers everything else as SYN-RECEIVED does.",
        off: &["hazard-unproven/letter"],
        on: &["hazard-unproven/proven"],
        remains: "Nothing within the bounds.",
    },
    Hazard {
        title: "A CLOSE that is forgotten",
        source: "RFC 9293 §3.10.4 against §3.10.7.4",
        text: "A CLOSE in SYN-RECEIVED with text waiting is \"queue[d] for processing after entering ESTABLISHED state\". If a RST, or a SYN, takes the connection back to LISTEN instead, nothing processes it: the user has closed, and a listener is left. \
            Ours (option `close_heeded`): the connection ends.",
        off: &["hazard-forgotten-close/letter"],
        on: &["hazard-forgotten-close/heeded"],
        remains: "Nothing.",
    },
    Hazard {
        title: "A window that is wider than what was offered",
        source: "RFC 9293 §3.10.7.4 fifth",
        text: "SND.WND counts from SND.UNA. By the letter a segment that fills a hole moves SND.UNA, but its window is not taken, since one with a higher number has come before (SND.WL1): the right edge moves as far as SND.UNA does, \
            beyond all that the peer has offered, and text is sent there, which the peer throws away. Or a window that has opened is not seen. Ours (option `new_ack_window`): whoever acknowledges something new was sent later than all that have come, so its window counts.",
        off: &["hazard-window-edge/letter"],
        on: &["hazard-window-edge/on"],
        remains: "Nothing. It was found by playing scripts to the kernel, which does the same as we do now.",
    },
    Hazard {
        title: "Numbers that wrap",
        source: "RFC 7323 §5",
        text: "On a fast path all 2^32 numbers are used within MSL, and an old segment fits the window again. Its timestamp is older than what has come since: that tells it from a new one (option `paws`). \
            Here the numbers come again with a second connection, one tick after the first is over (TIME-WAIT of one tick, MSL of two), which the sweep of hazard 8 shows to be too short without timestamps.",
        off: &["hazard-paws/off"],
        on: &["hazard-paws/on"],
        remains: "Timestamps of the same tick do not tell old from new: numbers must not come again within one tick of the clock (1 ms here). Nothing is sent again in these scenarios, since a retransmission carries the time when it is sent.",
    },
    Hazard {
        title: "A refused segment that leaves a trace",
        source: "RFC 7323 §5.3 R3 against RFC 5961 §4.2 and §5.2",
        text: "RFC 7323 takes TS.Recent from every segment in the window that begins at Last.ACK.sent or before, and only then the acknowledgment is looked at. One guess in a window, with any acknowledgment and a timestamp from the future, is answered by a challenge ACK and refused, \
            but its timestamp stays: PAWS drops all that the peer sends until its clock has caught up, and the flow of the connection ends. Ours (option `timestamp_after_ack`): TS.Recent is taken by the rows that accept the acknowledgment. The claim is wider: a segment whose processing ends in one of the steps before URG, by a drop, \
            an acknowledgment, a challenge or a RST, changes nothing: no number, no window, no timer, no urgent pointer. Exceptions, each with its reason: the peer's FIN, sent again in TIME-WAIT, restarts 2MSL (row `old_fin`: that is what it is for); the ACK and URG of a segment at a closed window count (row `closed_window`: it is not refused); an acknowledgment that leaves takes along the one that was held back; \
            the limit of challenge ACKs counts; the stack's next ACK reports what came twice (RFC 2883), which only repeats what the segment itself said. A peer's keep-alive probe lies outside the window and is refused: it is answered within the limit of challenge ACKs and does not count as having heard from the peer, since anybody who knows the ports can send one.",
        off: &["hazard-refused/letter"],
        on: &["hazard-refused/on"],
        remains: "A guess that also hits an acceptable acknowledgment number is not refused, and its timestamp counts.",
    },
    Hazard {
        title: "Text that was acknowledged and is never received",
        source: "RFC 9293 §3.10.7.4 second, §3.10.8",
        text: "A server answers and closes with a part of the request unread, so that a RST follows the answer. By the letter the RST flushes all queues, the answer included, which the peer knows to be received. The same holds for R2, the user timeout and hard errors. \
            Ours (option `drain_after_reset`): text that came in order stays the user's until it is received, then the error is told, once. Only the user's own ABORT throws it away.",
        off: &["hazard-drain/letter"],
        on: &["hazard-drain/on"],
        remains: "What came out of order is lost: the peer does not know it to be received.",
    },
    Hazard {
        title: "A loss that nobody hears of",
        source: "RFC 9293 §3.10.7.4 second and fourth, §3.10.4",
        text: "A RST in CLOSING or LAST-ACK deletes the TCB and returns, although text may be unacknowledged: the user believes it delivered. A RST, a SYN or a hard error takes SYN-RECEIVED back to LISTEN, and text that waited for ESTABLISHED goes with it. \
            Ours (option `loss_is_told`): whenever a connection ends while text of the user's is unacknowledged, the user hears of it. (CLOSE in SYN-SENT returns the text with \"error: closing\", as the letter has it.)",
        off: &["hazard-loss/letter"],
        on: &["hazard-loss/on"],
        remains: "With `rst_heeds_opener` off the way back to LISTEN stays silent. A user who lets go of a connection with text unread gives up what is unacknowledged (RFC 1122 §4.2.2.13); the stack counts it. Text that the peer's TCP has acknowledged may still not be received by the peer's user: only an answer of that user shows that.",
    },
    Hazard {
        title: "Segments without the timestamp that was agreed on",
        source: "RFC 7323 §3.2",
        text: "Both SYNs carry timestamps, and later segments come without: from load balancers that have answered the SYN by a cookie, from keep-alives of a database, through middleboxes. RFC 7323 asks that they be dropped in silence (option `timestamps_required`): such a connection hangs without a word. \
            Ours: they are taken, and PAWS has no say about them. What that costs: an old segment whose timestamp was stripped is told from a new one by its numbers alone. A SYN without timestamps goes on to be challenged in either case (RFC 5961 §4.2, \"irrespective of the sequence number\"), so that a peer that has rebooted finds the half-open connection (§3.5.1).",
        off: &["hazard-timestamps/required", "hazard-timestamps/unprotected"],
        on: &["hazard-timestamps/taken"],
        remains: "The choice is between a connection that hangs and a check that is left out; where paths are fast enough for numbers to wrap within MSL, take the letter.",
    },
    Hazard {
        title: "A window that never opens",
        source: "RFC 9293 §3.8.6.1, MUST-37, RFC 6429",
        text: "A peer that answers probes may keep its window closed for ever, so what waits behind it is held for ever: text that the other user wrote before leaving, and the connection with it. A remote peer decides that, with a thousand connections as with one (known as Sockstress). \
            While a user holds the connection, that user decides: by ABORT, or by the user timeout, which counts for all that is undelivered. Where no user holds it, the host has a limit of its own (timer `orphan`): on the time without progress, on the number of such connections and on their memory, the one longest without progress first; its end is a RST. \
            This departs from MUST-37 for connections that their users have left, as RFC 6429 permits and §3.8.6.1 with it: system resource management may reclaim them.",
        off: &["hazard-window/never-opens"],
        on: &["hazard-window/never-opens-limited"],
        remains: "A peer that takes one octet now and then makes progress: the limits on number and memory bound what that costs, not the time. Connections that a user holds are the user's.",
    },
];
