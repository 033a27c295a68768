//! `NAME=VALUE`: a scenario's bounds, changed from the command line or by a link.

use crate::nearest;
use tcpspec::model::world::{INCARNATIONS, NET_CAPACITY};
use tcpspec::model::{Bounds, Forger, Numbers, Scenario, UNCOUNTED, User};

/// A bound and its value, as written.
#[derive(Clone, Debug)]
pub struct Bound {
    knob: &'static Knob,
    /// The end whose user it is about.
    end: Option<usize>,
    value: u8,
}

/// Something that can be set.
#[derive(Debug)]
struct Knob {
    name: &'static str,
    what: &'static str,
    values: Values,
    place: Place,
}

/// Which values a bound can have.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// From the first to the second.
    Range(u8, u8),
    /// The same, or not counted.
    Counted(u8),
    /// On or off.
    Switch,
    /// What a forger knows.
    Forger,
}

/// Where the value goes.
#[derive(Clone, Copy, Debug)]
enum Place {
    Number(fn(&mut Bounds) -> &mut u8),
    Switch(fn(&mut Bounds) -> &mut bool),
    TimeWait,
    Forger,
    User(fn(&mut User) -> &mut u8),
    UserSwitch(fn(&mut User) -> &mut bool),
    FirstNumber,
}

/// What fits into half a byte of a packed world.
const NIBBLE: u8 = 15;
/// One less where the largest stands for "not counted".
const COUNTED: u8 = NIBBLE - 1;
/// These two share an octet.
const SENDS: u8 = 31;
const ABORTS: u8 = 7;
/// Windows are less than half of the 16 numbers, or old could not be told from new (§3.4).
const WINDOW: u8 = 7;

macro_rules! knobs {
    ($($name:literal, $what:literal, $values:expr, $place:expr;)*) => {
        &[$(Knob { name: $name, what: $what, values: $values, place: $place }),*]
    };
}

use Place::{Number, UserSwitch};
use Values::{Counted, Range, Switch};

/// All bounds of a scenario.
const BOUNDS: &[Knob] = knobs! {
    "in-flight", "segments under way at once", Range(1, NET_CAPACITY as u8), Number(|b| &mut b.in_flight);
    "in-order", "the network keeps order", Switch, Place::Switch(|b| &mut b.in_order);
    "losses", "losses by choice", Counted(COUNTED), Number(|b| &mut b.losses);
    "duplicates", "duplications", Counted(COUNTED), Number(|b| &mut b.duplicates);
    "retransmissions", "retransmissions, probes and keep-alives of each end", Counted(COUNTED),
        Number(|b| &mut b.retransmissions);
    "give-ups", "times that R2 or the user timeout is reached", Range(0, NIBBLE), Number(|b| &mut b.give_ups);
    "msl", "MSL in ticks; 0: time stands still", Range(0, NIBBLE), Number(|b| &mut b.msl);
    "time-wait", "TIME-WAIT in ticks, if it does not last 2MSL", Range(0, u8::MAX), Place::TimeWait;
    "crashes", "crashes (of ends that may crash)", Range(0, NIBBLE), Number(|b| &mut b.crashes);
    "quiet-time", "after a crash an end is quiet for one MSL", Switch, Place::Switch(|b| &mut b.quiet_time);
    "forgeries", "forged segments", Range(0, NIBBLE), Number(|b| &mut b.forgeries);
    "forger", "what the forger knows", Values::Forger, Place::Forger;
    "loopback", "connected to itself", Switch, Place::Switch(|b| &mut b.loopback);
    "window", "the receive window in octets", Range(1, WINDOW), Number(|b| &mut b.window);
    "mss", "octets in a segment", Range(1, WINDOW), Number(|b| &mut b.mss);
    "delayed-acks", "acknowledgments of text may wait", Switch, Place::Switch(|b| &mut b.delayed_acks);
    "eager-users", "users take text at once", Switch, Place::Switch(|b| &mut b.eager_users);
    "keep-alive", "the users have asked for keep-alive", Switch, Place::Switch(|b| &mut b.keep_alive);
    "timestamps", "segments carry timestamps", Switch, Place::Switch(|b| &mut b.timestamps);
    "stripped", "timestamps are stripped off all but SYNs", Switch, Place::Switch(|b| &mut b.stripped);
    "ticks", "ticks at most, with timestamps", Range(0, NIBBLE), Number(|b| &mut b.ticks);
    "count-segments", "segments sent are counted", Switch, Place::Switch(|b| &mut b.count_segments);
    "strays", "stray events at the end of a run", Range(0, NIBBLE), Number(|b| &mut b.strays);
    "merging", "equal segments under way count as one, nothing is counted", Switch,
        Place::Switch(|b| &mut b.merging);
    "persists", "the persist timer fires", Switch, Place::Switch(|b| &mut b.persists);
    "vanishes", "B's host may vanish", Switch, Place::Switch(|b| &mut b.vanishes);
    "challenges", "challenge ACKs of each end", Counted(COUNTED), Number(|b| &mut b.challenges);
    "any-part", "any part of what is outstanding may be sent again", Switch,
        Place::Switch(|b| &mut b.any_part);
    "any-receive", "any part of what is on hand may be received, and any window offered", Switch,
        Place::Switch(|b| &mut b.any_receive);
    "orphans", "connections are limited on which CLOSE was called", Switch, Place::Switch(|b| &mut b.orphans);
};

