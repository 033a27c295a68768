//! What an action is: as a sentence, and in parts from which the page makes its own.

use crate::api::{Happening, PacketView};
use tcpspec::Timer;
use tcpspec::model::{Action, Packet, Scenario, World, stray_name};

/// The segment that an action is about.
pub(super) fn packet(world: &World, action: Action) -> Option<Packet> {
    match action {
        Action::Deliver(index) | Action::Duplicate(index) | Action::Lose(index) => {
            world.net.get(usize::from(index)).copied().flatten()
        }
        Action::Opens(_, opening) => packet(world, opening.action()),
        Action::Forge(to, kind, seq, ack) => {
            Some(Packet { seg: kind.segment(seq, ack), to, tag: 15, ..Packet::default() })
        }
        _ => None,
    }
}

/// A timer as the RFCs call it.
pub(super) fn timer(timer: Timer) -> &'static str {
    match timer {
        Timer::Retransmission => "retransmission",
        Timer::Persist => "persist",
        Timer::KeepAlive => "keep-alive",
        Timer::DelayedAck => "delayed ACK",
        Timer::TimeWait => "2MSL",
        Timer::User => "user timeout",
        Timer::Orphan => "orphan",
    }
}

/// What an action is; `segment` is the one that it is about.
pub(super) fn happening(action: Action, segment: Option<PacketView>, scenario: &Scenario) -> Happening {
    let letter = |i: usize| if i == 0 { 'A' } else { 'B' };
    let to = segment.as_ref().map(|segment| segment.to);
    let way = segment.as_ref().map_or_else(String::new, |segment| {
        let from = if scenario.bounds.loopback { segment.to } else { 1 - segment.to.min(1) };
        format!("{}'s {} {}", letter(from), segment.flags, segment.text)
    });
    let at = to.map_or(' ', letter);
    let base = |kind, by, end: Option<usize>, words: String| Happening {
        kind,
        by,
        end,
        call: None,
        timer: None,
        segment: None,
        number: None,
        words,
    };
    match action {
        Action::Call(i, call) => {
            let end = usize::from(i);
            let words = format!("{}: {call}", letter(end));
            Happening { call: Some(call.to_string()), ..base("call", "user", Some(end), words) }
        }
        Action::Transmit(i, max) => {
            let end = usize::from(i);
            let words = format!("{} sends what is queued, {max} octets at most", letter(end));
            Happening { number: Some(max.to_string()), ..base("transmit", "network", Some(end), words) }
        }
        Action::Deliver(_) => {
            Happening { segment, ..base("deliver", "network", to, format!("{way} arrives at {at}")) }
        }
        Action::Duplicate(_) => {
            let words = format!("a copy of {way} arrives at {at}");
            Happening { segment, ..base("duplicate", "network", to, words) }
        }
        Action::Lose(_) => Happening { segment, ..base("lose", "network", to, format!("{way} is lost")) },
        Action::Held(i, _) => {
            let end = usize::from(i);
            base("held", "network", Some(end), format!("{}: what came early is next", letter(end)))
        }
        Action::Fire(i, which, last) => {
            let end = usize::from(i);
            let (kind, words) = if last { ("give-up", ", for the last time") } else { ("timer", "") };
            let words = format!("{}: the {} timer runs out{words}", letter(end), timer(which));
            Happening { timer: Some(timer(which)), ..base(kind, "time", Some(end), words) }
        }
        Action::Resend(i, from, len) => {
            let end = usize::from(i);
            let words = format!(
                "{}: the retransmission timer runs out; {len} octets from SND.UNA+{from} are sent again",
                letter(end)
            );
            Happening {
                timer: Some(timer(Timer::Retransmission)),
                number: Some(format!("{from}+{len}")),
                ..base("resend", "time", Some(end), words)
            }
        }
        Action::Tick => base("tick", "time", None, "a tick passes".into()),
        Action::Crash(i) => {
            let end = usize::from(i);
            base("crash", "time", Some(end), format!("{} crashes and restarts without its TCB", letter(end)))
        }
        Action::Vanish(i) => {
            let end = usize::from(i);
            base("vanish", "time", Some(end), format!("{}'s host vanishes", letter(end)))
        }
        Action::Forge(..) => {
            let text = segment.as_ref().map_or_else(String::new, |segment| segment.text.clone());
            Happening { segment, ..base("forge", "network", to, format!("a forged {text} arrives at {at}")) }
        }
        Action::Stray(i, index) => {
            let end = usize::from(i);
            let name = stray_name(index);
            let words = format!("{}: {name}", letter(end));
            Happening { number: Some(name), ..base("stray", "network", Some(end), words) }
        }
        Action::Opens(number, opening) => {
            let inner = happening(opening.action(), segment, scenario);
            let words = format!("{}, and the connection that it opens takes number {number}", inner.words);
            Happening { number: Some(number.to_string()), words, ..inner }
        }
    }
}
