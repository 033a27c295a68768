//! What looks on while rows fire: a callback, the packets themselves (for captures), and `tracing` with the feature of that name.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use std::time::Duration;
//! use tcpspec_stack::device::memory::Link;
//!
//! let mut link = Link::new(Duration::from_millis(5));
//! let seen = Arc::new(Mutex::new(Vec::new()));
//! let log = Arc::clone(&seen);
//! link.ends[0].observe(move |fired| log.lock().unwrap().push(fired.row.name()));
//! let remote = (link.ends[1].address(), 80).into();
//! link.ends[0].connect(link.now(), None, remote)?;
//! // Nobody listens: the SYN is answered by a RST.
//! link.run_for(Duration::from_secs(1));
//! assert_eq!(seen.lock().unwrap().first(), Some(&"open_active"));
//! assert!(seen.lock().unwrap().contains(&"syn_sent_reset"));
//! # Ok::<(), tcpspec_stack::Error>(())
//! ```

pub use super::fired::Fired;

use crate::base::{Pair, Time};
use tcpspec::{EventKind, Row};
#[cfg(feature = "tracing")]
use tracing::level_filters::LevelFilter;

type Callback = Box<dyn FnMut(&Fired) + Send>;

/// Rows kept for one packet at most; later ones are left out.
const ROWS: usize = 64;

/// All that looks on. As long as nothing does, a row costs one comparison.
#[derive(Default)]
pub(crate) struct Observers {
    /// A callback or a capture looks on.
    looks: bool,
    callback: Option<Callback>,
    /// Rows are kept for captures.
    keeps: bool,
    /// The rows of the present event.
    event: Vec<Row>,
    /// The rows that fired because a packet was handed in. The sending that follows is not included.
    packet: Vec<Row>,
    /// Where events for `tracing` wait until the stack is unlocked.
    #[cfg(feature = "tracing")]
    pub(crate) later: Option<std::sync::Arc<crate::watch::callbacks::Callbacks>>,
}

impl Observers {
    pub(crate) fn set_callback(&mut self, callback: Callback) {
        self.callback = Some(callback);
        self.looks = true;
    }

    pub(crate) fn keep_rows(&mut self) {
        self.keeps = true;
        self.looks = true;
    }

    #[inline(always)]
    pub(crate) fn fired(&mut self, at: Time, pair: &Pair, row: Row) {
        #[cfg(feature = "tracing")]
        if LevelFilter::current() >= LevelFilter::TRACE {
            self.trace(Fired { at, local: pair.local, remote: pair.remote, row });
        }
        if self.looks {
            self.note(Fired { at, local: pair.local, remote: pair.remote, row });
        }
    }

    /// A running stack tells it when nothing is locked: what subscribes may call the stack.
    #[cfg(feature = "tracing")]
    fn trace(&self, fired: Fired) {
        match &self.later {
            Some(later) => later.trace(fired),
            None => fired.trace(),
        }
    }

    #[cold]
    fn note(&mut self, fired: Fired) {
        if self.keeps {
            if self.event.len() < ROWS {
                self.event.push(fired.row);
            }
            if self.packet.len() < ROWS && !matches!(fired.row.info().event, EventKind::Transmit) {
                self.packet.push(fired.row);
            }
        }
        if let Some(callback) = &mut self.callback {
            callback(&fired);
        }
    }

    /// The rows of the present event, for a packet that it sends.
    #[inline]
    pub(crate) fn of_event(&self) -> Vec<Row> {
        if self.event.is_empty() { Vec::new() } else { self.event.clone() }
    }

    /// The event is over.
    #[inline]
    pub(crate) fn end_event(&mut self) {
        self.event.clear();
    }

    /// A packet is handed in.
    #[inline]
    pub(crate) fn begin_packet(&mut self) {
        self.packet.clear();
    }

    /// The rows that fired because of the packet handed in last.
    pub(crate) fn of_packet(&self) -> &[Row] {
        &self.packet
    }
}
