//! The model includes the stack: what the stack does, the model may do too (law 4 of the design).
//!
//! All tests of this package and of the examples run with the feature `inclusion`, so the model judges every event in every one of them. Here it judges
//! thousands of runs with faults, from seeds, and it is shown that it notices what is wrong. The same runs keep the invariant of the proofs (`tcpspec prove`), and what these assume of a
//! stack.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::model::judge::replay::{Rules, judge};
use tcpspec::record::Recorded;
use tcpspec::{Acknowledge, Event, Facts, Flags, Full, Row, State, Timer};
use tcpspec_checker::unproven;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, User, socket, text, transfer};

/// What was recorded in a run.
type Records = Arc<Mutex<Vec<Recorded<Full>>>>;

fn record(link: &mut Link) -> Records {
    let records = Records::default();
    for end in &mut link.ends {
        let records = Arc::clone(&records);
        end.record(move |recorded| records.lock().unwrap().push(recorded.clone()));
    }
    records
}

fn rules(link: &Link) -> Rules {
    let config = link.ends[0].config();
    Rules { options: config.options, two_msl: config.msl * 2 }
}

/// A link with settings and faults from a seed.
fn faulty(seed: u64) -> Link {
    let mut random = Random(seed);
    let [window, start] = [1 << random.below(17), 1 << random.below(17)].map(|size: usize| size.max(3));
    let flags = random.below(128);
    let on = |bit: u64| flags >> bit & 1 == 1;
    let mtu = [576, 1500, 9000][random.below(3) as usize];
    let mut link = Link::with(LATENCY, move |config| {
        (config.receive_buffer, config.receive_buffer_start) = (window.max(start), start);
        (config.sack, config.timestamps, config.nagle) = (on(0), on(1), on(2));
        config.delayed_ack = if on(3) { Duration::ZERO } else { Duration::from_millis(40) };
        config.mtu = if on(5) { 1500 } else { mtu };
        // Which has larger packets.
        config.ipv6 = config.ipv6.filter(|_| config.mtu >= 1280);
        config.r2 = Duration::from_secs(100);
        config.keep_alive = on(4).then(|| Duration::from_secs(20));
        config.user_timeout = on(6).then(|| Duration::from_secs(60));
    });
    let bad = random.below(30);
    link.set_faults(move |_, _, _| match random.below(100) {
        n if n < bad => Fate::Lost,
        n if n < bad * 2 => Fate::Late(Duration::from_millis(random.below(60))),
        n if n < bad * 5 / 2 => Fate::Twice(Duration::from_millis(random.below(60))),
        _ => Fate::Arrives,
    });
    link
}

/// Both ends open actively at about the same time.
fn simultaneous(link: &mut Link, texts: [Vec<u8>; 2]) {
    let [a, b] = [socket(&link.ends[0], 7777), socket(&link.ends[1], 8888)];
    let now = link.now();
    let one = link.ends[0].connect(now, Some(7777), b).unwrap();
    let other = link.ends[1].connect(now, Some(8888), a).unwrap();
    let [x, y] = texts;
    let mut users = [User::new(0, Some(one), x), User::new(1, Some(other), y)];
    link.run_until(MINUTE, |link| {
        users.iter_mut().for_each(|user| user.work(link));
        users.iter().all(User::done)
    });
}

/// The server closes only once it has read everything.
fn patient(link: &mut Link, texts: [Vec<u8>; 2]) {
    let listener = link.ends[1].listen(80, 4).unwrap();
    let (now, remote) = (link.now(), socket(&link.ends[1], 80));
    let id = link.ends[0].connect(now, None, remote).unwrap();
    let [a, b] = texts;
    let mut users = [User::new(0, Some(id), a), User::new(1, None, b)];
    link.run_until(MINUTE * 3, |link| {
        users[1].id = users[1].id.or_else(|| link.ends[1].accept(listener));
        users[0].work(link);
        let server = &mut users[1];
        let waits = !server.ended;
        // What counts as closed is not closed again.
        server.closed |= waits;
        server.work(link);
        server.closed &= !waits;
        users.iter().all(User::done)
    });
}

