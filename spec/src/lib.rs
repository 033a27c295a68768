//! TCP from one declarative table.
//!
//! [`table`] says how TCP behaves: all of RFC 9293 §3.10 and of the RFCs that amend it. The macro
//! [`tcp_table!`](tcpspec_macros::tcp_table) turns it into the state machine ([`machine`], [`step`]) that the stack runs and the
//! model explores. The macro also makes the static [`TABLE`] from which the documents are written.
//!
//! Reading order: [`seq`], [`segment`], [`tcb`], [`call`], [`host`]; then [`table`], [`guards`], [`effects`]; then the model (feature
//! `model`). The model also judges runs of the stack, which [`record`] describes.
//!
//! A connection begins (RFC 9293, Figure 6, seen from TCP Peer B):
//!
//! ```
//! use tcpspec::call::Open;
//! use tcpspec::{Event, Flags, Full, Host, Options, Segment, Seq, State, Tcb, step};
//! # use tcpspec::{Acknowledge, Notice, Timer};
//!
//! /// The surroundings: they keep what is sent.
//! #[derive(Default)]
//! struct Surroundings(Vec<Segment<Full>>);
//!
//! impl Host<Full> for Surroundings {
//!     fn emit(&mut self, segment: Segment<Full>) {
//!         self.0.push(segment);
//!     }
//!     fn initial_sequence(&mut self) -> Seq<Full> {
//!         Seq::new(300)
//!     }
//!     // … and timers, text and notices, which nothing listens to here.
//! #   fn acknowledge(&mut self, _: Acknowledge) {}
//! #   fn start(&mut self, _: Timer) {}
//! #   fn stop(&mut self, _: Timer) {}
//! #   fn notify(&mut self, _: Notice) {}
//! #   fn initial_window(&mut self) -> u32 { 4096 }
//! #   fn deliver(&mut self, _: &Segment<Full>) {}
//! #   fn hold(&mut self, _: &Segment<Full>) {}
//! #   fn acknowledged(&mut self, _: u32, _: u32) {}
//! #   fn resend(&mut self, _: &Tcb<Full>) {}
//! #   fn flush(&mut self) {}
//! #   fn flush_sends(&mut self) {}
//! #   fn abandon(&mut self) {}
//! #   fn fork(&mut self, _: &Segment<Full>) {}
//! #   fn hand_over(&mut self, _: &Segment<Full>) {}
//! }
//!
//! let (mut state, mut tcb) = (State::Closed, Tcb::default());
//! let (options, mut host) = (Options::default(), Surroundings::default());
//!
//! let mut open = Event::Open(Open { active: false, ..Open::default() });
//! step(&mut state, &mut tcb, &mut open, &options, &mut host)?;
//! assert_eq!(state, State::Listen);
//!
//! let syn = Segment { seq: Seq::new(100), flags: Flags::SYN, wnd: 4096, ..Segment::default() };
//! step(&mut state, &mut tcb, &mut Event::Segment(syn), &options, &mut host)?;
//! assert_eq!(state, State::SynReceived);
//!
//! // <SEQ=300><ACK=101><CTL=SYN,ACK>
//! let answer = host.0[0];
//! assert_eq!((answer.seq, answer.ack), (Seq::new(300), Seq::new(101)));
//! assert_eq!(answer.flags, Flags::SYN.with(Flags::ACK));
//! # Ok::<(), tcpspec::CallError>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "model")]
pub mod bodies;
#[cfg(feature = "model")]
pub mod by_hand;
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
pub use seq::{Full, Numbers, Seq, Small, Space, Word};
#[cfg(feature = "model")]
pub use table::mutants;
pub use table::{
    AckPlace, Event, EventKind, Options, Place, Row, State, TABLE, Timer, enabled, first_row, machine, step,
};
pub use tcb::{FactSet, Facts, Tcb};

// So that what the benchmark and a test include by its path has the same names here.
#[cfg(feature = "model")]
extern crate self as tcpspec;

/// The README's examples, for the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
