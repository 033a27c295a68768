//! What a connection begins with.

use super::{Config, Settings, check_hop_limit};
use crate::base::InvalidSetting;

/// What a connection begins with, from its SYN on. What is not given is as [`Config`](crate::Config) has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Initial {
    /// Its settings. A `receive_buffer` of less than [`Config::receive_buffer_start`](crate::Config::receive_buffer_start) also bounds the first window.
    pub settings: Option<Settings>,
    /// TTL or hop limit, 1 to 255 (MUST-49).
    pub hop_limit: Option<u8>,
    /// Type of service or traffic class; the two bits of ECN are not used (MUST-48).
    pub traffic_class: Option<u8>,
}

impl Initial {
    /// Nothing given.
    pub(crate) const NONE: Self = Self { settings: None, hop_limit: None, traffic_class: None };

    /// Checks each setting for a stack with this configuration.
    pub(crate) fn check(&self, config: &Config) -> Result<(), InvalidSetting> {
        self.settings.map_or(Ok(()), |settings| settings.check(config))?;
        self.hop_limit.map_or(Ok(()), check_hop_limit)
    }
}
