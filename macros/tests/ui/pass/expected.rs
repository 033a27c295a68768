//! The short way of an event is there exactly where the steps take no other rows than those named, and does the same.

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

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Too late.
            again: Open => drop;
        }
    }

    /// A segment comes.
    event segment(Segment<S>) "§2" {
        /// What nearly every segment is.
        expected Open = [inside, edge, acks];

        step closed in [Closed] {
            /// Nobody is there.
            nobody: Closed => drop;
        }

        step place in [Open] {
            /// Outside.
            outside: Open if place is Outside && has_rst => stop { send_syn };
            /// Inside.
            inside: Open if place is Inside => skip;
            /// It stands behind a row that is expected.
            strict: Open if option(strict) => drop;
            /// All else, though by another row if it is inside.
            edge: Open => next { send_syn };
        }

        step rst in [Open] when has_rst {
            /// Reset.
            reset: Open => Closed stop;
        }

        step ack in [Open] when has_ack {
            /// Not with this option.
            syn: Open if has_syn && option(linger) => drop;
            /// Acknowledges.
            acks: Open => next { send_fin };
        }
    }
}

/// Keeps what happened.
#[derive(Default, PartialEq, Debug)]
struct Log {
    rows: Vec<Row>,
    entries: Vec<String>,
}

impl Host<Real> for Log {
    fn fired(&mut self, row: Row) {
        self.rows.push(row);
    }

    fn log(&mut self, entry: String) {
        self.entries.push(entry);
    }
}

fn main() {
    let mut expected = 0;
    for bits in 0..32 {
        for (linger, strict) in [(false, false), (false, true), (true, false), (true, true)] {
            let options = Options { linger, strict, ..Options::default() };
            for start in [State::Closed, State::Open] {
                let mut tcb = Tcb { bits, space: core::marker::PhantomData };
                let mut segment = Segment { space: core::marker::PhantomData };
                let mut state = start;
                let mut steps = Log::default();
                machine::segment(&mut state, &mut tcb, &mut segment, &options, &mut steps).unwrap();
                let named = |row: &Row| matches!(row, Row::Inside | Row::Edge | Row::Acks);
                let expects = machine::expects_segment(start, &tcb, &segment, &options);
                assert_eq!(expects, steps.rows.iter().all(named), "{bits} {options:?} {:?}", steps.rows);
                if expects {
                    let mut short = Log::default();
                    machine::segment_as_expected(&mut tcb, &mut segment, &options, &mut short);
                    assert_eq!((short, state), (steps, start));
                    expected += 1;
                }
            }
        }
    }
    // Inside 16 without RST, else 3 times 8 that are not strict; without SYN and ACK together where the option lingers.
    assert_eq!(expected, 16 - 2 + 24 - 3);
}
