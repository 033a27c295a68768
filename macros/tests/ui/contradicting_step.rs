//! A step wants what cannot be.

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
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }

        step second when has_syn && !has_syn {
            /// Never.
            never: Closed => drop;
        }
    }
}

fn main() {}
