//! What a stack counts.

/// Counts of packets, and of what was not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Packets handed in.
    pub received: u64,
    /// Of these, dropped in the quiet time.
    pub quiet: u64,
    /// Of these, malformed and dropped.
    pub malformed: u64,
    /// Of these, the checksum did not match.
    pub checksum: u64,
    /// Of these, fragments, dropped.
    pub fragments: u64,
    /// Of these, not TCP or not for an address of the stack, dropped.
    pub not_ours: u64,
    /// Echo requests answered.
    pub echoes: u64,
    /// Echo requests not answered: more than the limit, or the device's queue is full.
    pub echoes_limited: u64,
    /// Errors that routers and hosts have reported (ICMP) about segments of ours that are under way.
    pub errors_reported: u64,
    /// Errors that speak of nothing that is under way, dropped (RFC 5927 §4.1).
    pub errors_stray: u64,
    /// Packets of the above that are answered by an ICMP error, since nothing here takes them.
    pub errors_sent: u64,
    /// Of these, not answered: more than the limit, or the device's queue is full.
    pub errors_limited: u64,
    /// Segments for no connection and no listener.
    pub unmatched: u64,
    /// SYNs dropped because a listener's backlog was full, too many connections were half-open, there were [too many](crate::Config::max_connections), or [memory](crate::Config::memory)
    /// was short.
    pub overflowed: u64,
    /// Acknowledgments dropped that would have established a connection beyond the backlog.
    pub accepts_overflowed: u64,
    /// SYNs answered with a cookie.
    pub cookies_sent: u64,
    /// Connections made by a cookie that came back.
    pub cookies_returned: u64,
    /// Segments for no connection that were not answered because the device's queue is full.
    pub unanswered: u64,
    /// Connections that nobody held, ended after [`Config::orphan_timeout`](crate::Config::orphan_timeout) without progress, those in FIN-WAIT-2 included.
    pub orphans_expired: u64,
    /// Such connections ended because there were more than [`Config::max_orphans`](crate::Config::max_orphans).
    pub orphans_over_number: u64,
    /// Such connections ended because they kept more than [`Config::orphan_memory`](crate::Config::orphan_memory), or all connections more than
    /// [`Config::memory`](crate::Config::memory).
    pub orphans_over_memory: u64,
    /// How often all connections together kept more than [`Config::memory`](crate::Config::memory).
    pub memory_short: u64,
    /// Connections whose text that had come early was thrown away then.
    pub early_forgotten: u64,
    /// Segments of which text was left out because memory was short.
    pub text_cut: u64,
    /// Connections that ended with text unacknowledged while no user heard of it: nobody held them any more, or their user has let go without asking.
    pub lost: u64,
    /// Ephemeral ports looked at, to find one that is free.
    pub ports_tried: u64,
    /// Packets handed out.
    pub sent: u64,
    /// Packets that the stack has sent to itself: neither handed out nor handed in.
    pub looped: u64,
}
