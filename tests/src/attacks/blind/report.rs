//! What the sweeps have found, as a table.

use super::{Axis, Effects, Kind, Target, sweep};
use crate::attacks::grouped;
use crate::reached::STATES;
use std::fmt::Write as _;
use tcpspec::State;

/// How many numbers there are.
const SPACE: f64 = 4_294_967_296.0;

/// What an attacker may want, and the effects that bring it about.
pub const AIMS: [(&str, Effects); 3] = [
    // The connection is CLOSED.
    ("ended", Effects::ENDED),
    // The user reads text that the peer never wrote, is told of urgent text, or of an end.
    ("poisoned", Effects::TEXT.with(Effects::URGENT)),
    // What the peer lacks is not sent again, what it sends is refused, or the ends are in states that do not fit.
    (
        "stalled",
        Effects::STATE
            .with(Effects::ACKNOWLEDGED)
            .with(Effects::WINDOW)
            .with(Effects::STAMP)
            .with(Effects::SIZE),
    ),
];

/// What one kind of guess does in one state.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// How many numbers have an effect, for each that has to be guessed, while the others are right.
    pub widths: Vec<u64>,
    /// The same, of effects that serve each of the [aims](AIMS); empty if none does. Where a number has no such effect while the others are right, as many are
    /// assumed as have any effect.
    pub aims: [Vec<u64>; AIMS.len()],
    /// Whether that was assumed.
    pub assumed: [bool; AIMS.len()],
    /// All effects.
    pub effects: Effects,
    /// Guesses that were made.
    pub guesses: u64,
}

/// How many guesses it takes on average until one has an effect, if the attacker goes through the spaces in steps as wide as what is accepted; at least so many
/// where one number has no effect while the others are [right](super::Numbers::right). None if no guess has one.
pub fn expected(widths: &[u64]) -> Option<f64> {
    let known = || widths.iter().filter(|width| **width > 0);
    let tries: f64 = known().map(|width| (SPACE / *width as f64).max(1.0)).product();
    known().next().map(|_| f64::midpoint(tries, 1.0))
}

/// Sweeps all numbers of the kind. None if the target cannot be brought into the state.
pub fn find(target: &mut impl Target, state: State, kind: &Kind) -> Option<Found> {
    let mut found = Found {
        widths: Vec::new(),
        aims: Default::default(),
        assumed: Default::default(),
        effects: Effects::NONE,
        guesses: 0,
    };
    for axis in kind.axes {
        let swept = sweep(target, state, kind, *axis)?;
        found.widths.push(swept.any());
        for (widths, (_, effects)) in found.aims.iter_mut().zip(AIMS) {
            widths.push(swept.width(effects));
        }
        found.effects = swept.spans.iter().fold(found.effects, |all, span| all.with(span.effects));
        found.guesses += swept.guesses;
    }
    for (aim, assumed) in found.aims.iter_mut().zip(&mut found.assumed) {
        if aim.iter().all(|width| *width == 0) {
            aim.clear();
        }
        for (width, any) in aim.iter_mut().zip(&found.widths) {
            *assumed |= *width == 0;
            *width = if *width == 0 { *any } else { *width };
        }
    }
    Some(found)
}

/// Each kind of guess, with what came of it in these states.
pub type Survey = Vec<(&'static Kind, Vec<(State, Found)>)>;

/// Guesses of these kinds in these states, as far as the target can be brought into them.
pub fn survey(
    target: &mut impl Target,
    states: &[State],
    kinds: impl IntoIterator<Item = &'static Kind>,
) -> Survey {
    let in_states = |target: &mut _, kind| {
        states.iter().filter_map(|state| Some((*state, find(target, *state, kind)?))).collect()
    };
    kinds.into_iter().map(|kind| (kind, in_states(target, kind))).collect()
}

/// The survey as a Markdown table. States in which the same was found share a line.
pub fn table(survey: &Survey) -> String {
    let mut table =
        String::from("| guess | states | SEQ | ACK | TSval | what it does | guesses until then |");
    for (aim, _) in AIMS {
        let _ = write!(table, " {aim} |");
    }
    table += "\n|---|---|---:|---:|---:|---|---:|---:|---:|---:|\n";
    for (kind, found) in survey {
        let mut groups: Vec<(Vec<State>, &Found)> = Vec::new();
        for (state, found) in found {
            // How many guesses were made does not matter.
            let same = |group: &&mut (Vec<State>, &Found)| {
                let what = |found: &Found| (found.widths.clone(), found.aims.clone(), found.effects);
                let is_nothing = |found: &Found| found.effects == Effects::NONE;
                (is_nothing(found) && is_nothing(group.1)) || what(group.1) == what(found)
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.0.push(*state),
                None => groups.push((vec![*state], found)),
            }
        }
        // What does something first.
        groups.sort_by_key(|(_, found)| found.effects == Effects::NONE);
        for (states, found) in groups {
            if found.effects == Effects::NONE {
                let _ =
                    writeln!(table, "| {} | {} | | | | nothing | – | – | – | – |", kind.name, named(&states));
                continue;
            }
            let width = |axis| {
                let at = kind.axes.iter().position(|other| *other == axis);
                at.map_or_else(|| "–".to_owned(), |at| numbers(found.widths[at]))
            };
            let any = tries(&found.widths, false);
            let [ended, poisoned, stalled] = [0, 1, 2].map(|aim| tries(&found.aims[aim], found.assumed[aim]));
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {} | {} | {any} | {ended} | {poisoned} | {stalled} |",
                kind.name,
                named(&states),
                width(Axis::Seq),
                width(Axis::Ack),
                width(Axis::Stamp),
                found.effects,
            );
        }
    }
    table
}

/// How many guesses these widths need: at least, or about, so many.
fn tries(widths: &[u64], assumed: bool) -> String {
    let Some(expected) = expected(widths) else { return "–".to_owned() };
    let sign = match (widths.contains(&0), assumed) {
        (true, _) => "≥ ",
        (false, true) => "≈ ",
        (false, false) => "",
    };
    format!("{sign}{}", rounded(expected))
}

fn named(states: &[State]) -> String {
    if states.len() == STATES.len() {
        return "all".to_owned();
    }
    let names: Vec<_> = states.iter().map(|state| state.name().replace('-', "‑")).collect();
    names.join(" ")
}

fn numbers(width: u64) -> String {
    match width {
        0x1_0000_0000 => "any".to_owned(),
        0x7fff_fff0..=0x8000_000f => "half".to_owned(),
        _ => grouped(width),
    }
}

/// To two digits that count.
fn rounded(number: f64) -> String {
    if number < 1e6 {
        return grouped(number.round() as u64);
    }
    let power = number.log10().floor() as i32;
    format!("{:.1} · 10{}", number / 10f64.powi(power), raised(power))
}

fn raised(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    power.to_string().bytes().filter_map(|digit| DIGITS.get(usize::from(digit.wrapping_sub(b'0')))).collect()
}
