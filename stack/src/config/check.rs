//! The values that settings can have. A setting has a rule here, or each of its values has a meaning. A value that breaks a rule is refused with the setting's name:
//! where a stack starts, and where settings change.

use super::{Config, KeepAlive, Settings};
use crate::base::{InvalidSetting, Rule};
use crate::wire::ip::is_host;
use std::net::IpAddr;
use std::time::Duration;

/// The shortest time of a timer that starts again and again: what a stack's clock can tell (RFC 6298 §2, G).
const LEAST: Duration = Duration::from_millis(1);
/// The largest window that can be announced (RFC 7323 §2.3) is a little below this, in octets.
const LARGEST_WINDOW: usize = 1 << 30;
/// Octets of the smallest packet that IPv4 knows (RFC 791), and that IPv6 knows (RFC 8200 §5).
const LEAST_MTU: u16 = 68;
const LEAST_MTU_OF_IPV6: u16 = 1280;
/// Connections that can be told apart.
const MOST_CONNECTIONS: usize = 1 << 30;

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
    /// Checks each setting. [`Stack::start`](crate::Stack::start) and [`Endpoint::try_new`](crate::Endpoint::try_new) ask for it.
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
            memory: _,
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
        1 << self.own_scale()
    }
}

impl Settings {
    /// Checks each setting for a stack with this configuration. [`Endpoint::set_settings`](crate::Endpoint::set_settings) asks for it.
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
