//! Captures as tshark and tcpdump read them: the same fields as ours, no bad checksum, nothing malformed, and no loss seen where there was none.

use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::net::{self, IpAddr, Shutdown, SocketAddr};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;
use tcpspec_stack::device::memory::{Fate, Link};
use tcpspec_stack::device::pcap::Pcap;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Stack, TcpListener};
use tcpspec_tests::programs::{Folder, output, program};
use tcpspec_tests::simulated::{LATENCY, MINUTE, Random, socket, socket6, text, transfer_to};
use tcpspec_tests::{STACK, STACK6, with_device};

const PORT: u16 = 4000;
const LIMIT: Duration = Duration::from_secs(60);

/// What is compared of each packet.
const FIELDS: [&str; 17] = [
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.urgent_pointer",
    "tcp.len",
    "tcp.options.mss_val",
    "tcp.options.wscale.shift",
    "tcp.options.sack_perm",
    "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr",
    "tcp.options.sack_le",
    "tcp.options.sack_re",
    "frame.packet_flags_direction",
    "frame.comment",
];

/// Of these fields, the direction: 1 in, 2 out.
const DIRECTION: usize = 15;

/// The fields of each TCP packet as tshark sees them: a line each, with tabs between.
fn tshark(program: &Path, capture: &Path, fields: &[&str]) -> Vec<String> {
    let mut command = Command::new(program);
    // On a machine where it never ran it makes its folders, and fails if another one makes them at the same moment.
    let own = capture.with_extension("config");
    std::fs::create_dir_all(&own).unwrap();
    command.env("WIRESHARK_CONFIG_DIR", &own);
    // Checksums are looked at, numbers are those on the wire, text is not taken for anything, and no file of the user's changes that.
    command.arg("-n").arg("-r").arg(capture).args([
        "-C",
        "Default",
        "-d",
        "tcp.port==4000,data",
        "-T",
        "fields",
    ]);
    command.args(["-Y", "tcp && !icmp && !icmpv6"]);
    for preference in [
        "ip.check_checksum:TRUE",
        "tcp.check_checksum:TRUE",
        "tcp.relative_sequence_numbers:FALSE",
        "tcp.desegment_tcp_streams:FALSE",
    ] {
        command.args(["-o", preference]);
    }
    for field in fields {
        command.args(["-e", field]);
    }
    let text = String::from_utf8(output(&mut command, LIMIT)).unwrap();
    // One version shows the option's octets where another says that it is there.
    text.lines().map(|line| line.replace("\t0402\t", "\t1\t")).collect()
}

/// The same fields as our parser sees them, of the blocks as another crate reads them.
fn ours(capture: &Path) -> Vec<String> {
    let mut reader = PcapNgReader::new(File::open(capture).unwrap()).unwrap();
    let mut lines = Vec::new();
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.unwrap() else { continue };
        let (ip, segment) = ip::Header::parse(&packet.data).unwrap();
        // The kernel also looks for routers.
        if ip.protocol != ip::TCP {
            continue;
        }
        let (header, text) = tcp::Header::parse(segment, ip.source, ip.destination).unwrap();
        let comment = packet.options.iter().find_map(|option| match option {
            EnhancedPacketOption::Comment(text) => Some(text.to_string()),
            _ => None,
        });
        let flags_of_packet = packet.options.iter().find_map(|option| match option {
            EnhancedPacketOption::Flags(flags) => Some(*flags & 3),
            _ => None,
        });
        assert_eq!(packet.interface_id, 0);
        let tcp::Header { source, destination, seq, ack, flags, window, urgent, options } = header;
        let mut line = format!(
            "{source}\t{destination}\t{seq}\t{ack}\t0x{:04x}\t{window}\t{urgent}\t{}",
            flags.0,
            text.len()
        );
        let stamps = options.timestamps;
        let fields = [
            options.mss.map(u32::from),
            options.window_scale.map(u32::from),
            options.sack_permitted.then_some(1),
            stamps.map(|stamps| stamps.val),
            stamps.map(|stamps| stamps.ecr),
        ];
        for field in fields {
            write!(line, "\t{}", field.map(|n| n.to_string()).unwrap_or_default()).unwrap();
        }
        let list = |number: fn((u32, u32)) -> u32| {
            options.sack.iter().map(|range| number(range).to_string()).collect::<Vec<_>>().join(",")
        };
        write!(line, "\t{}\t{}", list(|range| range.0), list(|range| range.1)).unwrap();
        write!(line, "\t0x{:08x}\t{}", flags_of_packet.unwrap_or(0), comment.unwrap_or_default()).unwrap();
        lines.push(line);
    }
    lines
}

