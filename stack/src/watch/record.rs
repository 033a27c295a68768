//! Records of events: what a connection was before and after each, and what was sent, as far as the model speaks of that.
//!
//! [`Endpoint::record`](crate::Endpoint::record) hands them to a callback. With the feature `inclusion`, which is for tests, the model judges each record
//! as it comes ([`tcpspec::model::judge::replay`]), and a difference ends the process.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use std::time::Duration;
//! use tcpspec::State;
//! use tcpspec_stack::device::memory::Link;
//!
//! let mut link = Link::new(Duration::from_millis(5));
//! let states = Arc::new(Mutex::new(Vec::new()));
//! let log = Arc::clone(&states);
//! link.ends[0].record(move |recorded| log.lock().unwrap().push((recorded.before.state, recorded.after.state)));
//! let remote = (link.ends[1].address(), 80).into();
//! link.ends[0].connect(link.now(), None, remote)?;
//! link.run_for(Duration::from_secs(1));
//! assert_eq!(states.lock().unwrap().first(), Some(&(State::Closed, State::SynSent)));
//! # Ok::<(), tcpspec_stack::Error>(())
//! ```

use crate::base::Time;
use crate::config::Config;
use tcpspec::record::Recorded;
use tcpspec::{Full, Notice, Segment};

type Callback = Box<dyn FnMut(&Recorded<Full>) + Send>;

/// The callback that gets the records, and what the present event has sent and told so far.
pub(crate) struct Recorder {
    callback: Callback,
    noted: Noted,
}

/// What an event has sent and told.
#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) sent: Vec<Segment<Full>>,
    pub(crate) told: u16,
    /// An acknowledgment was taken, and has acknowledged so many numbers for the first time.
    pub(crate) acknowledged: Option<u32>,
    /// When the timer that has run out was due.
    pub(crate) expired: Option<Time>,
}

impl Recorder {
    pub(crate) fn new(callback: Callback) -> Self {
        Self { callback, noted: Noted::default() }
    }

    /// The recorder that every endpoint begins with.
    #[cfg(not(feature = "inclusion"))]
    pub(crate) const fn first(_: &Config) -> Option<Box<Self>> {
        None
    }

    /// The recorder that every endpoint begins with: the model.
    #[cfg(feature = "inclusion")]
    pub(crate) fn first(config: &Config) -> Option<Box<Self>> {
        Some(Box::new(Self::new(inclusion::judge(config))))
    }

    #[cold]
    pub(crate) fn sent(&mut self, segment: Segment<Full>) {
        self.noted.sent.push(segment);
    }

    #[cold]
    pub(crate) fn expired(&mut self, due: Option<Time>) {
        self.noted.expired = due;
    }

    #[cold]
    pub(crate) fn acknowledged(&mut self, advanced: u32) {
        self.noted.acknowledged = Some(advanced);
    }

    #[cold]
    pub(crate) fn told(&mut self, notice: Notice) {
        self.noted.told |= 1 << notice as u16;
    }

    /// What was noted of the event, which is over.
    #[cold]
    pub(crate) fn take(&mut self) -> Noted {
        std::mem::take(&mut self.noted)
    }

    /// Its record is made.
    #[cold]
    pub(crate) fn tell(&mut self, recorded: &Recorded<Full>) {
        (self.callback)(recorded);
    }
}

/// The model judges as it comes.
#[cfg(feature = "inclusion")]
mod inclusion {
    use super::Callback;
    use crate::config::Config;
    use std::io::Write;
    use tcpspec::model::judge::replay::{Rules, judge as judged};

    /// The judge.
    pub(super) fn judge(config: &Config) -> Callback {
        let rules = Rules { options: config.options, two_msl: config.msl.saturating_mul(2) };
        Box::new(move |recorded| {
            if let Err(difference) = judged(&rules, recorded) {
                // Not by `eprintln!`: a test's harness keeps its output to itself.
                let _ = writeln!(std::io::stderr(), "{difference}  the record: {recorded:?}");
                std::process::abort();
            }
        })
    }
}
