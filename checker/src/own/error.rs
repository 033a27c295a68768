//! What can be wrong with a suite.

use super::caught::Fault;
use super::watched::MOST_CLAIMS;
use std::fmt;

/// What is wrong with a suite, or came in its way. Each error names the culprit.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The suite has no scenario.
    NoScenarios {
        /// The suite.
        suite: String,
    },
    /// Two scenarios have the same name.
    TwoScenarios {
        /// The name.
        scenario: String,
    },
    /// Nothing is claimed of a scenario.
    NoClaims {
        /// The scenario.
        scenario: String,
    },
    /// Two claims of a scenario have the same name.
    TwoClaims {
        /// The scenario.
        scenario: String,
        /// The name.
        claim: String,
    },
    /// More is claimed of a scenario than the checker asks.
    TooManyClaims {
        /// The scenario.
        scenario: String,
        /// How many claims it has.
        claims: usize,
    },
    /// A name that cannot stand in a command or a link.
    Name {
        /// The name.
        name: String,
    },
    /// The table has no such option.
    UnknownOption {
        /// The scenario.
        scenario: String,
        /// The option.
        option: String,
    },
    /// The model cannot hold these bounds.
    Bounds {
        /// The scenario.
        scenario: String,
        /// Which bound, and what the model holds.
        why: String,
    },
    /// A closure has panicked.
    Panicked {
        /// The scenario.
        scenario: String,
        /// The claim that it belongs to; none if it keeps the history.
        claim: Option<String>,
        /// What the panic says.
        message: String,
        /// The file and line of the panic.
        place: Option<String>,
    },
    /// The command line asks for something else, or for something that this machine refuses: the sentence says what.
    Command(String),
}

impl From<Fault> for Error {
    fn from(Fault { scenario, claim, message, place }: Fault) -> Self {
        Self::Panicked { scenario, claim, message, place }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScenarios { suite } => write!(f, "the suite `{suite}` has no scenario"),
            Self::TwoScenarios { scenario } => write!(f, "two scenarios have the name `{scenario}`"),
            Self::NoClaims { scenario } => {
                write!(f, "scenario `{scenario}`: nothing is claimed of it, so there is nothing to check")
            }
            Self::TwoClaims { scenario, claim } => {
                write!(f, "scenario `{scenario}`: two claims have the name \"{claim}\"")
            }
            Self::TooManyClaims { scenario, claims } => {
                write!(f, "scenario `{scenario}`: it has {claims} claims; {MOST_CLAIMS} can be asked at once")
            }
            Self::Name { name } => write!(
                f,
                "scenario `{name}`: a name has letters, digits, `-`, `_` and at most one `/`, so that commands and links can hold it"
            ),
            Self::UnknownOption { scenario, option } => {
                write!(f, "scenario `{scenario}`: the table has no option `{option}`")
            }
            Self::Bounds { scenario, why } => write!(f, "scenario `{scenario}`: {why}"),
            Self::Panicked { scenario, claim, message, place } => {
                let (scenario, claim) = (scenario.clone(), claim.clone());
                Fault { scenario, claim, message: message.clone(), place: place.clone() }.fmt(f)
            }
            Self::Command(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}
