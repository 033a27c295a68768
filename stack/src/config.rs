//! Settings of a stack.

use std::hash::{BuildHasher, RandomState};
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::Duration;
use tcpspec::Options;

/// Settings, with the defaults that the RFCs give.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The stack's own address.
    pub address: Ipv4Addr,
    /// Largest packet in octets, headers included, 68 to 65535.
    pub mtu: u16,
    /// Maximum segment lifetime; TIME-WAIT lasts twice as long (§3.4.2). Default: 2 minutes.
    pub msl: Duration,
    /// Choices of the table.
    pub options: Options,
    /// Octets that wait to be sent or acknowledged, per connection. Default: 256 KiB.
    pub send_buffer: usize,
    /// Octets that wait for the user, per connection: the largest window offered. Default: 256 KiB.
    pub receive_buffer: usize,
    /// Retransmission timeout before anything was measured (RFC 6298 §2). Default: 1 second.
    pub initial_rto: Duration,
    /// Smallest retransmission timeout (RFC 6298 §2.4). Default: 1 second.
    pub min_rto: Duration,
    /// Largest retransmission timeout (RFC 6298 §2.5). Default: 60 seconds.
    pub max_rto: Duration,
    /// R1: retransmissions until the user hears of trouble (SHLD-9). Default: 3.
    pub r1: u32,
    /// R2: how long text or a FIN may stay unacknowledged (SHLD-10). Default: 100 seconds.
    pub r2: Duration,
    /// R2 for a SYN (MUST-23). Default: 3 minutes.
    pub r2_syn: Duration,
    /// The user timeout (§3.9.1.1); none by default.
    pub user_timeout: Option<Duration>,
    /// Idle time before keep-alive probes (§3.8.4); off by default, as MUST-25 asks.
    pub keep_alive: Option<Duration>,
    /// How long an acknowledgment may be held back (§3.8.6.3, at most 0.5 s); zero for never. Default: 40 ms.
    pub delayed_ack: Duration,
    /// The Nagle algorithm (§3.7.4). Default: on.
    pub nagle: bool,
    /// How long dropping the last handle of a stack waits for what was written to be acknowledged. Default: 1 second.
    pub linger: Duration,
    /// Ports for connections that name none (RFC 6056). Default: 49152 to 65535.
    pub ephemeral_ports: RangeInclusive<u16>,
    /// Key of initial sequence numbers and ports (§3.4.1): from the operating system's randomness, fixed only in simulation.
    pub key: [u64; 2],
}

impl Config {
    /// The defaults for an address.
    pub fn new(address: Ipv4Addr) -> Self {
        // `RandomState` takes its keys from the operating system.
        let random = || RandomState::new().hash_one(0_u8);
        Self {
            address,
            mtu: 1500,
            msl: Duration::from_secs(120),
            options: Options::default(),
            send_buffer: 256 << 10,
            receive_buffer: 256 << 10,
            initial_rto: Duration::from_secs(1),
            min_rto: Duration::from_secs(1),
            max_rto: Duration::from_secs(60),
            r1: 3,
            r2: Duration::from_secs(100),
            r2_syn: Duration::from_secs(180),
            user_timeout: None,
            keep_alive: None,
            delayed_ack: Duration::from_millis(40),
            nagle: true,
            linger: Duration::from_secs(1),
            ephemeral_ports: 49152..=65535,
            key: [random(), random()],
        }
    }
}
