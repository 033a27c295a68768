//! States in every place, misspelled.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    sets {
        /// All.
        All = [Closed, Opne];
    }

    /// The user calls.
    event call(Call) "§1" {
        step first in [Closd] {
            /// Goes on.
            passes: Close => skip;
        }

        step second {
            /// Opens.
            opens: Closed => Opened stop;
            /// Closes.
            closes: Alll => Elsewhere stop;
        }
    }
}

fn main() {}
