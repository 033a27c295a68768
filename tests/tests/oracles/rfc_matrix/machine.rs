//! What the machine does in a cell, in the words of the tables. A reply that the tables have no word for is given as it is, and so matches nothing.

use super::data::{Answer, Cell, Layout};
use super::promises::broken;
use super::situations::{IRS, ISS, Machine, WINDOW, segment};
use tcpspec::call::{Bare, Expiry, Open, Receive, Send};
use tcpspec::{
    Acknowledge, CallError, Event, Facts, Flags, Full, Notice, Options, Segment, Seq, State, Tcb, Timer,
};

/// What happened in a cell.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    /// The rows that fired, with their lines.
    pub(crate) rows: String,
}

/// Lets the machine live through a cell.
pub(crate) fn run(layout: &Layout, cell: &Cell, options: Options) -> Outcome {
    let mut machine = Machine::at(cell[0], options);
    let from = machine.state;
    let mut answer = match (layout.name, cell.as_slice()) {
        ("segments", [_, kind, place, ack]) => arrives(&mut machine, kind, place, ack),
        ("calls", [_, call]) => called(&mut machine, call),
        ("timeouts", [_, timeout]) => expired(&mut machine, timeout),
        _ => unreachable!("{cell:?} is in no table"),
    };
    for strange in machine.host.strange.iter().copied().chain(broken(from, &machine)) {
        answer[0].push_str(&format!(" ({strange})"));
    }
    let rows = machine.host.rows.iter().map(|row| format!("{} (table.rs:{})", row.name(), row.info().line));
    Outcome { answer, rows: rows.collect::<Vec<_>>().join(", ") }
}

// --- Segments ---

fn arrives(machine: &mut Machine, kind: &str, place: &str, ack: &str) -> Answer {
    let before = machine.tcb;
    let known = machine.state_name();
    let arriving = arriving(&before, kind, place, ack);
    let result = machine.step(&mut Event::Segment(arriving));
    assert_eq!(result, Ok(()), "a segment is no call");
    let after = &machine.tcb;
    let host = &machine.host;

    let mut taken = Vec::new();
    if matches!(known, "LISTEN" | "SYN-SENT") && after.irs.get() == IRS && after.rcv_nxt.get() == IRS + 1 {
        taken.push("syn".to_owned());
    }
    if host.acknowledged > 0 {
        let una = machine.state == State::Closed || after.snd_una == arriving.ack;
        taken.push(if una { "ack".to_owned() } else { format!("ack to {}", after.snd_una) });
    }
    let text = host.delivered.map_or(0, |(_, len)| len);
    if let Some((seq, len)) = host.delivered {
        let in_order = seq == before.rcv_nxt.get();
        taken.push(if in_order { format!("text={len}") } else { format!("text={len} at {seq}") });
    }
    let lives = !matches!(machine.state, State::Closed | State::Listen);
    if lives && !matches!(known, "LISTEN" | "SYN-SENT") {
        match before.rcv_nxt.plus(text).distance(after.rcv_nxt) {
            0 => {}
            1 => taken.push("fin".to_owned()),
            more => taken.push(format!("RCV.NXT+{more}")),
        }
    }
    if host.held {
        taken.push("hold".to_owned());
    }
    if host.started.contains(&Timer::TimeWait) {
        taken.push("2msl".to_owned());
    }

    let reset_by_seq = arriving.seq.plus(length(kind));
    let forms = [
        ("SYN,ACK", Flags::SYN.with(Flags::ACK), Seq::new(ISS), after.rcv_nxt, 0),
        ("RST seq=SEG.ACK", Flags::RST, arriving.ack, Seq::default(), 0),
        ("RST seq=0 ack=SEG.SEQ+SEG.LEN", Flags::RST.with(Flags::ACK), Seq::new(0), reset_by_seq, 0),
    ];
    let notice = notices(&host.notices);
    vec![reply(machine, &before, &forms), machine.state_name().to_owned(), notice, list(&taken)]
}

/// SEG.LEN, as the header of `segments.txt` has it.
fn length(kind: &str) -> u32 {
    match kind {
        "TEXT" => 50,
        "TEXT+FIN" => 51,
        "SYN+FIN" => 2,
        "SYN" | "FIN" | "SYN+ACK" | "FIN+ACK" => 1,
        _ => 0,
    }
}

