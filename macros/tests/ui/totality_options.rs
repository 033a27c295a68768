//! A setting of an option has no row.

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
            /// Opens.
            opens: Closed if option(rfc1337) => Open stop;
            /// Closes.
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
