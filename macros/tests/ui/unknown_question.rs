//! Questions and answers, misspelled.

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
            ignores: Closed if plce is Inside => drop;
            /// Ignores, too.
            ignores_too: Closed if place is Outside | Befor => drop;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
