//! What a search looks for, in words: parts joined by `and`, each about an end, the segments under way, the step, or the claims.

use crate::api::Refusal;
use crate::catalogue;
use crate::flights::is_old;
use crate::nearest;
use tcpspec::model::{Claim, End, Kind, Packet, Scenario, Step, Tcp, World};
use tcpspec::{Flags, Row, State};

/// All parts must hold.
#[derive(Clone, Debug)]
pub(super) struct Query(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    /// These ends are in one of these states.
    In(Ends, Vec<State>),
    /// The step fires this row.
    Fires(Row),
    /// The step takes these ends to this state.
    Goes(Ends, State),
    /// So many segments of this kind are under way: exactly, or at least.
    UnderWay(Count, Segments),
    /// A number of an end has this value.
    Value(Ends, Value, u32),
    /// An `always` whose name contains this is broken, or a `sometimes` shown.
    Claim(String),
    /// Some claim that should hold is broken.
    AnyClaim,
    /// It does not hold.
    Not(Box<Part>),
}

#[derive(Clone, Copy, Debug)]
enum Ends {
    A,
    B,
    Both,
    Either,
}

#[derive(Clone, Copy, Debug)]
enum Count {
    Exactly(usize),
    AtLeast(usize),
}

#[derive(Clone, Copy, Debug)]
enum Segments {
    All,
    Old,
    With(Flags, Flags),
    Text,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Delivered,
    OnHand,
    Held,
    SndUna,
    SndNxt,
    SndWnd,
    RcvNxt,
    RcvWnd,
    Incarnation,
}

/// What is understood, for the answer to a query that is not.
const HELP: &str = "write parts joined by `and`: `A in TIME-WAIT`, `both in ESTABLISHED`, `A not in CLOSED`, `B enters LISTEN`, `row old_fin fires`, \
    `two SYNs under way`, `no segment under way`, `an old segment under way`, `B delivered 2`, `A RCV.WND = 0`, `a claim breaks`, `claim \"once and in order\"`";

impl Query {
    /// Reads a query.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let text: String = text.chars().take(400).collect();
        let parts: Result<Vec<Part>, String> = split(&text).iter().map(|part| self::part(part)).collect();
        match parts {
            Ok(parts) if !parts.is_empty() => Ok(Self(parts)),
            Ok(_) => Err(Refusal::new(HELP)),
            Err(why) => Err(Refusal::new(format!("{why}; {HELP}"))),
        }
    }

    /// Whether a step is asked for, not a world alone.
    pub(super) fn asks_steps(&self) -> bool {
        fn asks(part: &Part) -> bool {
            match part {
                Part::Fires(_) | Part::Goes(..) => true,
                Part::Not(part) => asks(part),
                _ => false,
            }
        }
        self.0.iter().any(asks)
    }

    /// Whether the scenario has the claims that it names.
    pub(super) fn fits(&self, scenario: &Scenario) -> Result<(), Refusal> {
        if catalogue::suite().is_some() && self.0.iter().any(Part::asks_claims) {
            return Err(Refusal::new(
                "the claims of a suite may speak of steps and of the past, so worlds are not searched for them; `check` decides them",
            ));
        }
        for part in &self.0 {
            if let Part::Claim(words) = part
                && named(scenario, words).next().is_none()
            {
                return Err(Refusal::new(format!(
                    "{} has no claim about single worlds with the words `{words}`; the claims of a run are listed beside it",
                    scenario.name
                )));
            }
        }
        Ok(())
    }

    /// Whether it holds of a world and the step that led there.
    pub(super) fn holds(&self, model: &Tcp, world: &World, step: Option<&Step>) -> bool {
        self.0.iter().all(|part| part.holds(model, world, step))
    }
}

impl Part {
    fn asks_claims(&self) -> bool {
        match self {
            Self::Claim(_) | Self::AnyClaim => true,
            Self::Not(part) => part.asks_claims(),
            _ => false,
        }
    }

    fn holds(&self, model: &Tcp, world: &World, step: Option<&Step>) -> bool {
        let scenario = &model.scenario;
        match self {
            Self::In(ends, states) => ends.all(world, |end| states.contains(&end.state)),
            Self::Fires(row) => {
                step.is_some_and(|step| step.rows.iter().any(|fired| *fired as usize == *row as usize))
            }
            Self::Goes(ends, state) => step.is_some_and(|step| {
                let goes = |i: usize| step.before[i] != *state && step.after[i] == *state;
                match ends {
                    Ends::A => goes(0),
                    Ends::B => goes(1),
                    Ends::Both => goes(0) && goes(1),
                    Ends::Either => goes(0) || goes(1),
                }
            }),
            Self::UnderWay(count, segments) => {
                let found = world.packets().filter(|packet| segments.has(packet, world)).count();
                match count {
                    Count::Exactly(wanted) => found == *wanted,
                    Count::AtLeast(wanted) => found >= *wanted,
                }
            }
            Self::Value(ends, value, wanted) => ends.all(world, |end| value.of(end) == *wanted),
            Self::Claim(words) => named(scenario, words)
                .any(|claim| (claim.holds)(scenario, world) == (claim.kind == Kind::Sometimes)),
            Self::AnyClaim => scenario.claims.iter().any(|claim| {
                claim.kind == Kind::Always && claim.fails_because.is_none() && !(claim.holds)(scenario, world)
            }),
            Self::Not(part) => !part.holds(model, world, step),
        }
    }
}

