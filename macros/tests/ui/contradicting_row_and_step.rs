//! A row wants what its step excludes.

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
        step first when has_syn {
            /// Never.
            no_syn: Closed, Open if !has_syn => drop;
            /// Ignores.
            syn: Closed, Open => drop;
        }

        step second {
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
