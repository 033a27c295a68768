//! Who looks on: observers, records, tables, counters.

pub(crate) mod callbacks;
pub mod observe;
pub mod record;
pub mod table;
pub(crate) mod traffic;
