//! Observers, records, tables and counters. They look on and decide nothing.

pub(crate) mod callbacks;
pub(crate) mod counters;
mod fired;
pub mod observe;
pub mod record;
pub(crate) mod status;
pub mod table;
pub(crate) mod traffic;
