//! What calls give, and what they send.

use super::{Kind, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        name: "The RST of an ABORT",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.5",
        why: "`<SEQ=SND.NXT><CTL=RST>`, without an ACK. The kernel's has one. Either is accepted, since the peer looks at SEG.SEQ alone. The same for a user who goes with text unread.",
        goes_on: true,
        patterns: "
            ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT SYN-RECEIVED/simultaneous | abort | - | - | RST | RST,ACK
            ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT | close | - | - | RST | RST,ACK",
    },
    Reason {
        name: "ABORT when both have closed",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.5",
        why: "In CLOSING and LAST-ACK the TCB just goes. The kernel sends a RST if something was never sent, or never read.",
        goes_on: true,
        patterns: "
            CLOSING LAST-ACK | abort | - | - | silent | RST,ACK",
    },
    Reason {
        name: "ABORT in TIME-WAIT",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.5",
        why: "The TCB is deleted. With sockets the kernel's TIME-WAIT is a record that belongs to nobody, so no call can end it.",
        goes_on: false,
        patterns: "
            TIME-WAIT TIME-WAIT/listener | abort | - | - | silent, gone | silent, stays",
    },
    Reason {
        name: "CLOSE in SYN-RECEIVED",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.4",
        why: "With nothing to send a FIN is sent and FIN-WAIT-1 entered. The kernel lets the call wait until the connection is established, and so avoids what \
              `docs/hazards.md` tells of a CLOSE that comes before the handshake is over; we avoid it by a row (`handshake_first`).",
        goes_on: false,
        patterns: "
            SYN-RECEIVED/simultaneous | shut | - | - | FIN,ACK, FIN-WAIT-1 | silent, stays",
    },
    Reason {
        name: "SEND before the connection is established",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.2",
        why: "The text is queued for ESTABLISHED. A socket of the kernel that does not block takes nothing yet.",
        goes_on: false,
        patterns: "
            SYN-SENT SYN-RECEIVED/simultaneous | send | - | - | takes text | takes nothing",
    },
    Reason {
        name: "CLOSE again",
        kind: Kind::Letter,
        section: "RFC 9293 §3.10.4",
        why: "\"Error: connection closing\". `shutdown` of the kernel may be called again, and in TIME-WAIT its socket has no connection any more.",
        goes_on: true,
        patterns: "
            FIN-WAIT-1 FIN-WAIT-2 CLOSING LAST-ACK | shut | - | - | error: closing | done
            TIME-WAIT TIME-WAIT/listener | shut | - | - | error: closing | error: not connected",
    },
    Reason {
        name: "How a connection ended",
        kind: Kind::Choice,
        section: "RFC 9293 §3.10.3, §3.10.7.4, second",
        why: "A RST in SYN-RECEIVED after an active OPEN refuses the connection (MUST-11); the kernel says \"reset\". A RST after the peer's FIN resets it; the kernel lets the user read the end \
              first, and tells writers. An attempt given up by CLOSE has simply ended; the kernel says \"reset\". The kernel tells it once, and then that there is no connection; ours tells it each time.",
        goes_on: true,
        patterns: "
            CLOSED | receive | - | - | error: refused | error: reset
            * | receive | - | - | error: reset | end
            CLOSED | receive | - | - | end | error: reset
            * | send | - | - | error: reset or error: not connected | error: closing
            CLOSED LISTEN | send | - | - | error: not connected | error: reset
            * | shut | - | - | error: reset | error: not connected",
    },
];
