//! A table with a bit of everything, and what its machine does.

#[path = "../support/mod.rs"]
mod support;
use support::*;

mod guards {
    pub use crate::support::guards::*;

    pub fn place<S: crate::Space, I>(tcb: &crate::Tcb<S>, _: &I) -> crate::Place {
        match tcb.bits >> 3 & 3 {
            0 => crate::Place::Inside,
            1 => crate::Place::Edge,
            _ => crate::Place::Outside,
        }
    }
}

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
        /// Waits.
        TimeWait "TIME-WAIT",
    }

    sets {
        /// There is a connection.
        Living = [Open, TimeWait];
        /// All, by way of another set.
        All = [Closed, Living];
    }

    options {
        /// Wait before the end.
        linger = true, "§3.6";
        /// The edge is outside.
        strict = false, "§3.4";
    }

    questions {
        /// Where does it lie?
        place -> Place {
            /// In the window.
            Inside,
            /// At its edge.
            Edge,
            /// Elsewhere.
            Outside,
        };
    }

    timers {
        /// 2MSL.
        TimeWait => time_wait;
    }

    /// The user calls.
    event call(Call) "§1" {
        step first {
            /// Goes on.
            any: All => skip;
        }

        step only {
            /// Opens.
            opens [MUST-1, SHLD-2]: Closed if has_syn && !has_rst => Open stop { send_syn, start(Timer::TimeWait), send_fin };
            /// Refuses.
            refuses "§1.1": Closed => error NoConnection;
            /// Too late.
            again: Living => drop;
        }
    }

    /// A segment comes.
    event segment(Segment<S>) "§2" {
        step closed in [Closed] {
            /// Nobody is there.
            nobody: Closed => drop;
        }

        step place "§2.1" in [Living] {
            /// Outside.
            outside: Living if place is Outside => stop { send_syn };
            /// At the edge, and nobody minds.
            edge: Living if place is Edge && !option(strict) => next { send_syn };
            /// At the edge.
            edge_strict: Living if place is not Inside => drop;
            /// Inside.
            inside: Living => skip;
        }

        step ack in [Open] when has_ack {
            /// Goes on without a word.
            syn: Open if has_syn => next;
            /// Waits.
            waits: Open if option(linger) => TimeWait next { start(Timer::TimeWait) };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }

        step rst in [Living] {
            /// Reset while it waits.
            reset: TimeWait if has_rst => Closed stop;
            /// Not reset.
            stays: Living => drop;
        }
    }

    /// The wait is over.
    event time_wait(Call) "§3" {
        step only {
            /// Over.
            over: TimeWait => Closed stop { send_fin };
            /// Not running.
            not_running: Closed, Open => drop;
        }
    }
}

/// Keeps what happened.
#[derive(Default)]
struct Log {
    rows: Vec<Row>,
    entries: Vec<String>,
}

impl Host<Real> for Log {
    fn fired(&mut self, row: Row) {
        self.rows.push(row);
        self.entries.push(format!("row {row}"));
    }

    fn log(&mut self, entry: String) {
        self.entries.push(entry);
    }
}

const SYN: u32 = 1;
const ACK: u32 = 2;
const RST: u32 = 4;
const EDGE: u32 = 8;
const OUTSIDE: u32 = 16;

fn tcb(bits: u32) -> Tcb<Real> {
    Tcb { bits, space: core::marker::PhantomData }
}

fn segment() -> Event<Real> {
    Event::Segment(Segment { space: core::marker::PhantomData })
}

/// The state after the event, its result, and what happened.
fn run(
    mut state: State,
    bits: u32,
    event: &mut Event<Real>,
    options: &Options,
) -> (State, Result<(), CallError>, Log) {
    let mut log = Log::default();
    let result = step(&mut state, &mut tcb(bits), event, options, &mut log);
    (state, result, log)
}

fn check(state: State, bits: u32, mut event: Event<Real>, options: &Options, next: State, entries: &[&str]) {
    let (after, result, log) = run(state, bits, &mut event, options);
    assert_eq!((after, result), (next, Ok(())), "{state} {bits}");
    assert_eq!(log.entries, entries, "{state} {bits}");
}

fn main() {
    machine();
    lookahead();
    information();
}

