//! What goes with a next state in the RFC's words without a column of its own: "delete the TCB", "flush", "turn off the other timers", "from passive to active".

use super::situations::Machine;
use tcpspec::{Facts, Flags, State, Tcb, Timer};

/// What the machine has left undone, given the state that it came from.
pub(crate) fn broken(from: State, machine: &Machine) -> Vec<&'static str> {
    let host = &machine.host;
    let mut broken = Vec::new();
    let mut holds = |promise: bool, otherwise| {
        if !promise {
            broken.push(otherwise);
        }
    };
    if from != machine.state {
        match machine.state {
            State::Closed => {
                holds(machine.tcb == Tcb::default(), "the TCB is not deleted");
                holds(host.running.is_empty(), "timers run without a TCB");
                // What came in order may stay the user's.
                let returned = host.flushed || (host.returned && machine.options.drain_after_reset);
                holds(returned || both_closed(from), "what was queued is not given back");
            }
            State::Listen if from == State::SynReceived => {
                // The remote socket is unspecified again.
                holds(
                    machine.tcb == Tcb { facts: Facts::PASSIVE, ..Tcb::default() },
                    "it is not what passive OPEN made",
                );
                holds(host.running.is_empty(), "timers run in LISTEN");
                holds(host.flushed, "the retransmission queue is not flushed");
            }
            State::TimeWait => {
                holds(host.running == [Timer::TimeWait], "another timer runs than that of 2MSL")
            }
            State::SynSent => {
                holds(!machine.tcb.facts.has(Facts::PASSIVE), "it still counts as opened passively")
            }
            _ => {}
        }
    }
    // A SYN is the first on the retransmission queue, and what is sent again starts the timer again (3.10.8).
    let queued = host.emitted.iter().any(|sent| sent.flags.has(Flags::SYN)) || host.resent;
    holds(
        !queued || host.started.contains(&Timer::Retransmission),
        "the retransmission timer is not started",
    );
    broken
}

/// Nothing is said of queues here: text goes neither way any more.
fn both_closed(state: State) -> bool {
    matches!(state, State::Closing | State::LastAck | State::TimeWait)
}
