//! What does nothing leads nowhere.

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
            /// Ignores.
            ignores: Closed if has_rst => Open drop;
            /// Goes on.
            passes: Closed if has_syn => Open skip;
            /// Refuses.
            refuses: Closed if has_ack => Open error NoConnection;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