/// All that a user may do, behind `a.` or `b.`.
const USERS: &[Knob] = knobs! {
    "active-opens", "active OPENs", Range(0, OPENS), Place::User(|u| &mut u.active_opens);
    "passive-opens", "passive OPENs", Range(0, OPENS), Place::User(|u| &mut u.passive_opens);
    "names-peer", "the passive OPEN names its peer", Switch, UserSwitch(|u| &mut u.names_peer);
    "listens", "a forking listener waits", Switch, UserSwitch(|u| &mut u.listens);
    "sends", "octets to SEND", Range(0, SENDS), Place::User(|u| &mut u.sends);
    "closes", "CLOSEs", Counted(COUNTED), Place::User(|u| &mut u.closes);
    "aborts", "ABORTs", Range(0, ABORTS), Place::User(|u| &mut u.aborts);
    "lets-go", "RELEASE at any time", Switch, UserSwitch(|u| &mut u.lets_go);
    "crashes", "the end may crash", Switch, UserSwitch(|u| &mut u.crashes);
    "patient", "CLOSE only after the peer's end", Switch, UserSwitch(|u| &mut u.patient);
    "sends-late", "SEND only after the peer's end", Switch, UserSwitch(|u| &mut u.sends_late);
    "urgent", "what is sent is urgent", Switch, UserSwitch(|u| &mut u.urgent);
    "never-receives", "text on hand is never taken", Switch, UserSwitch(|u| &mut u.never_receives);
    "iss", "the initial number of every incarnation", Range(0, NIBBLE), Place::FirstNumber;
};

/// Incarnations that the model tells apart, but for number 0.
const OPENS: u8 = INCARNATIONS as u8 - 1;

impl Values {
    fn words(self) -> String {
        match self {
            Self::Range(least, most) => format!("{least} to {most}"),
            Self::Counted(most) => format!("0 to {most}, or `uncounted`"),
            Self::Switch => "`on` or `off`".into(),
            Self::Forger => "`blind` or `knowing`".into(),
        }
    }

    fn parse(self, text: &str) -> Option<u8> {
        match (self, text) {
            (Self::Switch, "on") | (Self::Forger, "knowing") => Some(1),
            (Self::Switch, "off") | (Self::Forger, "blind") => Some(0),
            (Self::Counted(_), "uncounted") => Some(UNCOUNTED),
            (Self::Range(least, most), number) => number.parse().ok().filter(|n| (least..=most).contains(n)),
            (Self::Counted(most), number) => number.parse().ok().filter(|n| *n <= most),
            (Self::Switch | Self::Forger, _) => None,
        }
    }
}

/// All bounds: the name, what it bounds, which values it takes.
pub fn all() -> impl Iterator<Item = (String, &'static str, String)> {
    let of = |prefix: &'static str, knobs: &'static [Knob]| {
        knobs.iter().map(move |knob| (format!("{prefix}{}", knob.name), knob.what, knob.values.words()))
    };
    of("", BOUNDS).chain(of("a.", USERS)).chain(of("b.", USERS))
}

