//! A run as a capture for Wireshark (pcapng): what was sent, with rows and states as packet comments.

use etherparse::PacketBuilder;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::{DataLink, PcapError};
use std::borrow::Cow;
use std::error::Error;
use std::io::Write;
use std::time::Duration;
use tcpspec::Flags;
use tcpspec::model::{Action, Packet, Step};

/// The ends' names.
pub const NAMES: [&str; 2] = ["TCP A", "TCP B"];

/// 10.0.0.1 port 7777 and 10.0.0.2 port 8888.
const SOCKETS: [([u8; 4], u16); 2] = [([10, 0, 0, 1], 7777), ([10, 0, 0, 2], 8888)];

/// Writes the capture. Steps are a millisecond apart; sequence numbers are those of the model, 0 to 15.
///
/// # Errors
///
/// `out` cannot be written.
pub fn pcapng(steps: &[Step], names: [&str; 2], out: impl Write) -> Result<(), Box<dyn Error>> {
    let mut writer = PcapNgWriter::new(out)?;
    // The writer's times are in nanoseconds.
    let options = vec![InterfaceDescriptionOption::IfTsResol(9)];
    writer.write_pcapng_block(InterfaceDescriptionBlock { linktype: DataLink::RAW, snaplen: 0, options })?;
    for (number, step) in (1_u64..).zip(steps) {
        let at = Duration::from_millis(number);
        if let Action::Forge(to, kind, seq, ack) = step.action {
            let packet = Packet { seg: kind.segment(seq, ack), to, ..Packet::default() };
            write(&mut writer, &packet, at, format!("step {number}: forged; {}", effect(step, names)))?;
        }
        for packet in &step.sent {
            let arrival = steps.iter().zip(1_u64..).skip(number as usize).find(|(later, _)| {
                later.arrived.is_some_and(|a| a.seg == packet.seg && a.to == packet.to && a.tag == packet.tag)
            });
            let fate = match arrival {
                Some((later, n)) if matches!(later.action, Action::Lose(_)) => format!("lost in step {n}"),
                Some((later, n)) => format!("arrives in step {n}: {}", effect(later, names)),
                None => "does not arrive".into(),
            };
            write(&mut writer, packet, at, format!("step {number}: {}; {fate}", effect(step, names)))?;
        }
    }
    Ok(())
}

/// Where it happened, the change of state, and the rows.
fn effect(step: &Step, names: [&str; 2]) -> String {
    let rows: Vec<_> = step.rows.iter().map(|row| row.name()).collect();
    let rows = rows.join(", ");
    let Some((end, name)) = step.end.and_then(|end| Some((end, names.get(end)?))) else { return rows };
    match (step.before.get(end), step.after.get(end)) {
        (Some(before), Some(after)) if before != after => format!("{name} {before} → {after}: {rows}"),
        (Some(before), _) => format!("{name} {before}: {rows}"),
        _ => rows,
    }
}

fn write<W: Write>(
    writer: &mut PcapNgWriter<W>,
    packet: &Packet,
    at: Duration,
    comment: String,
) -> Result<(), Box<dyn Error>> {
    let seg = &packet.seg;
    let [a, b] = SOCKETS;
    let (from, to) = if packet.to == 1 { (a, b) } else { (b, a) };
    let mut tcp = etherparse::TcpHeader::new(from.1, to.1, seg.seq.get(), seg.wnd.into());
    tcp.acknowledgment_number = if seg.flags.has(Flags::ACK) { seg.ack.get() } else { 0 };
    tcp.fin = seg.flags.has(Flags::FIN);
    tcp.syn = seg.flags.has(Flags::SYN);
    tcp.rst = seg.flags.has(Flags::RST);
    tcp.psh = seg.flags.has(Flags::PSH);
    tcp.ack = seg.flags.has(Flags::ACK);
    tcp.urg = seg.flags.has(Flags::URG);
    let text = vec![b'x'; seg.text_len() as usize];
    let builder = PacketBuilder::ipv4(from.0, to.0, 64).tcp_header(tcp);
    let mut data = Vec::with_capacity(builder.size(text.len()));
    builder.write(&mut data, &text)?;
    let block = EnhancedPacketBlock {
        interface_id: 0,
        timestamp: at,
        original_len: data.len() as u32,
        data: Cow::Owned(data),
        options: vec![EnhancedPacketOption::Comment(Cow::Owned(comment))],
    };
    writer.write_pcapng_block(block).map(|_| ()).map_err(|error: PcapError| error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{link::Link, run::Run};
    use pcap_file::pcapng::{Block, PcapNgReader};

    #[test]
    fn every_segment_is_there_with_its_rows() {
        let link = Link::parse("scenario=simultaneous-open/in-order&path=ao.bo.d0.d0.d0.d0").unwrap();
        let steps = Run::play(link).unwrap().steps;
        let mut file = Vec::new();
        pcapng(&steps, NAMES, &mut file).unwrap();
        let mut reader = PcapNgReader::new(file.as_slice()).unwrap();
        let mut comments = Vec::new();
        while let Some(block) = reader.next_block() {
            if let Block::EnhancedPacket(packet) = block.unwrap() {
                assert!(etherparse::SlicedPacket::from_ip(&packet.data).unwrap().transport.is_some());
                comments.extend(packet.options.iter().filter_map(|option| match option {
                    EnhancedPacketOption::Comment(text) => Some(text.to_string()),
                    _ => None,
                }));
            }
        }
        assert_eq!(comments.len(), 4);
        assert!(
            comments[3].contains("syn_sent_syn_only") && comments[3].contains("crossed, ack_syn"),
            "{comments:?}"
        );
    }
}
