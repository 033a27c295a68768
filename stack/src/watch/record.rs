//! Records: each event of each connection with what was before and after it and what was sent, as far as the model speaks of that.
//!
//! [`Endpoint::record`](crate::Endpoint::record) hands them to a callback. With the feature `inclusion` the model judges each as it comes
//! ([`tcpspec::model::replay`]) and a difference ends the process: for tests.
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
use crate::tcp::connection::{Asks, Connection};
use crate::tcp::host::Shared;
use tcpspec::record::{Grounds, Piece, Recorded, Side};
use tcpspec::{CallError, Event, Full, Notice, Segment, Timer};

type Callback = Box<dyn FnMut(&Recorded<Full>) + Send>;

/// Who wants records, and what the present event has sent and told so far.
pub(crate) struct Recorder {
    callback: Callback,
    sent: Vec<Segment<Full>>,
    told: u16,
    /// An acknowledgment was taken, and has acknowledged so many numbers for the first time.
    acknowledged: Option<u32>,
    /// When the timer was due that has run out.
    expired: Option<Time>,
}

impl Recorder {
    pub(crate) fn new(callback: Callback) -> Self {
        Self { callback, sent: Vec::new(), told: 0, acknowledged: None, expired: None }
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
        self.sent.push(segment);
    }

    #[cold]
    pub(crate) fn expired(&mut self, due: Option<Time>) {
        self.expired = due;
    }

    #[cold]
    pub(crate) fn acknowledged(&mut self, advanced: u32) {
        self.acknowledged = Some(advanced);
    }

    #[cold]
    pub(crate) fn told(&mut self, notice: Notice) {
        self.told |= 1 << notice as u16;
    }
}

/// An event that is being recorded.
pub(crate) struct Begun {
    last: Option<Side<Full>>,
    shrunk: bool,
    before: Side<Full>,
    event: Option<Event<Full>>,
}

impl Connection {
    fn side(&self, now: Time, shared: &Shared) -> Side<Full> {
        let piece = |(seq, len, fin)| Piece { seq, len, fin };
        let mut deadlines = [None; Timer::ALL.len()];
        for (deadline, timer) in deadlines.iter_mut().zip(&self.io.timers) {
            *deadline = timer.map(Time::since_origin);
        }
        Side {
            at: now.since_origin(),
            state: self.state,
            tcb: self.tcb,
            deadlines,
            held: self.io.held.pieces().map(piece).collect(),
            // Text that stays in its packet's buffer is put there when the segment is done with.
            on_hand: (self.io.received.len() + shared.kept.as_ref().map_or(0, ExactSizeIterator::len)) as u32,
            abandoned: self.io.orphaned,
            last_ack: self.io.last_ack,
            owed: self.io.owed,
            grounds: Grounds::default(),
        }
    }

    /// Before an event.
    #[cold]
    pub(crate) fn begin_record(&mut self, event: Option<Event<Full>>, now: Time, shared: &Shared) -> Begun {
        let last = self.io.recorded.take().map(|side| *side);
        let mut before = self.side(now, shared);
        before.grounds = last.as_ref().map(|last| last.grounds.clone()).unwrap_or_default();
        let shrunk = std::mem::take(&mut self.io.shrunk);
        if shrunk {
            before.grounds.renew(&self.tcb);
        }
        Begun { last, shrunk, before, event }
    }

    /// After it; `event`: what the machine has made of it.
    #[cold]
    pub(crate) fn end_record(
        &mut self,
        begun: Begun,
        event: Option<&Event<Full>>,
        answer: Result<(), CallError>,
        asks: Asks,
        (now, shared): (Time, &mut Shared),
    ) {
        let mut after = self.side(now, shared);
        if let Some(Event::Receive(receive)) = event {
            // They are the user's now.
            after.on_hand -= receive.taken;
        }
        let Some(recorder) = &mut shared.recorder else { return };
        let acknowledged = recorder.acknowledged.take();
        after.grounds = match event {
            Some(event) => {
                let tcbs = (&begun.before.tcb, &self.tcb);
                begun.before.grounds.after(event, tcbs, acknowledged, &recorder.sent).0
            }
            None => begun.before.grounds.clone(),
        };
        self.io.recorded = Some(Box::new(after.clone()));
        let recorded = Recorded {
            expired: recorder.expired.take().map(Time::since_origin),
            last: begun.last,
            shrunk: begun.shrunk,
            before: begun.before,
            event: begun.event,
            after,
            answer,
            sent: std::mem::take(&mut recorder.sent),
            told: std::mem::take(&mut recorder.told),
            forked: asks.fork,
            handed_over: asks.hand_over,
        };
        (recorder.callback)(&recorded);
    }
}

/// What goes into the machine, as an event.
pub(crate) mod event {
    use tcpspec::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
    use tcpspec::{Event, Full, Segment};

    macro_rules! events {
        ($($name:ident $variant:ident $input:ty,)*) => {
            $(pub(crate) fn $name(input: &$input) -> Event<Full> { Event::$variant(*input) })*
        };
    }

    events! {
        open Open Open,
        send Send Send,
        receive Receive Receive,
        close Close Bare,
        abort Abort Bare,
        release Release Release,
        segment Segment Segment<Full>,
        held Held Segment<Full>,
        transmit Transmit Transmit,
        unreachable Unreachable Unreachable<Full>,
        retransmission Retransmission Expiry,
        probe Probe Expiry,
        keep_alive KeepAlive Expiry,
        delayed_ack DelayedAck Bare,
        time_wait TimeWait Bare,
        user_timeout UserTimeout Bare,
        orphan Orphan Bare,
    }
}

/// The model judges as it comes.
#[cfg(feature = "inclusion")]
mod inclusion {
    use super::Callback;
    use crate::config::Config;
    use std::io::Write;
    use tcpspec::model::replay::{Rules, judge as judged};

    /// The judge.
    pub(super) fn judge(config: &Config) -> Callback {
        let rules = Rules { options: config.options, two_msl: config.msl.saturating_mul(2) };
        Box::new(move |recorded| {
            if let Err(difference) = judged(&rules, recorded) {
                // Not by a macro whose output a test's harness keeps to itself.
                let _ = writeln!(std::io::stderr(), "{difference}  the record: {recorded:?}");
                std::process::abort();
            }
        })
    }
}
