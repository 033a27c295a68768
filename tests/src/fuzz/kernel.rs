//! The kernel of this machine as the judge: a script of segments and calls is played to our stack and to the kernel. Their states, and what their users
//! get, differ only where `docs/kernel-differences.md` says so.
//!
//! How many segments answer, and what is sent again, is compared in the survey of systematic scripts only: the two join acknowledgments in too many
//! ways to list.

use super::choice::Choice;
use crate::differential::compare::compare;
use crate::differential::random::{self, Draw};
use crate::differential::script::Step;
use crate::differential::survey::Both;
use std::cell::RefCell;
use tcpspec::Flags;

/// What is seen once and never again was this machine's doing.
const TIMES: usize = 3;

impl Draw for Choice<'_> {
    fn below(&mut self, n: u64) -> u64 {
        Choice::below(self, n as u32).into()
    }
}

/// Steps of a script at most: ours answers ten refused segments in five seconds, and the kernel's limits are off.
const STEPS: usize = 12;

thread_local! {
    /// The thread gets a network namespace of its own with this.
    static BOTH: RefCell<Both> = RefCell::new(Both::open().expect("namespaces and a TUN device, as root"));
}

/// What the two may make of a script is one thing:
///
/// - No text and no FIN comes after the first FIN. They would contradict it, and what each side does then depends on what it has kept.
/// - No SYN comes after a RST: calls would be for the old connection on one side and for the new one on the other.
/// - A SYN has no text, of which the two keep different parts.
fn agree(steps: &mut Vec<Step>) {
    let (mut is_over, mut is_reset) = (false, false);
    steps.retain_mut(|step| {
        let Step::Segment(segment) = step else { return true };
        let is_syn = segment.flags.has(Flags::SYN);
        if is_syn {
            segment.len = 0;
        }
        let is_late = is_over && (segment.len > 0 || segment.flags.has(Flags::FIN));
        let is_kept = !(is_late || is_reset && is_syn);
        is_over |= segment.flags.has(Flags::FIN);
        is_reset |= segment.flags.has(Flags::RST);
        is_kept
    });
}

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let lazy = choice.one_in(8);
    let mut script = random::drawn(&mut choice, lazy, false);
    // The last ones stay: they ask what has come of it.
    while script.steps.len() > STEPS {
        script.steps.remove(STEPS - 3);
    }
    agree(&mut script.steps);
    BOTH.with_borrow_mut(|both| {
        let mut found = None;
        for _ in 0..TIMES {
            let (ours, kernel) = both.play(&script);
            found = compare(&ours, &kernel, false).into_iter().find(|difference| {
                let (ours, kernel) = (&ours[difference.step], &kernel[difference.step]);
                let matters = ours.after != kernel.after || ours.outcome != kernel.outcome;
                difference.reason.is_none() && matters
            });
            if found.is_none() {
                return;
            }
        }
        let class = found.expect("it was found each time").class;
        panic!("{class}\n    cargo run --release -p tcpspec-tests --bin replay -- '{script}'");
    });
}
