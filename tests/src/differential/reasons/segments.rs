//! What arriving segments do.

use super::{Kind, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        name: "A segment without an ACK, outside of the window",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first and fifth",
        why: "An unacceptable segment is answered by an ACK (first), and one without the ACK bit is dropped (fifth). The kernel looks for the ACK bit \
              before it looks at the numbers. Nothing depends on it: whoever sends such a segment is no TCP in a synchronized state.",
        goes_on: true,
        patterns: "
            @synchronized SYN-RECEIVED/simultaneous ESTABLISHED/closed FIN-WAIT-1/closed FIN-WAIT-2/closed | none fin | left before resent edge right | none | ACK | silent
            @synchronized SYN-RECEIVED/simultaneous | none/old-ts fin/old-ts | * | none | ACK | silent
",
    },
    Reason {
        name: "A segment whose last number is RCV.NXT − 1",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first, and Appendix A.2",
        why: "Table 6 does not accept it, so its acknowledgment is not processed; it is answered by an ACK. The kernel takes what ends at RCV.NXT for \
              acceptable, and processes the acknowledgment of, for instance, a FIN that is sent again. Appendix A.2 tells of the problem that this cures (simultaneous close, \
              simultaneous open) and says that systems cure it differently and that the standard has adopted none. Ours takes the \
              acknowledgment from the next segment: the ACK that answers ours.",
        goes_on: false,
        patterns: "
            FIN-WAIT-1 FIN-WAIT-1/orphan FIN-WAIT-1/closed | data+fin fin+ack | resent | new | ACK, stays | ACK, FIN-WAIT-2
            FIN-WAIT-1 FIN-WAIT-1/closed | data | resent | new | ACK, stays | ACK, FIN-WAIT-2
            FIN-WAIT-1/orphan | data | resent | new | ACK, stays | silent, FIN-WAIT-2
            CLOSING CLOSING/orphan | data data+fin fin+ack | resent | new | ACK, stays | silent, TIME-WAIT
            LAST-ACK LAST-ACK/orphan | data data+fin fin+ack | resent | new | ACK, stays | silent, gone
            CLOSE-WAIT ESTABLISHED | data | resent | new | ACK | ACK+data
            CLOSE-WAIT ESTABLISHED | fin+ack | resent | new | ACK | ACK+data
            SYN-RECEIVED/simultaneous | data data+fin fin+ack | resent | new same | ACK, stays | ACK, ESTABLISHED
            SYN-RECEIVED/simultaneous | data data+fin fin+ack | resent | ahead ancient never | ACK | RST",
    },
    Reason {
        name: "A segment that begins at the right edge of the window",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first, Table 6",
        why: "RCV.NXT + RCV.WND is the first number outside of the window. The kernel takes a segment that begins there for acceptable, whatever it carries, and drops its \
              text and FIN later; so it processes the acknowledgment, or answers a RST there by a challenge ACK (RFC 5961 §3.2 has it dropped silently). Of segments there we \
              accept only an ACK without anything (`edge_ack`), which is what a peer sends that has filled the window.",
        goes_on: true,
        patterns: "
            @synchronized SYN-RECEIVED/passive SYN-RECEIVED/simultaneous | rst rst/old-ts | edge | none | silent | ACK
            @synchronized SYN-RECEIVED/passive SYN-RECEIVED/simultaneous | rst+ack rst+ack/old-ts | edge | * | silent | ACK
            CLOSE-WAIT LAST-ACK CLOSING CLOSING/orphan LAST-ACK/orphan | fin+ack | edge | new same never old | ACK | silent
            CLOSE-WAIT | data data+fin | edge | new same never old | ACK | silent",
    },
    Reason {
        name: "A segment at the right edge of the window whose acknowledgment changes the state",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first, Table 6",
        why: "As before: the kernel processes the acknowledgment of a segment that lies outside of the window.",
        goes_on: false,
        patterns: "
            FIN-WAIT-1 | data data+fin fin+ack | edge | new | ACK, stays | ACK, FIN-WAIT-2
            ESTABLISHED | data | edge | new | ACK | ACK+data
            CLOSING CLOSING/orphan | fin+ack | edge | new | ACK, stays | silent, TIME-WAIT
            LAST-ACK LAST-ACK/orphan | fin+ack | edge | new | ACK, stays | silent, gone
            LAST-ACK LAST-ACK/orphan | data data+fin | edge | new | ACK, stays | silent, gone
            LAST-ACK/orphan | data data+fin | edge | same never | ACK | silent
            SYN-RECEIVED/simultaneous | data data+fin fin+ack | edge | new same | ACK, stays | ACK, ESTABLISHED
            SYN-RECEIVED/simultaneous | data data+fin fin+ack | edge | ahead ancient never | ACK | RST",
    },
    Reason {
        name: "A FIN at a closed window",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first, Table 6",
        why: "The FIN takes a number, and a closed window has none to give: of the segment only the ACK, URG and RST count. The kernel takes a FIN one beyond the window, for peers that do not \
              count it (as its comment says).",
        goes_on: false,
        patterns: "
            ESTABLISHED/closed | fin+ack | edge | never old same new | ACK, stays | ACK, CLOSE-WAIT
            FIN-WAIT-1/closed | fin+ack | edge | never same | ACK, stays | ACK, CLOSING
            FIN-WAIT-1/closed | fin+ack | edge | new | ACK, FIN-WAIT-2 | ACK, TIME-WAIT
            FIN-WAIT-1/closed | data+fin | overlap | new | ACK, stays | ACK, FIN-WAIT-2
            FIN-WAIT-2/closed | fin+ack | edge | old same | ACK, stays | ACK, TIME-WAIT",
    },
    Reason {
        name: "The acknowledgment of text that does not fit a closed window",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first; §3.8.6.1, MUST-66",
        why: "\"If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid ACKs, URGs, and RSTs.\" The kernel drops such a segment whole, and \
              takes the acknowledgment from the next one.",
        goes_on: false,
        patterns: "
            FIN-WAIT-1/closed | data data+fin | edge | new | ACK, FIN-WAIT-2 | ACK, stays",
    },
    Reason {
        name: "An ACK right behind a closed window",
        kind: Kind::Choice,
        section: "RFC 9293 §3.10.7.4, first, Table 6; Appendix A.2",
        why: "A peer that has probed the closed window with one octet counts from behind it until it is told better. By Table 6 its ACKs are not acceptable and are answered by ACKs; if both ends have probed each other \
              that never ends. So ours takes such an ACK and does not answer it (option `edge_acks`). The kernel, which probes without text, answers it.",
        goes_on: false,
        patterns: "
            ESTABLISHED/closed | ack | right | never old same new | silent | ACK
            FIN-WAIT-1/closed | ack | right | never same | silent | ACK
            FIN-WAIT-1/closed | ack | right | new | silent, FIN-WAIT-2 | ACK, stays
            FIN-WAIT-2/closed | ack | right | old same | silent | ACK",
    },
    Reason {
        name: "An old ACK of what was never sent",
        kind: Kind::Choice,
        section: "RFC 5961 §5.2",
        why: "An ACK is believed if SND.UNA − MAX.SND.WND =< SEG.ACK. The kernel also demands that what it acknowledges was sent: right after the handshake even ISS itself is too old. That is \
              stricter than RFC 5961, and safer against text from a forger who has to guess the acknowledgment number. RFC 9293 does not have it.",
        goes_on: true,
        patterns: "
            ESTABLISHED FIN-WAIT-1 FIN-WAIT-1/orphan FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK LAST-ACK/orphan CLOSING/orphan | ack | next inside edge | never | silent | ACK",
    },
    Reason {
        name: "Text and FIN with an old ACK of what was never sent",
        kind: Kind::Choice,
        section: "RFC 5961 §5.2",
        why: "As before; the kernel drops the rest of the segment too.",
        goes_on: false,
        patterns: "
            ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 | data | next overlap | never | ACK ack+n | ACK
            ESTABLISHED | data+fin | next overlap | never | ACK, CLOSE-WAIT | ACK, stays
            ESTABLISHED | fin+ack | next | never | ACK, CLOSE-WAIT | ACK, stays
            ESTABLISHED | data | next overlap | never | silent | ACK
            ESTABLISHED | data+fin | next overlap | never | silent, CLOSE-WAIT | ACK, stays
            ESTABLISHED | fin+ack | next | never | silent, CLOSE-WAIT | ACK, stays
            FIN-WAIT-2 | data+fin | next overlap | never | ACK, TIME-WAIT | ACK, stays
            FIN-WAIT-2 | fin+ack | next | never | ACK, TIME-WAIT | ACK, stays
            FIN-WAIT-1 FIN-WAIT-1/orphan | data+fin fin+ack | next overlap | never | ACK, CLOSING | ACK, stays
            CLOSE-WAIT CLOSING LAST-ACK LAST-ACK/orphan | data data+fin | next inside overlap | never | silent | ACK
            FIN-WAIT-1/orphan | data data+fin | next overlap | never | RST, gone | ACK, stays
            CLOSE-WAIT CLOSING LAST-ACK | fin+ack | next inside | never | silent | ACK",
    },
    Reason {
        name: "Text with an ACK from long ago, on the kernel's fast path",
        kind: Kind::Letter,
        section: "RFC 5961 §5.2",
        why: "The segment is to be dropped and answered by a challenge ACK. The kernel does so on its slow path. Where the segment is the one that it has predicted, it sends the challenge ACK and \
              takes the text all the same.",
        goes_on: false,
        patterns: "
            ESTABLISHED | data | next | ancient | ACK | ACK ack+n",
    },
    Reason {
        name: "A SYN before the window of SYN-RECEIVED, with text or a FIN inside",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first, fourth and fifth",
        why: "RFC 5961 speaks of the synchronized states. In SYN-RECEIVED the SYN is cut off with what lies before the window, and the rest goes its way: the ACK establishes the connection or is               answered by a RST, and without one the segment is dropped. The kernel makes the connection and then sends a challenge ACK, or that alone; if the SYN is not the one that it knows it resets.",
        goes_on: false,
        patterns: "
            SYN-RECEIVED/simultaneous | syn+fin syn+data | overlap | none | silent | ACK
            SYN-RECEIVED/passive | syn+data | overlap | none | silent, stays | RST,ACK, gone
            SYN-RECEIVED/passive SYN-RECEIVED/simultaneous | syn+ack+data | overlap | new | ACK, ESTABLISHED | ACK, stays
            SYN-RECEIVED/passive | syn+ack+data | overlap | new | ACK, ESTABLISHED | RST, gone
            SYN-RECEIVED/simultaneous | syn+ack+data | overlap | ahead ancient never same | RST | ACK",
    },
    Reason {
        name: "A RST at the number of the peer's FIN",
        kind: Kind::Letter,
        section: "RFC 5961 §3.2",
        why: "SEG.SEQ = RCV.NXT − 1 lies outside of the window, and the RST is dropped. The kernel accepts it after the peer's FIN, because one system sends it there when a program is \
              killed (its comment says so). That doubles what a forger may guess.",
        goes_on: false,
        patterns: "
            CLOSE-WAIT CLOSING CLOSING/orphan LAST-ACK LAST-ACK/orphan | rst rst/old-ts | before | none | silent, stays | silent, gone
            CLOSE-WAIT CLOSING CLOSING/orphan LAST-ACK LAST-ACK/orphan | rst+ack rst+ack/old-ts | before | * | silent, stays | silent, gone",
    },
    Reason {
        name: "Text beyond the peer's FIN",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, seventh",
        why: "In CLOSE-WAIT, CLOSING and LAST-ACK text \"should not occur\" and is ignored. The kernel resets the connection if the text begins before RCV.NXT and ends beyond, for such a peer is broken; if all that lies beyond is another FIN, it takes that.",
        goes_on: false,
        patterns: "
            CLOSE-WAIT LAST-ACK | data data+fin | overlap | new same old never | silent, stays | RST, gone
            CLOSE-WAIT | data | overlap | new same | ACK+data, stays | RST, gone
            CLOSE-WAIT | data+fin | overlap | new same | silent | ACK
            CLOSING | data data+fin | overlap | same | silent, stays | RST, gone
            CLOSING/orphan LAST-ACK/orphan | data data+fin | overlap | same never | silent, stays | RST, gone",
    },
    Reason {
        name: "A segment that ends beyond the window, while the user has not read everything",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first",
        why: "It is acceptable, and what lies outside of the window is cut off. The kernel does so only while nothing waits for the user (not even the FIN); else it takes the whole segment for \
              unacceptable, and answers by an ACK. By that it bounds what a peer can make it keep who does not heed the window.",
        goes_on: false,
        patterns: "
            CLOSE-WAIT LAST-ACK | data data+fin | across | never new same | silent | ACK
            CLOSING CLOSING/orphan | data data+fin | across | never same | silent | ACK
            CLOSING CLOSING/orphan | data data+fin | across | new | silent, TIME-WAIT | ACK, stays
            LAST-ACK | data data+fin | across | new | silent, gone | ACK, stays
            FIN-WAIT-1 | data+fin | across | new | ACK, FIN-WAIT-2 | ACK, stays",
    },
    Reason {
        name: "In TIME-WAIT only the peer's FIN is answered",
        kind: Kind::Choice,
        section: "RFC 9293 §3.10.7.4, fifth and eighth (TIME-WAIT)",
        why: "The letter: the only thing that can arrive is the peer's FIN, sent again; acknowledge it and restart 2MSL. The kernel answers everything but an ACK at RCV.NXT. We answer what lies outside of \
              the window, and nothing in it, since two ends in TIME-WAIT could answer each other's ACKs for ever (option `old_fin_restarts_2msl`; the letter is explored too).",
        goes_on: true,
        patterns: "
            TIME-WAIT TIME-WAIT/listener | ack | inside edge | * | silent | ACK
            TIME-WAIT TIME-WAIT/listener | data data+fin | next inside overlap across | * | silent | ACK
            TIME-WAIT TIME-WAIT/listener | fin fin+ack | next inside | * | silent | ACK
            TIME-WAIT TIME-WAIT/listener | none | inside edge | none | silent | ACK",
    },
    Reason {
        name: "A SYN in TIME-WAIT beside a listener",
        kind: Kind::Choice,
        section: "RFC 9293 §3.6.1, MAY-2",
        why: "A new connection may be opened from TIME-WAIT if the SYN's number lies beyond everything received. The kernel does; with us it is an option (`reopen_by_sequence`), off by default: the second \
              condition of MAY-2, to return to TIME-WAIT if the SYN turns out to be old, is met by neither.",
        goes_on: false,
        patterns: "
            TIME-WAIT/listener | syn | inside edge right | none | ACK, stays | SYN,ACK, SYN-RECEIVED
            TIME-WAIT/listener | syn+data | inside across edge right | none | ACK, stays | SYN,ACK, SYN-RECEIVED",
    },
    Reason {
        name: "A SYN with a FIN ends the kernel's TIME-WAIT",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, fourth (TIME-WAIT)",
        why: "The kernel gives TIME-WAIT up for a SYN beyond everything received, hands the segment to the listener, and only there finds that a SYN with a FIN is not wanted. \
              So a single segment ends the wait, and nothing comes of it.",
        goes_on: false,
        patterns: "
            TIME-WAIT/listener | syn+fin | inside across edge right | none | ACK, stays | silent, gone",
    },
    Reason {
        name: "SYN-RECEIVED looks at the ACK before it looks at window and timestamp",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first and fifth; §3.5.2, group 2",
        why: "The steps have an order: a segment outside of the window is answered by an ACK and goes no further. Of a listener's child the kernel looks at the acknowledgment first, and resets if it is not \
              acceptable, as group 2 of §3.5.2 can be read. The peer learns the same by either.",
        goes_on: true,
        patterns: "
            SYN-RECEIVED/passive | ack | left before right | ahead ancient never same | ACK | RST
            SYN-RECEIVED/passive | data data+fin fin+ack syn+ack syn+ack+data | left resent edge right | ahead ancient never same | ACK | RST
            SYN-RECEIVED/passive | ack/old-ts data/old-ts data+fin/old-ts fin+ack/old-ts syn+ack/old-ts syn+ack+data/old-ts | * | ahead ancient never same | ACK | RST",
    },
    Reason {
        name: "The peer's SYN again, in SYN-RECEIVED",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first",
        why: "It lies before the window, and is answered by an ACK; our SYN,ACK comes again by its timer. The kernel sends the SYN,ACK at once, since that is what the peer has missed.",
        goes_on: true,
        patterns: "
            SYN-RECEIVED/passive | syn | resent | none | ACK | SYN,ACK
            SYN-RECEIVED/passive | syn+fin syn+data | overlap | none | silent | SYN,ACK",
    },
    Reason {
        name: "A SYN in the window of SYN-RECEIVED",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, fourth",
        why: "After a passive OPEN the connection returns to LISTEN, and nothing is sent. The kernel resets the peer.",
        goes_on: false,
        patterns: "
            SYN-RECEIVED/passive | syn | next inside | none | silent | RST,ACK
            SYN-RECEIVED/passive | syn+fin syn+data | next inside across | none | silent | RST,ACK
            SYN-RECEIVED/passive | syn+ack | next inside | new | silent | RST
            SYN-RECEIVED/passive | syn+ack+data | next inside across | new | silent | RST
            SYN-RECEIVED/passive | syn+ack | next inside | ahead ancient never same | silent, gone | RST, stays
            SYN-RECEIVED/passive | syn+ack+data | next inside across | ahead ancient never same | silent, gone | RST, stays",
    },
    Reason {
        name: "An ACK of nothing, in SYN-RECEIVED after a simultaneous open",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, fifth",
        why: "SND.UNA < SEG.ACK =< SND.NXT takes the connection to ESTABLISHED; SEG.ACK = ISS does not acknowledge our SYN, and is answered by a RST. The kernel takes it for good: its check is \
              that of the synchronized states, where SEG.ACK = SND.UNA is acceptable.",
        goes_on: false,
        patterns: "
            SYN-RECEIVED/simultaneous | ack | next inside edge | same | RST, stays | silent, ESTABLISHED
            SYN-RECEIVED/simultaneous | data | next inside overlap across | same | RST, stays | ACK, ESTABLISHED
            SYN-RECEIVED/simultaneous | data+fin | inside across | same | RST, stays | ACK, ESTABLISHED
            SYN-RECEIVED/simultaneous | fin+ack | inside | same | RST, stays | ACK, ESTABLISHED
            SYN-RECEIVED/simultaneous | data+fin | next overlap | same | RST, stays | ACK, CLOSE-WAIT
            SYN-RECEIVED/simultaneous | fin+ack | next | same | RST, stays | ACK, CLOSE-WAIT",
    },
    Reason {
        name: "The SYN,ACK that crosses ours",
        kind: Kind::Choice,
        section: "RFC 9293 §3.5, Figure 7; Appendix A.2",
        why: "It acknowledges our SYN, and both ends are established. The kernel answers it by an ACK, we do not: our SYN,ACK has acknowledged the peer's SYN.",
        goes_on: true,
        patterns: "
            SYN-RECEIVED/simultaneous | syn+ack | resent | new | silent | ACK",
    },
    Reason {
        name: "A FIN with the SYN",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.2, third; §3.10.7.3, fourth",
        why: "Other control or text of a SYN is kept for ESTABLISHED. A listener of the kernel drops a SYN with a FIN whole, as a probe of a scanner; in SYN-SENT it takes the SYN and forgets the rest.",
        goes_on: false,
        patterns: "
            LISTEN | syn+fin syn+fin/old-ts | - | none | SYN,ACK, SYN-RECEIVED | silent, stays
            SYN-RECEIVED/simultaneous | ack | next | new | ACK, CLOSE-WAIT | silent, ESTABLISHED",
    },
    Reason {
        name: "Text with the SYN",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.2, third; §3.10.7.3, fourth",
        why: "Text of a SYN is kept until the connection is established. The kernel drops it (but for TCP Fast Open), and the peer sends it again.",
        goes_on: false,
        patterns: "
            SYN-SENT | syn+ack+data syn+ack+data/old-ts | - | new | ACK ack+11 | ACK ack+1
            SYN-RECEIVED/passive SYN-RECEIVED/simultaneous | ack | next | new | ACK | silent",
    },
];
