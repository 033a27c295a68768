//! Recovery by itself: what was sent and what came back, moment by moment.

use super::sack::Reports;
use super::scoreboard::{Delivered, Scoreboard, Sent, Verdict};
use super::*;

/// Numbers wrap in the middle of every test.
const FIRST: u32 = 0xffff_fc00;
const MSS: u32 = 100;

const fn ms(n: u64) -> Span {
    Span::from_millis(n)
}

fn at(n: u64) -> Time {
    Time::ZERO + ms(n)
}

fn seq(n: u32) -> Seq<Full> {
    Seq::new(FIRST).plus(n)
}

fn block(from: u32, until: u32) -> Block {
    (seq(from), seq(until))
}

fn ack(una: u32, blocks: &[Block], now: u64) -> Ack<'_> {
    Ack { una: seq(una), duplicate: false, blocks, echoed: None, mss: MSS, srtt: Some(ms(100)), now: at(now) }
}

fn duplicate(una: u32, now: u64) -> Ack<'static> {
    Ack { duplicate: true, ..ack(una, &[], now) }
}

/// A connection that has measured 100 ms and then sent `n` segments, a millisecond apart, from moment 1000 on.
fn flight(sack: bool, n: u32) -> Recovery {
    let mut recovery = Recovery::default();
    recovery.set_sack(sack);
    recovery.begin(Seq::new(FIRST).minus(1));
    recovery.sent(Seq::new(FIRST).minus(1), 1, at(0));
    assert_eq!(recovery.acknowledged(&ack(0, &[], 100)).rtt, Some(ms(100)));
    for i in 0..n {
        recovery.sent(seq(i * MSS), MSS, at(1000 + u64::from(i)));
    }
    recovery
}

/// What is sent again, all of it, at this moment.
fn resend(recovery: &mut Recovery, now: u64) -> Vec<(u32, u32)> {
    let mut all = Vec::new();
    while let Some((from, until)) = recovery.next_lost() {
        let len = from.distance(until).min(MSS);
        recovery.sent(from, len, at(now));
        all.push((Seq::new(FIRST).distance(from), len));
    }
    all
}

// --- The scoreboard against an octet by octet account ---

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Octet {
    Flying(u64),
    Lost,
    Sacked,
}

#[test]
fn the_scoreboard_agrees_with_an_account_of_each_octet() {
    let mut random = 99_u64;
    let mut below = |n: u32| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as u32 % n
    };
    for _ in 0..300 {
        let mut board = Scoreboard::default();
        board.begin(seq(0));
        let mut account: Vec<Octet> = Vec::new();
        let mut una = 0;
        for step in 0..200_u64 {
            let (from, len) = (una + below(account.len() as u32 + 1), 1 + below(40));
            let from = from.min(account.len() as u32);
            let until = (from + len).min(account.len() as u32);
            let (a, b) = (from as usize, until as usize);
            match below(6) {
                0 | 1 => {
                    board.sent(board.end(), len, at(step));
                    account.extend((0..len).map(|_| Octet::Flying(step)));
                }
                2 if a < b && from >= una => {
                    board.sent(seq(from), until - from, at(step));
                    for octet in account[a..b].iter_mut().filter(|octet| **octet != Octet::Sacked) {
                        *octet = Octet::Flying(step);
                    }
                }
                3 if a < b && from >= una => {
                    let mut reported = 0;
                    let new = account[a..b].iter().filter(|octet| **octet != Octet::Sacked).count();
                    board.sack(block(from, until), MSS, |what| reported += what.len);
                    assert_eq!(reported as usize, new);
                    account[a..b].fill(Octet::Sacked);
                }
                4 => {
                    let limit = at(step.saturating_sub(10));
                    board.judge(|sent, _| if sent.at < limit { Verdict::Lost } else { Verdict::TooYoung });
                    for octet in &mut account[una as usize..] {
                        if matches!(octet, Octet::Flying(sent) if at(*sent) < limit) {
                            *octet = Octet::Lost;
                        }
                    }
                }
                5 if from > una => {
                    board.acknowledge(seq(from), |_| {});
                    una = from;
                }
                _ => {}
            }
            let left = &account[una as usize..];
            let count = |what: fn(&Octet) -> bool| left.iter().filter(|octet| what(octet)).count() as u32;
            assert_eq!(board.flying(), count(|o| matches!(o, Octet::Flying(_))));
            assert_eq!(board.lost(), count(|o| *o == Octet::Lost));
            assert_eq!(board.sacked(), count(|o| *o == Octet::Sacked));
            assert_eq!(board.outstanding() as usize, left.len());
            let lost = left.iter().position(|octet| *octet == Octet::Lost);
            assert_eq!(board.first_lost().map(|(from, _)| from), lost.map(|n| seq(una + n as u32)));
        }
    }
}

