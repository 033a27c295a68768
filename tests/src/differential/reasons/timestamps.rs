//! Timestamps, where both ends have agreed on them.

use super::{Kind, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        name: "A pure ACK with an old timestamp",
        kind: Kind::Letter,
        section: "RFC 7323 §5.3, R1",
        why: "A segment with SEG.TSval < TS.Recent is answered by an ACK and dropped. The kernel does not answer a pure ACK that is old by its number too, and takes one at RCV.NXT that acknowledges nothing for \
              one of ours that has overtaken another.",
        goes_on: true,
        patterns: "
            @synchronized SYN-RECEIVED/simultaneous | ack/old-ts | left before | * | ACK | silent
            ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 | ack/old-ts | next | same | ACK | silent",
    },
    Reason {
        name: "A RST with an old timestamp, in the kernel's small records",
        kind: Kind::Letter,
        section: "RFC 7323 §5.2",
        why: "A RST counts whatever its timestamp says. The kernel has a small record of a listener's child before its handshake is over, and of FIN-WAIT-2 without a user; there a RST with an old \
              timestamp does not count, on purpose (its comment calls the rule a mistake).",
        goes_on: false,
        patterns: "
            SYN-RECEIVED/passive | rst/old-ts rst+ack/old-ts | next | * | silent, gone | silent, stays
            SYN-RECEIVED/passive | rst/old-ts rst+ack/old-ts | inside | * | ACK | silent
            FIN-WAIT-2/orphan | rst/old-ts rst+ack/old-ts | next | * | silent, gone | ACK, stays",
    },
    Reason {
        name: "The timestamp of a RST, in SYN-RECEIVED",
        kind: Kind::Letter,
        section: "RFC 7323 §3.2",
        why: "A RST SHOULD have a timestamp where they are agreed on. The kernel's has none, since its listener sends it.",
        goes_on: true,
        patterns: "
            SYN-RECEIVED/passive | ack | next inside edge | ahead ancient never same | RST ts | RST
            SYN-RECEIVED/passive | data data+fin | next inside overlap across | ahead ancient never same | RST ts | RST
            SYN-RECEIVED/passive | fin+ack | next inside | ahead ancient never same | RST ts | RST
            SYN-RECEIVED/passive | syn+ack+data | overlap | ahead ancient never same | RST ts | RST",
    },
    Reason {
        name: "A SYN with a newer timestamp in TIME-WAIT beside a listener",
        kind: Kind::Choice,
        section: "RFC 6191 §2; RFC 9293 §3.6.1, SHLD-4",
        why: "It may reopen the connection whatever its number, and the kernel lets it. With us that is an option (`reopen_by_timestamp`), off by default: the ledger of hazards shows what an old timestamp \
              lets through where clocks restart. A SYN with a FIN ends the kernel's TIME-WAIT for nothing, as above.",
        goes_on: false,
        patterns: "
            TIME-WAIT/listener | syn syn+data | left resent next | none | ACK, stays | SYN,ACK, SYN-RECEIVED
            TIME-WAIT/listener | syn+data | overlap | none | ACK, stays | SYN,ACK, SYN-RECEIVED
            TIME-WAIT/listener | syn+fin | left resent next | none | ACK, stays | silent, gone
            TIME-WAIT/listener | syn+fin | overlap | none | ACK, stays | silent, gone",
    },
];
