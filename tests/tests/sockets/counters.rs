//! What a connection counts: its own snapshot, against what the test has seen pass.

use tcpspec::Flags;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{Received, Traffic};
use tcpspec_tests::peer::{ACK, Peer, RST, SYN};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, connected, text, transfer};

/// Both ends of a transfer over a bad path agree with the log of what was sent.
#[test]
fn both_ends_count_what_passes() {
    let mut link = Link::new(LATENCY);
    let mut random = Random(1);
    link.set_faults(move |_, _, _| if random.below(50) == 0 { Fate::Lost } else { Fate::Arrives });
    let texts = [text(300_000, 1), text(100_000, 2)];
    let users = transfer(&mut link, texts, MINUTE);
    link.run_for(MINUTE / 2);
    assert_eq!(users[0].error.or(users[1].error), None);
    for user in &users {
        let status = link.ends[user.end].status(user.id.unwrap()).unwrap();
        let (sent, got) = if user.end == 0 { (300_000, 100_000) } else { (100_000, 300_000) };
        let log = link.log();
        let from = |end: usize| log.iter().filter(move |sent| sent.from == end);
        let traffic = status.traffic;
        assert_eq!(traffic.segments_out, from(user.end).count() as u64);
        let now = link.now();
        let arrived =
            from(1 - user.end).filter(|sent| sent.fate == Fate::Arrives && sent.at + LATENCY <= now);
        assert_eq!(traffic.segments_in, arrived.count() as u64);
        let all: u64 = from(user.end).map(|sent| sent.text as u64).sum();
        assert_eq!((traffic.octets_out, traffic.octets_again), (sent, all - sent));
        assert_eq!((traffic.octets_in, traffic.octets_acknowledged), (got, sent));
        assert!(traffic.early > 0 && traffic.octets_again > 0 && status.repairs.again > 0);
        assert_eq!((traffic.outside, traffic.old, traffic.challenges), (0, 0, 0));
    }
}

#[test]
fn what_is_dropped_says_why() {
    let mut peer = Peer::new(false, |config| config.options.timestamps_required = true);
    let listener = peer.end.listen(80, 4).unwrap();
    let stamp = |header: &mut tcp::Header| header.options.timestamps = Some(Timestamps { val: 100, ecr: 0 });
    let id = peer.connect(listener, stamp);
    let before = peer.end.status(id).unwrap().traffic;
    let mut send = |change: &dyn Fn(&mut tcp::Header), text: &[u8]| {
        let mut header = peer.header(ACK);
        stamp(&mut header);
        change(&mut header);
        peer.send(&header, text);
        peer.end.status(id).unwrap().traffic
    };
    send(&|header| header.seq = header.seq.wrapping_add(1 << 30), b"far away");
    send(&|header| header.seq = header.seq.wrapping_sub(8), b"far back");
    send(&|header| header.options.timestamps = Some(Timestamps { val: 50, ecr: 0 }), b"old");
    send(&|header| header.options.timestamps = None, b"none");
    send(&|header| header.ack = header.ack.wrapping_add(99), b"");
    send(&|header| (header.flags, header.seq) = (RST, header.seq.wrapping_add(9)), b"");
    send(&|header| header.seq = header.seq.wrapping_add(10), b"early");
    let after = send(&|_| {}, b"in order: ");
    let [outside, old, challenges, early] =
        [after.outside, after.old, after.challenges, after.early].map(usize::try_from).map(Result::unwrap);
    assert_eq!((outside, old, challenges, early), (2, 2, 2, 1));
    assert_eq!((after.segments_in - before.segments_in, after.octets_in), (8, 15));
    let mut buffer = [0; 20];
    assert_eq!(peer.end.receive(peer.now, id, &mut buffer), Ok(Received::Text(15)));
    // And it stands in the table.
    let table = peer.end.table().to_string();
    for part in ["bytes_received:15", "ooo_segs:1", "outside:2", "paws:2", "challenges:2"] {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
    assert!(!table.contains("bytes_sent"), "{table}");
}

#[test]
fn duplicates_and_timeouts_count_and_a_new_connection_begins_at_nothing() {
    let mut peer = Peer::new(false, |config| config.sack = false);
    let listener = peer.end.listen(80, 4).unwrap();
    let id =
        peer.connect(listener, |header| header.options.mss = Some(1000).filter(|_| header.flags.has(SYN)));
    let counted = |peer: &Peer| peer.end.status(id).unwrap();
    assert_eq!(counted(&peer).traffic.duplicate_acks, 0);
    peer.end.send(peer.now, id, &text(2000, 1)).unwrap();
    for _ in 0..2 {
        let ack = peer.header(ACK);
        peer.send(&ack, &[]);
    }
    assert_eq!(counted(&peer).traffic.duplicate_acks, 2);
    assert_eq!((counted(&peer).repairs.timeouts, counted(&peer).traffic.octets_again), (0, 0));
    peer.wait(MINUTE / 40);
    assert_eq!((counted(&peer).repairs.timeouts, counted(&peer).traffic.octets_again), (1, 1000));
    assert_eq!(Traffic::default().to_string(), "");
    let mut link = Link::new(LATENCY);
    let (_, client, _) = connected(&mut link);
    let traffic = link.ends[0].status(client).unwrap().traffic;
    assert_eq!((traffic.segments_in, traffic.segments_out), (1, 2));
    assert!(link.log().iter().any(|sent| sent.header.flags == Flags::SYN));
}
