//! Settings of a stack.

use crate::congestion;
use crate::wire::{ip, options};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::time::Duration;
use tcpspec::Options;

/// Settings, with the defaults that the RFCs give. A value that a setting cannot have is refused with the setting's name where a stack starts ([`Self::check`]).
///
/// | setting | unit, range | default |
/// |---|---|---|
/// | [`ipv4`](Self::ipv4), [`ipv6`](Self::ipv6) | address and prefix length in bits | as given |
/// | [`mtu`](Self::mtu) | octets, 68 (with IPv6 1280) to 65535 | 1500 |
/// | [`msl`](Self::msl) | time, not zero | 2 min |
/// | [`quiet_time`](Self::quiet_time) | on, off | off |
/// | [`options`](Self::options) | on, off each | those of the table |
/// | [`send_buffer`](Self::send_buffer) | octets, per connection, at most; zero counts as 1 | 4 MiB |
/// | [`receive_buffer`](Self::receive_buffer) | octets, per connection, at most, 1 to 1 GiB | 4 MiB |
/// | [`receive_buffer_start`](Self::receive_buffer_start) | octets, one unit of the window scale at least | 64 KiB |
/// | [`largest_segment`](Self::largest_segment) | octets, or no limit of its own | none |
/// | [`sack`](Self::sack), [`timestamps`](Self::timestamps) | on, off | on |
/// | [`congestion`](Self::congestion) | function | CUBIC |
/// | [`initial_rto`](Self::initial_rto), [`min_rto`](Self::min_rto), [`max_rto`](Self::max_rto) | time, 1 ms at least | 1 s, 1 s, 60 s |
/// | [`r1`](Self::r1) | retransmissions | 3 |
/// | [`r2`](Self::r2), [`r2_syn`](Self::r2_syn) | time, not zero | 100 s, 3 min |
/// | [`user_timeout`](Self::user_timeout) | time, not zero, or none | none |
/// | [`keep_alive`](Self::keep_alive) | time idle, 1 ms at least, or off | off |
/// | [`keep_alive_interval`](Self::keep_alive_interval) | time, 1 ms at least | 75 s |
/// | [`keep_alive_probes`](Self::keep_alive_probes) | probes; less than 2 count as 2 | 9 |
/// | [`orphan_timeout`](Self::orphan_timeout) | time, zero for no limit | 60 s |
/// | [`max_orphans`](Self::max_orphans) | connections, zero for no limit | 4096 |
/// | [`orphan_memory`](Self::orphan_memory) | octets, zero for no limit | 64 MiB |
/// | [`delayed_ack`](Self::delayed_ack) | time, 0.5 s at most, zero for never | 40 ms |
/// | [`nagle`](Self::nagle) | on, off | on |
/// | [`hop_limit`](Self::hop_limit) | 1 to 255 | 64 |
/// | [`traffic_class`](Self::traffic_class) | octet without its two lowest bits | 0 |
/// | [`echo_limit`](Self::echo_limit) | answers a second; zero for none | 1000 |
/// | [`error_limit`](Self::error_limit) | messages a second; zero for none | 100 |
/// | [`max_connections`](Self::max_connections) | connections, up to 2³⁰; zero for none | 262,144 |
/// | [`memory`](Self::memory) | octets, zero for no limit | 1 GiB |
/// | [`any_destination`](Self::any_destination) | on, off | off |
/// | [`ephemeral_ports`](Self::ephemeral_ports) | ports, one at least, without 0 | 1024 to 65535 |
/// | [`key`](Self::key) | 128 bits | random |
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The stack's own IPv4 address, which one host can have, and the length of its network's prefix in bits, 0 to 32. A stack without any address
    /// connects to nobody but itself, and takes connections only to [any address](Self::any_destination).
    pub ipv4: Option<(Ipv4Addr, u8)>,
    /// The stack's own IPv6 address, which one host can have, and the length of its network's prefix in bits, 0 to 128.
    pub ipv6: Option<(Ipv6Addr, u8)>,
    /// Largest packet in octets, headers included: 68 (RFC 791), with IPv6 1280 (RFC 8200 §5), to 65535. Default: 1500.
    pub mtu: u16,
    /// Maximum segment lifetime, not zero; TIME-WAIT lasts twice as long (§3.4.2). Default: 2 minutes.
    pub msl: Duration,
    /// The quiet time (§3.4.3): for one MSL after the first event nothing is sent; packets that come are dropped, and connecting fails with
    /// [`Error::QuietTime`](crate::Error::QuietTime). Default: off. A stack that has restarted does not remember which numbers it has used, so
    /// without the quiet time a segment of before may be taken for one of a new connection between the same sockets. Random keys make the numbers
    /// of both unrelated, which leaves that to chance: a window of 256 KiB covers one number in 16,384.
    pub quiet_time: bool,
    /// Choices of the table.
    pub options: Options,
    /// Octets that wait to be sent or acknowledged, per connection, at most: a connection takes twice its congestion window of it,
    /// 256 KiB at least. Memory is held only for what waits. Zero counts as 1. Default: 4 MiB.
    pub send_buffer: usize,
    /// Octets that wait for the user, per connection, at most: the largest window offered, 1 octet to 1 GiB (RFC 7323 §2.3). Memory is held only for what
    /// waits. Default: 4 MiB.
    pub receive_buffer: usize,
    /// The window offered at first; it grows up to [`receive_buffer`](Self::receive_buffer) while the user takes as much in a round
    /// trip as it lets in. At most `receive_buffer` of it counts, and it is at least one unit of the window scale, which is the smallest that can announce
    /// `receive_buffer` (RFC 7323 §2.3): 128 octets where that is 4 MiB. Default: 64 KiB.
    pub receive_buffer_start: usize,
    /// Octets of text in a segment at most, in both directions, at least 1: of what is sent, and announced to the peer (MSS, §3.7.1, which does not count
    /// options); `None` for no limit but those of the packet's size. Default: `None`.
    pub largest_segment: Option<u16>,
    /// Selective acknowledgments (RFC 2018, RFC 2883), and with them RACK-TLP (RFC 8985), where the peer agrees. Default: on.
    pub sack: bool,
    /// Congestion control: [`congestion::cubic`], [`congestion::new_reno`], or
    /// a function of your own. Default: CUBIC.
    pub congestion: congestion::Make,
    /// Retransmission timeout before anything was measured (RFC 6298 §2), 1 ms at least; more than `max_rto` counts as that. Default: 1 second.
    pub initial_rto: Duration,
    /// Smallest retransmission timeout (RFC 6298 §2.4), 1 ms at least, and not more than `max_rto`. Default: 1 second.
    pub min_rto: Duration,
    /// Largest retransmission timeout (RFC 6298 §2.5), 1 ms at least. Default: 60 seconds.
    pub max_rto: Duration,
    /// R1: retransmissions until the user hears of trouble (SHLD-9, SHLD-10); zero counts as 1. Default: 3.
    pub r1: u32,
    /// R2: how long text or a FIN may stay unacknowledged, while the stack is called when it asks to be (SHLD-11), not zero. Default: 100 seconds.
    pub r2: Duration,
    /// R2 for a SYN, counted in the same way (MUST-23), not zero. Default: 3 minutes.
    pub r2_syn: Duration,
    /// The user timeout (§3.9.1.1): see [`Settings::user_timeout`](crate::Settings::user_timeout), not zero; none by default.
    pub user_timeout: Option<Duration>,
    /// Idle time before keep-alive probes (§3.8.4), 1 ms at least; off by default, as MUST-25 asks.
    pub keep_alive: Option<Duration>,
    /// Time between keep-alive probes, 1 ms at least. Default: 75 seconds.
    pub keep_alive_interval: Duration,
    /// Unanswered keep-alive probes after which a connection is given up; less than 2 count as 2 (MUST-29). Default: 9.
    pub keep_alive_probes: u32,
    /// How long a connection that its user has [released](crate::Endpoint::release) lives without progress, that is, without an acknowledgment of anything new: while text or FIN
    /// waits for delivery, sent or not, also behind a closed window; and for the peer's FIN once all is delivered (FIN-WAIT-2, MAY-1). TIME-WAIT has its own end. What is undelivered
    /// is given up with a RST. Zero for no limit: then a peer can keep such a connection for ever (MUST-37; RFC 6429 permits the limit). Default: 60 seconds.
    pub orphan_timeout: Duration,
    /// Connections that their users have released and that are not in TIME-WAIT, at most. Beyond that the connection that has gone longest without progress is ended. Zero for no limit. Default: 4096.
    pub max_orphans: usize,
    /// Octets that such connections keep in all, at most: text to be delivered, text that came early, and some 2 KiB for each. Beyond that the one longest without progress is ended. Zero for no
    /// limit. Default: 64 MiB.
    pub orphan_memory: usize,
    /// How long an acknowledgment may be held back (§3.8.6.3; more than 450 ms count as that, MUST-40); zero for never. Default: 40 ms.
    pub delayed_ack: Duration,
    /// The Nagle algorithm (§3.7.4). Default: on.
    pub nagle: bool,
    /// Timestamps, and with them PAWS (RFC 7323), where the peer agrees. Default: on.
    pub timestamps: bool,
    /// TTL or hop limit of what connections send, 1 to 255 (§3.9.2, MUST-49). Default: 64. [`Endpoint::set_hop_limit`](crate::Endpoint::set_hop_limit) changes the limit of one connection.
    pub hop_limit: u8,
    /// Type of service or traffic class of what connections send; the two bits of ECN are not used (MUST-48). Default: 0.
    /// [`Endpoint::set_traffic_class`](crate::Endpoint::set_traffic_class) changes the class of one connection.
    pub traffic_class: u8,
    /// Connections at most, half-open ones and those in TIME-WAIT included, up to 2³⁰; zero for none. Beyond that SYNs are dropped and connecting fails with
    /// [`Error::TooManyConnections`](crate::Error::TooManyConnections). Default: 262,144.
    pub max_connections: usize,
    /// Octets of memory that all connections keep together: their text on its way out and in with its buffers, text that came early, and what the stack knows of each connection
    /// (some 1.5 KiB; at rest and in TIME-WAIT less). Up to 2 KiB of text of a connection do not count. Zero for no limit. Default: 1 GiB. At the limit something goes, in this order:
    ///
    /// 1. All text that came early. It is not acknowledged, so peers send it again (RFC 2018 §8).
    /// 2. Connections that their users have released, the one longest without progress first, until an eighth of the limit is free.
    ///
    /// If that is not enough, memory is short until an eighth is free again. Meanwhile
    ///
    /// - SYNs are dropped, and connecting fails with [`Error::TooManyConnections`](crate::Error::TooManyConnections);
    /// - each connection takes 4 KiB each way and no more. Users wait before they can send, windows open by little, and text beyond counts as lost: the peer sends it again.
    ///
    /// So connections that exist do not stand still, and the limit is exceeded by what they take: some 20 KiB each at most, with buffers, and a packet. Text in order that was acknowledged, and text of
    /// a user that still holds the connection, is never thrown away. So users that do not read, or peers that do not let them send, can use up the memory of all.
    /// [`user_timeout`](Self::user_timeout) ends the latter. A peer whose text finds no room for as long as its own R2 gives up.
    pub memory: usize,
    /// Echo requests answered in a second at most (RFC 1122 §3.2.2.6, RFC 4443 §2.4 (f)); zero for none. Default: 1000.
    pub echo_limit: u32,
    /// ICMP errors sent in a second at most, to senders of datagrams or protocols that the stack does not take (RFC 1122 §3.2.2.1, RFC 4443 §2.4 (f)), or IPv6
    /// extension headers that it does not understand (RFC 8200 §4); zero for none. None of the former are sent where
    /// a callback takes [packets that are not TCP](crate::Stack::on_other). Default: 100.
    pub error_limit: u32,
    /// Take connections to any address, not only the stack's own: for gateways. Default: off.
    pub any_destination: bool,
    /// Ports for connections that name none, one at least, without 0; those of listeners are left out. Default: 1024 to 65535 (RFC 6056 §3.2). To one peer's socket there are as many
    /// connections at a time, TIME-WAIT included: see [`Endpoint::connect`](crate::Endpoint::connect).
    pub ephemeral_ports: RangeInclusive<u16>,
    /// Key of initial sequence numbers and ports (§3.4.1): from the operating system's randomness, fixed only in simulation.
    pub key: [u64; 2],
}

