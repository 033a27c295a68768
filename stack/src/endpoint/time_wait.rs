//! The record of a connection that only waits for 2MSL to be over. When something comes, the record becomes that connection again, and the same rows
//! decide. The record only saves room in between.

use crate::base::Pair;
use crate::tcp::connection::Connection;
use crate::tcp::host::Rest;
use crate::tcp::shared::Shared;
use tcpspec::record::Side;
use tcpspec::{Full, State, Tcb};

/// A connection without text, estimates and settings.
pub(crate) struct Record {
    pub(crate) pair: Pair,
    pub(crate) tcb: Tcb<Full>,
    rest: Rest,
    state: State,
    /// It was opened actively, from an ephemeral port.
    pub(crate) outgoing: bool,
    /// What the last record said, if events are recorded.
    recorded: Option<Box<Side<Full>>>,
}

impl Record {
    pub(crate) fn of(connection: &Connection, outgoing: bool) -> Self {
        let Connection { pair, state, tcb, io } = connection;
        let recorded = io.recorded.clone();
        Self { pair: *pair, tcb: *tcb, rest: io.rest(), state: *state, outgoing, recorded }
    }

    /// The connection as it was, but for what it does not need any more.
    pub(crate) fn connection(&self, shared: &Shared) -> Connection {
        let Self { pair, tcb, rest, state, outgoing: _, recorded } = self;
        let mut connection = Connection::new(*pair, shared);
        (connection.state, connection.tcb) = (*state, *tcb);
        connection.io.restore(rest);
        connection.io.recorded.clone_from(recorded);
        connection
    }
}
