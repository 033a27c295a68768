//! A row names a set of which its step has a part only.

mod support;
use support::*;

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
        /// All.
        All = [Closed, Open, TimeWait];
    }

    /// The user calls.
    event call(Call) "§1" {
        step first in [Closed] {
            /// Opens.
            opens: Closed => Open stop;
        }

        step second in [Open] {
            /// Waits.
            waits: All => TimeWait stop;
        }

        step third in [TimeWait] {
            /// Closes.
            closes: TimeWait => Closed stop;
        }
    }
}

fn main() {}
