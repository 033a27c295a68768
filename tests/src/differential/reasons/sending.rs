//! What happens to text: where nobody is left to read it, and when it is sent.

use super::{Kind, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        name: "The RST for text that nobody reads",
        kind: Kind::Choice,
        section: "RFC 9293 §3.6.1, SHLD-3; RFC 7323 §3.2",
        why: "Which numbers it has is not said. Ours is that of an ABORT, with SEQ = SND.NXT and with a timestamp where they are agreed on (SHOULD); the kernel's is that of no connection, with \
              SEQ = SEG.ACK. If the peer has not seen our FIN yet it will ask by a challenge ACK, and then get the latter from us too.",
        goes_on: true,
        patterns: "
            FIN-WAIT-1/orphan | data data+fin | next overlap | never same | RST | RST seq-n
            FIN-WAIT-1/orphan | data data+fin | next overlap | new same | RST ts | RST
            FIN-WAIT-2/orphan | data data+fin | next overlap | never old | RST | RST seq-n
            FIN-WAIT-2/orphan | data data+fin | next overlap | same | RST ts | RST",
    },
    Reason {
        name: "The user goes with text unread, and both have closed",
        kind: Kind::Choice,
        section: "RFC 9293 §3.6.1, SHLD-3; §3.10.5",
        why: "A user who goes while text is unread resets the connection (SHLD-3). In CLOSING and LAST-ACK even an ABORT sends no RST, and everything of ours has been sent: we let our FIN be delivered. The \
              kernel sends a RST here too.",
        goes_on: false,
        patterns: "
            CLOSING LAST-ACK | close | - | - | silent, stays | RST,ACK, gone",
    },
    Reason {
        name: "CLOSE in CLOSE-WAIT while text waits to be sent",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.4",
        why: "The CLOSE is queued until all SENDs have been segmentized; then a FIN is sent and LAST-ACK entered. The kernel is in LAST-ACK at once. With the CLOSE goes text that the Nagle algorithm had held back. The kernel puts its FIN into that segment, which then may find no room in the window, and waits.",
        goes_on: false,
        patterns: "
            CLOSE-WAIT | close shut | - | - | silent, stays | silent, LAST-ACK
            CLOSE-WAIT | shut | - | - | ACK+data, stays | silent, LAST-ACK",
    },
    Reason {
        name: "What is sent again when an ACK comes that says nothing new",
        kind: Kind::Choice,
        section: "RFC 9293 §3.8.3; RFC 5681 §3.2; RFC 8985",
        why: "Loss recovery is the sender's own affair: whether an ACK is a duplicate, how many it takes, and how much goes out again. The table only says that what is unacknowledged may be sent again (`again`).",
        goes_on: false,
        patterns: "
            ESTABLISHED CLOSE-WAIT | ack | next | same | silent | ACK+again
            ESTABLISHED CLOSE-WAIT FIN-WAIT-1/orphan | ack | next | same | ACK+again | silent
            FIN-WAIT-1 FIN-WAIT-1/orphan LAST-ACK LAST-ACK/orphan | ack | next | same | FIN,ACK+again | silent
            FIN-WAIT-1 FIN-WAIT-1/orphan | ack | next | same | silent | FIN,ACK+again",
    },
    Reason {
        name: "Text for a user who has gone, before its turn",
        kind: Kind::Choice,
        section: "RFC 9293 §3.6.1, SHLD-3",
        why: "Text after CLOSE is answered by a RST. The kernel does so as soon as a segment shows that there is some, be it out of order (a FIN beyond RCV.NXT shows it too); \
              we when it would be delivered, since what comes early may be a forgery that never fits.",
        goes_on: false,
        patterns: "
            FIN-WAIT-1/orphan | data data+fin | inside across | new | ACK, FIN-WAIT-2 | RST, gone
            FIN-WAIT-1/orphan | fin+ack | inside | new | ACK, FIN-WAIT-2 | RST, gone
            FIN-WAIT-1/orphan | data data+fin | inside across | never same new | ACK, stays | RST, gone
            FIN-WAIT-1/orphan | fin+ack | inside | never same new | ACK, stays | RST, gone
            FIN-WAIT-1/orphan | data data+fin fin+ack | edge | never new same | ACK, stays | RST, gone
            FIN-WAIT-2/orphan | data data+fin | inside across | old same never | ACK, stays | RST, gone
            FIN-WAIT-2/orphan | fin+ack | inside | old same never | ACK, stays | RST, gone",
    },
    Reason {
        name: "FIN-WAIT-2 without a user is a small record in the kernel: what it says",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first, second and fifth",
        why: "For a connection in FIN-WAIT-2 whose user has gone the kernel keeps no socket, but a record with few checks: no look at the acknowledgment number; a RST outside of the window \
              answered by an ACK (it should be dropped). Our record of this kind exists in TIME-WAIT only, and runs under the same rows.",
        goes_on: true,
        patterns: "
            FIN-WAIT-2/orphan | ack | next inside edge | ahead ancient | ACK | silent
            FIN-WAIT-2/orphan | syn+data syn+fin | overlap | none | ACK | silent
            FIN-WAIT-2/orphan | rst rst/old-ts | left before right | none | silent | ACK
            FIN-WAIT-2/orphan | rst+ack rst+ack/old-ts | left before right | * | silent | ACK
            FIN-WAIT-2/orphan | rst/old-ts rst+ack/old-ts | edge | * | silent | ACK",
    },
    Reason {
        name: "FIN-WAIT-2 without a user is a small record in the kernel: how it ends",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, second, fourth and fifth; RFC 5961 §3.2, §4.2, §5.2",
        why: "As before: the record takes a RST anywhere in the window and at its edge, is reset by a SYN in the window, and takes text and FIN whatever they acknowledge, without the challenge ACKs of RFC 5961.",
        goes_on: false,
        patterns: "
            FIN-WAIT-2/orphan | rst | inside | none | ACK, stays | silent, gone
            FIN-WAIT-2/orphan | rst+ack | inside | * | ACK, stays | silent, gone
            FIN-WAIT-2/orphan | rst | edge | none | silent, stays | silent, gone
            FIN-WAIT-2/orphan | rst+ack | edge | * | silent, stays | silent, gone
            FIN-WAIT-2/orphan | syn | next inside | none | ACK, stays | RST,ACK, gone
            FIN-WAIT-2/orphan | syn+data syn+fin | next inside across | none | ACK, stays | RST,ACK, gone
            FIN-WAIT-2/orphan | syn+ack | next inside | * | ACK, stays | RST, gone
            FIN-WAIT-2/orphan | syn+ack+data | next inside across | * | ACK, stays | RST, gone
            FIN-WAIT-2/orphan | syn+ack+data | overlap | * | ACK, stays | RST, gone
            FIN-WAIT-2/orphan | fin+ack data+fin | next overlap | ahead ancient | ACK, stays | ACK, TIME-WAIT
            FIN-WAIT-2/orphan | data data+fin | next overlap inside across | ahead ancient | ACK, stays | RST, gone
            FIN-WAIT-2/orphan | fin+ack | inside | ahead ancient | ACK, stays | RST, gone",
    },
    Reason {
        name: "A window that comes with text of which a part is old",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.7.4, first and fifth",
        why: "SND.WL1 < SEG.SEQ, or the same and a newer acknowledgment: then the window is taken. SEG.SEQ is that of the segment as the first check has left it, with what is old cut off. The kernel compares the \
              number that stands in the header.",
        goes_on: false,
        patterns: "
            ESTABLISHED | data | overlap | same | ACK+data | ACK
            FIN-WAIT-1 | data | overlap | same | FIN,ACK+data | ACK",
    },
    Reason {
        name: "A probe of a closed window",
        kind: Kind::Letter,
        section: "RFC 9293 §3.8.6.1, MUST-36",
        why: "The sender \"must regularly transmit at least one octet of new data\". The kernel sends an ACK with a number that the peer has had already, which is answered too, and keeps its octet.",
        goes_on: false,
        patterns: "
            ESTABLISHED CLOSE-WAIT FIN-WAIT-1 | pause | - | - | ACK+data | ACK
            FIN-WAIT-1 FIN-WAIT-1/orphan CLOSING/orphan | pause | - | - | FIN,ACK | ACK",
    },
    Reason {
        name: "An ACK that tells of a hole, and text that leaves",
        kind: Kind::Choice,
        section: "RFC 5681 §2, §3.2; RFC 9293 §3.10.7.4, seventh",
        why: "What comes out of order, or fills a hole, is acknowledged at once, and an ACK with text is no duplicate ACK for the peer; so ours goes by itself, and text that the same segment lets go \
              follows. The kernel sends one segment with both.",
        goes_on: true,
        patterns: "
            ESTABLISHED | data data+fin fin+ack | inside | new | ACK ACK+data | ACK+data
            ESTABLISHED | data | inside next | same new | ACK ACK+data | ACK+data",
    },
];