/// A run from a seed: text both ways, and an end of some kind.
fn run(seed: u64) -> (Rules, Vec<Recorded<Full>>) {
    let mut link = faulty(seed);
    let records = record(&mut link);
    let mut random = Random(!seed);
    let texts = [random.below(20_000), random.below(20_000)].map(|len| text(len as usize, seed));
    match seed % 8 {
        0 => simultaneous(&mut link, texts),
        1 => {
            // Somebody gives up on the way.
            let [client, _] = transfer(&mut link, texts, Duration::from_millis(30 + random.below(400)));
            let (now, id) = (link.now(), client.id.unwrap());
            let _ = link.ends[0].abort(now, id);
        }
        2 => {
            let [client, server] = transfer(&mut link, texts, Duration::from_millis(30 + random.below(400)));
            for user in [client, server] {
                let now = link.now();
                user.id.into_iter().for_each(|id| link.ends[user.end].release(now, id));
            }
        }
        3..6 => patient(&mut link, texts),
        _ => drop(transfer(&mut link, texts, MINUTE * 3)),
    }
    // Until TIME-WAIT is over.
    link.run_for(MINUTE * 5);
    let records = std::mem::take(&mut *records.lock().unwrap());
    (rules(&link), records)
}

#[test]
fn thousands_of_runs_with_faults_are_runs_of_the_model() {
    let (mut events, mut kinds, mut states) = (0, BTreeSet::new(), BTreeSet::new());
    let mut rows = BTreeSet::new();
    for seed in 0..2000 {
        let (rules, records) = run(seed);
        for recorded in &records {
            match judge(&rules, recorded) {
                Ok(fired) => rows.extend(fired.iter().map(|row| row.name())),
                Err(difference) => panic!("seed {seed}: {difference}{recorded:#?}"),
            }
            assert_eq!(as_assumed(recorded), None, "seed {seed}: {recorded:#?}");
            events += 1;
            states.insert(recorded.after.state as u8);
            kinds.extend(recorded.event.as_ref().map(|event| format!("{:?}", event.kind())));
        }
    }
    let unseen: Vec<_> = State::ALL.into_iter().filter(|state| !states.contains(&(*state as u8))).collect();
    println!(
        "{events} events of {} kinds in {} states; {} of {} rows",
        kinds.len(),
        states.len(),
        rows.len(),
        Row::ALL.len()
    );
    // So that nothing is accepted only because nothing happens.
    assert!(events > 500_000, "{events}");
    assert_eq!(unseen, [], "states that no run reached");
    // STATUS changes nothing and is not recorded; what ICMP says is judged in its own tests.
    let never: &[&str] = &["Status", "Unreachable"];
    let missing: Vec<_> = tcpspec::EventKind::ALL
        .iter()
        .map(|kind| format!("{kind:?}"))
        .filter(|kind| !kinds.contains(kind))
        .collect();
    assert_eq!(missing, never, "kinds of events that no run had");
}

/// What the proofs say or assume of this event, and is not so.
fn as_assumed(recorded: &Recorded<Full>) -> Option<&'static str> {
    let (before, after) = (&recorded.before, &recorded.after);
    let event = recorded.event.as_ref()?;
    unproven((before.state, &before.tcb), event, (after.state, &after.tcb))
}

/// Events that are not as the proofs assume.
const STRANGE: &[(&str, Tamper)] = &[
    ("SND.NXT beyond the end of the text", |r| {
        let known = !matches!(r.after.state, State::Closed | State::Listen);
        known && {
            r.after.tcb.snd_nxt = r.after.tcb.snd_end.plus(2);
            true
        }
    }),
    ("a fact of another state", |r| {
        r.after.state == State::Established && {
            r.after.tcb.facts.set(Facts::FIN_SENT);
            true
        }
    }),
    ("a window of 2^30", |r| {
        let known = !matches!(r.before.state, State::Closed | State::Listen);
        known && {
            r.before.tcb.rcv_wnd = 1 << 30;
            true
        }
    }),
    ("a segment longer than a header can say", |r| match &mut r.event {
        Some(Event::Segment(segment)) => {
            segment.len = 1 << 16;
            true
        }
        _ => false,
    }),
    ("a SEND of more than 2^30", |r| match &mut r.event {
        Some(Event::Send(send)) => {
            (send.len, send.room) = (1 << 31, true);
            true
        }
        _ => false,
    }),
    ("what was kept comes too soon", |r| match &mut r.event {
        Some(Event::Held(segment)) => {
            segment.seq = r.before.tcb.rcv_nxt.plus(1);
            true
        }
        _ => false,
    }),
];

