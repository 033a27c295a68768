//! A row that is named is taken in some expected event.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    /// The user calls.
    event call(Call) "§1" {
        /// What the user does nearly always.
        expected Open = [passes, syn];

        step first when has_syn {
            /// Opens.
            opens: Closed => Open stop;
            /// Closes.
            closes: Open => Closed stop;
        }

        step second {
            /// The step before has taken it.
            syn: Open if has_syn => skip;
            /// Goes on.
            passes: Closed, Open => skip;
        }
    }
}

fn main() {}
