//! A step has no row for a state that it concerns.

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
        step first {
            /// Opens.
            opens: Closed => Open next;
            /// Goes on.
            passes: Open => skip;
        }

        step second when has_ack {
            /// Closes, but only with a SYN.
            closes: Open if has_syn => Closed stop;
        }
    }
}

fn main() {}