/// What a scenario's bounds are: the name of each, what it bounds, and its value as it is written.
///
/// ```
/// use tcpspec::model::scenarios;
/// use tcpspec_explorer::bounds;
///
/// let scenario = scenarios::find("reset")[0];
/// assert!(bounds::of(scenario).contains(&("in-order".into(), "the network keeps order", "off".into())));
/// ```
pub fn of(scenario: &Scenario) -> Vec<(String, &'static str, String)> {
    // The places want something that can be changed.
    let mut scenario = *scenario;
    let mut all = Vec::new();
    for knob in BOUNDS {
        all.push((knob.name.to_owned(), knob.what, knob.value(&mut scenario, 0)));
    }
    for (end, prefix) in ["a", "b"].into_iter().enumerate() {
        for knob in USERS {
            all.push((format!("{prefix}.{}", knob.name), knob.what, knob.value(&mut scenario, end)));
        }
    }
    all
}

impl Knob {
    /// The value as the model holds it.
    fn holds(&self, name: &str, value: &str) -> Result<u8, String> {
        let no = || {
            let (values, what) = (self.values.words(), self.what);
            format!("{name} cannot be `{value}`: the model holds {values} ({what})")
        };
        self.values.parse(value.trim()).ok_or_else(no)
    }

    /// The value in this scenario, or of its user at this end.
    fn value(&self, Scenario { bounds, users, .. }: &mut Scenario, end: usize) -> String {
        let user = &mut users[end];
        let number = match self.place {
            Place::Number(field) => *field(bounds),
            Place::Switch(field) => u8::from(*field(bounds)),
            Place::TimeWait => bounds.time_wait(),
            Place::Forger => u8::from(bounds.forger == Forger::Knowing),
            Place::User(field) => *field(user),
            Place::UserSwitch(field) => u8::from(*field(user)),
            Place::FirstNumber => return numbers(user),
        };
        match (self.values, number) {
            (Values::Counted(_), UNCOUNTED) => "uncounted".into(),
            (Values::Switch, on) => if on == 0 { "off" } else { "on" }.into(),
            (Values::Forger, knowing) => if knowing == 0 { "blind" } else { "knowing" }.into(),
            (Values::Range(..) | Values::Counted(_), number) => number.to_string(),
        }
    }
}

/// How initial numbers are chosen: the first of them, as many as the line of all bounds names.
fn numbers(user: &User) -> String {
    match user.iss {
        Numbers::Given(all) => {
            let all = &all[..user.openings().max(1)];
            let first = all[0];
            let same = all.iter().all(|number| *number == first);
            let all: Vec<_> = all.iter().map(u8::to_string).collect();
            if same { first.to_string() } else { all.join(", ") }
        }
        Numbers::Free(first) => format!("{first}, then any"),
        Numbers::Clock { first, per_tick } => format!("by the clock: {first}, {per_tick} a tick"),
    }
}

/// What `--help` says.
pub fn help() -> String {
    let list = |prefix: &str, knobs: &[Knob]| -> String {
        knobs
            .iter()
            .map(|knob| format!("\n  {prefix}{}: {}; {}", knob.name, knob.what, knob.values.words()))
            .collect()
    };
    format!(
        "Run with another bound, whatever the scenario says; can be given several times. Larger bounds take more time and memory: an estimate is printed before. Smaller \
         ones may leave nothing to show for a `sometimes`.{}\nand of the user at A, or with b. at B:{}",
        list("", BOUNDS),
        list("a.", USERS)
    )
}

impl std::str::FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE, as in losses=2")?;
        let name = name.trim().to_lowercase().replace('_', "-");
        let (end, knobs, rest) = match name.split_once('.') {
            Some(("a", rest)) => (Some(0), USERS, rest),
            Some(("b", rest)) => (Some(1), USERS, rest),
            _ => (None, BOUNDS, name.as_str()),
        };
        let Some(knob) = knobs.iter().find(|knob| knob.name == rest) else {
            return Err(unknown(&name));
        };
        let value = knob.holds(&name, value)?;
        Ok(Self { knob, end, value })
    }
}

