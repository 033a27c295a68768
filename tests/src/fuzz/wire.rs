//! Packets as they are parsed. What parses is written again, and must be read as the same.

use super::choice::Choice;
use crate::peer::Peer;
use std::net::IpAddr;
use tcpspec::Flags;
use tcpspec_stack::wire::{Malformed, icmp, ip, tcp};

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let repairs = choice.below(4);
    let mut packet = choice.rest().to_vec();
    // Checksums that are right, or nothing gets past them.
    let is_repaired = repairs > 0 && repair(&mut packet);
    if is_repaired
        && let Ok((header, payload)) = ip::Header::parse(&packet)
        && header.protocol == ip::TCP
    {
        let parsed = tcp::Header::parse(payload, header.source, header.destination);
        assert!(!matches!(parsed, Err(Malformed::Checksum)), "a right checksum is refused: {packet:?}");
    }
    parse(&packet);
    made(octets);
    let mut peer = Peer::new(packet.first().is_some_and(|first| first >> 4 == 6), |_| {});
    peer.end.listen(80, 4).unwrap();
    peer.send_raw(&packet);
    peer.wait(std::time::Duration::from_secs(600));
    assert_eq!(peer.end.counters().received, 1);
}

fn parse(packet: &[u8]) {
    let Ok((header, payload)) = ip::Header::parse(packet) else { return };
    let _ = icmp::parse(&header, payload);
    let Ok((segment, text)) = tcp::Header::parse(payload, header.source, header.destination) else { return };
    let again = segment.packet(&ip::Header::tcp(header.source, header.destination), (text, &[]));
    let (header2, payload2) = ip::Header::parse(&again).expect("what we write can be read");
    let (segment2, text2) =
        tcp::Header::parse(payload2, header2.source, header2.destination).expect("what we write can be read");
    assert_eq!((header.source, header.destination), (header2.source, header2.destination));
    assert_eq!(text, text2);
    // All of it, but for SACK ranges that do not fit beside what else there is.
    let mut kept = segment;
    kept.options.sack = segment2.options.sack;
    assert_eq!(kept, segment2, "{segment:?}");
    assert!(segment2.options.sack.len() <= segment.options.sack.len());
}

/// A header with any options that a segment can have at once, and text of any length: what is written can be read.
fn made(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let (seq, ack) = (choice.word(), choice.word());
    let mut header = tcp::Header { source: 5000, destination: 80, seq, ack, ..tcp::Header::default() };
    header.flags = Flags(choice.below(64) as u8);
    choice.options(&mut header, 1, 1);
    let text = &octets[..octets.len().min(choice.below(16) as usize)];
    let [from, to] = [[10, 0, 0, 2], [10, 0, 0, 1]].map(IpAddr::from);
    let packet = header.packet(&ip::Header::tcp(from, to), (text, &[]));
    let (ip, payload) = ip::Header::parse(&packet).expect("what we write can be read");
    let (mut read, read_text) =
        tcp::Header::parse(payload, ip.source, ip.destination).expect("what we write can be read");
    assert_eq!(read_text, text);
    // All of it, but for SACK ranges that do not fit beside what else there is.
    assert!(read.options.sack.len() <= header.options.sack.len());
    read.options.sack = header.options.sack;
    assert_eq!(read, header);
}

/// The checksum of octets, with what was summed before.
fn checksum(octets: &[u8], before: u32) -> u16 {
    let mut sum = before;
    for pair in octets.chunks(2) {
        sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Lengths and checksums as they should be, of IPv4 with TCP or ICMP. Whether they are so now.
fn repair(packet: &mut [u8]) -> bool {
    let len = packet.len();
    if len < 28 || packet[0] >> 4 != 4 {
        return false;
    }
    let header = usize::from(packet[0] & 0xf).max(5) * 4;
    if header + 8 > len {
        return false;
    }
    packet[2..4].copy_from_slice(&(len as u16).to_be_bytes());
    packet[6..8].copy_from_slice(&[0, 0]);
    packet[10..12].copy_from_slice(&[0, 0]);
    let sum = checksum(&packet[..header], 0);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    let (at, pseudo) = match packet[9] {
        1 => (2, 0),
        6 if header + 20 <= len => {
            let addresses =
                packet[12..20].chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
            (16, addresses.sum::<u32>() + 6 + (len - header) as u32)
        }
        _ => return false,
    };
    packet[header + at..header + at + 2].copy_from_slice(&[0, 0]);
    let sum = checksum(&packet[header..], pseudo);
    packet[header + at..header + at + 2].copy_from_slice(&sum.to_be_bytes());
    true
}