fn arriving(tcb: &Tcb<Full>, kind: &str, place: &str, ack: &str) -> Segment<Full> {
    let mut flags = Flags::default();
    let mut text = 0;
    for part in kind.split('+') {
        flags = flags.with(match part {
            "SYN" => Flags::SYN,
            "ACK" => Flags::ACK,
            "FIN" => Flags::FIN,
            "RST" => Flags::RST,
            "TEXT" => {
                text = 50;
                Flags::ACK
            }
            _ => Flags::default(),
        });
    }
    let next = tcb.rcv_nxt;
    let seq = match place {
        "any" => Seq::new(IRS),
        "left" => next.minus(1000),
        "before" => next.minus(20),
        "irs" | "fin" => next.minus(1),
        "edge" => next,
        "inside" => next.plus(100),
        "last" => next.plus(WINDOW - 1),
        "right" => next.plus(WINDOW + 10),
        place => unreachable!("{place} is no place"),
    };
    let una = tcb.snd_una;
    let ack = match ack {
        "none" => Seq::default(),
        "some" => Seq::new(1234),
        "ancient" => una.minus(5000),
        "old" => una.minus(50),
        "iss" | "same" => una,
        "part" => una.plus(50),
        "new" => tcb.snd_nxt,
        "ahead" => tcb.snd_nxt.plus(10),
        ack => unreachable!("{ack} is no kind of ACK"),
    };
    let arriving = segment(flags, seq.get(), ack.get(), text);
    assert_eq!(arriving.seg_len(), length(kind), "{kind}");
    arriving
}

// --- Calls ---

fn called(machine: &mut Machine, call: &str) -> Answer {
    let (mut event, max) = prepare(machine, call);
    let before = machine.tcb;
    let result = machine.step(&mut event);
    let tcb = machine.tcb;
    // What a host does after a call.
    machine.transmit(max);

    let departed =
        machine.host.emitted.iter().any(|segment| segment.len > 0 || segment.flags.has(Flags::FIN));
    let result = match (result, &event) {
        (Err(error), _) => format!("error: {error}"),
        (Ok(()), Event::Send(_)) if departed => "ok".to_owned(),
        (Ok(()), Event::Send(send)) if tcb.snd_end == before.snd_end.plus(send.len) => "queued".to_owned(),
        (Ok(()), Event::Send(_)) => "the text is lost".to_owned(),
        (Ok(()), Event::Receive(receive)) if receive.taken > 0 => "ok".to_owned(),
        (Ok(()), Event::Receive(_)) => "queued".to_owned(),
        (Ok(()), Event::Close(_)) if departed || machine.state == State::Closed => "ok".to_owned(),
        (Ok(()), Event::Close(_)) if tcb.facts.has(Facts::CLOSED) => "queued".to_owned(),
        (Ok(()), Event::Close(_)) => "the CLOSE is lost".to_owned(),
        (Ok(()), _) => "ok".to_owned(),
    };
    let forms = [
        ("SYN", Flags::SYN, Seq::new(ISS), Seq::default(), 0),
        ("TEXT", Flags::ACK, before.snd_nxt, before.rcv_nxt, 10),
        ("FIN,ACK", Flags::FIN.with(Flags::ACK), before.snd_nxt, before.rcv_nxt, 0),
        ("RST seq=SND.NXT", Flags::RST, before.snd_nxt, Seq::default(), 0),
    ];
    vec![reply(machine, &before, &forms), machine.state_name().to_owned(), result]
}

/// The call, after what its name says has been done before; and how much text the host would send in a segment.
fn prepare(machine: &mut Machine, call: &str) -> (Event<Full>, u32) {
    let open = |active, remote| Event::Open(Open { active, remote, forks: false });
    let text = |room| Event::Send(Send { len: 10, urgent: false, room });
    let receive = |on_hand| Event::Receive(Receive { on_hand, max: 10, window: WINDOW, taken: 0 });
    let event = match call {
        "OPEN passive" => open(false, false),
        "OPEN active" => open(true, true),
        "OPEN active no-remote" => open(true, false),
        "SEND" => text(true),
        "SEND no-room" => text(false),
        "RECEIVE" => receive(0),
        "RECEIVE queued" => receive(10),
        "CLOSE" => Event::Close(Bare),
        "CLOSE queued" | "CLOSE again" => {
            let tcb = &mut machine.tcb;
            if machine.state == State::FinWait1 {
                // The text is from before the first CLOSE, so our FIN is still unsent.
                tcb.snd_nxt = tcb.snd_end;
                tcb.facts.clear(Facts::FIN_SENT);
            }
            tcb.snd_end = tcb.snd_end.plus(10);
            if call == "CLOSE again" {
                tcb.facts.set(Facts::CLOSED);
            }
            // The host does not send the text yet.
            return (Event::Close(Bare), 0);
        }
        "ABORT" => Event::Abort(Bare),
        "STATUS" => Event::Status(Bare),
        call => unreachable!("{call} is no call"),
    };
    (event, WINDOW)
}

