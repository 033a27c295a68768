//! Mutants in links: `ROW:FAULT`, as in `listen_syn:removed` or `listen_syn:next-ESTABLISHED`.

use crate::api::Refusal;
use tcpspec::mutants::{Fault, MUTANTS, Mutant};
use tcpspec::{Row, State};

/// How a link writes a mutant.
pub fn token(mutant: Mutant) -> String {
    let row = mutant.row.name();
    match mutant.fault {
        Fault::Removed => format!("{row}:removed"),
        Fault::Negated(i) => format!("{row}:negated-{i}"),
        Fault::Without(i) => format!("{row}:without-{i}"),
        Fault::NextKept => format!("{row}:next-kept"),
        Fault::OtherNext(state) => format!("{row}:next-{}", state.name()),
        Fault::VerbExchanged => format!("{row}:verb"),
        Fault::Swapped => format!("{row}:swapped"),
    }
}

/// Reads it.
///
/// # Errors
///
/// There is no such row or no such fault.
pub fn parse(text: &str) -> Result<Mutant, Refusal> {
    let (row, fault) = text.split_once(':').unwrap_or((text, "removed"));
    let row = Row::ALL
        .into_iter()
        .find(|known| known.name() == row)
        .ok_or_else(|| Refusal::new(format!("the table has no row `{row}`")))?;
    let number = |prefix: &str| fault.strip_prefix(prefix).and_then(|rest| rest.parse::<u8>().ok());
    let info = row.info();
    let parsed = match fault {
        "removed" => Some(Fault::Removed),
        "next-kept" => Some(Fault::NextKept),
        "verb" => Some(Fault::VerbExchanged),
        "swapped" => Some(Fault::Swapped),
        _ => number("negated-")
            .filter(|i| usize::from(*i) < info.condition.len())
            .map(Fault::Negated)
            .or_else(|| {
                number("without-").filter(|i| usize::from(*i) < info.effects.len()).map(Fault::Without)
            })
            .or_else(|| {
                let name = fault.strip_prefix("next-")?;
                State::ALL.into_iter().find(|state| state.name() == name).map(Fault::OtherNext)
            }),
    };
    parsed
        .map(|fault| Mutant { row, fault })
        .ok_or_else(|| Refusal::new(format!("`{fault}` is no fault of row `{}`", row.name())))
}

/// The mutants of a row, without those that do the same as the row whatever the guards answer.
pub fn of(row: Row) -> impl Iterator<Item = Mutant> {
    MUTANTS.iter().copied().filter(move |mutant| mutant.row as usize == row as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_has_a_token() {
        for mutant in MUTANTS {
            assert_eq!(parse(&token(*mutant)), Ok(*mutant));
        }
        for wrong in
            ["", "no_such_row:removed", "listen_syn:broken", "listen_syn:negated-9", "listen_syn:next-OPEN"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
