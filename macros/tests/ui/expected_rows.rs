//! What is expected names rows of the event that apply in the state and go on in it.

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
        /// What the user does nearly always.
        expected Open = [pases, opens, closes, passes, passes];

        step first {
            /// Goes on.
            passes: Closed, Open => skip;
        }

        step second {
            /// Opens.
            opens: Closed => Open stop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
