//! Scenarios and claims of one's own, as the book's chapter "Your own scenario and claim" makes them.

use std::process::ExitCode;
use tcpspec_checker::tcpspec::{Flags, State};
use tcpspec_checker::{Bounds, Call, Claim, Scenario, Suite, User};

fn main() -> ExitCode {
    Suite::new("own-claims").scenario(greeting()).scenario(resets()).scenario(answered()).run()
}

/// A client says one octet and closes; the network may lose a segment.
fn greeting() -> Scenario {
    Scenario::new("greeting")
        .summary("A client sends one octet and closes; one segment may be lost.")
        .users(User { sends: 1, ..User::CLIENT }, User::SERVER)
        .bounds(Bounds { losses: 1, retransmissions: 1, msl: 1, ..Bounds::PERFECT })
        .stage([(1, Call::Listen), (0, Call::Open)])
        .stage([(0, Call::Send), (0, Call::Close), (1, Call::Close)])
        .claim(Claim::sometimes("B gets the octet", |at| at.world.ends[1].delivered == 1))
        .claim(Claim::always("B gets nothing before it is ESTABLISHED", |at| {
            let b = &at.world.ends[1];
            b.delivered == 0 || b.state.is_synchronized() || b.state == State::Closed
        }))
        .claim(Claim::always("only A waits in TIME-WAIT", |at| at.world.ends[1].state != State::TimeWait))
}

/// How many RSTs have been sent, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Resets {
    None,
    One,
    More,
}

/// The same client may give up at any time.
fn resets() -> Scenario<Resets> {
    Scenario::with_history("resets", Resets::None, |step| {
        let resets = step.step.sent.iter().filter(|packet| packet.seg.flags.has(Flags::RST)).count();
        match (step.history, resets) {
            (history, 0) => *history,
            (Resets::None, 1) => Resets::One,
            _ => Resets::More,
        }
    })
    .summary("A client may ABORT at any time, on a perfect network.")
    .users(User { aborts: 1, ..User::CLIENT }, User::SERVER)
    .claim(Claim::sometimes("a RST is sent", |at| *at.history == Resets::One))
    .claim(Claim::always("one RST is enough", |at| *at.history != Resets::More))
    .claim(Claim::every_step("who is reset was not asked", |step| {
        let reset = |end: usize| step.after.ends[end].state == State::Closed;
        let called = matches!(step.action(), tcpspec_checker::tcpspec::model::Action::Call(..));
        !(called && reset(1) && step.before.ends[1].state == State::Established)
    }))
}

/// What is sent gets there in the end, whatever the network does until it heals.
fn answered() -> Scenario {
    let lost = tcpspec_checker::tcpspec::model::UNCOUNTED;
    Scenario::new("answered")
        .users(User { sends: 1, ..User::CLIENT }, User::SERVER)
        .bounds(Bounds {
            in_flight: 2,
            in_order: false,
            losses: lost,
            retransmissions: lost,
            merging: true,
            ..Bounds::PERFECT
        })
        .claim(Claim::leads_to(
            "who has asked for a connection hears of it",
            |at| at.world.ends[0].state == State::SynSent,
            |at| at.world.ends[0].state != State::SynSent,
        ))
        .claim(Claim::possible("all can be closed", |at| {
            at.world.ends.iter().all(|end| end.state == State::Closed)
        }))
}
