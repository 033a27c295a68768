//! The record of an event: what a connection was before it and after it, for a [recorder](crate::watch::record).

use crate::base::Time;
use crate::tcp::host::{Asks, ConnectionHost};
use crate::tcp::shared::Shared;
use tcpspec::record::{Grounds, Piece, Recorded, Side};
use tcpspec::{CallError, Event, Full, State, Tcb, Timer};

/// An event that is being recorded.
pub(crate) struct Begun {
    last: Option<Side<Full>>,
    shrunk: bool,
    before: Side<Full>,
    event: Option<Event<Full>>,
}

fn side(state: State, tcb: &Tcb<Full>, host: &ConnectionHost, now: Time, shared: &Shared) -> Side<Full> {
    let piece = |(seq, len, fin)| Piece { seq, len, fin };
    let mut deadlines = [None; Timer::ALL.len()];
    for (deadline, timer) in deadlines.iter_mut().zip(&host.timers.deadlines) {
        *deadline = timer.map(Time::recorded);
    }
    Side {
        at: now.since_origin(),
        state,
        tcb: *tcb,
        deadlines,
        held: host.reassembly.pieces().map(piece).collect(),
        // Text that stays in its packet's buffer is put there once the segment is processed.
        on_hand: (host.received.len() + shared.kept.as_ref().map_or(0, ExactSizeIterator::len)) as u32,
        abandoned: host.orphan.abandoned,
        last_ack: host.timestamps.last_ack,
        owed: host.acks.owed,
        grounds: Grounds::default(),
    }
}

impl Begun {
    /// Before an event.
    #[cold]
    pub(crate) fn new(
        (state, tcb, host): (State, &Tcb<Full>, &mut ConnectionHost),
        event: Option<Event<Full>>,
        now: Time,
        shared: &Shared,
    ) -> Self {
        let last = host.recorded.take().map(|side| *side);
        let mut before = side(state, tcb, host, now, shared);
        before.grounds = last.as_ref().map(|last| last.grounds.clone()).unwrap_or_default();
        let shrunk = std::mem::take(&mut host.path.shrunk);
        if shrunk {
            before.grounds.renew(tcb);
        }
        Self { last, shrunk, before, event }
    }

    /// After it; `event`: what the machine has made of it.
    #[cold]
    pub(crate) fn end(
        self,
        (state, tcb, host): (State, &Tcb<Full>, &mut ConnectionHost),
        event: Option<&Event<Full>>,
        answer: Result<(), CallError>,
        asks: Asks,
        (now, shared): (Time, &mut Shared),
    ) {
        let mut after = side(state, tcb, host, now, shared);
        if let Some(Event::Receive(receive)) = event {
            // They are the user's now.
            after.on_hand -= receive.taken;
        }
        let Some(recorder) = &mut shared.recorder else { return };
        let noted = recorder.take();
        after.grounds = match event {
            Some(event) => {
                let tcbs = (&self.before.tcb, tcb);
                self.before.grounds.after(event, tcbs, noted.acknowledged, &noted.sent).0
            }
            None => self.before.grounds.clone(),
        };
        host.recorded = Some(Box::new(after.clone()));
        recorder.tell(&Recorded {
            expired: noted.expired.map(Time::recorded),
            last: self.last,
            shrunk: self.shrunk,
            before: self.before,
            event: self.event,
            after,
            answer,
            sent: noted.sent,
            told: noted.told,
            forked: asks.fork,
            handed_over: asks.hand_over,
        });
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
