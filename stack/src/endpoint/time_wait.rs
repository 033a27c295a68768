//! The record of a connection that only waits for 2MSL to be over. When something comes, the record becomes that connection again, and the same rows
//! decide. The record only saves room in between.

use crate::base::Pair;
use crate::tcp::connection::Connection;
use crate::tcp::host::TimeWaitHost;
use crate::tcp::shared::Shared;
use tcpspec::record::Side;
use tcpspec::{Full, State, Tcb};

/// A connection without text, estimates and settings.
pub(crate) struct TimeWaitRecord {
    pub(crate) pair: Pair,
    pub(crate) tcb: Tcb<Full>,
    host: TimeWaitHost,
    state: State,
    /// It was opened actively, from an ephemeral port.
    pub(crate) outgoing: bool,
    /// What the last record said, if events are recorded.
    recorded: Option<Box<Side<Full>>>,
}

impl TimeWaitRecord {
    pub(crate) fn of(connection: &Connection, outgoing: bool) -> Self {
        let Connection { pair, state, tcb, host } = connection;
        let recorded = host.recorded.clone();
        Self { pair: *pair, tcb: *tcb, host: host.time_wait(), state: *state, outgoing, recorded }
    }

    /// The connection as it was, but for what it does not need any more.
    pub(crate) fn connection(&self, shared: &Shared) -> Connection {
        let Self { pair, tcb, host, state, outgoing: _, recorded } = self;
        let mut connection = Connection::new(*pair, shared);
        (connection.state, connection.tcb) = (*state, *tcb);
        connection.host.restore(host);
        connection.host.recorded.clone_from(recorded);
        connection
    }
}
