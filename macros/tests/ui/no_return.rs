//! No row leads from a state.

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
            /// Waits.
            waits: Open => TimeWait stop;
            /// Still waits.
            stays: TimeWait => drop;
        }
    }
}

fn main() {}
