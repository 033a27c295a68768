//! What stands on the screen: how far a command is, and what came of it.

pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod verdicts;
pub(crate) mod words;
