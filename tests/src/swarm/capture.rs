//! The last packets of a run, as a file that Wireshark and the explorer open.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use tcpspec::Row;
use tcpspec_stack::device::pcap::{self, Direction, comment};
use tcpspec_stack::{Packet, Time};

/// Packets that are kept: the explorer reads 5,000 and 8 MiB at most. Each packet is kept where it is sent and where it arrives.
const PACKETS: usize = 4_800;
const OCTETS: usize = 6 << 20;

#[derive(Default)]
pub(super) struct Capture {
    kept: VecDeque<(Time, Direction, Vec<u8>, String)>,
    octets: usize,
}

impl Capture {
    fn keep(&mut self, at: Time, direction: Direction, packet: &Packet, rows: &[Row]) {
        self.octets += packet.len() + 64;
        self.kept.push_back((at, direction, packet.bytes.clone(), comment(rows)));
        while self.kept.len() > PACKETS || self.octets > OCTETS {
            let Some((_, _, packet, _)) = self.kept.pop_front() else { return };
            self.octets -= packet.len() + 64;
        }
    }

    pub(super) fn outbound(&mut self, at: Time, packet: &Packet) {
        self.keep(at, Direction::Outbound, packet, &packet.rows);
    }

    pub(super) fn inbound(&mut self, at: Time, packet: &Packet, rows: &[Row]) {
        self.keep(at, Direction::Inbound, packet, rows);
    }

    /// Writes the file.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let file = io::BufWriter::new(std::fs::File::create(path)?);
        let mut capture = pcap::Capture::new(file, "both ends")?;
        for (at, direction, packet, comment) in &self.kept {
            capture.packet(at.since_origin(), *direction, packet, comment)?;
        }
        capture.flush()
    }
}
