//! No row leads to a state.

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

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Opens.
            opens: Closed => Open stop;
            /// Closes.
            closes: Open, TimeWait => Closed stop;
        }
    }
}

fn main() {}