#[test]
fn pieces_are_bounded_and_nothing_is_lost_count_of() {
    let mut board = Scoreboard::default();
    board.begin(seq(0));
    for i in 0..20_000 {
        board.sent(seq(i), 1, at(i.into()));
    }
    // Every second octet: no room to note them all.
    for i in 0..10_000 {
        board.sack(block(2 * i, 2 * i + 1), MSS, |_| {});
    }
    assert_eq!(board.flying() + board.sacked(), 20_000);
    assert!(board.pieces().0 <= 8194, "{:?}", board.pieces());
    let mut reported = 0;
    let sacked = board.sacked();
    board.acknowledge(seq(20_000), |what| reported += what.len);
    assert_eq!((reported + sacked, board.outstanding(), board.flying()), (20_000, 0, 0));
    assert!(
        board.pieces().1 <= 4,
        "with nothing outstanding there is next to no memory: {:?}",
        board.pieces()
    );
}

// --- RACK ---

#[test]
fn what_was_sent_well_before_something_that_arrived_is_lost() {
    let mut recovery = flight(true, 10);
    // The first and the fourth are lost; the others are reported one by one.
    let outcome = recovery.acknowledged(&ack(0, &[block(100, 200)], 1101));
    assert!(!outcome.congested, "one segment may have been overtaken");
    assert_eq!(recovery.deadline(), Some(at(1101) + ms(24)), "a quarter of the round trip after it was due");
    assert!(!recovery.acknowledged(&ack(0, &[block(100, 300)], 1102)).congested);
    let outcome = recovery.acknowledged(&ack(0, &[block(400, 500), block(100, 300)], 1104));
    assert!(outcome.congested, "three segments beyond it");
    assert_eq!(resend(&mut recovery, 1104), [(0, 100), (300, 100)]);
    assert_eq!(recovery.pipe(), 700, "ten, less three that arrived; both losses are under way again");
    let blocks = [block(400, 1000), block(100, 300)];
    assert!(!recovery.acknowledged(&ack(0, &blocks, 1109)).congested, "the same loss is no new one");
    assert_eq!(recovery.pipe(), 200);
    assert!(!recovery.acknowledged(&ack(300, &[block(400, 1000)], 1204)).recovered);
    let outcome = recovery.acknowledged(&ack(1000, &[], 1204));
    assert!(outcome.recovered);
    assert_eq!((outcome.rtt, recovery.pipe(), recovery.lost()), (None, 0, 0), "Karn: sent twice");
}

#[test]
fn a_lost_retransmission_is_found_without_the_timer_and_counts_as_congestion_again() {
    let mut recovery = flight(true, 10);
    assert!(recovery.acknowledged(&ack(0, &[block(100, 1000)], 1109)).congested);
    assert_eq!(resend(&mut recovery, 1109), [(0, 100)]);
    // New text goes on and arrives, the retransmission does not.
    recovery.sent(seq(1000), MSS, at(1110));
    let outcome = recovery.acknowledged(&ack(0, &[block(100, 1100)], 1211));
    assert!(outcome.congested);
    assert_eq!(resend(&mut recovery, 1211), [(0, 100)]);
}

#[test]
fn an_original_that_comes_late_is_not_taken_for_its_repetition() {
    let mut recovery = flight(true, 10);
    assert!(recovery.acknowledged(&ack(0, &[block(100, 400)], 1104)).congested);
    assert_eq!(resend(&mut recovery, 1104), [(0, 100)]);
    // 2 ms after the repetition: that cannot have been its own round trip.
    recovery.acknowledged(&ack(400, &[], 1106));
    assert_eq!((recovery.lost(), recovery.pipe()), (0, 600));
}