/// Severities of tshark's findings: comments, chats and notes are below.
const WARNING: u32 = 0x0060_0000;
/// The group of findings about numbers, which are looked at by `analysis`.
const SEQUENCE: u32 = 0x0200_0000;
/// The group of findings about checksums.
const CHECKSUM: u32 = 0x0100_0000;
/// What tshark says of a checksum of ffff where it computes 0000. Both are the same number in ones' complement (RFC 1071 §1). The kernel writes ffff where it
/// completes a checksum (`skb_checksum_help`), so one packet of 65,536 that comes from it has this.
const NEGATIVE_ZERO: &str = "TCP Checksum 0xffff instead of 0x0000";

/// What both read of a capture is the same, all checksums are right and tshark warns of nothing ([`NEGATIVE_ZERO`] is right in what was received). The fields
/// of each packet.
fn judge(program: &Path, capture: &Path) -> Vec<String> {
    let findings = [
        "ip.checksum.status",
        "tcp.checksum.status",
        "_ws.malformed",
        "_ws.expert.severity",
        "_ws.expert.group",
        "_ws.expert.message",
    ];
    let theirs = tshark(program, capture, &[&FIELDS[..], &findings].concat());
    let (mut fields, mut found) = (Vec::new(), Vec::new());
    for line in &theirs {
        let (first, rest): (Vec<_>, Vec<_>) =
            line.split('\t').enumerate().partition(|(n, _)| *n < FIELDS.len());
        fields.push(first.into_iter().map(|(_, field)| field).collect::<Vec<_>>().join("\t"));
        found.push(rest.into_iter().map(|(_, field)| field).collect::<Vec<_>>());
    }
    for (n, found) in found.iter().enumerate() {
        let [ip, tcp, malformed, severities, groups, messages] = found[..] else { panic!("{found:?}") };
        let received = fields[n].split('\t').nth(DIRECTION) == Some("0x00000001");
        let negative_zero = received && messages.contains(NEGATIVE_ZERO);
        // There is none in IPv6.
        let good = (ip == "1" || ip.is_empty()) && (tcp == "1" || negative_zero);
        let numbers = |list: &str| list.split(',').map(|n| n.parse().unwrap_or(0)).collect::<Vec<u32>>();
        let (severities, groups) = (numbers(severities), numbers(groups));
        let looked_at = |group: u32| group == SEQUENCE || group == CHECKSUM && negative_zero;
        let warned =
            severities.iter().zip(&groups).any(|(level, group)| *level >= WARNING && !looked_at(*group));
        assert!(good && malformed.is_empty() && !warned, "packet {}: {findings:?}: {found:?}", n + 1);
    }
    let ours = ours(capture);
    assert_eq!(fields.len(), ours.len(), "packets");
    for (n, (theirs, ours)) in fields.iter().zip(&ours).enumerate() {
        assert_eq!(theirs, ours, "packet {}: tshark's {FIELDS:?}, and ours", n + 1);
    }
    ours
}

/// Whether the end that has connected has sent or received this packet, to or from the other's port.
fn is_first_end(line: &str) -> bool {
    line.starts_with("4000\t") == (line.split('\t').nth(DIRECTION) == Some("0x00000001"))
}

