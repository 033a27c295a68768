//! A row has an effect once.

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
            opens: Closed => Open stop { send_syn, send_fin, send_syn };
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
