//! A question has answers and a name that is free.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    questions {
        /// Which state?
        state -> Which {
            /// This.
            This,
        };
        /// Who?
        who -> Who {
        };
    }

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
