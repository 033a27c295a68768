//! The report that a row has fired.

use crate::base::Time;
use std::net::SocketAddr;
use tcpspec::Row;

/// A row has fired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Fired {
    /// When.
    pub at: Time,
    /// Our socket.
    pub local: SocketAddr,
    /// The peer's; unspecified for a listener.
    pub remote: SocketAddr,
    /// The row: its name, sentence and section are in [`Row::info`].
    pub row: Row,
}

#[cfg(feature = "tracing")]
impl Fired {
    /// Tells the subscribers.
    pub(crate) fn trace(&self) {
        let Self { row, local, remote, .. } = self;
        tracing::trace!(target: "tcpspec::row", row = row.name(), %local, %remote);
    }
}
