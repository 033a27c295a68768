//! A row is covered in one of its states.

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
        step only {
            /// Opens.
            opens: Closed => Open stop;
            /// Closes.
            closes: Closed, Open => Closed stop;
        }
    }
}

fn main() {}
