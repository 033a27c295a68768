//! Devices: faulty paths, captures, and large segments, in simulated time.

use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec_stack::Capabilities;
use tcpspec_stack::device::faulty::{Conditions, Path};
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, text, transfer};

/// A file that the test can read.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Which end's address it is that sends what goes out and is sent what comes in, inbound, packet, comment.
type Captured = (u8, bool, Vec<u8>, String);

fn read(file: &[u8]) -> Vec<Captured> {
    let mut reader = PcapNgReader::new(file).unwrap();
    let mut packets = Vec::new();
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.unwrap() else { continue };
        let (mut inbound, mut comment) = (false, String::new());
        for option in &packet.options {
            match option {
                EnhancedPacketOption::Comment(text) => comment = text.to_string(),
                EnhancedPacketOption::Flags(flags) => inbound = flags & 3 == 1,
                _ => {}
            }
        }
        assert_eq!(packet.interface_id, 0);
        // The last octet of the address.
        let end = packet.data[if inbound { 19 } else { 15 }] - 1;
        packets.push((end, inbound, packet.data.to_vec(), comment));
    }
    packets
}

#[test]
fn a_capture_has_every_packet_with_the_rows_that_fired() {
    let mut link = Link::new(LATENCY);
    let file = File::default();
    link.capture(file.clone()).unwrap();
    let users = transfer(&mut link, [text(3000, 1), text(10, 2)], MINUTE);
    assert_eq!((users[0].read.len(), users[1].read.len()), (10, 3000));
    let packets = read(&file.0.lock().unwrap());
    let sent = packets.iter().filter(|(_, inbound, ..)| !inbound).count();
    assert_eq!(sent, link.log().len());
    let comments: Vec<_> =
        packets.iter().map(|(end, inbound, _, text)| (*end, *inbound, text.as_str())).collect();
    assert_eq!(
        comments[..4],
        [
            (0, false, "open_active"),
            // The listener's row, then the child's.
            (1, true, "listen_fork, listen_syn"),
            (1, false, "listen_syn"),
            (0, true, "syn_sent_ack_ok, syn_sent_syn_ack"),
        ],
        "{comments:#?}"
    );
    let any = |row: &str, inbound: bool| {
        comments.iter().any(|(_, way, text)| *way == inbound && text.split(", ").any(|name| name == row))
    };
    for (row, inbound) in [
        ("text", true),
        ("fin_crossed", true),
        ("text_departs", false),
        ("departs", false),
        ("ack_syn", true),
    ] {
        assert!(any(row, inbound), "{row}: {comments:#?}");
    }
    assert!(!any("text_departs", true), "what is sent because of a packet has rows of its own");
    assert!(comments.iter().all(|(_, _, text)| !text.is_empty()), "{comments:#?}");
}

#[test]
fn bad_paths_change_nothing_in_the_text() {
    let (mut corrupted, mut lost) = (0, 0);
    for seed in 0..20 {
        let mut link = Link::new(Duration::ZERO);
        let conditions = Conditions {
            loss: 0.02,
            duplication: 0.02,
            corruption: 0.02,
            reordering: 0.05,
            delay: LATENCY,
            jitter: LATENCY,
            rate: Some(1_000_000),
            ..Conditions::default()
        };
        link.set_paths([Path::new(seed, conditions), Path::new(seed + 100, conditions)]);
        let texts = [text(100_000, seed), text(70_000, seed + 1000)];
        let users = transfer(&mut link, texts.clone(), MINUTE * 60);
        assert_eq!(users[0].error.or(users[1].error), None, "seed {seed}");
        assert!(users[0].read == texts[1] && users[1].read == texts[0], "seed {seed}");
        // A corrupted packet may arrive twice, or after the end.
        let hit: u64 = link.paths().iter().map(|path| path.counters().corrupted).sum();
        let noticed: u64 = link.ends.iter().map(|end| end.counters().malformed).sum();
        assert!(noticed <= hit * 2 && noticed + 4 >= hit, "seed {seed}: {noticed} of {hit} were noticed");
        corrupted += hit;
        lost += link.paths().iter().map(|path| path.counters().lost).sum::<u64>();
    }
    assert!(corrupted > 20 && lost > 20, "{corrupted} corrupted, {lost} lost");
}

#[test]
fn large_segments_go_out_whole_where_the_device_cuts_them() {
    let mut link = Link::new(LATENCY);
    link.ends.iter_mut().for_each(|end| end.set_device(Capabilities::ALL));
    let texts = [text(1 << 20, 1), text(1 << 20, 2)];
    let users = transfer(&mut link, texts.clone(), MINUTE);
    assert!(users[0].read == texts[1] && users[1].read == texts[0]);
    let large = link.log().iter().map(|sent| sent.text).max();
    assert!(large > Some(20_000) && large < Some(65_536), "{large:?}");
    assert_eq!(link.ends[0].counters().malformed, 0);

    // Only whole segments (1460 less 12 for timestamps) are joined, so that a receiver's MSS is kept.
    let cut = link.log().iter().filter(|sent| sent.text > 1448).all(|sent| sent.text % 1448 == 0);
    assert!(cut, "{:?}", link.log().iter().map(|sent| sent.text).collect::<Vec<_>>());
}

#[test]
fn large_segments_that_are_lost_come_again() {
    for seed in 0..20 {
        let mut link = Link::new(LATENCY);
        link.ends.iter_mut().for_each(|end| end.set_device(Capabilities::ALL));
        let mut random = Random(seed);
        link.set_faults(move |_, _, _| if random.below(20) == 0 { Fate::Lost } else { Fate::Arrives });
        let texts = [text(300_000, seed), text(200_000, seed + 1000)];
        let users = transfer(&mut link, texts.clone(), MINUTE * 60);
        assert_eq!(users[0].error.or(users[1].error), None, "seed {seed}");
        assert!(users[0].read == texts[1] && users[1].read == texts[0], "seed {seed}");
    }
}
