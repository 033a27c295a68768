//! Mutants that no run can tell from the machine, each with the reason.

use tcpspec::Row;
use tcpspec::mutants::{Fault, Mutant};

/// A mutant and why it cannot be told from the machine.
pub(super) type Equivalent = (Mutant, &'static str);

/// All that are known.
pub(super) const EQUIVALENT: &[Equivalent] = &[];

/// Why this mutant cannot be told from the machine, if that is known.
pub(super) fn reason(mutant: Mutant) -> Option<&'static str> {
    EQUIVALENT.iter().find(|(known, _)| *known == mutant).map(|(_, reason)| *reason)
}

#[expect(dead_code, reason = "the first entry will use it")]
const fn same(row: Row, fault: Fault, reason: &'static str) -> Equivalent {
    (Mutant { row, fault }, reason)
}
