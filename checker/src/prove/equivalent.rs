//! Mutants that no run can tell from the machine, each with the reason.

use tcpspec::Row;
use tcpspec::mutants::{Fault, Mutant};

/// A mutant and why it cannot be told from the machine.
pub(crate) type Equivalent = (Mutant, &'static str);

const SYN_TRIMMED: &str = "`trim` cuts off the SYN as well: its number lies just before RCV.NXT.";
const TIME_WAIT_SAID: &str = "In TIME-WAIT only `ack_time_wait` leads to this step, and it has already asked for the same acknowledgment and restart.";
const NOTHING_LATER: &str = "In these states nothing follows but `fin_again`, which ignores, and `fin_time_wait`, whose acknowledgment and restart \
     `ack_time_wait` has already asked for.";
const NOTHING_TAKEN: &str =
    "Neither text nor FIN can be taken where the window is closed, so `nothing_departs` ends the event.";

const RST_FORGETS: &str = "`closed_window` then asks for an acknowledgment, which every row forgets that such a RST can reach: they end the connection. \
     It is exactly next, so it is not challenged, and in TIME-WAIT the window is never closed.";

/// All that are known.
pub(crate) const EQUIVALENT: &[Equivalent] = &[
    same(Row::EdgeRst, Fault::Removed, RST_FORGETS),
    same(Row::EdgeRst, Fault::Negated(0), RST_FORGETS),
    same(
        Row::ClosedWindow,
        Fault::Swapped,
        "They exclude each other: where the window is closed, the one begins at RCV.NXT, the other right behind it.",
    ),
    same(
        Row::OutsideBare,
        Fault::Swapped,
        "They exclude each other: a segment of no length that begins at RCV.NXT is acceptable to a closed window.",
    ),
    same(Row::Crossed, Fault::Without(0), SYN_TRIMMED),
    same(Row::SynSentSynAck, Fault::Without(3), SYN_TRIMMED),
    same(
        Row::AckFin,
        Fault::Swapped,
        "In FIN-WAIT-1 a FIN that was sent is not acknowledged yet, so an ACK that covers it is never the same again.",
    ),
    same(Row::AckTimeWait, Fault::VerbExchanged, NOTHING_LATER),
    same(
        Row::AckTimeWaitLate,
        Fault::VerbExchanged,
        "Under the option that leads to it nothing follows but `fin_again`, which ignores.",
    ),
    same(
        Row::AckTimeWaitFin,
        Fault::VerbExchanged,
        "Under the option that leads to it nothing follows but `fin_again`, which ignores.",
    ),
    same(Row::NoTimestamp, Fault::Swapped, "`opening_syn` asks for a SYN, and the row for none."),
    same(
        Row::SynSentResetReuse,
        Fault::VerbExchanged,
        "In TIME-WAIT nothing that follows does anything with a RST. With `old_fin_restarts_2msl` off a FIN beside it would be acknowledged, and no scenario has a RST with a FIN.",
    ),
    same(Row::UrgentLate, Fault::Removed, NOTHING_LATER),
    same(Row::UrgentLate, Fault::VerbExchanged, NOTHING_LATER),
    same(Row::TextLate, Fault::Removed, NOTHING_LATER),
    same(Row::TextLate, Fault::VerbExchanged, NOTHING_LATER),
    same(
        Row::TextEarly,
        Fault::VerbExchanged,
        "`fin_early` then keeps the same segment, which is kept already, and asks for the same acknowledgment.",
    ),
    same(Row::FinTimeWait, Fault::Removed, TIME_WAIT_SAID),
    same(Row::FinTimeWait, Fault::Negated(0), TIME_WAIT_SAID),
    same(Row::FinTimeWait, Fault::Without(0), TIME_WAIT_SAID),
    same(Row::FinTimeWait, Fault::Without(1), TIME_WAIT_SAID),
    same(Row::FinAgain, Fault::Swapped, TIME_WAIT_SAID),
    same(Row::HeldTextUnproven, Fault::VerbExchanged, "`held_fin_unproven` then ignores the same piece."),
    same(Row::TextBlocked, Fault::VerbExchanged, NOTHING_TAKEN),
    same(Row::FinBlocked, Fault::VerbExchanged, NOTHING_TAKEN),
    same(Row::ProbeFin, Fault::Swapped, "`fin_is_next` holds only where no text is unsent."),
];

/// What tells a mutant from the machine where an option is not as it is by default, though no scenario has such an input.
const NEEDS: &[(Mutant, &[&str])] =
    &[(Mutant { row: Row::SynSentResetReuse, fault: Fault::VerbExchanged }, &["old_fin_restarts_2msl"])];

/// Options that must be as they are by default, or this mutant is another machine.
pub(crate) fn needs(mutant: Mutant) -> &'static [&'static str] {
    NEEDS.iter().find(|(known, _)| *known == mutant).map_or(&[], |(_, needs)| needs)
}

/// Why this mutant cannot be told from the machine, if that is known.
pub(crate) fn reason(mutant: Mutant) -> Option<&'static str> {
    EQUIVALENT.iter().find(|(known, _)| *known == mutant).map(|(_, reason)| *reason)
}

const fn same(row: Row, fault: Fault, reason: &'static str) -> Equivalent {
    (Mutant { row, fault }, reason)
}
