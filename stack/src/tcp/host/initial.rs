//! What a connection begins with, as its user or its listener has set it.

use super::ConnectionHost;
use crate::config::Initial;

impl ConnectionHost {
    /// Before the first segment: these are the connection's.
    pub(crate) fn begin(&mut self, initial: &Initial) {
        let Initial { settings, hop_limit, traffic_class } = *initial;
        if let Some(settings) = settings {
            self.settings = settings;
            self.receiver.bound(settings.receive_buffer);
        }
        if let Some(hop_limit) = hop_limit {
            self.hop_limit = hop_limit;
        }
        if let Some(traffic_class) = traffic_class {
            self.traffic_class = traffic_class;
        }
    }

    /// What this connection has. A listener's child begins with it.
    pub(crate) fn initial(&self) -> Initial {
        Initial {
            settings: Some(self.settings),
            hop_limit: Some(self.hop_limit),
            traffic_class: Some(self.traffic_class),
        }
    }
}