#[test]
fn reordering_that_was_seen_once_is_waited_for() {
    let mut recovery = flight(true, 3);
    recovery.acknowledged(&ack(0, &[block(100, 200)], 1101));
    recovery.acknowledged(&ack(200, &[], 1105));
    recovery.acknowledged(&ack(300, &[], 1106));
    for i in 3..13 {
        recovery.sent(seq(i * MSS), MSS, at(2000 + u64::from(i)));
    }
    let outcome = recovery.acknowledged(&ack(300, &[block(400, 1300)], 2113));
    assert!(!outcome.congested, "it is late by a tenth of the round trip only");
    // Due the latest round trip (101 ms) and a quarter of the smallest after it was sent.
    assert_eq!(recovery.deadline(), Some(at(2003 + 101 + 25)));
    assert_eq!(recovery.take_due(at(2128)), None);
    assert_eq!(recovery.take_due(at(2129)), Some(Waits::Reordering));
    assert!(recovery.look_again(at(2129), Some(ms(100))));
    assert_eq!(resend(&mut recovery, 2129), [(300, 100)]);
}

#[test]
fn a_duplicate_report_widens_the_window() {
    for (report, widens) in [
        (vec![block(0, 100)], true),
        // Part of what came with it: its end, its middle, its front, the whole.
        (vec![block(500, 600), block(400, 600)], true),
        (vec![block(450, 500), block(400, 600)], true),
        (vec![block(400, 450), block(400, 600)], true),
        (vec![block(400, 600), block(400, 600)], true),
        // Two blocks that say nothing of each other.
        (vec![block(500, 600), block(700, 800)], false),
    ] {
        let mut recovery = flight(true, 3);
        recovery.acknowledged(&ack(0, &[block(100, 200)], 1101));
        recovery.acknowledged(&ack(300, &[], 1106));
        for i in 3..13 {
            recovery.sent(seq(i * MSS), MSS, at(2000 + u64::from(i)));
        }
        recovery.acknowledged(&ack(300, &report, 2107));
        recovery.acknowledged(&ack(300, &[block(400, 1300)], 2113));
        let window = if widens { 50 } else { 25 };
        assert_eq!(recovery.deadline(), Some(at(2003 + 101 + window)), "{report:?}");
        assert_eq!((recovery.lost(), recovery.pipe()), (0, 100), "it says nothing of what is missing");
    }
}

#[test]
fn blocks_that_nobody_can_mean_are_ignored() {
    let mut recovery = flight(true, 3);
    for blocks in [
        [block(300, 400), block(200, 400)],
        [block(200, 100), block(150, 150)],
        [block(0, 100), block(0, 300)],
        [block(u32::MAX - 50, 100), block(5_000_000, 6_000_000)],
    ] {
        recovery.acknowledged(&ack(0, &blocks, 1100));
        assert_eq!((recovery.pipe(), recovery.lost()), (300, 0), "{blocks:?}");
    }
    recovery.acknowledged(&ack(5000, &[], 1100));
    assert_eq!(recovery.pipe(), 300);
}

// --- Timeouts ---

#[test]
fn after_a_timeout_what_is_overdue_is_lost_and_what_is_young_is_not() {
    let mut recovery = flight(true, 3);
    recovery.sent(seq(300), MSS, at(1990));
    assert!(recovery.timed_out(at(2000), MSS, Some(ms(100))));
    assert_eq!((recovery.lost(), recovery.pipe()), (300, 100));
    assert!(!recovery.timed_out(at(4000), MSS, Some(ms(100))), "the same timeout again");
    assert_eq!((recovery.lost(), recovery.pipe()), (400, 0));
    assert_eq!(resend(&mut recovery, 4000).len(), 4);
    assert!(recovery.acknowledged(&ack(400, &[], 4100)).recovered);
}

#[test]
fn a_peer_that_forgets_what_it_has_reported_gets_it_again_after_a_timeout() {
    let mut recovery = flight(true, 5);
    recovery.acknowledged(&ack(0, &[block(100, 500)], 1104));
    assert_eq!(resend(&mut recovery, 1104), [(0, 100)]);
    recovery.acknowledged(&ack(100, &[], 1204));
    assert_eq!(recovery.next_lost(), None);
    recovery.timed_out(at(3000), MSS, Some(ms(100)));
    assert_eq!(resend(&mut recovery, 3000), [(100, 100), (200, 100), (300, 100), (400, 100)]);
}

// --- Tail loss probes ---

