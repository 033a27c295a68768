//! What settings can be. Each has a rule here, or none because each of its values has a meaning; what breaks a rule is refused with the setting's name,
//! where a stack starts and where settings change.

use super::Config;
use crate::config::{KeepAlive, Settings};
use crate::tcp::host::Io;
use crate::wire::ip::is_host;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// Timers that start again and again run for this long at least: what a stack's clock can tell (RFC 6298 §2, G).
const LEAST: Duration = Duration::from_millis(1);
/// The largest window that can be announced (RFC 7323 §2.3), in octets.
const LARGEST_WINDOW: usize = 1 << 30;
/// Octets of the smallest packet that IPv4 knows (RFC 791), and that IPv6 knows (RFC 8200 §5).
const LEAST_MTU: u16 = 68;
const LEAST_MTU_OF_IPV6: u16 = 1280;
/// Connections that can be told apart.
const MOST_CONNECTIONS: usize = 1 << 30;

/// A setting that is not what it can be. The caller is at fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the setting `{}` {}", self.name(), self.why())]
pub struct InvalidSetting(Rule);

impl InvalidSetting {
    /// The setting's name, as in [`Config`], [`Settings`] or the device's builder.
    pub const fn name(&self) -> &'static str {
        self.0.parts().0
    }

    /// What is wrong with it, behind its name.
    pub const fn why(&self) -> &'static str {
        self.0.parts().1
    }
}

impl std::fmt::Debug for InvalidSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvalidSetting").field("name", &self.name()).field("why", &self.why()).finish()
    }
}

impl From<InvalidSetting> for io::Error {
    fn from(invalid: InvalidSetting) -> Self {
        Self::new(io::ErrorKind::InvalidInput, invalid)
    }
}

/// What can be wrong. Errors are kept with each connection, so this is no larger than it must be.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    Ipv4Prefix,
    Ipv4Address,
    Ipv6Prefix,
    Ipv6Address,
    Mtu,
    MtuOfIpv6,
    Msl,
    ReceiveBuffer,
    ReceiveBufferLarge,
    ReceiveBufferUnit,
    ReceiveBufferStart,
    LargestSegment,
    InitialRto,
    MinRto,
    MinRtoLarge,
    MaxRto,
    R2,
    R2Syn,
    UserTimeout,
    KeepAlive,
    KeepAliveIdle,
    KeepAliveInterval,
    IntervalOfKeepAlive,
    HopLimit,
    MaxConnections,
    EphemeralPorts,
    PortZero,
    #[cfg(feature = "tun")]
    HostPrefix,
    #[cfg(feature = "tun")]
    RoutePrefix,
}

