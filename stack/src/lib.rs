//! A TCP/IP stack in user space around the state machine that [`tcpspec`] generates from its table.
//!
//! Nothing here decides a transition: every segment, call and timeout is an event of the table. This crate adds what the
//! table leaves to the host: bytes, buffers, clocks, ports.
//!
//! | to | see |
//! |---|---|
//! | use sockets as in `std::net` | [`net`] |
//! | use them in tasks | `asynchronous` (feature `tokio`) |
//! | wait for one connection without a listener | [`net::passive`] |
//! | start, share and stop a stack | [`Stack`] |
//! | choose a device, or a bad one | [`device`] |
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
//! Linux is what the tests run on. For macOS, FreeBSD and Windows it compiles, and was not run.
//!
//! Reading order for the source: [`wire`] (bytes ↔ headers; past it nothing sees bytes), `buffer`, `recovery`, `rto`, [`congestion`], `sending`, `receiving`, `host`
//! (how a connection answers the machine), `connection`, [`endpoint`] (all connections of one stack, sans-IO: time is an argument), [`device`],
//! `waiters` (who waits for what), `callbacks`, `reentry`, [`runtime`] (threads and the clock), `socket` and [`net`].
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

#[cfg(feature = "tokio")]
pub mod asynchronous;
mod batch;
mod buffer;
mod builders;
mod callbacks;
mod config;
pub mod congestion;
mod connection;
mod cookie;
mod debug;
mod demux;
pub mod device;
pub mod endpoint;
mod error;
mod host;
pub mod net;
pub mod observe;
pub mod packet;
mod path;
mod random;
mod receiving;
pub mod record;
mod recovery;
mod reentry;
mod rto;
pub mod runtime;
mod sending;
mod settings;
mod socket;
pub mod table;
mod time;
mod time_wait;
mod timer;
mod traffic;
mod waiters;
pub mod wire;

pub use config::{Config, InvalidSetting};
pub use endpoint::{ConnectionId, Endpoint, Initial, Interest, Listen, ListenerId, Ready, Received, Status};
pub use error::Error;
pub use net::{TcpListener, TcpStream};
pub use packet::{Capabilities, Offload, Packet};
pub use runtime::{Lost, Stack};
pub use sending::Repairs;
pub use settings::{KeepAlive, Settings};
pub use time::Time;
pub use traffic::Traffic;