impl Default for Config {
    /// The defaults, without an address: for a gateway that only takes [others'](Self::any_destination). [`Config::new`] has one.
    fn default() -> Self {
        // `RandomState` takes its keys from the operating system.
        let random = || RandomState::new().hash_one(0_u8);
        Self {
            ipv4: None,
            ipv6: None,
            mtu: 1500,
            msl: Duration::from_secs(120),
            quiet_time: false,
            options: Options::default(),
            send_buffer: 4 << 20,
            receive_buffer: 4 << 20,
            receive_buffer_start: 64 << 10,
            largest_segment: None,
            sack: true,
            congestion: congestion::cubic,
            initial_rto: Duration::from_secs(1),
            min_rto: Duration::from_secs(1),
            max_rto: Duration::from_secs(60),
            r1: 3,
            r2: Duration::from_secs(100),
            r2_syn: Duration::from_secs(180),
            user_timeout: None,
            keep_alive: None,
            keep_alive_interval: Duration::from_secs(75),
            keep_alive_probes: 9,
            orphan_timeout: Duration::from_secs(60),
            max_orphans: 4096,
            orphan_memory: 64 << 20,
            delayed_ack: Duration::from_millis(40),
            nagle: true,
            timestamps: true,
            hop_limit: ip::HOP_LIMIT,
            traffic_class: 0,
            echo_limit: 1000,
            error_limit: 100,
            max_connections: 1 << 18,
            memory: 1 << 30,
            any_destination: false,
            ephemeral_ports: 1024..=65535,
            key: [random(), random()],
        }
    }
}

