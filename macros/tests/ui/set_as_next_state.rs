//! A row leads to one state.

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
        All = [Closed, Open];
    }

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Opens.
            opens: Closed => All stop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
