//! What looks on and decides nothing: observers, records, tables, counters.

pub(crate) mod callbacks;
pub(crate) mod counters;
mod fired;
pub mod observe;
pub mod record;
pub(crate) mod status;
pub mod table;
pub(crate) mod traffic;
