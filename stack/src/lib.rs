//! A TCP/IP stack in user space around the state machine that [`tcpspec`] generates from its table.
//!
//! The table decides every transition: each segment, call and timeout is one of its events. This crate adds what the
//! table leaves to the host: bytes, buffers, clocks, ports.
//!
//! ```
//! use std::net::SocketAddr;
//! use std::time::Duration;
//! use tcpspec_stack::device::memory::Link;
//!
//! // Two endpoints in simulated time, 5 ms apart.
//! let mut link = Link::new(Duration::from_millis(5));
//! let listener = link.ends[1].listen(80, 8)?;
//! let now = link.now();
//! let server = SocketAddr::new(link.ends[1].address(), 80);
//! let client = link.ends[0].connect(now, None, server)?;
//! link.run_for(Duration::from_millis(20));
//! let server = link.ends[1].accept(listener).unwrap();
//! assert_eq!(link.ends[0].status(client)?.state, tcpspec::State::Established);
//! assert_eq!(link.ends[1].status(server)?.state, tcpspec::State::Established);
//! # Ok::<(), tcpspec_stack::Error>(())
//! ```
//!
//! | to | see |
//! |---|---|
//! | use sockets as in `std::net` | [`net`] |
//! | use them in tasks | `asynchronous` (feature `tokio`) |
//! | wait for one connection without a listener | [`net::passive`] |
//! | drive many sockets by an event loop | [`Stack::without_thread`], [`net::ready`] |
//! | start, share and stop a stack | [`Stack`] |
//! | choose a device, or a bad one | [`device`] |
//! | use several cores | [`Shards`], [`device::spread`] |
//! | write a gateway | [`Listen::hold`], [`Config::any_destination`], [`Stack::on_other`] |
//! | drive it packet by packet in virtual time | [`Endpoint`], [`device::memory`] |
//! | watch it | [`observe`], [`device::pcap`], [`table`] |
//! | set something | [`Config`], [`Settings`] |
//!
//! To depend on it, with as many of the features below as are wanted:
//!
//! ```toml
//! [dependencies]
//! tcpspec-stack = { git = "https://github.com/tcpspec/tcpspec", features = ["tokio"] }
//! ```
//!
//! | feature | brings |
//! |---|---|
//! | `tun` | TUN devices and open descriptors; the only one that is on by default |
//! | `tokio` | sockets for tasks, with tokio's traits and shapes: `asynchronous` |
//! | `futures` | `AsyncRead`, `AsyncWrite` and `Stream` of `futures` for the same |
//! | `axum` | `axum::serve` on a listener |
//! | `hyper-util` | a connector for HTTP clients |
//! | `tonic` | gRPC servers on a stream of connections |
//! | `tracing` | an event of level TRACE for each row that fires |
//! | `inclusion` | for tests: the model judges every event |
//!
//! The tests run on Linux. For macOS, FreeBSD and Windows the crate compiles, and was not run.
//!
//! The source has floors, a folder each. A floor uses only those that stand before it here. `tests/tests/project/floors/mod.rs` checks that.
//!
//! | floor | what is there |
//! |---|---|
//! | `base` | the time, chance, errors |
//! | [`wire`] | bytes ↔ headers, packets; no other floor sees bytes |
//! | [`congestion`] | how much may be under way |
//! | `config` | settings, and what they can be |
//! | `watch` | observers, records, tables, counters: they look on and decide nothing |
//! | `tcp` | one connection: the machine, and how its host answers it |
//! | [`endpoint`] | all connections of one stack, sans-IO: time is an argument |
//! | [`device`] | where packets come from and go to |
//! | [`runtime`] | threads, the clock, and what each caller waits for |
//! | `sockets` | the shapes of `std::net` ([`net`]) and of tokio (`asynchronous`) |

#![cfg_attr(docsrs, feature(doc_cfg))]

// The floors, from below upward.

mod base;

pub mod wire;

pub mod congestion;

mod config;

mod watch;

mod tcp;

pub mod endpoint;

pub mod device;

pub mod runtime;

mod sockets;

pub use base::{Error, InvalidSetting, Time};
pub use config::{Config, KeepAlive, Settings};
pub use endpoint::{ConnectionId, Endpoint, Interest, ListenerId, Ready, Received};
#[doc(no_inline)]
pub use endpoint::{Initial, Listen, Status};
#[doc(no_inline)]
pub use net::{TcpListener, TcpStream};
#[doc(no_inline)]
pub use packet::{Capabilities, Flows, Offload, Packet};
pub use runtime::{Lost, Stack};
#[cfg(feature = "tokio")]
pub use sockets::asynchronous;
pub use sockets::net;
pub use sockets::shards::Shards;
pub use watch::traffic::{Repairs, Traffic};
pub use watch::{observe, record, table};

/// A packet, and what is left to the device: checksums and the cutting of large segments (the virtio-net header, virtio 1.2 §5.1.6).
pub mod packet {
    pub use crate::wire::flow::Flows;
    pub use crate::wire::packet::{Capabilities, Checksum, Offload, Packet, Writes};
}

/// The README's examples, for the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
