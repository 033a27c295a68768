//! Captures for Wireshark: each packet with the rows that fired as its comment, in the pcapng format.
//!
//! [`Capture`] writes the blocks and knows no clock; [`Pcap`] wraps a device and writes what passes. A capture has one interface, and each packet
//! says which way it goes. A file with several interfaces for bare IP packets could not be read by libpcap, nor by tcpdump.
//!
//! ```no_run
//! # #[cfg(all(feature = "tun", target_os = "linux"))] {
//! use std::fs::File;
//! use std::io::BufWriter;
//! use tcpspec_stack::device::{pcap::Pcap, tun::Tun};
//! use tcpspec_stack::{Config, Stack};
//!
//! let config = Config::new([10, 7, 0, 2]);
//! let tun = Tun::new("tcpspec0", &[("10.7.0.1".parse()?, 24)], config.mtu)?;
//! let file = BufWriter::new(File::create("run.pcapng")?);
//! let stack = Stack::start(Pcap::new(tun, file)?, config)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::{Arrived, Device};
use crate::wire::packet::{Capabilities, Packet};
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tcpspec::Row;

/// Which way a packet goes, seen from the stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// To the stack.
    Inbound,
    /// From the stack.
    Outbound,
}

/// Writes packets in the pcapng format (draft-ietf-opsawg-pcapng), all on one interface.
#[derive(Debug)]
pub struct Capture<W> {
    out: W,
}

/// Packets begin with their IP header.
const LINKTYPE_RAW: u16 = 101;
/// Longest comment in octets; the rest is cut off (the format allows 65535).
const COMMENT: usize = 8192;

impl<W: Write> Capture<W> {
    /// Begins a capture on an interface of this name; of a longer one the first 255 octets count.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn new(out: W, interface: &str) -> io::Result<Self> {
        let mut capture = Self { out };
        let mut body = Vec::new();
        // The magic number of our byte order, version 1.0, a section of unknown length.
        body.extend(0x1a2b_3c4d_u32.to_le_bytes());
        body.extend([1, 0, 0, 0]);
        body.extend(u64::MAX.to_le_bytes());
        option(&mut body, 4, concat!("tcpspec ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(&mut body, 0, b"");
        capture.block(0x0a0d_0d0a, &body)?;
        let mut body = Vec::new();
        body.extend(LINKTYPE_RAW.to_le_bytes());
        body.extend([0, 0]);
        // No limit on the length.
        body.extend([0; 4]);
        option(&mut body, 2, cut(interface, 255).as_bytes());
        // Times are in nanoseconds.
        option(&mut body, 9, &[9]);
        option(&mut body, 0, b"");
        capture.block(1, &body)?;
        Ok(capture)
    }

    /// Writes a packet. `at`: the time since 1970, or since the beginning of a simulation.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn packet(
        &mut self,
        at: Duration,
        direction: Direction,
        packet: &[u8],
        comment: &str,
    ) -> io::Result<()> {
        let time = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        let len = packet.len() as u32;
        let mut body = Vec::with_capacity(packet.len() + comment.len() + 48);
        // The number of the interface.
        body.extend([0; 4]);
        body.extend(((time >> 32) as u32).to_le_bytes());
        body.extend((time as u32).to_le_bytes());
        body.extend(len.to_le_bytes());
        body.extend(len.to_le_bytes());
        body.extend_from_slice(packet);
        pad(&mut body);
        if !comment.is_empty() {
            option(&mut body, 1, cut(comment, COMMENT).as_bytes());
        }
        let flags: u32 = match direction {
            Direction::Inbound => 1,
            Direction::Outbound => 2,
        };
        option(&mut body, 2, &flags.to_le_bytes());
        option(&mut body, 0, b"");
        self.block(6, &body)
    }

    /// Hands everything to the file.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let len = (body.len() as u32 + 12).to_le_bytes();
        let mut block = Vec::with_capacity(body.len() + 12);
        block.extend(kind.to_le_bytes());
        block.extend(len);
        block.extend_from_slice(body);
        block.extend(len);
        self.out.write_all(&block)
    }
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend_from_slice(value);
    pad(body);
}

/// Everything is a multiple of 32 bits long.
fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

