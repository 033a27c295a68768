//! What can be wrong with a setting.

use std::io;

/// A setting with a value that it cannot have. The caller is at fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the setting `{}` {}", self.name(), self.why())]
pub struct InvalidSetting(Rule);

impl InvalidSetting {
    /// The setting's name, as in [`Config`](crate::Config), [`Settings`](crate::Settings) or the device's builder.
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
    pub(crate) const fn unless(self, holds: bool) -> Result<(), InvalidSetting> {
        if holds { Ok(()) } else { Err(InvalidSetting(self)) }
    }
}
