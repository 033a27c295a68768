//! A connection that nobody holds any more: how long it may last.

use crate::base::Time;
use crate::config::Config;
use crate::tcp::memo::Memo;
use std::time::Duration;

/// Whether a user still holds the connection, and when it last made progress.
#[derive(Debug, Default)]
pub(crate) struct Orphan {
    /// Nobody holds the connection any more.
    pub(crate) abandoned: bool,
    /// When something was last delivered, or its user has left.
    pub(crate) progress: Time,
}

impl Orphan {
    /// What is kept at rest, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { abandoned, progress } = self;
        memo.flags([abandoned]);
        memo.time(progress);
    }

    /// How long the connection may last without progress. A user that still holds it may wait as long as it likes.
    pub(super) fn limit(&self, config: &Config) -> Option<Duration> {
        Some(config.orphan_timeout).filter(|limit| self.abandoned && !limit.is_zero())
    }
}
