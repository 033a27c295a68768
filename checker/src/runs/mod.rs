//! Runs of a scenario: the one that its script asks for, and how a run becomes a link or a file.

pub(crate) mod links;
pub(crate) mod play;
