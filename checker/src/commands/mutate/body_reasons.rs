//! Faults in bodies that no run can tell from the machine, each with the reason.

use tcpspec::bodies::Body;

const SHORT_WAY: &str =
    "The condition only opens the short way: `trim_edges` leaves a segment that ends in the window as it is.";
const NOT_WHOLLY_OLD: &str = "A segment that is old as a whole does not come here: it lies outside the window, and of what was kept the host brings only what is new. So the old part is never longer than the text.";
const SYN_ENDS: &str =
    "The FIN is gone by then, and the text of a segment that has a SYN left is never looked at.";
const TEXT_IS_TAKEN: &str = "Of a segment whose text was taken only the flags and the number are looked at.";
const BRINGS_NEW: &str =
    "The host brings of what was kept only what is new, and the step asks for text: the guard always holds.";
const NOTHING_UNDER_WAY: &str = "It is only asked for while nothing is under way: SND.UNA is SND.NXT.";
const FIN_IS_ACKNOWLEDGED: &str = "The guard is asked in CLOSING and LAST-ACK, which end when our FIN is acknowledged. While it alone is under way, no text is unacknowledged either way.";

/// All that are known, by their names.
pub(super) const SAME: &[(&str, &str)] = &[
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
        SHORT_WAY,
    ),
    (
        "effects.rs: trim: `tcb.receive_window().max(1.into())` becomes `tcb.receive_window().min(1.into())`",
        SHORT_WAY,
    ),
    ("effects.rs: trim: `tcb.receive_window().max(1.into())` becomes `tcb.receive_window()`", SHORT_WAY),
    ("effects.rs: trim: `tcb.receive_window()` becomes `tcb.send_window()`", SHORT_WAY),
    ("effects.rs: trim: without `return`", SHORT_WAY),
    ("effects.rs: trim: without the condition `offset < tcb.receive_window().max(1.into())`", SHORT_WAY),
    ("effects.rs: trim_edges: `old.min(seg.text_len())` becomes `old`", NOT_WHOLLY_OLD),
    ("effects.rs: trim_edges: `seg.text_len()` becomes `seg.seg_len()`", NOT_WHOLLY_OLD),
    ("effects.rs: trim_edges: `Flags::FIN` becomes `Flags::URG`", NOT_WHOLLY_OLD),
    (
        "effects.rs: trim_edges: `seg.flags.without(Flags::FIN)` becomes `seg.flags.with(Flags::FIN)`",
        NOT_WHOLLY_OLD,
    ),
    ("effects.rs: trim_edges: `seg.flags.without(Flags::FIN)` becomes `seg.flags`", NOT_WHOLLY_OLD),
    ("effects.rs: trim_edges: without `seg.flags = seg.flags.without(Flags::FIN)`", NOT_WHOLLY_OLD),
    ("effects.rs: trim_edges: `seg.text_len()` becomes `seg.seg_len()` (3)", SYN_ENDS),
    ("effects.rs: accept_text: `seg.wnd` is set instead of `seg.len`", TEXT_IS_TAKEN),
    ("effects.rs: accept_text: without `seg.len = S::Raw::default()`", TEXT_IS_TAKEN),
    ("guards.rs: brings_text: `seg.text_len()` becomes `seg.seg_len()`", BRINGS_NEW),
    (
        "guards.rs: brings_text: `tcb.rcv_nxt.before(seg.text_seq().plus(seg.text_len()))` becomes `tcb.rcv_nxt.at_or_before(seg.text_seq().plus(seg.text_len()))`",
        BRINGS_NEW,
    ),
    ("guards.rs: brings_text: `tcb.rcv_nxt` becomes `tcb.irs`", BRINGS_NEW),
    ("effects.rs: probe_fin: `tcb.snd_nxt` becomes `tcb.snd_una`", NOTHING_UNDER_WAY),
    ("effects.rs: probe_text: `tcb.snd_nxt` becomes `tcb.snd_una`", NOTHING_UNDER_WAY),
    ("effects.rs: send_keep_alive: `tcb.snd_nxt` becomes `tcb.snd_una`", NOTHING_UNDER_WAY),
    ("tcb.rs: Tcb::unacked_text: `0` becomes `1`", FIN_IS_ACKNOWLEDGED),
    ("tcb.rs: Tcb::unacked_text: `0` becomes `1` (2)", FIN_IS_ACKNOWLEDGED),
    (
        "tcb.rs: Tcb::unacked_text: `self.snd_una.distance(self.snd_end)` becomes `self.snd_end.distance(self.snd_una)`",
        "The guard asks only whether it is zero, and both distances are zero for the same numbers.",
    ),
    (
        "tcb.rs: Tcb::syn: `self.iss` becomes `self.snd_una`",
        "Our SYN is only sent, and sent again, while SND.UNA = ISS.",
    ),
    ("effects.rs: choose_iss: `tcb.iss` becomes `tcb.snd_una` (2)", "SND.UNA has just been set to ISS."),
    (
        "tcb.rs: Tcb::fin_is_next: without the condition `!self.facts.has(Facts::FIN_SENT)`",
        "Once the FIN is sent, SND.NXT lies beyond it.",
    ),
    (
        "effects.rs: create_passive: without `*tcb = Tcb::default()`",
        "A passive OPEN makes a TCB in CLOSED only, where it is the default one already.",
    ),
    (
        "guards.rs: ack: `seg.ack.before(tcb.snd_una)` becomes `seg.ack.at_or_before(tcb.snd_una)`",
        "SEG.ACK = SND.UNA was answered before.",
    ),
    (
        "guards.rs: meets_zero_window: without the condition `tcb.receive_window() == 0`",
        "It is asked of segments outside the window. With an open window the one that begins at RCV.NXT is inside.",
    ),
    (
        "guards.rs: place: `0` becomes `1` (4)",
        "The last of one number is the first, which does not lie inside.",
    ),
    (
        "guards.rs: text_wanted: `transmit.max > 0` becomes `transmit.max >= 0`",
        "Where no text is wanted none is taken, and `nothing_departs` ends the event as before.",
    ),
    (
        "effects.rs: acknowledge_text: `Acknowledge::Text` becomes `Acknowledge::Now`",
        "A host may always acknowledge text at once.",
    ),
    (
        "effects.rs: open_window: `Acknowledge::Window` becomes `Acknowledge::Challenge`",
        "A host may keep back a challenge ACK as it may keep back news of the window.",
    ),
    (
        "tcb.rs: Tcb::sent_segment: without `return None`",
        "It is asked only for what is under way: `resend` needs something outstanding, and hosts choose a part of it.",
    ),
];

/// Why this fault cannot be told from the machine, if that is known.
pub(super) fn reason(body: Body) -> Option<&'static str> {
    let name = body.to_string();
    SAME.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_for_a_fault_that_exists() {
        let all: Vec<String> = Body::all().map(|body| body.to_string()).collect();
        for (i, (name, reason)) in SAME.iter().enumerate() {
            assert!(all.iter().any(|known| known == name), "{name} is not listed");
            assert!(!SAME[..i].iter().any(|(other, _)| other == name), "{name} has two reasons");
            assert!(reason.ends_with('.'), "{name}: {reason}");
        }
    }
}