#[test]
fn what_the_proofs_do_not_assume_is_noticed() {
    let runs: Vec<_> = (0..24).map(run).collect();
    for (name, tamper) in STRANGE {
        let (mut changed, mut missed) = (0, 0);
        for right in runs.iter().flat_map(|(_, records)| records) {
            let mut wrong = right.clone();
            if wrong.event.is_some() && tamper(&mut wrong) {
                changed += 1;
                missed += u32::from(as_assumed(&wrong).is_none());
            }
        }
        assert!(changed > 0, "{name}: never possible");
        assert_eq!(missed, 0, "{name}: of {changed}");
    }
}

/// A change of a record; whether it changed anything.
type Tamper = fn(&mut Recorded<Full>) -> bool;

/// Changes that make a wrong record of a right one.
const TAMPERED: &[(&str, Tamper)] = &[
    ("another state", |r| {
        r.after.state =
            if r.after.state == State::Established { State::FinWait2 } else { State::Established };
        true
    }),
    ("SND.UNA went on", |r| {
        r.after.tcb.snd_una = r.after.tcb.snd_una.plus(1);
        true
    }),
    ("a segment was not sent", |r| {
        // News of an open window, and challenge ACKs, may be left out.
        let may = matches!(r.event, Some(Event::Receive(_)))
            || r.sent.iter().all(|segment| *segment == r.after.tcb.acknowledgment());
        !may && r.sent.pop().is_some()
    }),
    ("text was not acknowledged", |r| {
        let text = r.after.on_hand > r.before.on_hand && r.after.owed.is_none();
        text && r.sent.pop().is_some()
    }),
    ("a segment was sent twice", |r| {
        let last = r.sent.last().copied();
        r.sent.extend(last);
        last.is_some()
    }),
    ("another acknowledgment", |r| {
        let last = r.sent.last_mut().filter(|segment| segment.flags.has(Flags::ACK));
        last.map(|segment| segment.ack = segment.ack.plus(1)).is_some()
    }),
    ("what was never sent is sent again", |r| {
        let again = matches!(r.event, Some(Event::Retransmission(_)));
        let nxt = r.after.tcb.snd_nxt;
        again && r.sent.first_mut().map(|segment| segment.seq = nxt).is_some()
    }),
    ("what was sent again is sent again without a new reason", |r| {
        let Some(Event::Retransmission(expiry)) = &mut r.event else { return false };
        // A probe would be a reason of its own.
        if r.sent.is_empty() || r.after.grounds.probe {
            return false;
        }
        (expiry.early, r.expired) = (true, None);
        (r.last, r.before) = (Some(r.after.clone()), r.after.clone());
        let tcbs = (&r.before.tcb, &r.after.tcb);
        let event = Event::Retransmission(*expiry);
        let syn = r.sent.iter().any(|segment| segment.flags.has(Flags::SYN));
        r.after.grounds = r.before.grounds.after(&event, tcbs, None, &r.sent).0;
        !syn
    }),
    ("a reason to send again comes from nowhere", |r| {
        let used = !r.after.grounds.again.is_empty();
        r.after.grounds.again.clear();
        used
    }),
    ("a segment that starts no timer moves one", |r| {
        let nothing_new = r.before.tcb.snd_una == r.after.tcb.snd_una;
        let is_segment = nothing_new && matches!(r.event, Some(Event::Segment(_)));
        let was = r.before.deadlines[Timer::Retransmission as usize];
        let timer = &mut r.after.deadlines[Timer::Retransmission as usize];
        let stays = is_segment && was.is_some() && *timer == was;
        stays && timer.as_mut().map(|at| *at += Duration::from_secs(1)).is_some()
    }),
    ("a timer moves between two events", |r| {
        let timer = Timer::Retransmission as usize;
        let runs = r.before.deadlines[timer].is_some();
        let last = r.last.as_mut().and_then(|last| last.deadlines[timer].as_mut());
        runs && last.map(|at| *at += Duration::from_secs(1)).is_some()
    }),
    ("text was lost on its way to the user", |r| {
        let came = r.after.on_hand > r.before.on_hand;
        r.after.on_hand -= u32::from(came);
        came
    }),
    ("text came from nowhere", |r| {
        r.after.on_hand += 1;
        true
    }),
    ("what was held is forgotten", |r| {
        let next = r.after.held.first().is_some_and(|piece| r.after.tcb.rcv_nxt.before(piece.seq));
        let kept = next && r.before.held.contains(&r.after.held[0]);
        kept && {
            let _ = r.after.held.remove(0);
            true
        }
    }),
    ("what was never there is held", |r| {
        let window = r.after.tcb.receive_window();
        let seq = r.after.tcb.rcv_nxt.plus(window);
        r.after.held.push(tcpspec::record::Piece { seq, len: 1, fin: false });
        true
    }),
    ("the retransmission timer does not run", |r| {
        r.after.deadlines[Timer::Retransmission as usize].take().is_some()
    }),
    ("a timer runs that does not belong there", |r| {
        let probe = &mut r.after.deadlines[Timer::Persist as usize];
        probe.is_none() && {
            *probe = Some(r.after.at);
            true
        }
    }),
    ("2MSL are too short", |r| {
        let started = r.before.deadlines[Timer::TimeWait as usize].is_none();
        let wait = &mut r.after.deadlines[Timer::TimeWait as usize];
        started && wait.as_mut().map(|until| *until -= Duration::from_secs(1)).is_some()
    }),
    ("2MSL are moved by an event that does not restart them", |r| {
        let runs = r.before.deadlines[Timer::TimeWait as usize];
        let wait = &mut r.after.deadlines[Timer::TimeWait as usize];
        let stays = runs.is_some() && *wait == runs;
        stays && wait.as_mut().map(|until| *until += Duration::from_secs(1)).is_some()
    }),
    ("a timer runs out that does not run", |r| {
        let due = std::mem::take(&mut r.expired).is_some();
        let last = r.last.as_mut();
        last.is_some_and(|last| {
            last.deadlines = [None; Timer::ALL.len()];
            due
        })
    }),
    ("2MSL are cut short", |r| {
        let over = matches!(r.event, Some(Event::TimeWait(_)));
        over && {
            r.expired = Some(r.after.at + Duration::from_nanos(1));
            true
        }
    }),
    ("a connection that springs up from nowhere", |r| {
        let known = !matches!(r.before.state, State::Closed | State::Listen);
        known && r.last.take().is_some()
    }),
    ("what is owed does not leave", |r| {
        let owed = r.last.as_ref().is_some_and(|last| last.owed.is_some());
        owed && {
            r.after.at += Duration::from_millis(1);
            true
        }
    }),
    ("an acknowledgment that must leave at once did not", |r| {
        let fin = matches!(&r.event, Some(Event::Segment(segment)) if segment.flags.has(Flags::FIN));
        let last = fin && r.after.state == State::TimeWait && r.before.state != State::TimeWait;
        last && r.sent.pop().is_some()
    }),
    ("a child was made of nothing", |r| {
        r.forked = !r.forked;
        true
    }),
    ("the listener took what was not for it", |r| {
        r.handed_over = !r.handed_over;
        true
    }),
    ("something changed between two events", |r| r.last.as_mut().map(|last| last.tcb.snd_wnd += 1).is_some()),
    ("the user was not told", |r| std::mem::take(&mut r.told) != 0),
    ("an acknowledgment is owed for nothing", |r| {
        r.after.owed.is_none() && {
            r.after.owed = Some(Acknowledge::Now);
            true
        }
    }),
    ("the call was refused", |r| {
        let went = r.answer.is_ok();
        r.answer = Err(tcpspec::CallError::ConnectionClosing);
        went
    }),
];

#[test]
fn the_judge_notices_what_is_wrong() {
    let runs: Vec<_> = (0..24).map(run).collect();
    for (name, tamper) in TAMPERED {
        let (mut changed, mut missed) = (0, Vec::new());
        for (rules, records) in &runs {
            for right in records {
                let mut wrong = right.clone();
                if tamper(&mut wrong) {
                    changed += 1;
                    if judge(rules, &wrong).is_ok() {
                        missed.push(wrong);
                    }
                }
            }
        }
        assert!(changed > 0, "{name}: never possible");
        assert!(missed.is_empty(), "{name}: {} of {changed} missed, such as {:#?}", missed.len(), missed[0]);
    }
}

#[test]
fn a_run_by_other_rules_is_none_of_the_models() {
    let runs: Vec<_> = (0..80).map(run).collect();
    // The same records, judged by an option under which they were not made.
    for name in ["crossed_syn_ack", "old_fin_restarts_2msl", "new_ack_window"] {
        let mut differs = 0;
        for (rules, records) in &runs {
            let mut other = *rules;
            assert!(other.options.set(name, false), "{name}");
            differs += records.iter().filter(|recorded| judge(&other, recorded).is_err()).count();
        }
        assert!(differs > 0, "{name}");
    }
}
