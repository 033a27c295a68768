//! Wrong words in every place.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        /// A connection.
        Open "OPEN",
    }

    stats {
        /// Nothing.
        Nothing "NOTHING",
    }

    options {
        /// Old ones are ignored.
        rfc1337 = yes, "RFC 1337";
    }

    /// The user calls.
    event call(Call) "§1" {
        stap first {
            /// Goes on.
            passes: Closed, Open => skip;
        }

        step second {
            /// Two states, no comma.
            two: Closed Open => skip;
            /// No colon.
            no_colon Closed => skip;
            /// No such verb.
            verb: Closed => Open halt;
            /// No verb at all.
            no_verb: Closed => Open;
            #[inline]
            attribute: Closed => drop;
            /// No semicolon.
            no_semicolon: Closed => drop
            /// Closes.
            closes: Open => Closed stop;
            /// A requirement without a number.
            requirement [MUST]: Open => drop;
        }
    }
}

fn main() {}