#[test]
fn a_probe_is_due_two_round_trips_after_the_last_new_text() {
    let mut recovery = flight(true, 3);
    recovery.arm(Some(ms(100)), MSS, Some(at(3000)));
    assert_eq!(recovery.deadline(), Some(at(1202)));
    assert_eq!(recovery.take_due(at(1202)), Some(Waits::Probe));
    assert_eq!(recovery.tail(MSS), Some(block(200, 300)));
    recovery.sent(seq(200), MSS, at(1202));
    recovery.probed(true);
    recovery.arm(Some(ms(100)), MSS, Some(at(3000)));
    assert_eq!(recovery.deadline(), None, "one probe at a time");
    // It shows the loss of all before it.
    assert!(recovery.acknowledged(&ack(0, &[block(200, 300)], 1302)).congested);
    assert_eq!(resend(&mut recovery, 1302), [(0, 100), (100, 100)]);
}

#[test]
fn a_single_segment_is_given_the_time_of_a_delayed_acknowledgment_and_no_probe_comes_after_the_timer() {
    let mut recovery = flight(true, 1);
    recovery.arm(Some(ms(100)), MSS, Some(at(3000)));
    assert_eq!(recovery.deadline(), Some(at(1400)));
    let mut recovery = flight(true, 1);
    recovery.arm(Some(ms(100)), MSS, Some(at(1300)));
    assert_eq!(recovery.deadline(), None);
    let mut recovery = flight(false, 3);
    recovery.arm(Some(ms(100)), MSS, Some(at(3000)));
    assert_eq!(recovery.deadline(), None, "only with SACK");
}

#[test]
fn a_probe_that_repaired_a_loss_is_congestion_and_one_that_came_twice_is_not() {
    for (answers, congested) in [
        // The tail was lost and the probe repaired it: one acknowledgment, then that of new text.
        (vec![ack(300, &[], 1302), ack(400, &[], 1410)], true),
        // Both arrived.
        (vec![ack(300, &[block(200, 300)], 1302), ack(400, &[], 1410)], false),
        // Something else has come twice.
        (vec![ack(300, &[block(0, 100)], 1302), ack(400, &[], 1410)], true),
        (vec![ack(300, &[], 1290), duplicate(300, 1302), ack(400, &[], 1410)], false),
    ] {
        let mut recovery = flight(true, 3);
        recovery.sent(seq(200), MSS, at(1202));
        recovery.probed(true);
        recovery.sent(seq(300), MSS, at(1303));
        // The new text is sent after the probe was acknowledged.
        let any = answers.iter().any(|ack| recovery.acknowledged(ack).congested);
        assert_eq!(any, congested);
    }
}

// --- Without SACK ---

#[test]
fn newreno_repairs_one_hole_for_each_partial_acknowledgment() {
    let mut recovery = flight(false, 10);
    // The first and the fifth are lost.
    assert!(!recovery.acknowledged(&duplicate(0, 1101)).congested);
    assert_eq!(recovery.pipe(), 900, "limited transmit: each duplicate makes room for a segment");
    assert!(!recovery.acknowledged(&duplicate(0, 1102)).congested);
    assert!(recovery.acknowledged(&duplicate(0, 1103)).congested);
    assert_eq!(resend(&mut recovery, 1103), [(0, 100)]);
    assert_eq!(recovery.pipe(), 700);
    for now in 1105..1110 {
        assert!(!recovery.acknowledged(&duplicate(0, now)).congested);
    }
    assert_eq!(recovery.pipe(), 200, "ten, of which eight arrived; one lost, one sent again");
    let outcome = recovery.acknowledged(&ack(400, &[], 1203));
    assert!(!outcome.congested && !outcome.recovered && outcome.rtt.is_none());
    assert_eq!(resend(&mut recovery, 1203), [(400, 100)]);
    assert_eq!(recovery.pipe(), 100);
    assert!(recovery.acknowledged(&ack(1000, &[], 1303)).recovered);
    assert_eq!(recovery.pipe(), 0);
}

