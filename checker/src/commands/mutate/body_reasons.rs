//! Faults in bodies that no run can tell from the machine, each with the reason.
//!
//! The reason is an argument: it says what the rows, the host or the network never do. What is proven for all inputs stands in [`equivalent_bodies`].

use crate::prove::equivalent_bodies;
use tcpspec::bodies::Body;

const SHORT_WAY: &str =
    "The condition only opens the short way: `trim_edges` leaves a segment that ends in the window as it is.";
const SUM_OF_WORDS: &str = "An old segment then takes the short way where its distance from RCV.NXT and its length add up to more than a word holds. That takes numbers as large as words, which the model does not have. \
     `prove` has them, and shows that this is another machine.";
const SYN_ENDS: &str =
    "The FIN is gone by then, and the text of a segment that has a SYN left is never looked at.";
const TEXT_IS_TAKEN: &str = "Of a segment whose text was taken only the flags and the number are looked at.";
const UNA_IS_ISS: &str =
    "SND.UNA is ISS until our SYN is acknowledged: that is a clause of the invariant, which `prove` proves.";
const PERSIST_WAITS: &str = "The persist timer starts only where nothing is under way, and new text leaves only after a window that has stopped it, or when it has run out. So it does not run where something \
     new is acknowledged.";
const SAME_VALUE: &str = "Where the two are equal, the variable is set to what it is. They are never half of the space apart, where the two comparisons differ as well: no window reaches as far.";

/// All that are known, by their names.
pub(super) const ARGUED: &[(&str, &str)] = &[
    ("effects.rs: trim: `1` becomes `0`", SHORT_WAY),
    ("effects.rs: trim: `1` becomes `2`", SHORT_WAY),
    (
        "effects.rs: trim: `offset + seg.seg_len() <= tcb.receive_window()` becomes `offset + seg.seg_len() < tcb.receive_window()`",
        SHORT_WAY,
    ),
    (
        "effects.rs: trim: `offset < tcb.receive_window().max(1.into())` becomes `offset <= tcb.receive_window().max(1.into())`",
        SHORT_WAY,
    ),
    (
        "effects.rs: trim: `offset < tcb.receive_window().max(1.into())` becomes `offset >= tcb.receive_window().max(1.into())`",
        SUM_OF_WORDS,
    ),
    (
        "effects.rs: trim: `tcb.receive_window().max(1.into())` becomes `tcb.receive_window().min(1.into())`",
        SHORT_WAY,
    ),
    ("effects.rs: trim: `tcb.receive_window().max(1.into())` becomes `tcb.receive_window()`", SHORT_WAY),
    ("effects.rs: trim: `tcb.receive_window()` becomes `tcb.send_window()`", SHORT_WAY),
    ("effects.rs: trim: without `return`", SHORT_WAY),
    ("effects.rs: trim: without the condition `offset < tcb.receive_window().max(1.into())`", SUM_OF_WORDS),
    ("effects.rs: trim_edges: `seg.text_len()` becomes `seg.seg_len()` (3)", SYN_ENDS),
    ("effects.rs: accept_text: `seg.wnd` is set instead of `seg.len`", TEXT_IS_TAKEN),
    ("effects.rs: accept_text: without `seg.len = S::Raw::default()`", TEXT_IS_TAKEN),
    ("tcb.rs: Tcb::syn: `self.iss` becomes `self.snd_una`", UNA_IS_ISS),
    (
        "guards.rs: meets_zero_window: without the condition `tcb.receive_window() == 0`",
        "It is asked of segments outside the window. With an open window the one that begins at RCV.NXT is inside.",
    ),
    (
        "guards.rs: place: `0` becomes `1` (4)",
        "The last of one number is the first, which does not lie inside.",
    ),
    (
        "effects.rs: take_urgent: `tcb.rcv_up.before(seg.up)` becomes `tcb.rcv_up.at_or_before(seg.up)`",
        SAME_VALUE,
    ),
    (
        "effects.rs: take_window: `seg.wnd > S::Raw::default()` becomes `seg.wnd >= S::Raw::default()`",
        PERSIST_WAITS,
    ),
    (
        "effects.rs: take_window: `seg.wnd > S::Raw::default()` becomes `seg.wnd <= S::Raw::default()`",
        PERSIST_WAITS,
    ),
    ("effects.rs: take_window: `seg.wnd` becomes `seg.len` (3)", PERSIST_WAITS),
    ("effects.rs: take_window: without `host.stop(Timer::Persist)`", PERSIST_WAITS),
    (
        "effects.rs: advance_una: without the condition `tcb.facts.has(Facts::URGENT_OUT)`",
        "To clear a fact that does not hold changes nothing.",
    ),
    (
        "effects.rs: update_window: without the condition `tcb.snd_wl2.at_or_before(seg.ack)`",
        "SND.WL2 is the acknowledgment of a segment that was acceptable when it came, so it is never beyond SND.UNA. An acceptable ACK is never before SND.UNA, so it is never before SND.WL2.",
    ),
];

/// Why this fault cannot be told from the machine, if that is known.
pub(super) fn reason(body: Body) -> Option<&'static str> {
    let name = body.to_string();
    let argued = ARGUED.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason);
    equivalent_bodies::reason(body).or(argued)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::equivalent_bodies::SAME_BODIES;

    #[test]
    fn every_reason_is_for_a_fault_that_exists() {
        let all: Vec<String> = Body::all().map(|body| body.to_string()).collect();
        for (i, (name, reason)) in ARGUED.iter().enumerate() {
            assert!(all.iter().any(|known| known == name), "{name} is not listed");
            assert!(!ARGUED[..i].iter().any(|(other, _)| other == name), "{name} has two reasons");
            assert!(!SAME_BODIES.iter().any(|(other, _)| other == name), "{name} is proven");
            assert!(reason.ends_with('.'), "{name}: {reason}");
        }
    }
}
