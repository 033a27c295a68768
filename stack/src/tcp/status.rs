//! What a connection tells of itself.

use crate::tcp::connection::Connection;
use crate::tcp::shared::Shared;
use crate::watch::status::Status;
use crate::watch::traffic::Repairs;
use std::time::Duration;

impl Connection {
    /// STATUS (§3.9.1.5).
    pub(crate) fn status(&self, shared: &Shared) -> Status {
        let Self { pair, state, tcb, host } = self;
        let mut status = Status {
            state: *state,
            local: pair.local,
            remote: pair.remote,
            established: self.is_established(),
            orphaned: host.orphan.abandoned,
            error: host.reports.error,
            soft_error: host.reports.soft_error,
            mss: host.send_mss(shared),
            unread: host.received.len(),
            unacknowledged: host.send.len(),
            send_window: tcb.send_window(),
            receive_window: tcb.receive_window(),
            congestion_window: 0,
            slow_start_threshold: 0,
            under_way: 0,
            repairs: Repairs::default(),
            traffic: host.traffic,
            round_trip: host.timers.rto.smoothed().map(Duration::from),
            round_trip_min: host.sender.recovery.min_rtt().map(Duration::from),
            rto: host.timers.rto.get().into(),
        };
        host.sender.tell(&mut status, host.send_mss(shared));
        status
    }
}