#[test]
fn newreno_does_not_take_duplicates_of_a_timeout_for_losses() {
    let mut recovery = flight(false, 6);
    recovery.timed_out(at(2000), MSS, Some(ms(100)));
    assert_eq!(resend(&mut recovery, 2000).len(), 6);
    recovery.acknowledged(&ack(100, &[], 2100));
    for now in 2101..2106 {
        assert!(!recovery.acknowledged(&duplicate(100, now)).congested);
    }
    assert_eq!(recovery.lost(), 0);
    // It was in vain: all had arrived, and the repetitions cause duplicates of the last acknowledgment.
    assert!(recovery.acknowledged(&ack(600, &[], 2110)).recovered);
    for i in 6..12 {
        recovery.sent(seq(i * MSS), MSS, at(2111));
    }
    for now in 2112..2116 {
        assert!(!recovery.acknowledged(&duplicate(600, now)).congested);
    }
    assert_eq!(recovery.lost(), 0);
    recovery.acknowledged(&ack(700, &[], 2211));
    assert!(
        (2212..2215).any(|now| recovery.acknowledged(&duplicate(700, now)).congested),
        "and then they count"
    );
}

// --- The receiver's reports ---

/// A segment comes, and what lies beyond RCV.NXT is kept.
fn arrives(
    reports: &mut Reports,
    block: Block,
    rcv_nxt: Seq<Full>,
    held: impl Fn(Seq<Full>) -> Option<Block>,
) {
    let numbers = || (0..block.0.distance(block.1)).map(|n| block.0.plus(n));
    reports.arrived(block, rcv_nxt, |_| {
        let start = numbers().find(|n| held(*n).is_some())?;
        let end = held(start)?.1;
        Some((start, if block.1.before(end) { block.1 } else { end }))
    });
    if rcv_nxt.before(block.0) {
        reports.kept(block, held);
    }
}

#[test]
fn the_latest_block_comes_first_and_each_once() {
    // RFC 2018 §7, case 3: the second, fourth, sixth and eighth of eight segments are lost.
    let held = |blocks: &'static [(u32, u32)]| {
        move |n: Seq<Full>| {
            blocks.iter().map(|&(a, b)| block(a, b)).find(|&(a, b)| n.in_window(a, a.distance(b)))
        }
    };
    let mut reports = Reports::default();
    arrives(&mut reports, block(0, 100), seq(0), held(&[]));
    assert!(reports.is_empty());
    arrives(&mut reports, block(200, 300), seq(100), held(&[]));
    arrives(&mut reports, block(400, 500), seq(100), held(&[(200, 300)]));
    arrives(&mut reports, block(600, 700), seq(100), held(&[(200, 300), (400, 500)]));
    let all = held(&[(200, 300), (400, 500), (600, 700)]);
    let (blocks, len) = reports.blocks(seq(100), 4, all);
    assert_eq!(&blocks[..len], [block(600, 700), block(400, 500), block(200, 300)]);
    // The fourth comes: it joins two blocks.
    arrives(&mut reports, block(300, 400), seq(100), all);
    let (blocks, len) = reports.blocks(seq(100), 4, held(&[(200, 500), (600, 700)]));
    assert_eq!(&blocks[..len], [block(200, 500), block(600, 700)]);
    // The second: the first block is delivered.
    arrives(&mut reports, block(100, 200), seq(100), held(&[(200, 500), (600, 700)]));
    let (blocks, len) = reports.blocks(seq(500), 4, held(&[(600, 700)]));
    assert_eq!(&blocks[..len], [block(600, 700)]);
    let (blocks, len) = reports.blocks(seq(500), 0, held(&[(600, 700)]));
    assert_eq!(&blocks[..len], []);
}

#[test]
fn a_block_that_grows_does_not_displace_the_others() {
    let mut reports = Reports::default();
    arrives(&mut reports, block(2000, 2100), seq(0), |_| None);
    for i in 1..10 {
        let held = move |n: Seq<Full>| {
            [block(100, 100 * i), block(2000, 2100)]
                .into_iter()
                .find(|&(a, b)| a != b && n.in_window(a, a.distance(b)))
        };
        arrives(&mut reports, block(100 * i, 100 * i + 100), seq(0), held);
    }
    let held = |n: Seq<Full>| {
        [block(100, 1000), block(2000, 2100)].into_iter().find(|&(a, b)| n.in_window(a, a.distance(b)))
    };
    let (blocks, len) = reports.blocks(seq(0), 3, held);
    assert_eq!(&blocks[..len], [block(100, 1000), block(2000, 2100)]);
}

