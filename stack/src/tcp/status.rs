//! What a connection tells of itself.

use crate::tcp::connection::Connection;
use crate::tcp::shared::Shared;
use crate::watch::status::Status;
use crate::watch::traffic::Repairs;

impl Connection {
    /// STATUS (§3.9.1.6).
    pub(crate) fn status(&self, shared: &Shared) -> Status {
        let Self { pair, state, tcb, io } = self;
        let mut status = Status {
            state: *state,
            local: pair.local,
            remote: pair.remote,
            established: self.is_established(),
            orphaned: io.orphaned,
            error: io.error,
            soft_error: io.soft_error,
            mss: io.send_mss(shared),
            unread: io.received.len(),
            unacknowledged: io.send.len(),
            send_window: tcb.send_window(),
            receive_window: tcb.receive_window(),
            congestion_window: 0,
            slow_start_threshold: 0,
            under_way: 0,
            repairs: Repairs::default(),
            traffic: io.traffic,
            round_trip: io.rto.smoothed(),
            round_trip_min: io.sender.recovery.min_rtt(),
            rto: io.rto.get(),
        };
        io.sender.tell(&mut status, io.send_mss(shared));
        status
    }
}
