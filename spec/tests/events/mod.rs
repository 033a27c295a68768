//! Random events of every kind.

use super::inputs::Random;
use tcpspec::call::{Bare, Expiry, Open, Receive, Release, Send, Transmit, Unreachable};
use tcpspec::{Event, EventKind, Small, Tcb};

/// A small space, in which numbers meet.
pub(crate) type S = Small<4>;

/// An event that has something to do with this TCB.
pub(crate) fn event(random: &mut Random, tcb: &Tcb<S>) -> Event<S> {
    let expiry = Expiry { early: random.yes(), r1: random.yes(), r2: random.below(4) == 0 };
    match EventKind::ALL[random.below(EventKind::ALL.len() as u32) as usize] {
        EventKind::Open => {
            Event::Open(Open { active: random.yes(), remote: random.yes(), forks: random.yes() })
        }
        EventKind::Send => {
            Event::Send(Send { len: random.below(3), urgent: random.yes(), room: random.yes() })
        }
        EventKind::Receive => {
            let (on_hand, window) = (random.below(3), random.below(5));
            Event::Receive(Receive { on_hand, max: random.below(3), window, taken: 0 })
        }
        EventKind::Close => Event::Close(Bare),
        EventKind::Abort => Event::Abort(Bare),
        EventKind::Release => Event::Release(Release { unread: random.yes() }),
        EventKind::Status => Event::Status(Bare),
        EventKind::Segment => Event::Segment(random.segment(tcb)),
        EventKind::Held => Event::Held(random.segment(tcb)),
        EventKind::Transmit => Event::Transmit(Transmit { max: random.below(4), ..Transmit::default() }),
        EventKind::Unreachable => Event::Unreachable(Unreachable {
            seq: tcb.snd_una.plus(random.below(3)).minus(1),
            hard: random.yes(),
        }),
        EventKind::Retransmission => Event::Retransmission(expiry),
        EventKind::Probe => Event::Probe(expiry),
        EventKind::KeepAlive => Event::KeepAlive(expiry),
        EventKind::DelayedAck => Event::DelayedAck(Bare),
        EventKind::TimeWait => Event::TimeWait(Bare),
        EventKind::UserTimeout => Event::UserTimeout(Bare),
        EventKind::Orphan => Event::Orphan(Bare),
    }
}