/// The blocks of a capture without the packets of the other end, which would look like the same ones again.
fn only(first_end: bool, capture: &Path) -> PathBuf {
    let all = fs::read(capture).unwrap();
    let mut ends = ours(capture).into_iter().map(|line| is_first_end(&line));
    let (mut rest, mut kept) = (&all[..], Vec::new());
    let number = |octets: &[u8]| u32::from_le_bytes(octets.try_into().unwrap());
    while !rest.is_empty() {
        let (block, others) = rest.split_at(number(&rest[4..8]) as usize);
        if number(&block[..4]) != 6 || ends.next() == Some(first_end) {
            kept.extend(block);
        }
        rest = others;
    }
    let path = capture.with_extension(format!("{first_end}.pcapng"));
    fs::write(&path, kept).unwrap();
    path
}

/// What tshark's analysis says of each packet, if it says something: lost, sent again, out of order …
fn analysis(program: &Path, capture: &Path) -> Vec<String> {
    let fields = [
        "frame.number",
        "tcp.analysis.retransmission",
        "tcp.analysis.fast_retransmission",
        "tcp.analysis.spurious_retransmission",
        "tcp.analysis.out_of_order",
        "tcp.analysis.lost_segment",
        "tcp.analysis.ack_lost_segment",
        "tcp.analysis.duplicate_ack",
        "tcp.analysis.keep_alive",
        "tcp.analysis.zero_window",
        "tcp.analysis.reused_ports",
        "tcp.options.sack.dsack",
    ];
    let said = |line: &String| {
        let names = line.split('\t').zip(fields).skip(1).filter(|(there, _)| !there.is_empty());
        names.map(|(_, name)| name.trim_start_matches("tcp.analysis.")).collect::<Vec<_>>().join(" ")
    };
    tshark(program, capture, &fields).iter().map(said).collect()
}

/// A transfer in simulated time, both ways at once.
fn simulated(
    capture: &Path,
    ipv6: bool,
    timestamps: bool,
    octets: usize,
    faults: impl FnMut(u64, usize, &[u8]) -> Fate + Send + 'static,
) {
    let mut link = Link::with(LATENCY, |config| config.timestamps = timestamps);
    link.capture(BufWriter::new(File::create(capture).unwrap())).unwrap();
    link.set_faults(faults);
    let server = if ipv6 { socket6(&link.ends[1], PORT) } else { socket(&link.ends[1], PORT) };
    let texts = [text(octets, 1), text(octets, 2)];
    let users = transfer_to(&mut link, server, texts.clone(), MINUTE * 60);
    assert!(users[0].read == texts[1] && users[1].read == texts[0]);
}

#[test]
fn a_clean_run_looks_clean() {
    let Some(program) = program("tshark", &["tshark"]) else { return };
    let folder = Folder::new("tshark-clean");
    let capture = folder.join("clean.pcapng");
    for (ipv6, timestamps) in [(false, true), (true, false)] {
        simulated(&capture, ipv6, timestamps, 150_000, |_, _, _| Fate::Arrives);
        let packets = judge(&program, &capture);
        // Direction and the rows that fired are the last two fields.
        assert!(packets[0].ends_with("\t0x00000002\topen_active"), "{}", packets[0]);
        assert!(packets.iter().all(|packet| !packet.ends_with('\t')), "each has its rows");
        for first_end in [true, false] {
            let found = analysis(&program, &only(first_end, &capture));
            for (n, found) in found.iter().enumerate() {
                assert_eq!(
                    found,
                    "",
                    "packet {}, first end {first_end}, IPv6 {ipv6}, timestamps {timestamps}",
                    n + 1
                );
            }
        }
    }
}

