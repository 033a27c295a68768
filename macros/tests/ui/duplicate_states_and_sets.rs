//! States and sets share their names.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
        /// No connection again.
        Closed "SHUT",
    }

    sets {
        /// Both.
        All = [Closed, Open];
        /// Both again.
        All = [Closed, Open];
        /// Not a set.
        Open = [Open];
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
