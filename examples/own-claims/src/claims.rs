//! What is explored, and what is claimed of it.

use tcpspec_checker::{Action, Bounds, Call, Claim, Flags, Row, Scenario, State, Suite, UNCOUNTED, User};

/// All scenarios.
pub(crate) fn suite() -> Suite {
    Suite::new("own-claims").scenario(greeting()).scenario(resets()).scenario(answered())
}

/// A client says one octet and closes.
pub(crate) fn greeting() -> Scenario {
    Scenario::new("greeting")
        .summary("A client sends one octet and closes; then so does the server. One segment may be lost.")
        .users(User { sends: 1, ..User::CLIENT }, User { patient: true, ..User::SERVER })
        .bounds(Bounds { losses: 1, retransmissions: 1, msl: 1, ..Bounds::PERFECT })
        .stage([(1, Call::Listen), (0, Call::Open)])
        .stage([(0, Call::Send), (0, Call::Close)])
        .stage([(1, Call::Close)])
        .claim(Claim::sometimes("B gets the octet", |at| at.world.ends[1].delivered == 1))
        .claim(Claim::always("only A waits in TIME-WAIT", |at| at.world.ends[1].state != State::TimeWait))
}

/// How many RSTs have been sent, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Resets {
    None,
    One,
    More,
}

impl Resets {
    fn and(self, more: usize) -> Self {
        match (self, more) {
            (before, 0) => before,
            (Self::None, 1) => Self::One,
            _ => Self::More,
        }
    }
}

/// A client may give up at any time.
pub(crate) fn resets() -> Scenario<Resets> {
    let is_rst = |flags: Flags| flags.has(Flags::RST);
    Scenario::with_history("resets", Resets::None, move |step| {
        step.history.and(step.step.sent.iter().filter(|packet| is_rst(packet.seg.flags)).count())
    })
    .summary("A client may ABORT at any time, on a perfect network.")
    .users(User { aborts: 1, ..User::CLIENT }, User::SERVER)
    .claim(Claim::sometimes("a RST is sent", |at| *at.history == Resets::One))
    .claim(
        Claim::always("one RST is enough", |at| *at.history != Resets::More)
            .fails("an end without a connection answers each segment by a RST of its own"),
    )
    .claim(Claim::every_step("ESTABLISHED ends at once by ABORT or by a RST only", move |step| {
        let is_over = |end: usize| {
            let states = [step.before, step.after].map(|world| world.ends[end].state);
            states == [State::Established, State::Closed]
        };
        let aborts = matches!(step.action(), Action::Call(_, Call::Abort));
        let is_reset = step.step.arrived.is_some_and(|packet| is_rst(packet.seg.flags));
        aborts || is_reset || !(is_over(0) || is_over(1))
    }))
    .claim(Claim::some_step("a segment comes for nobody", |step| step.fired(Row::ClosedAck)))
}

/// What happens in the end, whatever the network does before.
pub(crate) fn answered() -> Scenario {
    Scenario::new("answered")
        .summary("A client that waits for its server; the network may lose whatever it likes.")
        .users(User { sends: 1, ..User::CLIENT }, User::SERVER)
        .bounds(Bounds {
            in_flight: 2,
            losses: UNCOUNTED,
            retransmissions: UNCOUNTED,
            merging: true,
            ..Bounds::PERFECT
        })
        .claim(Claim::leads_to(
            "what is sent on a connection is delivered",
            |at| at.world.ends[0].state == State::Established && at.world.ends[0].sends == 0,
            |at| at.world.ends[1].delivered == 1,
        ))
        .claim(Claim::possible("all can be CLOSED", |at| {
            at.world.ends.iter().all(|end| end.state == State::Closed)
        }))
        .claim(Claim::no_cycle("segments alone never keep segments going"))
}