#[test]
fn a_bad_line_looks_bad_and_nothing_else_does() {
    let Some(program) = program("tshark", &["tshark"]) else { return };
    let folder = Folder::new("tshark-bad");
    let capture = folder.join("bad.pcapng");
    for ipv6 in [false, true] {
        let mut random = Random(3);
        simulated(&capture, ipv6, true, 300_000, move |_, _, _| match random.below(30) {
            0 => Fate::Lost,
            1 => Fate::Twice(Duration::from_millis(3)),
            2 => Fate::Late(Duration::from_millis(3)),
            _ => Fate::Arrives,
        });
        let packets = judge(&program, &capture);
        let ranges = |line: &&String| !line.split('\t').nth(13).unwrap().is_empty();
        assert!(packets.iter().filter(ranges).count() > 100, "few selective acknowledgments");
        let found = analysis(&program, &only(true, &capture));
        // What the first end sends again by its rows is what looks like that from outside, and nothing else.
        let packets = packets.iter().filter(|line| is_first_end(line));
        let mut count = 0;
        for (packet, found) in packets.zip(&found) {
            if packet.starts_with("4000\t") {
                continue;
            }
            let again = packet.contains("again");
            let theirs = found.contains("retransmission") || found.contains("out_of_order");
            assert_eq!(again, theirs, "{found}: {packet}");
            count += usize::from(again);
        }
        assert!(count > 5, "{count} sent again");
    }
}

/// Gives one packet with text another text, whose checksum is 0000, and the checksum ffff.
fn with_negative_zero(received: bool, capture: &Path) -> PathBuf {
    let mut octets = fs::read(capture).unwrap();
    let mut lines = ours(capture).into_iter();
    let wanted = |line: &str| {
        let fields: Vec<_> = line.split('\t').collect();
        let even = fields[7] != "0" && fields[7].parse::<u32>().unwrap().is_multiple_of(2);
        even && fields[DIRECTION] == if received { "0x00000001" } else { "0x00000002" }
    };
    let mut at = 0;
    let packet = loop {
        let number = |at: usize| u32::from_le_bytes(octets[at..at + 4].try_into().unwrap());
        if number(at) == 6 && wanted(&lines.next().unwrap()) {
            break at + 28;
        }
        at += number(at + 4) as usize;
    };
    let field = packet + 20 + 16;
    let word = |at: usize| u16::from_be_bytes([octets[at], octets[at + 1]]);
    // The sum stays the same if a word of the text grows by what the field loses. A carry is added again.
    let text = packet + usize::from(word(packet + 2)) - 2;
    let (sum, carry) = word(text).overflowing_add(word(field));
    octets[text..text + 2].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
    octets[field..field + 2].fill(0xff);
    let path = capture.with_extension("ffff.pcapng");
    fs::write(&path, octets).unwrap();
    path
}

#[test]
fn a_checksum_of_ffff_is_right_in_what_was_received() {
    let Some(program) = program("tshark", &["tshark"]) else { return };
    let folder = Folder::new("tshark-ffff");
    let capture = folder.join("clean.pcapng");
    simulated(&capture, false, true, 50_000, |_, _, _| Fate::Arrives);
    judge(&program, &with_negative_zero(true, &capture));
    let ours = with_negative_zero(false, &capture);
    let refused = panic::catch_unwind(|| judge(&program, &ours)).unwrap_err();
    let said = refused.downcast_ref::<String>().unwrap();
    assert!(said.contains(NEGATIVE_ZERO), "{said}");
}