fn unknown(name: &str) -> String {
    let users = USERS.iter().flat_map(|knob| ["a", "b"].map(|end| format!("{end}.{}", knob.name)));
    let all: Vec<String> = BOUNDS.iter().map(|knob| knob.name.to_owned()).chain(users).collect();
    match nearest(name, all.iter().map(String::as_str), 0.7) {
        Some(near) => {
            format!("there is no bound `{name}`; did you mean `{near}`? (`check --help` lists all)")
        }
        None => format!("there is no bound `{name}`; `check --help` lists all"),
    }
}

/// The scenario with these bounds.
///
/// # Errors
///
/// The model cannot hold them; the sentence says why.
pub fn apply(mut scenario: Scenario, bounds: &[Bound]) -> Result<Scenario, String> {
    for Bound { knob, end, value } in bounds {
        let (value, on) = (*value, *value != 0);
        let user = &mut scenario.users[end.unwrap_or(0)];
        match knob.place {
            Place::Number(field) => *field(&mut scenario.bounds) = value,
            Place::Switch(field) => *field(&mut scenario.bounds) = on,
            Place::TimeWait => scenario.bounds.time_wait = Some(value),
            Place::Forger => scenario.bounds.forger = if on { Forger::Knowing } else { Forger::Blind },
            Place::User(field) => *field(user) = value,
            Place::UserSwitch(field) => *field(user) = on,
            Place::FirstNumber => user.iss = Numbers::Given([value; INCARNATIONS]),
        }
    }
    consistent(&scenario)?;
    Ok(scenario)
}

/// Whether the model can hold the bounds of a scenario that somebody has written.
///
/// ```
/// use tcpspec::model::scenarios;
/// use tcpspec_explorer::bounds;
///
/// let mut scenario = *scenarios::find("reset")[0];
/// scenario.bounds.window = 9;
/// let why = bounds::fit(&scenario).unwrap_err();
/// assert_eq!(why, "window cannot be `9`: the model holds 1 to 7 (the receive window in octets)");
/// ```
///
/// # Errors
///
/// It cannot; the sentence names the bound and says what the model holds.
pub fn fit(scenario: &Scenario) -> Result<(), String> {
    let ends = [("a.", 0), ("b.", 1)];
    let users = ends.into_iter().flat_map(|(prefix, end)| USERS.iter().map(move |knob| (prefix, end, knob)));
    for (prefix, end, knob) in BOUNDS.iter().map(|knob| ("", 0, knob)).chain(users) {
        let (mut copy, name) = (*scenario, format!("{prefix}{}", knob.name));
        let values: Vec<String> = match (knob.place, copy.users[end].iss) {
            (Place::FirstNumber, Numbers::Given(all)) => all.iter().map(u8::to_string).collect(),
            (Place::FirstNumber, Numbers::Free(first)) => vec![first.to_string()],
            (Place::FirstNumber, Numbers::Clock { first, per_tick }) => {
                vec![first.to_string(), per_tick.to_string()]
            }
            _ => vec![knob.value(&mut copy, end)],
        };
        for value in values {
            knob.holds(&name, &value)?;
        }
    }
    together(scenario).map_or(Ok(()), Err)
}

/// The same for bounds that were changed: the error names the scenario, too.
fn consistent(scenario: &Scenario) -> Result<(), String> {
    together(scenario).map_or(Ok(()), |why| Err(format!("{}: {why}", scenario.name)))
}

