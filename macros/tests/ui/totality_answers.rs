//! An answer has no row.

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
            /// Opens.
            opens: Closed if place is Inside => Open stop;
            /// Ignores.
            ignores: Closed if place is Before => drop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