/// The claims with these words that single worlds decide.
fn named<'a>(scenario: &'a Scenario, words: &'a str) -> impl Iterator<Item = &'a Claim> {
    scenario.claims.iter().filter(move |claim| !claim.kind.is_about_runs() && claim.name.contains(words))
}

impl Ends {
    fn all(self, world: &World, holds: impl Fn(&End) -> bool) -> bool {
        let [a, b] = &world.ends;
        match self {
            Self::A => holds(a),
            Self::B => holds(b),
            Self::Both => holds(a) && holds(b),
            Self::Either => holds(a) || holds(b),
        }
    }
}

impl Segments {
    fn has(self, packet: &Packet, world: &World) -> bool {
        match self {
            Self::All => true,
            Self::Old => is_old(packet, world),
            Self::With(set, clear) => {
                packet.seg.flags.has(set) && packet.seg.flags.without(clear) == packet.seg.flags
            }
            Self::Text => packet.seg.text_len() > 0,
        }
    }
}

impl Value {
    fn of(self, end: &End) -> u32 {
        match self {
            Self::Delivered => end.delivered.into(),
            Self::OnHand => end.on_hand.into(),
            Self::Held => end.held.iter().flatten().count() as u32,
            Self::SndUna => end.tcb.snd_una.get(),
            Self::SndNxt => end.tcb.snd_nxt.get(),
            Self::SndWnd => end.tcb.snd_wnd.into(),
            Self::RcvNxt => end.tcb.rcv_nxt.get(),
            Self::RcvWnd => end.tcb.rcv_wnd.into(),
            Self::Incarnation => end.incarnation.into(),
        }
    }
}

/// The parts between `and`s; a claim in quotes may hold one.
fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut is_quoted = false;
    for word in text.split_whitespace() {
        if !is_quoted && word.eq_ignore_ascii_case("and") {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        if word.matches('"').count() % 2 == 1 {
            is_quoted = !is_quoted;
        }
        if !part.is_empty() {
            part.push(' ');
        }
        part.push_str(word);
    }
    parts.push(part);
    parts
}

fn part(text: &str) -> Result<Part, String> {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let not = |part: Part| Part::Not(Box::new(part));
    match lower.as_slice() {
        [] => Err("a part of the query is empty".into()),
        ["a" | "any" | "some", "claim", "breaks" | "fails" | "is", ..] => Ok(Part::AnyClaim),
        ["claim", ..] => {
            let words = text["claim".len()..].trim().trim_end_matches(" breaks").trim_matches('"');
            Ok(Part::Claim(words.to_owned()))
        }
        ["row", name] | ["row", name, "fires"] => row(name).map(Part::Fires),
        ["row", name, "does", "not", "fire"] => row(name).map(|row| not(Part::Fires(row))),
        [end, "in", states @ ..] if ends(end).is_some() => in_states(end, states),
        [end, "not", "in", states @ ..] if ends(end).is_some() => in_states(end, states).map(not),
        [end, "enters", name] if ends(end).is_some() => {
            Ok(Part::Goes(ends(end).unwrap_or(Ends::Either), state(name)?))
        }
        [count, kind @ .., "under", "way"] => Ok(Part::UnderWay(self::count(count)?, segments(kind)?)),
        [end, rest @ ..] if ends(end).is_some() => {
            let rest: Vec<&str> =
                rest.iter().copied().filter(|word| *word != "=" && *word != "is" && *word != "has").collect();
            let [name @ .., number] = rest.as_slice() else {
                return Err(format!("`{text}` is not understood"));
            };
            let number = number.parse().map_err(|_| format!("`{number}` is no number"))?;
            Ok(Part::Value(ends(end).unwrap_or(Ends::Either), value(&name.join(" "))?, number))
        }
        _ => Err(format!("`{text}` is not understood")),
    }
}

fn ends(word: &str) -> Option<Ends> {
    Some(match word {
        "a" => Ends::A,
        "b" => Ends::B,
        "both" => Ends::Both,
        "either" | "one" => Ends::Either,
        _ => return None,
    })
}

fn in_states(end: &str, names: &[&str]) -> Result<Part, String> {
    let states: Result<Vec<State>, String> =
        names.iter().filter(|name| **name != "or").map(|name| state(name.trim_end_matches(','))).collect();
    let states = states?;
    if states.is_empty() {
        return Err("a state is missing behind `in`".into());
    }
    Ok(Part::In(ends(end).unwrap_or(Ends::Either), states))
}

