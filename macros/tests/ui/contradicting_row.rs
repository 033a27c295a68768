//! A row wants what cannot be.

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
            /// Never.
            never: Closed if has_syn && !has_syn => drop;
            /// Never.
            never_there: Closed if place is Inside && place is not Inside => drop;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