fn machine() {
    let usual = Options::default();
    assert!(usual.linger && !usual.strict);
    assert_eq!(State::INITIAL, State::Closed);

    check(
        State::Closed,
        SYN,
        Event::Call(Call),
        &usual,
        State::Open,
        &["row any", "row opens", "send_syn", "start TimeWait", "send_fin"],
    );
    let (after, result, log) = run(State::Closed, SYN | RST, &mut Event::Call(Call), &usual);
    assert_eq!((after, result), (State::Closed, Err(CallError::NoConnection)));
    assert_eq!(log.entries, ["row any", "row refuses"]);

    // The steps in order: the state of the third is that which the second has left.
    check(
        State::Open,
        ACK | RST,
        segment(),
        &usual,
        State::Closed,
        &["row inside", "row waits", "start TimeWait", "row reset"],
    );
    // What has ended does not go on.
    check(State::Open, ACK | OUTSIDE, segment(), &usual, State::Open, &["row outside", "send_syn"]);
    // A step whose `when` does not hold is passed over.
    check(State::Open, RST, segment(), &usual, State::Open, &["row inside", "row stays"]);
    check(State::Open, ACK | SYN, segment(), &usual, State::Open, &["row inside", "row syn", "row stays"]);

    let mut strict = usual;
    assert!(strict.set("strict", true) && strict.set("linger", false) && !strict.set("no such", true));
    assert_eq!(
        (strict.get("strict"), strict.get("linger"), strict.get("no such")),
        (Some(true), Some(false), None)
    );
    check(State::Open, ACK, segment(), &strict, State::Closed, &["row inside", "row closes", "send_fin"]);
    check(State::Open, EDGE, segment(), &strict, State::Open, &["row edge_strict"]);
    check(State::Open, EDGE, segment(), &usual, State::Open, &["row edge", "send_syn", "row stays"]);

    assert_eq!(Timer::TimeWait.event(), EventKind::TimeWait);
    check(State::TimeWait, 0, Event::TimeWait(Call), &usual, State::Closed, &["row over", "send_fin"]);
}

/// Looking ahead says what the machine then does, in every state, with all guards, options and events.
fn lookahead() {
    let mut acted = 0;
    for (state, bits) in State::ALL.into_iter().flat_map(|state| (0..32).map(move |bits| (state, bits))) {
        for (linger, strict) in [(false, false), (false, true), (true, false), (true, true)] {
            let options = Options { linger, strict };
            for mut event in [Event::Call(Call), segment(), Event::TimeWait(Call)] {
                let ahead = first_row(state, &tcb(bits), &event, &options);
                let enabled = enabled(state, &tcb(bits), &event, &options);
                let (after, result, log) = run(state, bits, &mut event, &options);
                let passes = |row: &Row| matches!(*row, Row::Any | Row::Inside | Row::Syn);
                assert_eq!(ahead, log.rows.iter().copied().find(|row| !passes(row)));
                assert_eq!(enabled, ahead.is_some_and(Row::acts));
                if !enabled {
                    assert_eq!(after, state);
                    assert_eq!(log.entries.len(), log.rows.len(), "effects of what is not enabled");
                }
                assert_eq!(result.is_err(), ahead == Some(Row::Refuses));
                acted += u32::from(enabled);
            }
        }
    }
    assert!(acted > 0);
}

/// The table says of itself what is written above.
fn information() {
    assert_eq!(Row::ALL.len(), Row::COUNT);
    let lines: Vec<_> = include_str!("machine.rs").lines().collect();
    for row in Row::ALL {
        let info = row.info();
        assert_eq!((info.row, info.name), (row, row.name()));
        let line = lines[info.line as usize - 1].trim_start();
        let rest =
            line.strip_prefix(row.name()).unwrap_or_else(|| panic!("{row} is not in line {}", info.line));
        assert!(rest.starts_with([':', ' ']), "{row} is not in line {}", info.line);
    }
    assert_eq!(
        TABLE.events.iter().flat_map(|event| event.steps).flat_map(|step| step.rows).count(),
        Row::COUNT
    );

    let opens = Row::Opens.info();
    assert_eq!((opens.sentence, opens.section, opens.step), ("Opens.", "§1", "only"));
    assert_eq!(opens.requirements, ["MUST-1", "SHLD-2"]);
    assert_eq!(opens.condition, ["has_syn", "!has_rst"]);
    assert_eq!(opens.effects, ["send_syn", "start(Timer::TimeWait)", "send_fin"]);
    assert_eq!((opens.event, opens.next, opens.verb), (EventKind::Call, Some(State::Open), info::Verb::Stop));
    assert_eq!(
        (Row::Refuses.info().section, Row::Refuses.info().verb),
        ("§1.1", info::Verb::Error("NoConnection"))
    );
    assert_eq!(Row::Outside.info().section, "§2.1");
    assert_eq!(Row::Edge.info().condition, ["place is Edge", "!option(strict)"]);
    assert_eq!(Row::Again.info().states, [State::Open, State::TimeWait]);
    assert_eq!(Row::Any.info().states, State::ALL);

    assert!(State::Open.is_living() && !State::Closed.is_living() && State::Closed.is_all());
    assert_eq!((State::TimeWait.to_string().as_str(), State::TimeWait.doc()), ("TIME-WAIT", "Waits."));
    assert_eq!(segment().kind(), EventKind::Segment);
}
