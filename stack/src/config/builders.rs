//! A method `with_…` for each setting, so that settings can be written in one expression. The fields give the values back.

use super::{Config, Initial, KeepAlive, Listen, Settings};
use crate::congestion;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::time::Duration;
use tcpspec::Options;

macro_rules! builders {
    ($($settings:ident { $($with:ident $field:ident: $kind:ty,)* })*) => {$(
        /// Each setting in turn: the method takes the settings and returns them with that setting changed.
        impl $settings {$(
            #[doc = concat!("The same with this [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
            #[must_use]
            pub fn $with(mut self, $field: $kind) -> Self {
                self.$field = $field;
                self
            }
        )*}
    )*};
}

builders! {
    Config {
        with_ipv4 ipv4: Option<(Ipv4Addr, u8)>,
        with_ipv6 ipv6: Option<(Ipv6Addr, u8)>,
        with_mtu mtu: u16,
        with_msl msl: Duration,
        with_quiet_time quiet_time: bool,
        with_options options: Options,
        with_send_buffer send_buffer: usize,
        with_receive_buffer receive_buffer: usize,
        with_receive_buffer_start receive_buffer_start: usize,
        with_largest_segment largest_segment: Option<u16>,
        with_sack sack: bool,
        with_congestion congestion: congestion::Make,
        with_initial_rto initial_rto: Duration,
        with_min_rto min_rto: Duration,
        with_max_rto max_rto: Duration,
        with_r1 r1: u32,
        with_r2 r2: Duration,
        with_r2_syn r2_syn: Duration,
        with_user_timeout user_timeout: Option<Duration>,
        with_keep_alive keep_alive: Option<Duration>,
        with_keep_alive_interval keep_alive_interval: Duration,
        with_keep_alive_probes keep_alive_probes: u32,
        with_orphan_timeout orphan_timeout: Duration,
        with_max_orphans max_orphans: usize,
        with_orphan_memory orphan_memory: usize,
        with_delayed_ack delayed_ack: Duration,
        with_nagle nagle: bool,
        with_timestamps timestamps: bool,
        with_hop_limit hop_limit: u8,
        with_traffic_class traffic_class: u8,
        with_max_connections max_connections: usize,
        with_memory memory: usize,
        with_echo_limit echo_limit: u32,
        with_error_limit error_limit: u32,
        with_any_destination any_destination: bool,
        with_ephemeral_ports ephemeral_ports: RangeInclusive<u16>,
        with_key key: [u64; 2],
    }
    Settings {
        with_no_delay no_delay: bool,
        with_cork cork: bool,
        with_keep_alive keep_alive: Option<KeepAlive>,
        with_user_timeout user_timeout: Option<Duration>,
        with_r1 r1: u32,
        with_r2 r2: Duration,
        with_send_buffer send_buffer: usize,
        with_receive_buffer receive_buffer: usize,
        with_largest_segment largest_segment: Option<u16>,
        with_delayed_ack delayed_ack: Duration,
    }
    KeepAlive {
        with_idle idle: Duration,
        with_interval interval: Duration,
        with_probes probes: u32,
    }
    Listen {
        with_address address: Option<IpAddr>,
        with_port port: u16,
        with_backlog backlog: usize,
        with_half_open half_open: usize,
        with_cookies cookies: bool,
        with_reuse_address reuse_address: bool,
        with_hold hold: bool,
        with_every_port every_port: bool,
        with_initial initial: Initial,
    }
    Initial {
        with_settings settings: Option<Settings>,
        with_hop_limit hop_limit: Option<u8>,
        with_traffic_class traffic_class: Option<u8>,
    }
}

#[cfg(test)]
mod tests {
    /// What the fields of a struct are called, by its source.
    fn fields(source: &'static str, name: &str) -> Vec<&'static str> {
        let (_, fields) = source.split_once(&format!("pub struct {name} {{")).unwrap();
        let (fields, _) = fields.split_once("\n}\n").unwrap();
        fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next()).collect()
    }

    #[test]
    fn each_setting_has_its_builder() {
        let (settings, listen) = (include_str!("connection.rs"), include_str!("listen.rs"));
        let all = [
            ("Config", include_str!("stack.rs")),
            ("Settings", settings),
            ("KeepAlive", settings),
            ("Listen", listen),
            ("Initial", include_str!("initial.rs")),
        ];
        let builders = include_str!("builders.rs");
        for (name, source) in all {
            let (_, builders) = builders.split_once(&format!("    {name} {{\n")).unwrap();
            let (builders, _) = builders.split_once("\n    }\n").unwrap();
            let fields = fields(source, name);
            assert!(!fields.is_empty());
            let missing: Vec<_> =
                fields.iter().filter(|field| !builders.contains(&format!("with_{field} {field}:"))).collect();
            assert!(missing.is_empty(), "{name} has no builder for {missing:?}");
        }
    }
}
