//! Proofs for all numbers: the functions that ship run on terms instead of integers, once for each path, and a solver says which paths there are.
//!
//! Reading order: [`term`], [`solver`], [`path`], [`number`]; then [`end`], [`invariant`], [`theorem`]; then [`proof`], [`replay`].

pub(crate) mod end;
pub(crate) mod invariant;
pub(crate) mod number;
pub(crate) mod path;
pub(crate) mod proof;
pub(crate) mod replay;
pub(crate) mod solver;
pub(crate) mod term;
pub(crate) mod theorem;

#[cfg(test)]
mod survey {
    use super::*;
    use std::time::Duration;
    use tcpspec::mutants::MUTANTS;
    use tcpspec::EventKind;

    #[test]
    fn survey() {
        let program = solver::Program::find("cvc5").unwrap();
        for mutant in MUTANTS.iter() {
            let info = mutant.row.info();
            for state in info.states {
                if info.event == EventKind::Segment && !matches!(state.name(), "LISTEN" | "CLOSED" | "SYN-SENT" | "TIME-WAIT") { continue; }
                let proof = proof::prove(theorem::Theorem::Claims(Some(*mutant)), *state, &[info.event], &program, Duration::from_secs(10), 1);
                for found in proof.found { if found.violation.deviations.is_empty() { println!("{} | {mutant} | {}", found.violation.claim, state.name()); } }
            }
        }
    }
}