impl Rule {
    /// The setting's name, and what is wrong.
    const fn parts(self) -> (&'static str, &'static str) {
        const NOT_A_HOST: &str =
            "is an address that no host has: an unspecified, loopback, multicast or broadcast one";
        const PREFIX: &str =
            "has a longer prefix than an address of its version: at most 32 bits in IPv4, 128 in IPv6";
        const BRIEF: &str = "is shorter than a millisecond";
        match self {
            Self::Ipv4Prefix => ("ipv4", PREFIX),
            Self::Ipv4Address => ("ipv4", NOT_A_HOST),
            Self::Ipv6Prefix => ("ipv6", PREFIX),
            Self::Ipv6Address => ("ipv6", NOT_A_HOST),
            Self::Mtu => ("mtu", "is below 68 octets, the least that IPv4 knows (RFC 791)"),
            Self::MtuOfIpv6 => (
                "mtu",
                "is below 1280 octets, the least that IPv6 knows (RFC 8200 §5); raise it, or have no `ipv6`",
            ),
            Self::Msl => ("msl", "is zero: nothing would protect a connection from old segments"),
            Self::ReceiveBuffer => ("receive_buffer", "is zero: nothing could be received"),
            Self::ReceiveBufferLarge => {
                ("receive_buffer", "is above 1 GiB, the largest window that can be announced (RFC 7323 §2.3)")
            }
            Self::ReceiveBufferUnit => (
                "receive_buffer",
                "is less than one unit of the window scale, which follows from the stack's `receive_buffer`: every window would be announced as 0 (RFC 7323 §2.3)",
            ),
            Self::ReceiveBufferStart => (
                "receive_buffer_start",
                "is zero, or less than one unit of the window scale, which follows from `receive_buffer`: every window would be announced as 0 (RFC 7323 §2.3)",
            ),
            Self::LargestSegment => {
                ("largest_segment", "is zero: no text could be sent; `None` is for no limit")
            }
            Self::InitialRto => ("initial_rto", BRIEF),
            Self::MinRto => ("min_rto", BRIEF),
            Self::MinRtoLarge => ("min_rto", "is longer than `max_rto`"),
            Self::MaxRto => ("max_rto", BRIEF),
            Self::R2 => ("r2", "is zero: nothing would ever be sent again"),
            Self::R2Syn => ("r2_syn", "is zero: no SYN would ever be sent again"),
            Self::UserTimeout => {
                ("user_timeout", "is zero: nothing could be delivered; `None` is for no limit")
            }
            Self::KeepAlive => ("keep_alive", "is shorter than a millisecond; `None` switches it off"),
            Self::KeepAliveIdle => {
                ("keep_alive.idle", "is shorter than a millisecond; `None` in `keep_alive` switches it off")
            }
            Self::KeepAliveInterval => ("keep_alive_interval", BRIEF),
            Self::IntervalOfKeepAlive => ("keep_alive.interval", BRIEF),
            Self::HopLimit => {
                ("hop_limit", "is zero: no packet would leave the host; it is 1 to 255 (RFC 1122 §3.2.1.7)")
            }
            Self::MaxConnections => ("max_connections", "is above 1,073,741,824"),
            Self::EphemeralPorts => ("ephemeral_ports", "is empty: its end lies before its beginning"),
            Self::PortZero => ("ephemeral_ports", "begins with port 0, which nobody can have"),
            #[cfg(feature = "tun")]
            Self::HostPrefix => ("host", PREFIX),
            #[cfg(feature = "tun")]
            Self::RoutePrefix => ("route", PREFIX),
        }
    }

    /// An error unless it holds.
    const fn unless(self, holds: bool) -> Result<(), InvalidSetting> {
        if holds { Ok(()) } else { Err(InvalidSetting(self)) }
    }
}

/// Whether a prefix is no longer than an address.
pub(crate) const fn check_prefix(address: IpAddr, prefix: u8, rule: Rule) -> Result<(), InvalidSetting> {
    rule.unless(prefix <= if address.is_ipv4() { 32 } else { 128 })
}

/// Whether packets can be of this size.
pub(crate) fn check_mtu(mtu: u16, ipv6: bool) -> Result<(), InvalidSetting> {
    Rule::Mtu.unless(mtu >= LEAST_MTU)?;
    Rule::MtuOfIpv6.unless(!ipv6 || mtu >= LEAST_MTU_OF_IPV6)
}

/// Whether a TTL or hop limit is one.
pub(crate) const fn check_hop_limit(hop_limit: u8) -> Result<(), InvalidSetting> {
    Rule::HopLimit.unless(hop_limit > 0)
}

