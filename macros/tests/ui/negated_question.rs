//! A question is negated by `is not`, and is not a guard.

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
            ignores: Closed if !place is Inside => drop;
            /// Ignores, too.
            ignores_too: Closed if place => drop;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
