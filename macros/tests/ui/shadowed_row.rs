//! A row comes after one that takes all that it would take.

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
            opens: Closed if has_syn => Open stop;
            /// Would open with an ACK.
            opens_ack: Closed if has_syn && has_ack => Open stop;
            /// Ignores.
            ignores: Closed => drop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