impl Config {
    /// Whether each setting is what it can be. [`Stack::start`](crate::Stack::start) and [`Endpoint::try_new`](crate::Endpoint::try_new) ask for it.
    ///
    /// # Errors
    ///
    /// The first that is not.
    pub fn check(&self) -> Result<(), InvalidSetting> {
        // Each setting stands here: a new one needs a rule, or values of which each has a meaning.
        let Self {
            ipv4,
            ipv6,
            mtu,
            msl,
            quiet_time: _,
            options: _,
            send_buffer: _,
            receive_buffer,
            receive_buffer_start,
            largest_segment,
            sack: _,
            congestion: _,
            initial_rto,
            min_rto,
            max_rto,
            r1: _,
            r2,
            r2_syn,
            user_timeout,
            keep_alive,
            keep_alive_interval,
            keep_alive_probes: _,
            orphan_timeout: _,
            max_orphans: _,
            orphan_memory: _,
            delayed_ack: _,
            nagle: _,
            timestamps: _,
            hop_limit,
            traffic_class: _,
            max_connections,
            echo_limit: _,
            error_limit: _,
            any_destination: _,
            ephemeral_ports,
            key: _,
        } = self;
        for (address, prefix, longer, no_host) in [
            (ipv4.map(|(own, _)| own.into()), ipv4.map(|own| own.1), Rule::Ipv4Prefix, Rule::Ipv4Address),
            (ipv6.map(|(own, _)| own.into()), ipv6.map(|own| own.1), Rule::Ipv6Prefix, Rule::Ipv6Address),
        ] {
            let Some((address, prefix)) = address.zip(prefix) else { continue };
            check_prefix(address, prefix, longer)?;
            no_host.unless(is_host(address) && !self.is_broadcast(address))?;
        }
        check_mtu(*mtu, ipv6.is_some())?;
        Rule::Msl.unless(!msl.is_zero())?;
        Rule::ReceiveBuffer.unless(*receive_buffer > 0)?;
        Rule::ReceiveBufferLarge.unless(*receive_buffer <= LARGEST_WINDOW)?;
        Rule::ReceiveBufferStart
            .unless((*receive_buffer_start).min(*receive_buffer) >= self.window_unit())?;
        Rule::LargestSegment.unless(*largest_segment != Some(0))?;
        for (span, rule) in [
            (*initial_rto, Rule::InitialRto),
            (*min_rto, Rule::MinRto),
            (*max_rto, Rule::MaxRto),
            (keep_alive.unwrap_or(LEAST), Rule::KeepAlive),
            (*keep_alive_interval, Rule::KeepAliveInterval),
        ] {
            rule.unless(span >= LEAST)?;
        }
        Rule::MinRtoLarge.unless(min_rto <= max_rto)?;
        Rule::R2.unless(!r2.is_zero())?;
        Rule::R2Syn.unless(!r2_syn.is_zero())?;
        Rule::UserTimeout.unless(*user_timeout != Some(Duration::ZERO))?;
        check_hop_limit(*hop_limit)?;
        Rule::MaxConnections.unless(*max_connections <= MOST_CONNECTIONS)?;
        Rule::EphemeralPorts.unless(!ephemeral_ports.is_empty())?;
        Rule::PortZero.unless(*ephemeral_ports.start() > 0)
    }

    /// Octets that one unit of a window's field stands for (RFC 7323 §2.3).
    fn window_unit(&self) -> usize {
        1 << Io::own_scale(self)
    }
}

impl Settings {
    /// Whether each setting is what it can be on a stack with this configuration. [`Endpoint::set_settings`](crate::Endpoint::set_settings) asks for it.
    ///
    /// # Errors
    ///
    /// The first that is not.
    pub fn check(&self, config: &Config) -> Result<(), InvalidSetting> {
        // Each setting stands here: a new one needs a rule, or values of which each has a meaning.
        let Self {
            no_delay: _,
            cork: _,
            keep_alive,
            user_timeout,
            r1: _,
            r2,
            send_buffer: _,
            receive_buffer,
            largest_segment,
            delayed_ack: _,
        } = self;
        if let Some(KeepAlive { idle, interval, probes: _ }) = keep_alive {
            Rule::KeepAliveIdle.unless(*idle >= LEAST)?;
            Rule::IntervalOfKeepAlive.unless(*interval >= LEAST)?;
        }
        Rule::UserTimeout.unless(*user_timeout != Some(Duration::ZERO))?;
        Rule::R2.unless(!r2.is_zero())?;
        Rule::ReceiveBuffer.unless(*receive_buffer > 0)?;
        Rule::ReceiveBufferUnit.unless(*receive_buffer >= config.window_unit())?;
        Rule::LargestSegment.unless(*largest_segment != Some(0))
    }
}