/// Bounds that are valid by themselves may be invalid together: why, if so.
fn together(scenario: &Scenario) -> Option<String> {
    let Bounds { losses, duplicates, retransmissions, merging, timestamps, ticks, msl, .. } = scenario.bounds;
    let wrong = |why: &str| Some(why.to_owned());
    let uncounted = [losses, duplicates, retransmissions]
        .into_iter()
        .chain(scenario.users.map(|user| user.closes))
        .any(|amount| amount == UNCOUNTED);
    if uncounted && !merging {
        return wrong("`uncounted` needs merging=on, or there is no end of worlds");
    }
    if timestamps && (ticks == 0 || msl == 0) {
        return wrong("timestamps need ticks and an msl of 1 at least, or they are all the same");
    }
    let opens = |user: &User| u16::from(user.active_opens) + u16::from(user.passive_opens);
    if scenario.users.iter().any(|user| opens(user) > u16::from(OPENS)) {
        return wrong(&format!("an end has {OPENS} incarnations at most, so no more OPENs can be counted"));
    }
    let many = |user: &User| user.sends > NIBBLE && (opens(user) > 1 || user.listens);
    if scenario.users.iter().any(many) {
        return wrong(&format!("more than {NIBBLE} octets to SEND need an end with one OPEN"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::model::scenarios;

    fn with(bounds: &[&str]) -> Result<Scenario, String> {
        let bounds: Vec<Bound> = bounds.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        apply(*scenarios::find("handshake-close")[0], &bounds)
    }

    #[test]
    fn each_bound_goes_to_its_place() {
        let scenario =
            with(&["losses=3", "in_flight=2", "A.sends=1", "b.aborts=2", "forger=knowing"]).unwrap();
        let line = scenario.bounds_line();
        for part in ["3 losses", "2 under way", "A: 1 active OPEN, 1 octet to SEND", "2 ABORTs"] {
            assert!(line.contains(part), "no `{part}` in {line}");
        }
        assert_eq!(scenario.bounds.forger, Forger::Knowing);
    }

    #[test]
    fn the_bounds_of_all_scenarios_fit_and_larger_ones_do_not() {
        for scenario in scenarios::all().chain(scenarios::deep::DEEP) {
            assert_eq!(fit(scenario), Ok(()), "{}", scenario.name);
        }
        let wrong = |change: fn(&mut Scenario)| {
            let mut scenario = *scenarios::find("handshake-close")[0];
            change(&mut scenario);
            fit(&scenario).unwrap_err()
        };
        assert!(wrong(|s| s.users[0].sends = 32).starts_with("a.sends cannot be `32`"));
        let twice = |s: &mut Scenario| (s.users[0].sends, s.users[0].active_opens) = (16, 2);
        assert!(wrong(twice).contains("one OPEN"));
        assert!(wrong(|s| s.bounds.in_flight = 7).starts_with("in-flight cannot be `7`"));
        assert!(wrong(|s| s.users[1].iss = Numbers::Free(16)).starts_with("b.iss cannot be `16`"));
        assert!(wrong(|s| s.bounds.losses = UNCOUNTED).contains("needs merging=on"));
        assert!(wrong(|s| s.users[0].active_opens = u8::MAX).starts_with("a.active-opens"));
    }

    /// No two names write to the same place, and each changes something.
    #[test]
    fn no_bound_is_in_vain() {
        let mut seen = Vec::new();
        for (prefix, knobs) in [("", BOUNDS), ("a.", USERS), ("b.", USERS)] {
            for knob in knobs {
                let words: Vec<String> = (0..=9)
                    .map(|n| n.to_string())
                    .chain(["on", "off", "knowing"].map(str::to_owned))
                    .collect();
                let changed = words.iter().find_map(|word| {
                    let bound: Bound = format!("{prefix}{}={word}", knob.name).parse().ok()?;
                    let start = *scenarios::find("handshake-close")[0];
                    let changed = format!("{:?}", apply(start, &[bound]).ok()?);
                    (changed != format!("{start:?}")).then_some(changed)
                });
                // Timestamps alone are refused.
                if knob.name != "timestamps" {
                    seen.push(changed.unwrap_or_else(|| panic!("{prefix}{} changes nothing", knob.name)));
                }
            }
        }
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }

    #[test]
    fn what_the_model_cannot_hold_is_refused() {
        for (wrong, says) in [
            ("window=8", "1 to 7"),
            ("in-flight=7", "1 to 6"),
            ("losses=15", "0 to 14"),
            ("losses=-1", "0 to 14"),
            ("a.sends=32", "0 to 31"),
            ("crashes=16", "0 to 15"),
            ("in-order=yes", "`on` or `off`"),
            ("forger=mad", "`blind` or `knowing`"),
            ("losses", "NAME=VALUE"),
            ("losss=1", "did you mean `losses`?"),
            ("a.sendz=1", "did you mean `a.sends`?"),
            ("c.sends=1", "sends"),
            ("losses=uncounted", "merging=on"),
            ("timestamps=on", "ticks"),
        ] {
            let error = with(&[wrong]).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
        assert!(with(&["a.active-opens=3", "a.passive-opens=3"]).is_err());
    }
}
