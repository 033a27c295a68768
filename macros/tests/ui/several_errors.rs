//! A syntax error, an unknown name and a missing sentence: one build reports all.

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
            ignores: Closed if has_rst = drop;
            /// Opens.
            opens: Closd => Open stop;
            closes: Open => Closed stop;
        }
    }

    /// A segment comes.
    event segment(Segment<S>) "§2" {
        step only {
            /// Ignores.
            nothing: Closed if has_syn => drop;
            /// Ignores, too.
            nothing_at_all: Open => drop;
        }
    }
}

fn main() {}