/// The beginning of a text, of at most so many octets.
fn cut(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// The names of rows, as a comment.
pub fn comment(rows: &[Row]) -> String {
    let names: Vec<_> = rows.iter().map(|row| row.name()).collect();
    names.join(", ")
}

/// A device whose packets are captured.
#[derive(Debug)]
pub struct Pcap<D, W> {
    inner: D,
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    capture: Capture<W>,
    /// The packet received last, until the rows are known that fired because of it.
    received: Option<(Duration, Packet)>,
    /// The capture cannot be written any more.
    broken: bool,
}

impl<D: Device, W: Write + Send + 'static> Pcap<D, W> {
    /// Wraps a device. The capture is complete when the device is dropped; give a [`BufWriter`](io::BufWriter) for a file.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn new(inner: D, out: W) -> io::Result<Self> {
        let capture = Capture::new(out, "stack")?;
        Ok(Self { inner, state: Mutex::new(State { capture, received: None, broken: false }) })
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> State<W> {
    /// Writes a packet as it would look on a wire. A capture that cannot be written must not stop the traffic.
    fn write(&mut self, at: Duration, direction: Direction, mut packet: Packet, rows: &[Row]) {
        packet.complete_checksum();
        let mut text = comment(rows);
        if packet.offload.segment > 0 {
            let size = packet.offload.segment;
            text.push_str(&format!("{}segments of {size} octets", if text.is_empty() { "" } else { "; " }));
        }
        self.broken |= self.capture.packet(at, direction, &packet, &text).is_err();
    }

    fn finish_received(&mut self, rows: &[Row]) {
        if let Some((at, packet)) = self.received.take() {
            self.write(at, Direction::Inbound, packet, rows);
        }
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl<D: Device, W: Write + Send + 'static> Device for Pcap<D, W> {
    #[cfg(unix)]
    fn descriptors(&self) -> Vec<std::os::fd::BorrowedFd<'_>> {
        self.inner.descriptors()
    }

    fn receive(&self, buffer: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let arrived = self.inner.receive(buffer, wait)?;
        if let Some(Arrived { len, offload }) = arrived {
            let mut state = self.lock();
            // The rows of the packet before were never told.
            state.finish_received(&[]);
            if !state.broken {
                let bytes = buffer.get(..len).unwrap_or_default().to_vec();
                state.received = Some((now(), Packet { bytes, offload, rows: Vec::new() }));
            }
        }
        Ok(arrived)
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        // Before it leaves: another thread may read the answer at once.
        let mut state = self.lock();
        if !state.broken {
            state.write(now(), Direction::Outbound, packet.clone(), &packet.rows);
        }
        drop(state);
        self.inner.send(packet)
    }

    fn send_all(&self, packets: &[Packet]) {
        let mut state = self.lock();
        for packet in packets {
            if !state.broken {
                state.write(now(), Direction::Outbound, packet.clone(), &packet.rows);
            }
        }
        drop(state);
        self.inner.send_all(packets);
    }

    fn wake(&self) {
        self.inner.wake();
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn wants_rows(&self) -> bool {
        true
    }

    fn handled(&self, rows: &[Row]) {
        self.lock().finish_received(rows);
        self.inner.handled(rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
    use pcap_file::pcapng::{Block, PcapNgReader};

    #[test]
    fn another_reader_understands_it() {
        let mut file = Vec::new();
        let mut capture = Capture::new(&mut file, "a").unwrap();
        let at = Duration::new(1_700_000_000, 123_456_789);
        capture.packet(at, Direction::Outbound, &[0x45, 2, 3, 4, 5], "text, fin → x").unwrap();
        capture.packet(at, Direction::Inbound, &[0x60; 8], "").unwrap();
        let mut reader = PcapNgReader::new(file.as_slice()).unwrap();
        let mut packets = Vec::new();
        let mut interfaces = 0;
        while let Some(block) = reader.next_block() {
            match block.unwrap() {
                Block::EnhancedPacket(packet) => packets.push(packet.into_owned()),
                Block::InterfaceDescription(_) => interfaces += 1,
                _ => {}
            }
        }
        assert_eq!((interfaces, packets.len()), (1, 2));
        assert_eq!((packets[0].interface_id, packets[1].interface_id), (0, 0));
        assert_eq!(packets[0].timestamp, at);
        assert_eq!((&*packets[0].data, packets[0].original_len), (&[0x45, 2, 3, 4, 5][..], 5));
        assert_eq!(
            packets[0].options,
            [EnhancedPacketOption::Comment("text, fin → x".into()), EnhancedPacketOption::Flags(2)]
        );
        assert_eq!(packets[1].options, [EnhancedPacketOption::Flags(1)]);
    }

    #[test]
    fn comments_are_cut_between_letters() {
        assert_eq!(cut("ab→c", 3), "ab");
        assert_eq!(cut("ab→c", 5), "ab→");
        assert_eq!(cut("ab", 9), "ab");
    }
}
