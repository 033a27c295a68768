//! Several rows together take all that a later one would take.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    questions {
        /// Where does the segment lie?
        place -> Place {
            /// In the window.
            Inside,
            /// Before it.
            Before,
            /// Behind it.
            Behind,
        };
    }

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Ignores.
            inside: Closed if place is Inside => drop;
            /// Opens.
            outside: Closed if place is not Inside && has_syn => Open stop;
            /// Ignores.
            no_syn: Closed if place is Before | Behind => drop;
            /// Never.
            never: Closed if has_syn => drop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