impl Config {
    /// The defaults for one address, in a network of the usual size (/24, /64). [`with_address`](Self::with_address) gives it another.
    pub fn new(address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        Self::default().with_address(address, if address.is_ipv4() { 24 } else { 64 })
    }

    /// The same with this address (one for each IP version), in a network with a prefix of this many bits.
    #[must_use]
    pub fn with_address(mut self, address: impl Into<IpAddr>, prefix: u8) -> Self {
        match address.into() {
            IpAddr::V4(address) => self.ipv4 = Some((address, prefix)),
            IpAddr::V6(address) => self.ipv6 = Some((address, prefix)),
        }
        self
    }

    /// The stack's addresses, IPv4 first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let ipv4 = self.ipv4.map(|(address, _)| IpAddr::V4(address));
        ipv4.into_iter().chain(self.ipv6.map(|(address, _)| IpAddr::V6(address)))
    }

    /// Whether this is the broadcast address of the stack's own IPv4 network (RFC 919): no host has it. Networks of 31 and 32 bits have none (RFC 3021).
    pub(crate) fn is_broadcast(&self, address: IpAddr) -> bool {
        match (self.ipv4, address) {
            (Some((own, prefix @ 0..31)), IpAddr::V4(address)) => {
                address.to_bits() == own.to_bits() | u32::MAX.unbounded_shr(prefix.into())
            }
            _ => false,
        }
    }

    /// Our window scale: the smallest that can announce the whole buffer.
    pub(crate) fn own_scale(&self) -> u8 {
        let bits = usize::BITS - self.receive_buffer.leading_zeros();
        bits.saturating_sub(16).min(options::MAX_SCALE.into()) as u8
    }

    /// The stack's address of the same version as this one.
    pub fn address_for(&self, peer: IpAddr) -> Option<IpAddr> {
        self.addresses().find(|address| address.is_ipv4() == peer.is_ipv4())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_settings_is_complete() {
        let source = include_str!("stack.rs");
        let (table, fields) = source.split_once("pub struct Config {").unwrap();
        let (fields, _) = fields.split_once("\n}\n").unwrap();
        let names = fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next());
        let missing: Vec<_> = names.filter(|name| !table.contains(&format!("(Self::{name})"))).collect();
        assert!(missing.is_empty(), "not in the table: {missing:?}");
    }
}
