//! What does nothing has no effects.

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
            ignores: Closed if has_rst => drop { send_fin };
            /// Goes on.
            passes: Closed if has_syn => skip { send_syn };
            /// Refuses.
            refuses: Closed if has_ack => error NoConnection { send_fin };
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
