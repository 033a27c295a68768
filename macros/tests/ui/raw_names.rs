//! Names are shown in documents: none is raw.

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
        step r#type {
            /// Goes on.
            r#match: Closed => skip;
        }

        step only {
            /// Goes on.
            r#match: Closed => skip;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