fn state(name: &str) -> Result<State, String> {
    let wanted = name.to_uppercase().replace('_', "-");
    let all = State::ALL.map(State::name);
    State::ALL
        .into_iter()
        .find(|state| state.name() == wanted)
        .ok_or_else(|| format!("there is no state `{name}`; {}", meant(&wanted, &all)))
}

fn row(name: &str) -> Result<Row, String> {
    let name = name.trim_matches('`');
    let all: Vec<&str> = Row::ALL.into_iter().map(Row::name).collect();
    Row::ALL
        .into_iter()
        .find(|row| row.name() == name)
        .ok_or_else(|| format!("the table has no row `{name}`; {}", meant(name, &all)))
}

fn meant(name: &str, all: &[&str]) -> String {
    nearest(name, all.iter().copied(), 0.0).map_or_else(String::new, |near| format!("did you mean `{near}`?"))
}

fn count(word: &str) -> Result<Count, String> {
    Ok(match word {
        "no" => Count::Exactly(0),
        "a" | "an" | "one" | "some" => Count::AtLeast(1),
        "two" => Count::AtLeast(2),
        "three" => Count::AtLeast(3),
        "four" => Count::AtLeast(4),
        _ => Count::AtLeast(word.parse().map_err(|_| format!("`{word}` is no number of segments"))?),
    })
}

fn segments(words: &[&str]) -> Result<Segments, String> {
    let words: Vec<&str> = words.iter().map(|word| word.trim_end_matches('s')).collect();
    let bits = |name: &str| {
        Some(match name {
            "syn" => Flags::SYN,
            "fin" => Flags::FIN,
            "rst" => Flags::RST,
            "ack" => Flags::ACK,
            "urg" => Flags::URG,
            "psh" => Flags::PSH,
            _ => return None,
        })
    };
    match words.as_slice() {
        ["segment"] => Ok(Segments::All),
        ["old", "segment"] | ["old"] => Ok(Segments::Old),
        ["text"] => Ok(Segments::Text),
        // Alone, an ACK is what has no other bit but PSH.
        ["ack"] => Ok(Segments::With(Flags::ACK, Flags::SYN.with(Flags::FIN).with(Flags::RST))),
        // A SYN,ACK counts as a SYN, too: it is one.
        [names] => {
            let set = names.split(',').map(bits).try_fold(Flags(0), |set, bit| bit.map(|bit| set.with(bit)));
            set.map(|set| Segments::With(set, Flags(0)))
                .ok_or_else(|| format!("`{names}` is no kind of segment"))
        }
        _ => Err(format!("`{}` is no kind of segment", words.join(" "))),
    }
}

fn value(name: &str) -> Result<Value, String> {
    Ok(match name {
        "delivered" => Value::Delivered,
        "on hand" => Value::OnHand,
        "held" => Value::Held,
        "snd.una" => Value::SndUna,
        "snd.nxt" => Value::SndNxt,
        "snd.wnd" => Value::SndWnd,
        "rcv.nxt" => Value::RcvNxt,
        "rcv.wnd" => Value::RcvWnd,
        "incarnation" => Value::Incarnation,
        _ => return Err(format!("`{name}` is no number of an end")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_asked() {
        for text in [
            "A in TIME-WAIT and B in LAST-ACK",
            "both in established",
            "a not in CLOSED and either in FIN_WAIT_1 or FIN-WAIT-2",
            "row old_fin fires",
            "row `old_fin`",
            "row crossed does not fire and B enters ESTABLISHED",
            "two SYNs under way",
            "no segments under way",
            "an old segment under way",
            "3 SYN,ACKs under way and a RST under way and an ACK under way and text under way",
            "one text under way",
            "B delivered 2 and A RCV.WND = 0 and b on hand 1",
            "a claim breaks",
            "claim \"delivered once and in order\"",
        ] {
            let parsed = Query::parse(text);
            assert_eq!(
                parsed.is_ok(),
                text != "3 SYN,ACKs under way and a RST under way and an ACK under way and text under way",
                "{text}: {parsed:?}"
            );
        }
    }

    #[test]
    fn what_cannot_is_refused_with_help() {
        for (text, says) in [
            ("", "write parts"),
            ("A in TIMEWAIT", "did you mean `TIME-WAIT`?"),
            ("row old_fim fires", "did you mean `old_fin`?"),
            ("A in", "a state is missing"),
            ("many SYNs under way", "no number"),
            ("two SYMs under way", "no kind"),
            ("A delivered much", "no number"),
            ("A likes 2", "no number of an end"),
            ("the moon", "not understood"),
        ] {
            let error = Query::parse(text).unwrap_err().error;
            assert!(error.contains(says) && error.contains("A in TIME-WAIT"), "{text}: {error}");
        }
    }
}
