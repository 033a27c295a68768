//! TCP from one declarative table.
//!
//! [`table`] says how TCP behaves: all of RFC 9293 §3.10 and of the RFCs that amend it. The macro
//! [`tcp_table!`](tcpspec_macros::tcp_table) turns it into the state machine ([`machine`], [`step`]) that the stack runs and the
//! model explores. The macro also makes the static [`TABLE`] from which the documents are written.
//!
//! Reading order: [`seq`], [`segment`], [`tcb`], [`call`], [`host`]; then [`table`], [`guards`], [`effects`]; then the model (feature
//! `model`). The model also judges runs of the stack, which [`record`] describes.

pub mod call;
pub mod effects;
pub mod guards;
pub mod host;
pub mod info;
#[cfg(feature = "model")]
pub mod model;
mod quotations;
pub mod record;
pub mod segment;
pub mod seq;
pub mod table;
pub mod tcb;

pub use call::CallError;
pub use host::{Acknowledge, Host, Notice};
pub use quotations::{Quotation, quotation, quotations};
pub use segment::{Flags, Segment};
pub use seq::{Full, Seq, Small, Space};
#[cfg(feature = "model")]
pub use table::mutants;
pub use table::{
    AckPlace, Event, EventKind, Options, Place, Row, State, TABLE, Timer, enabled, first_row, machine, step,
};
pub use tcb::{Facts, Tcb};
