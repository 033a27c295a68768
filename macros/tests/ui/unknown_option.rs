//! An option, misspelled.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    options {
        /// Old ones are ignored.
        rfc1337 = true, "RFC 1337";
    }

    /// The user calls.
    event call(Call) "§1" {
        step only {
            /// Ignores.
            ignores: Closed if !option(rfc1373) => drop;
            /// Opens.
            opens: Closed => Open stop { send_syn };
            /// Closes.
            closes: Open => Closed stop { send_fin };
        }
    }
}

fn main() {}
