//! So many combinations that they cannot be told apart.

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
            both_0: Closed if a_0 && b_0 => drop;
            /// Ignores.
            both_1: Closed if a_1 && b_1 => drop;
            /// Ignores.
            both_2: Closed if a_2 && b_2 => drop;
            /// Ignores.
            both_3: Closed if a_3 && b_3 => drop;
            /// Ignores.
            both_4: Closed if a_4 && b_4 => drop;
            /// Ignores.
            both_5: Closed if a_5 && b_5 => drop;
            /// Ignores.
            both_6: Closed if a_6 && b_6 => drop;
            /// Ignores.
            both_7: Closed if a_7 && b_7 => drop;
            /// Ignores.
            both_8: Closed if a_8 && b_8 => drop;
            /// Ignores.
            both_9: Closed if a_9 && b_9 => drop;
            /// Ignores.
            both_10: Closed if a_10 && b_10 => drop;
            /// Ignores.
            both_11: Closed if a_11 && b_11 => drop;
            /// Ignores.
            both_12: Closed if a_12 && b_12 => drop;
            /// Ignores.
            neither: Closed => drop;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
