//! What every floor uses: the time, chance, what names a connection, and what can go wrong.

mod error;
mod invalid;
mod pair;
pub(crate) mod random;
mod span;
pub(crate) mod sync;
mod time;

pub use error::Error;
pub use invalid::InvalidSetting;
pub(crate) use invalid::Rule;
pub(crate) use pair::{Pair, Socket};
pub(crate) use span::Span;
pub use time::Time;
