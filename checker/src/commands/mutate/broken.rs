//! What a machine can have: a fault of a row, or a fault in the body of a function that rows call.

use super::body_reasons;
use crate::commands::names::no_row;
use crate::prove::{equivalent, equivalent_bodies};
use std::fmt;
use tcpspec::TABLE;
use tcpspec::bodies::{Body, Fault};
use tcpspec::model::{Scenario, Tcp};
use tcpspec::mutants::{MUTANTS, Mutant};

/// One fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Broken {
    /// Of a row.
    Row(Mutant),
    /// In a body.
    Body(Body),
}

impl Broken {
    /// All of them, the rows' first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        MUTANTS.iter().copied().map(Self::Row).chain(Body::all().map(Self::Body))
    }

    /// Whether a name means it: its own, or its row, or its function, with or without the type, or its file.
    fn has_name(self, name: &str) -> bool {
        if self.to_string() == name {
            return true;
        }
        match self {
            Self::Row(mutant) => mutant.row.name() == name,
            Self::Body(body) => {
                let Fault { file, function, .. } = body.fault();
                let short = function.rsplit("::").next();
                *file == name || *function == name || short == Some(name)
            }
        }
    }

    /// Those that these names mean, or all.
    pub(crate) fn named(names: &[String]) -> Result<Vec<Self>, String> {
        for name in names {
            let is_row = TABLE.rows().any(|row| row.name == name);
            if !is_row && !Self::all().any(|broken| broken.has_name(name)) {
                return Err(format!(
                    "{}, and no function whose body can be broken has this name",
                    no_row(name)
                ));
            }
        }
        let wanted = |broken: &Self| names.is_empty() || names.iter().any(|name| broken.has_name(name));
        Ok(Self::all().filter(wanted).collect())
    }

    /// The model of a scenario, whose machine has this fault.
    pub(super) fn model(self, scenario: &Scenario) -> Tcp {
        let model = Tcp::new(scenario);
        match self {
            Self::Row(mutant) => Tcp { mutant: Some(mutant), ..model },
            Self::Body(body) => Tcp { body: Some(body), ..model },
        }
    }

    /// Why it cannot be told from the machine, if that is known.
    pub(super) fn reason(self) -> Option<&'static str> {
        match self {
            Self::Row(mutant) => equivalent::reason(mutant),
            Self::Body(body) => body_reasons::reason(body),
        }
    }

    /// Whether it is proven to be the same machine.
    pub(super) fn is_proven(self) -> bool {
        match self {
            Self::Row(mutant) => equivalent::reason(mutant).is_some(),
            Self::Body(body) => equivalent_bodies::reason(body).is_some(),
        }
    }

    /// The row, if it is one's.
    pub(super) fn row(self) -> Option<Mutant> {
        match self {
            Self::Row(mutant) => Some(mutant),
            Self::Body(_) => None,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(mutant) => mutant.fmt(f),
            Self::Body(body) => body.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_rows_functions_and_files() {
        let count = |name: &str| Broken::named(&[name.to_owned()]).unwrap().len();
        assert_eq!(count("rst_passive"), 7);
        assert!(count("in_window") > 1 && count("in_window") == count("Seq::in_window"));
        assert!(count("seq.rs") > count("in_window"));
        assert_eq!(Broken::named(&[]).unwrap().len(), Broken::all().count());
        let wrong = Broken::named(&["rst_pasive".to_owned()]).unwrap_err();
        assert!(wrong.contains("did you mean `rst_passive`?") && wrong.contains("function"), "{wrong}");
    }
}