#[test]
fn what_came_twice_is_reported_once() {
    let held = |n: Seq<Full>| Some(block(200, 400)).filter(|&(a, b)| n.in_window(a, a.distance(b)));
    let mut reports = Reports::default();
    arrives(&mut reports, block(200, 400), seq(100), |_| None);
    // RFC 2883 §4.2.1: part of a block that is held.
    arrives(&mut reports, block(300, 400), seq(100), held);
    let (blocks, len) = reports.blocks(seq(100), 4, held);
    assert_eq!(&blocks[..len], [block(300, 400), block(200, 400)]);
    let (blocks, len) = reports.blocks(seq(100), 4, held);
    assert_eq!(&blocks[..len], [block(200, 400)]);
    // Its block comes behind it, whatever is more recent (§4 (4)).
    arrives(&mut reports, block(250, 300), seq(100), held);
    let both = |n: Seq<Full>| {
        [block(200, 400), block(500, 600)].into_iter().find(|&(a, b)| n.in_window(a, a.distance(b)))
    };
    reports.kept(block(500, 600), held);
    let (blocks, len) = reports.blocks(seq(100), 4, both);
    assert_eq!(&blocks[..len], [block(250, 300), block(200, 400), block(500, 600)]);
    // Where there is no room it waits for the next segment.
    arrives(&mut reports, block(0, 50), seq(100), held);
    assert_eq!(reports.blocks(seq(100), 0, held).1, 0);
    // §4.1.1: acknowledged already.
    let (blocks, len) = reports.blocks(seq(100), 4, held);
    assert_eq!(&blocks[..len], [block(0, 50), block(200, 400)]);
}

#[test]
fn what_is_delivered_says_when_it_was_sent() {
    let mut board = Scoreboard::default();
    board.begin(seq(0));
    board.sent(seq(0), 100, at(1));
    board.sent(seq(100), 100, at(2));
    board.sent(seq(0), 50, at(3));
    let mut all = Vec::new();
    let sent = |ms, order| Some(Sent { at: at(ms), order });
    board.acknowledge(seq(150), |what| all.push(what));
    assert_eq!(
        all,
        [
            Delivered { end: seq(50), len: 50, sent: sent(3, 3), again: true },
            Delivered { end: seq(100), len: 50, sent: sent(1, 1), again: false },
            Delivered { end: seq(150), len: 50, sent: sent(2, 2), again: false },
        ]
    );
}

// --- The short way of a plain acknowledgment ---

/// Two recoveries live through the same, and one of them takes each acknowledgment the long way.
#[test]
fn the_short_way_of_an_acknowledgment_ends_where_the_long_one_does() {
    let mut random = 3_u64;
    let mut below = |n: u32| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as u32 % n
    };
    let mut plain = 0;
    for round in 0..400 {
        let [mut short, mut long] = [flight(round % 2 == 0, 0), flight(round % 2 == 0, 0)];
        // Nothing is lost in some rounds, and much in others.
        let trouble = 40 * (round % 3);
        let (mut una, mut end) = (0, 0);
        for now in 2000..2120 {
            match below(100 + trouble) {
                0..50 => {
                    let len = 1 + below(MSS);
                    for recovery in [&mut short, &mut long] {
                        recovery.sent(seq(end), len, at(now));
                    }
                    end += len;
                }
                50..100 => {
                    una += below(end - una + 1);
                    let ack = Ack { duplicate: below(2) == 0, ..ack(una, &[], now) };
                    let moved = short.una().before(ack.una);
                    plain += u32::from(moved && !short.is_recovering());
                    assert_eq!(short.acknowledged(&ack), long.acknowledged_somehow(&ack), "{round}");
                }
                100..130 => {
                    let from = una + below(end - una + 1);
                    let blocks = [block(from, from + below(end - from + 1))];
                    let ack = ack(una, &blocks, now);
                    assert_eq!(short.acknowledged(&ack), long.acknowledged_somehow(&ack));
                }
                130..150 => {
                    for recovery in [&mut short, &mut long] {
                        recovery.arm(Some(ms(100)), MSS, Some(at(now + 1000)));
                        if let Some((from, until)) = recovery.tail(MSS) {
                            recovery.sent(from, from.distance(until), at(now));
                            recovery.probed(true);
                        }
                    }
                }
                _ => {
                    let firsts = [&mut short, &mut long]
                        .map(|recovery| recovery.timed_out(at(now), MSS, Some(ms(100))));
                    assert_eq!(firsts[0], firsts[1]);
                }
            }
            assert_eq!(resend(&mut short, now), resend(&mut long, now));
            assert_eq!(format!("{short:?}"), format!("{long:?}"), "{round}");
        }
    }
    assert!(plain > 4000, "{plain}");
}
