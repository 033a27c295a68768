//! A connection at rest: nothing is queued, nothing is under way, no timer runs but that of keep-alive. It is kept in few octets and becomes the same
//! connection again with its next event. No rule knows of that: a connection rests between two events, and nothing of it changes.

use crate::base::{Pair, Time};
use crate::config::Settings;
use crate::congestion::Congestion;
use crate::tcp::connection::Connection;
use crate::tcp::host::ConnectionHost;
use crate::tcp::memo::{Memo, Near, Reading, Writing};
use crate::tcp::shared::Shared;
use std::ops::Deref;
use std::sync::Arc;
use tcpspec::record::Side;
use tcpspec::{Full, State, Tcb};

/// How long nothing happens on a connection before it rests. What wakes up sooner is not worth the work.
pub(crate) const IDLE: std::time::Duration = std::time::Duration::from_secs(10);

/// A connection at rest.
pub(crate) struct Rest {
    pub(crate) tcb: Tcb<Full>,
    settings: Arc<Settings>,
    congestion: Option<Box<dyn Congestion>>,
    /// What the last record said, if events are recorded.
    recorded: Option<Box<Side<Full>>>,
    /// The pair of sockets, and everything else.
    octets: Box<[u8]>,
}

impl Rest {
    /// What is kept of a connection that [may rest](Connection::may_rest). `used`: when its last event was.
    pub(crate) fn of(connection: &mut Connection, used: Time, shared: &mut Shared) -> Self {
        let Connection { pair, mut state, tcb, .. } = *connection;
        let mut octets = std::mem::take(&mut shared.scratch);
        octets.clear();
        pair.write(&mut octets);
        let mut memo = Writing { octets, near: near(&tcb) };
        let host = &mut connection.host;
        keep(&mut state, &mut used.clone(), host, &mut memo);
        let rest = Self {
            tcb,
            settings: Arc::clone(&host.settings),
            congestion: host.sender.take_congestion(),
            recorded: host.recorded.take(),
            octets: memo.octets.as_slice().into(),
        };
        shared.scratch = memo.octets;
        rest
    }

    /// Octets of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>() + self.octets.len()
    }

    /// The pair of sockets.
    pub(crate) fn pair(&self) -> Pair {
        Pair::read(&self.octets).0
    }

    /// The same connection, and when its last event was.
    pub(crate) fn connection(self, shared: &Shared) -> (Connection, Time) {
        let Self { tcb, settings, congestion, recorded, octets } = self;
        let (mut connection, used) = read(&octets, tcb, settings, shared);
        connection.host.sender.give_congestion(congestion);
        connection.host.recorded = recorded;
        (connection, used)
    }

    /// The connection to look at.
    pub(crate) fn look(&self, shared: &Shared) -> Connection {
        let (mut connection, _) = read(&self.octets, self.tcb, Arc::clone(&self.settings), shared);
        connection.host.sender.show_congestion(self.congestion.as_deref());
        connection
    }
}

fn near(tcb: &Tcb<Full>) -> Near {
    Near { at: Time::ZERO, ours: tcb.snd_nxt, theirs: tcb.rcv_nxt }
}

/// What is kept beside the TCB and the pair of sockets, both ways.
fn keep(state: &mut State, used: &mut Time, host: &mut ConnectionHost, memo: &mut impl Memo) {
    memo.state(state);
    memo.time(used);
    memo.near_mut().at = *used;
    host.keep(memo);
}

fn read(octets: &[u8], tcb: Tcb<Full>, settings: Arc<Settings>, shared: &Shared) -> (Connection, Time) {
    let (pair, octets) = Pair::read(octets);
    let host = ConnectionHost::blank(pair.remote.ip(), settings, &shared.config);
    let mut connection = Connection { pair, state: State::INITIAL, tcb, host };
    let mut used = Time::ZERO;
    let mut memo = Reading { octets, near: near(&tcb) };
    keep(&mut connection.state, &mut used, &mut connection.host, &mut memo);
    (connection, used)
}

/// A connection to look at: one that is awake, or a copy of one that rests.
pub(crate) enum Look<'a> {
    Awake(&'a Connection),
    Resting(Box<Connection>),
}

impl Deref for Look<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Awake(connection) => connection,
            Self::Resting(connection) => connection,
        }
    }
}

impl Connection {
    /// Nothing is queued, under way or waited for: between this event and the next one the connection can be kept in few octets.
    pub(crate) fn may_rest(&self) -> bool {
        self.host.may_rest()
    }
}
