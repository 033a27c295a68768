//! What every floor uses: the time, chance, and what can go wrong.

mod error;
pub(crate) mod random;
mod time;

pub use error::Error;
pub use time::Time;
