//! An event says nothing in a state.

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
    }

    /// A segment comes.
    event segment(Segment<S>) "§2" {
        step only in [Closed] {
            /// Nobody is there.
            nobody: Closed => drop;
        }
    }
}

fn main() {}