/// What libpcap hands out of a capture is what we have written: as many packets, the same ports, flags and lengths, all checksums right.
fn judge_by_tcpdump(program: &Path, capture: &Path) {
    let run = |options: &[&str]| {
        let mut command = Command::new(program);
        // Another user may not be allowed to read the file.
        command.args(["-n", "-t", "-Z", "root"]).args(options).arg("-r").arg(capture).arg("tcp");
        String::from_utf8(output(&mut command, LIMIT)).unwrap()
    };
    let ours = ours(capture);
    let (brief, long) = (run(&[]), run(&["-v"]));
    assert_eq!((brief.lines().count(), long.matches("(correct)").count()), (ours.len(), ours.len()));
    for (theirs, ours) in brief.lines().zip(&ours) {
        let fields: Vec<_> = ours.split('\t').collect();
        let bits = u8::from_str_radix(&fields[4][2..], 16).unwrap();
        let names = [(2, 'S'), (1, 'F'), (4, 'R'), (8, 'P'), (32, 'U'), (16, '.')];
        let mut flags: Vec<_> =
            names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
        let mut said: Vec<_> =
            theirs.split_once("Flags [").unwrap().1.split(']').next().unwrap().chars().collect();
        flags.sort_unstable();
        said.sort_unstable();
        let ends = format!(".{} > ", fields[0]);
        let length = format!(", length {}", fields[7]);
        assert!(flags == said && theirs.contains(&ends) && theirs.contains(&length), "{theirs}: {ours}");
    }
}

#[test]
fn tcpdump_reads_the_captures_of_two_ends() {
    let Some(program) = program("tcpdump", &["tcpdump"]) else { return };
    let folder = Folder::new("tcpdump");
    let capture = folder.join("both.pcapng");
    for ipv6 in [false, true] {
        simulated(&capture, ipv6, true, 50_000, |_, _, _| Fate::Arrives);
        judge_by_tcpdump(&program, &capture);
    }
}

/// The kernel connects, and both send so much.
fn both_ways(stack: &Stack, address: IpAddr, octets: usize) {
    let remote = SocketAddr::new(address, PORT);
    let listener = TcpListener::bind(stack, PORT).unwrap();
    let (ours, theirs) = (text(octets, 1), text(octets, 2));
    let texts = (theirs.clone(), ours.clone());
    let kernel = thread::spawn(move || {
        let stream = net::TcpStream::connect_timeout(&remote, Duration::from_secs(10)).unwrap();
        talk(&stream, &stream, texts, || stream.shutdown(Shutdown::Write).unwrap());
    });
    let (stream, _) = listener.accept().unwrap();
    talk(&stream, &stream, (ours, theirs), || stream.shutdown(Shutdown::Write).unwrap());
    kernel.join().unwrap();
}

fn talk<R: Read, W: Write + Send>(
    mut reader: R,
    mut writer: W,
    texts: (Vec<u8>, Vec<u8>),
    close: impl FnOnce() + Send,
) {
    let (sent, expected) = texts;
    thread::scope(|scope| {
        scope.spawn(move || {
            writer.write_all(&sent).unwrap();
            close();
        });
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert!(read == expected, "{} octets came, or others", read.len());
    });
}

#[test]
fn a_capture_of_a_tun_is_what_passed() {
    let tcpdump = program("tcpdump of a TUN", &["tcpdump"]);
    let Some(program) = program("tshark", &["tshark"]) else { return };
    let folder = Folder::new("tshark-tun");
    for (name, address, offload) in [
        ("tshark_v4", IpAddr::from(STACK), true),
        ("tshark_v6", STACK6.into(), true),
        ("tshark_plain", STACK.into(), false),
    ] {
        let capture = folder.join(name);
        let file = capture.clone();
        with_device(
            name,
            |_| {},
            move |tun| Pcap::new(tun.offload(offload).build()?, BufWriter::new(File::create(file)?)),
            move |stack| both_ways(stack, address, 1 << 20),
        );
        // The test was skipped.
        if !capture.exists() {
            return;
        }
        let packets = judge(&program, &capture);
        if let Some(tcpdump) = &tcpdump {
            judge_by_tcpdump(tcpdump, &capture);
        }
        let longest = packets.iter().map(|packet| packet.split('\t').nth(7).unwrap().parse().unwrap());
        assert_eq!(longest.max() > Some(1500), offload, "large segments");
        // Time is real here, so what is late may come twice; but nothing is missing, and no answer stands before its question.
        for (n, found) in analysis(&program, &capture).iter().enumerate() {
            assert!(!found.contains("lost_segment"), "packet {}: {found}", n + 1);
        }
    }
}
