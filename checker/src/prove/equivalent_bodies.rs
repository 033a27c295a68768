//! Faults in bodies with which the machine does the same with every input, each with the reason. `prove --equivalent` proves it.

use super::theorem::beginnings;
use tcpspec::bodies::{Body, Fault};
use tcpspec::model::sources;
use tcpspec::{EventKind, State, TABLE};

const NOTHING_UNDER_WAY: &str = "It is only asked for while nothing is under way: SND.UNA is SND.NXT.";

const UNA_IS_ISS: &str = "SND.UNA is ISS until our SYN is acknowledged: that is a clause of the invariant.";
const FIN_ENDS: &str = "The guard is asked in CLOSING and LAST-ACK, which end when our FIN is acknowledged. While it alone is under way, no text is unacknowledged either way.";

/// All that are known, by their names.
pub(crate) const SAME_BODIES: &[(&str, &str)] = &[
    ("effects.rs: probe_fin: `tcb.snd_nxt` becomes `tcb.snd_una`", NOTHING_UNDER_WAY),
    ("effects.rs: probe_text: `tcb.snd_nxt` becomes `tcb.snd_una`", NOTHING_UNDER_WAY),
    ("effects.rs: send_keep_alive: `tcb.snd_nxt` becomes `tcb.snd_una`", NOTHING_UNDER_WAY),
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
        "guards.rs: text_wanted: `transmit.max > 0` becomes `transmit.max >= 0`",
        "Where no text is wanted none is taken, and `nothing_departs` ends the event as before.",
    ),
    ("tcb.rs: Tcb::unacked_text: without the condition `self.snd_una == self.iss`", UNA_IS_ISS),
    ("tcb.rs: Tcb::unacked_text: `self.iss` becomes `self.snd_una`", UNA_IS_ISS),
    ("tcb.rs: Tcb::unacked_text: `0` becomes `1`", FIN_ENDS),
    ("tcb.rs: Tcb::unacked_text: `0` becomes `1` (2)", FIN_ENDS),
];

/// Why this fault makes no difference, if that is known.
pub(crate) fn reason(body: Body) -> Option<&'static str> {
    let name = body.to_string();
    SAME_BODIES.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason)
}

/// The faults themselves.
pub(crate) fn all() -> impl Iterator<Item = Body> {
    Body::all().filter(|body| reason(*body).is_some())
}

/// The events, and the states before them, in which the function of this fault may be called: those with a row that names it, or another function that does. What is called
/// otherwise than by rows may be called by any.
pub(crate) fn calls(body: Body) -> (Vec<State>, Vec<EventKind>) {
    let Fault { function, .. } = body.fault();
    let names = callers(function.rsplit("::").next().unwrap_or(function));
    let is_named =
        |texts: &[&str]| texts.iter().flat_map(|text| words(text)).any(|word| names.contains(&word));
    let (mut states, mut kinds) = (Vec::new(), Vec::new());
    for event in TABLE.events {
        for step in event.steps {
            for row in step.rows {
                if is_named(step.when) || is_named(row.condition) || is_named(row.effects) {
                    states.extend(beginnings(row));
                    kinds.push(row.event);
                }
            }
        }
    }
    if kinds.is_empty() || names.contains(&"acknowledgment") {
        return (State::ALL.to_vec(), EventKind::ALL.to_vec());
    }
    states.sort_unstable_by_key(|state| *state as u8);
    states.dedup();
    kinds.sort_unstable_by_key(|kind| *kind as u8);
    kinds.dedup();
    (states, kinds)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The functions of bodies in whose text this one is named, those in whose text these are, and so on.
fn callers(function: &'static str) -> Vec<&'static str> {
    let files = ["guards.rs", "effects.rs", "tcb.rs", "seq.rs", "segment.rs"];
    let texts = sources::ALL.iter().filter(|(name, _)| files.contains(name)).map(|(_, text)| *text);
    // What stands between one `fn` and the next, its name first.
    let functions: Vec<Vec<&str>> =
        texts.flat_map(|text| text.split("fn ").skip(1)).map(|text| words(text).collect()).collect();
    let mut names = vec![function];
    loop {
        // The host sends again what the TCB says.
        let resends = names.contains(&"sent_segment").then_some("resend");
        let new = functions.iter().filter(|body| body.iter().any(|word| names.contains(word)));
        let new = new.filter_map(|body| body.first().copied()).chain(resends);
        let before = names.len();
        let new: Vec<&str> = new.filter(|name| !names.contains(name)).collect();
        for name in new {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(function: &str) -> (Vec<State>, Vec<EventKind>) {
        calls(Body::all().find(|body| body.fault().function == function).unwrap())
    }

    #[test]
    fn every_reason_is_for_a_fault_that_exists() {
        for (i, (name, reason)) in SAME_BODIES.iter().enumerate() {
            assert!(Body::all().any(|body| body.to_string() == *name), "{name} is not listed");
            assert!(!SAME_BODIES[..i].iter().any(|(other, _)| other == name), "{name} has two reasons");
            assert!(reason.ends_with('.'), "{name}: {reason}");
        }
    }

    #[test]
    fn a_function_is_called_by_rows_and_by_other_functions() {
        assert_eq!(of("probe_text").1, [EventKind::Probe]);
        assert_eq!(of("text_wanted").1, [EventKind::Transmit]);
        // The guard of a step.
        assert!(of("r2_reached").1.contains(&EventKind::Retransmission));
        assert_eq!(of("Tcb::unacked_text").1, [EventKind::Segment]);
        assert!(of("Tcb::sent_segment").1.contains(&EventKind::Retransmission));
        assert_eq!(of("Tcb::acknowledgment").1, EventKind::ALL);
        let of_trim = of("trim_edges").1;
        assert!(of_trim.contains(&EventKind::Segment) && of_trim.contains(&EventKind::Held), "{of_trim:?}");
    }
}
