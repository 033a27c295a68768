//! Where output goes: the terminal, stderr, files.

pub(crate) mod aside;
pub(crate) mod place;
pub(crate) mod status;
pub(crate) mod terminal;