// --- Timeouts ---

fn expired(machine: &mut Machine, timeout: &str) -> Answer {
    let before = machine.tcb;
    let result: Result<(), CallError> = machine.step(&mut match timeout {
        "USER" => Event::UserTimeout(Bare),
        "RETRANSMISSION" => Event::Retransmission(Expiry::default()),
        "TIME-WAIT" => Event::TimeWait(Bare),
        timeout => unreachable!("{timeout} is no timeout"),
    });
    assert_eq!(result, Ok(()), "a timeout is no call");
    // The front of the queue: the text, and the FIN if it was sent.
    let fin = before.facts.has(Facts::FIN_SENT);
    let front = if fin { Flags::ACK.with(Flags::FIN) } else { Flags::ACK };
    let forms = [
        ("SYN", Flags::SYN, Seq::new(ISS), Seq::default(), 0),
        ("SYN,ACK", Flags::SYN.with(Flags::ACK), Seq::new(ISS), before.rcv_nxt, 0),
        ("front", front, before.snd_una, before.rcv_nxt, 100),
        ("RST seq=SND.NXT", Flags::RST, before.snd_nxt, Seq::default(), 0),
    ];
    let notice = notices(&machine.host.notices);
    vec![reply(machine, &before, &forms), machine.state_name().to_owned(), notice]
}

// --- Words ---

type Form = (&'static str, Flags, Seq<Full>, Seq<Full>, u32);

/// The words for what was sent, each if it is exactly that.
fn reply(machine: &Machine, before: &Tcb<Full>, forms: &[Form]) -> String {
    let host = &machine.host;
    let word = |sent: &Segment<Full>| {
        // PUSH is not among the columns.
        let sent_flags = sent.flags.without(Flags::PSH);
        let form = forms.iter().find(|(_, flags, seq, ack, len)| {
            let acks = !flags.has(Flags::ACK) || sent.ack == *ack;
            sent_flags == *flags && sent.seq == *seq && acks && sent.len == *len
        });
        form.map_or_else(|| sent.to_string(), |(word, ..)| (*word).to_owned())
    };
    let mut words: Vec<String> = host.emitted.iter().map(word).collect();
    // One acknowledgment for an event, unless another segment has carried it (MUST-58).
    let next = machine.tcb.rcv_nxt;
    let carried = host.emitted.iter().any(|sent| sent.flags.has(Flags::ACK) && sent.ack == next);
    if let Some(why) = host.asked.filter(|_| !carried) {
        let sent = machine.tcb.acknowledgment();
        // That RCV.NXT is right is said by the column TAKEN.
        let exact =
            sent.seq == before.snd_nxt && sent.ack == next && sent.flags == Flags::ACK && sent.len == 0;
        words.push(match why {
            _ if !exact => sent.to_string(),
            Acknowledge::Now | Acknowledge::Window => "ACK".to_owned(),
            Acknowledge::Text => "ACK?".to_owned(),
            Acknowledge::Challenge => "challenge".to_owned(),
        });
    }
    list(&words)
}

/// The signals of the tables. `Closed` says what the state says, `CloseAcknowledged` is the "ok" of CLOSE: neither is among the columns.
fn notices(notices: &[Notice]) -> String {
    let words = notices.iter().filter_map(|notice| {
        Some(match notice {
            Notice::Established => "established".to_owned(),
            Notice::Closing => "closing".to_owned(),
            Notice::Reset => "reset".to_owned(),
            Notice::Refused => "refused".to_owned(),
            Notice::UserTimeout => "user timeout".to_owned(),
            Notice::Closed | Notice::CloseAcknowledged => return None,
            other => format!("{other:?}"),
        })
    });
    list(&words.collect::<Vec<_>>())
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join(",") }
}
