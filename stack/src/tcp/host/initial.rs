//! What a connection begins with, as its user or its listener has set it.

use super::ConnectionHost;
use crate::config::{Config, Initial};
use crate::tcp::memo::Memo;
use std::sync::Arc;

/// What the user decides of the IP headers of what a connection sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct IpSettings {
    /// TTL or hop limit (MUST-49).
    pub(crate) hop_limit: u8,
    /// Type of service or traffic class (MUST-48).
    pub(crate) traffic_class: u8,
}

impl IpSettings {
    pub(super) fn new(config: &Config) -> Self {
        Self { hop_limit: config.hop_limit, traffic_class: config.traffic_class }
    }

    /// What is kept at rest, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { hop_limit, traffic_class } = self;
        memo.num(hop_limit);
        memo.num(traffic_class);
    }
}

impl ConnectionHost {
    /// Before the first segment: these are the connection's.
    pub(crate) fn begin(&mut self, initial: &Initial) {
        let Initial { settings, hop_limit, traffic_class } = *initial;
        if let Some(settings) = settings {
            if *self.settings != settings {
                self.settings = Arc::new(settings);
            }
            self.receiver.bound(settings.receive_buffer);
        }
        if let Some(hop_limit) = hop_limit {
            self.ip.hop_limit = hop_limit;
        }
        if let Some(traffic_class) = traffic_class {
            self.ip.traffic_class = traffic_class;
        }
    }

    /// What this connection has.
    pub(crate) fn initial(&self) -> Initial {
        let IpSettings { hop_limit, traffic_class } = self.ip;
        Initial {
            settings: Some(*self.settings),
            hop_limit: Some(hop_limit),
            traffic_class: Some(traffic_class),
        }
    }

    /// A listener's child begins with what the listener has.
    pub(crate) fn inherit(&mut self, listener: &Self) {
        self.settings = Arc::clone(&listener.settings);
        self.receiver.bound(self.settings.receive_buffer);
        self.ip = listener.ip;
    }

    /// Before a pair of sockets is taken again: the settings of its older user do not hold for the newer user.
    pub(crate) fn as_configured(&mut self, config: &Config) {
        self.ip = IpSettings::new(config);
        self.orphan.abandoned = false;
    }
}
