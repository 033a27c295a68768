//! A run as a ladder between two lifelines: for the terminal, and as a picture.

mod picture;
mod text;

pub(crate) use picture::svg;
use text::{Marks, Rows, marked};
pub(crate) use text::{lasso, text};

use crate::output::terminal;
use tcpspec::model::{Action, Step, Tcp, stray_name};
use tcpspec_explorer::flights::old_arrivals;
use tcpspec_explorer::run::actions_of;

/// A run of the model as the reader's terminal has room for it, with what older connections sent marked, and the step from which on it repeats for ever.
pub(crate) fn shown(model: &Tcp, steps: &[Step], repeats_from: Option<usize>) -> String {
    let old = actions_of(model, steps).map(|actions| old_arrivals(model, &actions));
    let marks = Marks { repeats_from, old: old.as_deref().unwrap_or_default() };
    marked(steps, marks, Rows::within(terminal::width()))
}

/// What an action is, beside the end at which it happens; nothing for segments, which have their arrows.
fn words(action: Action) -> String {
    match action {
        Action::Call(_, call) => call.to_string(),
        Action::Transmit(..) => "sends what is queued".into(),
        Action::Held(..) => "what came early is next".into(),
        Action::Fire(_, timer, last) => {
            let last = if last { ", for the last time" } else { "" };
            format!("{} timer{last}", hyphenated(timer.name()))
        }
        Action::Resend(_, from, len) => format!("retransmission timer: {len} from SND.UNA+{from}"),
        Action::Tick => "a tick passes".into(),
        Action::Crash(_) => "crash".into(),
        Action::Forge(_, kind, seq, ack) => format!("forged {}", kind.segment(seq, ack)),
        Action::Stray(_, index) => stray_name(index),
        Action::Vanish(_) => "the host vanishes".into(),
        Action::Opens(_, opening) => words(opening.action()),
        Action::Deliver(_) | Action::Duplicate(_) | Action::Lose(_) => String::new(),
    }
}

/// `DelayedAck` as `delayed-ack`.
fn hyphenated(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::xml::assert_well_formed;
    use super::*;
    use crate::runs::play;
    use tcpspec::model::{Bounds, Call, Packet, Scenario, scenarios};

    /// Active OPEN of A, with what then happens to its SYN.
    fn run(actions: &[Action]) -> Vec<Step> {
        let scenario = scenarios::find("handshake-close")[0];
        let bounds =
            Bounds { losses: 1, duplicates: 1, retransmissions: 1, in_order: true, ..scenario.bounds };
        let model = Tcp::new(&Scenario { bounds, ..*scenario });
        let mut world = model.initial();
        let mut steps = Vec::new();
        for action in actions {
            let (after, step) = model.explain(&world, *action).expect("it can happen");
            world = after;
            steps.push(step);
        }
        steps
    }

    const OPENING: [Action; 2] = [Action::Call(1, Call::Listen), Action::Call(0, Call::Open)];

    #[test]
    fn a_lost_segment_does_not_arrive() {
        let again = Action::Fire(0, tcpspec::Timer::Retransmission, false);
        let steps = run(&[OPENING[0], OPENING[1], Action::Lose(0), again, Action::Deliver(0)]);
        let text = text(&steps);
        assert_eq!(text.matches("╳ lost").count(), 1, "{text}");
        let arrivals = text.lines().filter(|line| line.contains('▶') && !line.contains("▶ …")).count();
        assert_eq!(arrivals, 1, "{text}");
        let svg = svg(&steps, "loss");
        assert_well_formed(&svg);
        assert_eq!(svg.matches("class=\"cross\"").count(), 1);
        assert_eq!(
            svg.matches("class=\"head\"").count(),
            2,
            "the SYN again and the answer, which is under way"
        );
    }

    #[test]
    fn a_duplicated_segment_arrives_twice() {
        let steps = run(&[OPENING[0], OPENING[1], Action::Duplicate(0), Action::Deliver(0)]);
        let text = text(&steps);
        assert_eq!(text.matches("copy …").count(), 1, "{text}");
        let svg = svg(&steps, "copy");
        assert_well_formed(&svg);
        assert_eq!(svg.matches("class=\"segment copy\"").count(), 1);
    }

    #[test]
    fn lines_are_short_and_all_rows_are_there() {
        let named = [
            "handshake-close",
            "simultaneous-open",
            "simultaneous-close",
            "half-close",
            "fast-close",
            "listen-send",
        ];
        for scenario in scenarios::all().filter(|s| named.contains(&s.name)) {
            let steps = play::script(scenario);
            let text = text(&steps);
            for line in text.lines() {
                assert!(line.chars().count() <= 110, "{line}");
            }
            for line in marked(&steps, Marks::default(), Rows::Below).lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
            let words: Vec<&str> = text.split([' ', ',', '\n']).filter(|w| !w.is_empty()).collect();
            let rows = || steps.iter().flat_map(|step| &step.rows);
            for row in rows() {
                let fired = rows().filter(|r| *r == row).count();
                assert_eq!(
                    words.iter().filter(|w| **w == row.name()).count(),
                    fired,
                    "{}: {row}",
                    scenario.name
                );
            }
            assert_well_formed(&svg(&steps, scenario.name));
        }
    }

    #[test]
    fn what_an_older_connection_sent_is_marked() {
        let steps = run(&[OPENING[0], OPENING[1], Action::Deliver(0)]);
        let ladder = |old: &[bool]| marked(&steps, Marks { repeats_from: None, old }, Rows::Below);
        assert!(!ladder(&[]).contains("(old)"));
        let old = ladder(&[false, false, true]);
        assert_eq!(old.lines().filter(|line| line.contains("<CTL=SYN> (old) ─")).count(), 1, "{old}");
    }

    #[test]
    fn what_does_not_fit_beside_a_segment_stands_above_it() {
        use tcpspec::{Flags, Segment, Seq};
        let mut steps = run(&[OPENING[0], OPENING[1], Action::Duplicate(0)]);
        let long = |packet: &mut Packet| {
            let flags = Flags(Flags::FIN.0 | Flags::PSH.0 | Flags::ACK.0);
            packet.seg = Segment { seq: Seq::new(15), ack: Seq::new(15), flags, len: 1, ..packet.seg };
        };
        steps[1].sent.iter_mut().for_each(long);
        steps[2].arrived.iter_mut().for_each(long);
        let text = marked(&steps, Marks { repeats_from: None, old: &[false, false, true] }, Rows::Below);
        assert!(text.contains(" a copy, from an older connection: "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn rows_stand_below_their_step_where_there_is_no_room_beside_it() {
        let steps = run(&OPENING);
        let text = marked(&steps, Marks::default(), Rows::Below);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let second = lines.iter().position(|line| line.starts_with("2.")).unwrap();
        assert!(lines[second..].contains(&"open_active"), "{text}");
        assert!(!lines[..second].contains(&"open_active"), "{text}");
    }

    #[test]
    fn one_step_alone_can_be_shown() {
        for step in play::script(scenarios::find("handshake-close")[0]) {
            let step = [step];
            assert!(text(&step).lines().count() > 2);
            assert_well_formed(&svg(&step, "one"));
        }
    }
}
