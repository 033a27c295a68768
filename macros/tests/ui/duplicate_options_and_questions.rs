//! Options, questions, answers and timers are named once.

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
        /// Or not.
        rfc1337 = false, "RFC 1337";
    }

    questions {
        /// Where does it lie?
        place -> Place {
            /// In the window.
            Inside,
            /// In the window, too.
            Inside,
        };
        /// Where again?
        place -> Where {
            /// There.
            There,
        };
        /// Who?
        who -> Place {
            /// You.
            You,
        };
    }

    timers {
        /// 2MSL.
        TimeWait => call;
        /// 2MSL again.
        TimeWait => call;
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
