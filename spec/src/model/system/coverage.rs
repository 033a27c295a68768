//! What has happened in an exploration: rows that fired, and kinds of action.

use super::action::{Action, Forged};
use crate::model::scenario::Call;
use crate::{Row, Timer};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Rows that have fired and actions that have happened, shared by all threads.
#[derive(Debug)]
pub struct Coverage {
    rows: [AtomicBool; Row::COUNT],
    /// A bit for each kind.
    actions: AtomicU64,
}

impl Default for Coverage {
    fn default() -> Self {
        Self { rows: core::array::from_fn(|_| AtomicBool::new(false)), actions: AtomicU64::new(0) }
    }
}

impl Coverage {
    pub(super) fn note(&self, row: Row) {
        let bit = &self.rows[row as usize];
        // A load is cheaper than a store that every core has to hear of.
        if !bit.load(Relaxed) {
            bit.store(true, Relaxed);
        }
    }

    /// Whether a row has fired.
    pub fn has(&self, row: Row) -> bool {
        self.rows[row as usize].load(Relaxed)
    }

    #[inline]
    pub(super) fn note_kind(&self, kind: ActionKind) {
        let bit = 1 << kind.0;
        if self.actions.load(Relaxed) & bit == 0 {
            self.actions.fetch_or(bit, Relaxed);
        }
    }

    /// The kinds of action that have happened, a bit for each, in the order of [`ActionKind::ALL`].
    pub fn actions(&self) -> u64 {
        self.actions.load(Relaxed)
    }
}

/// What kind of thing an action is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ActionKind(u8);

/// The first kind of timer that runs out, of R2, and of what a forger does.
const FIRE: u8 = 12;
const LAST: u8 = FIRE + Timer::ALL.len() as u8;
const FORGE: u8 = LAST + 4;

const NAMES: [&str; 35] = [
    "active OPEN",
    "passive OPEN",
    "SEND",
    "RECEIVE",
    "CLOSE",
    "ABORT",
    "transmission",
    "delivery",
    "duplication",
    "loss",
    "early text taken",
    "tick",
    "retransmission timer",
    "persist timer",
    "keep-alive timer",
    "delayed-ACK timer",
    "time-wait timer",
    "user timer",
    "orphan timer",
    "R2 of retransmission",
    "R2 of persist",
    "R2 of keep-alive",
    "crash",
    "forged RST",
    "forged SYN",
    "forged ACK",
    "forged text",
    "stray event",
    "host vanishes",
    "free number of an OPEN",
    "free number of a delivery",
    "free number of a duplication",
    "RECEIVE in part",
    "RELEASE",
    "delivery just before MSL",
];

impl ActionKind {
    /// All kinds.
    pub const ALL: [Self; NAMES.len()] = {
        let mut all = [Self(0); NAMES.len()];
        let mut i = 0;
        while i < NAMES.len() {
            all[i] = Self(i as u8);
            i += 1;
        }
        all
    };

    /// A segment arrives that would be gone after another tick. It happens beside the delivery that it is.
    pub(super) const LATE: Self = Self(FORGE + 11);

    /// The kind of an action.
    #[inline]
    pub fn of(action: Action) -> Self {
        use super::Opening;
        Self(match action {
            Action::Call(_, call) => match call {
                Call::Open => 0,
                Call::Listen => 1,
                Call::Send => 2,
                Call::Receive => 3,
                Call::Take(..) => FORGE + 9,
                Call::Close => 4,
                Call::Abort => 5,
                Call::Release => FORGE + 10,
            },
            Action::Transmit(..) => 6,
            Action::Deliver(_) => 7,
            Action::Duplicate(_) => 8,
            Action::Lose(_) => 9,
            Action::Held(..) => 10,
            Action::Tick => 11,
            // The timer runs out all the same.
            Action::Resend(..) => FIRE + Timer::Retransmission as u8,
            Action::Fire(_, timer, false) => FIRE + timer as u8,
            // These three have an R2; for the others every time is the last.
            Action::Fire(_, Timer::Retransmission, true) => LAST,
            Action::Fire(_, Timer::Persist, true) => LAST + 1,
            Action::Fire(_, Timer::KeepAlive, true) => LAST + 2,
            Action::Fire(
                _,
                timer @ (Timer::DelayedAck | Timer::TimeWait | Timer::User | Timer::Orphan),
                true,
            ) => FIRE + timer as u8,
            Action::Crash(_) => LAST + 3,
            Action::Forge(_, kind, ..) => match kind {
                Forged::Rst => FORGE,
                Forged::Syn => FORGE + 1,
                Forged::Ack => FORGE + 2,
                Forged::Text => FORGE + 3,
            },
            Action::Stray(..) => FORGE + 4,
            Action::Vanish(_) => FORGE + 5,
            Action::Opens(_, opening) => match opening {
                Opening::Call(..) => FORGE + 6,
                Opening::Deliver(_) => FORGE + 7,
                Opening::Duplicate(_) => FORGE + 8,
            },
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// Its place in [`Self::ALL`].
    pub fn index(self) -> usize {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::system::action::Opening;

    #[test]
    fn every_kind_has_its_own_name_and_place() {
        let called = |call| Action::Call(0, call);
        let forged = Forged::ALL.map(|kind| Action::Forge(0, kind, 0, 0));
        let last = [Timer::Retransmission, Timer::Persist, Timer::KeepAlive];
        let actions = [Call::Open, Call::Listen, Call::Send, Call::Receive, Call::Close, Call::Abort]
            .map(called)
            .into_iter()
            .chain([Action::Transmit(0, 1), Action::Deliver(0), Action::Duplicate(0), Action::Lose(0)])
            .chain([Action::Held(0, 0), Action::Tick])
            .chain(Timer::ALL.map(|timer| Action::Fire(0, timer, false)))
            .chain(last.map(|timer| Action::Fire(0, timer, true)))
            .chain([Action::Crash(0)])
            .chain(forged)
            .chain([Action::Stray(0, 0), Action::Vanish(0)])
            .chain(
                [Opening::Call(0, Call::Open), Opening::Deliver(0), Opening::Duplicate(0)]
                    .map(|opening| Action::Opens(0, opening)),
            )
            .chain([called(Call::Take(1, 0)), called(Call::Release)]);
        let kinds: Vec<_> = actions.map(ActionKind::of).chain([ActionKind::LATE]).collect();
        assert_eq!(kinds, ActionKind::ALL);
        for timer in Timer::ALL {
            let name = ActionKind::of(Action::Fire(0, timer, false)).name().replace('-', "");
            assert!(name.eq_ignore_ascii_case(&format!("{} timer", timer.name())), "{name}");
        }
        let mut names: Vec<_> = ActionKind::ALL.map(ActionKind::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ActionKind::ALL.len());
    }
}
