//! What the server takes from its clients, and how long it waits for them. Every queue and every wait has its bound here.

use std::time::Duration;

/// The bounds of one server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Connections at once. For one more, the connection goes whose client has been waited for the longest; if all are being served, the new one is refused.
    pub(super) connections: usize,
    /// Requests on a connection; then it is closed, and the client opens another.
    pub(super) requests: u32,
    /// Octets of a request's line and headers.
    pub(super) head: usize,
    /// Headers of a request.
    pub(super) headers: usize,
    /// Until a request's headers are there, counted from when the connection is free for one.
    pub(super) head_time: Duration,
    /// Octets of a request.
    pub(super) body: usize,
    /// Octets of a request that imports a file: 8 MiB in base64, and a little around it.
    pub(super) import: usize,
    /// Octets of a request that is too large which are still read, so that its sender hears why it is refused.
    pub(super) passed_over: usize,
    /// Until a request's body is there.
    pub(super) body_time: Duration,
    /// A request larger than this counts against `large`.
    pub(super) small: usize,
    /// Octets of all large requests together.
    pub(super) large: usize,
    /// Octets of an answer that a client takes within `take_time`, at least; who takes less is not waited for.
    pub(super) take: usize,
    /// See `take`.
    pub(super) take_time: Duration,
    /// Octets of an answer that the system keeps for a client.
    pub(super) kept: u32,
    /// Answers that are worked out at once.
    pub(super) answers: usize,
    /// Searches that run at once.
    pub(super) searches: usize,
    /// Searches that wait for their turn.
    pub(super) waiting: usize,
    /// Different states of a search.
    pub(super) states: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 512,
            requests: 10_000,
            head: 32 << 10,
            headers: 64,
            head_time: Duration::from_secs(15),
            body: 1 << 20,
            import: 11 << 20,
            passed_over: 64 << 20,
            body_time: Duration::from_secs(20),
            small: 64 << 10,
            large: 64 << 20,
            take: 16 << 10,
            take_time: Duration::from_secs(20),
            kept: 256 << 10,
            answers: 4,
            searches: 4,
            waiting: 64,
            states: 5_000_000,
        }
    }
}
