//! Everything that documents show has its sentence.

mod support;
use support::*;

tcp_table! {
    states {
        /// No connection.
        Closed "CLOSED",
        Open "OPEN",
    }

    sets {
        All = [Closed, Open];
    }

    options {
        rfc1337 = true, "RFC 1337";
    }

    questions {
        place -> Place {
            Inside,
        };
    }

    timers {
        TimeWait => call;
    }

    event call(Call) "§1" {
        step only {
            opens: Closed => Open stop;
            ///
            closes: Open => Closed stop;
        }
    }
}

fn main() {}
