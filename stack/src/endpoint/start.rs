//! How an endpoint begins: with settings that were checked, or not at all.

use super::Endpoint;
use crate::base::InvalidSetting;
use crate::config::Config;

impl Endpoint {
    /// An endpoint with no connections, for settings that the program itself has chosen; [`try_new`](Self::try_new) is for those that come from elsewhere.
    ///
    /// # Panics
    ///
    /// If a setting has a value that it cannot have, with the name of the setting.
    #[track_caller]
    pub fn new(config: Config) -> Self {
        let checked = config.check();
        assert!(checked.is_ok(), "{}", checked.err().map(|invalid| invalid.to_string()).unwrap_or_default());
        Self::with_checked(config)
    }

    /// An endpoint with no connections.
    ///
    /// # Errors
    ///
    /// The first setting with a value that it cannot have.
    pub fn try_new(config: Config) -> Result<Self, InvalidSetting> {
        config.check()?;
        Ok(Self::with_checked(config))
    }
}
