//! A row has a section, or its step has, or its event.

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
    event call(Call) {
        step only {
            /// Opens.
            opens "§3.10.1": Closed => Open stop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
