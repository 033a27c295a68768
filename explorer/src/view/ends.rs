//! What an end holds, field by field, and what the last step has changed of it.

use super::packets::First;
use super::words;
use crate::api::{EndView, FieldView};
use crate::run::Run;
use tcpspec::model::{End, Space16, World};
use tcpspec::{Facts, Seq, State, Timer};

/// A field, its value, and the value counted from the first number.
struct Field {
    group: &'static str,
    name: &'static str,
    value: String,
    relative: Option<String>,
}

/// One end of a world, beside the same end before.
pub(super) fn end(run: &Run, first: &First, now: &World, before: Option<&World>, i: usize) -> EndView {
    let end = &now.ends[i];
    let old = before.map(|before| fields(run, &first.with(before), &before.ends[i], i));
    let changed = |name: &str, value: &str| {
        old.as_ref().is_some_and(|old| old.iter().any(|field| field.name == name && field.value != value))
    };
    EndView {
        state: end.state.name(),
        listening: end.listening,
        quiet: if end.state == State::TimeWait { end.quiet } else { 0 },
        fields: fields(run, first, end, i)
            .into_iter()
            .map(|Field { group, name, value, relative }| {
                let changed = changed(name, &value);
                FieldView { group, name, value, relative, changed }
            })
            .collect(),
    }
}

/// All fields, always the same and in the same order, so that two worlds can be compared.
fn fields(run: &Run, first: &First, end: &End, i: usize) -> Vec<Field> {
    let End {
        state,
        tcb,
        listening: _,
        armed: _,
        quiet,
        restart,
        on_hand,
        held,
        last_ack,
        active_opens,
        passive_opens,
        sends,
        aborts,
        closes,
        retransmissions,
        challenges: _,
        incarnation,
        peer_incarnation: _,
        peer_gone: _,
        given: _,
        delivered,
        closed: _,
        gone,
        past: _,
    } = end;
    let lives = *state != State::Closed;
    let sends_numbers = lives && *state != State::Listen;
    let hears_numbers = sends_numbers && *state != State::SynSent;
    let number = |group, name, own: bool, shown: bool, number: Seq<Space16>| Field {
        group,
        name,
        value: if shown { number.to_string() } else { String::new() },
        relative: if shown {
            first.relative(i, *incarnation, own, number).map(|relative| relative.to_string())
        } else {
            None
        },
    };
    let plain = |group, name, value: String| Field { group, name, value, relative: None };
    let amount = |group, name, shown: bool, value: u32| {
        plain(group, name, if shown { value.to_string() } else { String::new() })
    };
    let timers: Vec<_> =
        Timer::ALL.into_iter().filter(|timer| end.is_armed(*timer)).map(words::timer).collect();
    let early: Vec<_> = held
        .iter()
        .flatten()
        .map(|held| format!("{}+{}{}", held.seq, held.len, if held.fin { " FIN" } else { "" }))
        .collect();
    let left = [
        ("active OPEN", *active_opens),
        ("passive OPEN", *passive_opens),
        ("SEND", *sends),
        ("CLOSE", *closes),
        ("ABORT", *aborts),
    ];
    let left: Vec<_> = left
        .into_iter()
        .filter(|(_, amount)| *amount > 0)
        .map(|(name, amount)| match amount {
            1 => name.to_owned(),
            tcpspec::model::UNCOUNTED => format!("{name} at will"),
            _ => format!("{amount} {name}"),
        })
        .collect();
    vec![
        number("send", "ISS", true, sends_numbers, tcb.iss),
        number("send", "SND.UNA", true, sends_numbers, tcb.snd_una),
        number("send", "SND.NXT", true, sends_numbers, tcb.snd_nxt),
        amount("send", "queued", lives && tcb.unsent() > 0, tcb.unsent()),
        amount("send", "SND.WND", hears_numbers, tcb.snd_wnd.into()),
        number("send", "SND.WL1", false, hears_numbers, tcb.snd_wl1),
        number("send", "SND.WL2", true, hears_numbers, tcb.snd_wl2),
        number("send", "SND.UP", true, tcb.facts.has(Facts::URGENT_OUT), tcb.snd_up),
        number("receive", "IRS", false, hears_numbers, tcb.irs),
        number("receive", "RCV.NXT", false, hears_numbers, tcb.rcv_nxt),
        amount("receive", "RCV.WND", lives, tcb.rcv_wnd.into()),
        number("receive", "RCV.UP", false, tcb.facts.has(Facts::URGENT_IN), tcb.rcv_up),
        plain("receive", "TS.Recent", tcb.ts_recent.map_or_else(String::new, |recent| recent.to_string())),
        number(
            "receive",
            "Last.ACK.sent",
            false,
            hears_numbers && run.model.scenario.bounds.timestamps,
            *last_ack,
        ),
        plain("timers", "timers", timers.join(", ")),
        // Where TIME-WAIT was cut short, the model counts on, to see what comes of it; the end does not.
        amount("timers", "2MSL left", *state == State::TimeWait, (*quiet).into()),
        amount("timers", "quiet time left", *restart > 0, (*restart).into()),
        amount("host", "on hand", *on_hand > 0, (*on_hand).into()),
        plain("host", "held", early.join(", ")),
        plain("host", "facts", facts(tcb.facts)),
        amount("host", "incarnation", *incarnation > 0, (*incarnation).into()),
        plain(
            "user",
            "delivered",
            if lives || *delivered > 0 { delivered.to_string() } else { String::new() },
        ),
        plain("user", "may still", if *gone { "gone".into() } else { left.join(", ") }),
        amount(
            "user",
            "retransmissions left",
            *retransmissions != tcpspec::model::UNCOUNTED,
            (*retransmissions).into(),
        ),
    ]
}

/// What the TCB remembers, in words.
fn facts(facts: Facts) -> String {
    let names = [
        (Facts::PASSIVE, "opened passively"),
        (Facts::CHILD, "child of a listener"),
        (Facts::FORKS, "forks"),
        (Facts::REMOTE, "remote socket known"),
        (Facts::SYN_ACKED, "SYN acknowledged"),
        (Facts::CLOSED, "CLOSE called"),
        (Facts::FIN_SENT, "FIN sent"),
        (Facts::NAMED, "peer named"),
        (Facts::REUSES, "reuses a pair"),
        (Facts::RELEASED, "released"),
    ];
    let held: Vec<_> = names.into_iter().filter(|(fact, _)| facts.has(*fact)).map(|(_, name)| name).collect();
    held.join(", ")
}
