//! Runs as files: traces that can be opened again, and captures.
//!
//! A trace is JSON: `format` (`tcpspec-trace`), `version`, `stamp` (of the table, model and claims that made it), `link` (scenario, settings and path), `claim` and
//! `repeatsFrom` where they are known, and `steps`. The steps are there for people, and to notice that another table does something else.

use crate::api::{Captured, Exported, Format, Imported, Refusal, VERSION};
use crate::link::Link;
use crate::run::Run;
use crate::{capture, stamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;
use tcpspec::{Flags, Row};

/// Octets of a file at most.
pub const LARGEST: usize = 8 << 20;
/// Segments of a capture at most.
pub const MOST_SEGMENTS: usize = 5_000;

const FORMAT: &str = "tcpspec-trace";

/// A run as a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trace {
    format: String,
    version: u32,
    stamp: String,
    /// Scenario, settings and path.
    pub link: String,
    /// The claim that the run breaks or shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The step from which on it repeats for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats_from: Option<usize>,
    steps: Vec<TracedStep>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TracedStep {
    happens: String,
    rows: Vec<String>,
    states: [String; 2],
}

impl Trace {
    /// The file of a run.
    pub fn of(run: &Run, claim: Option<&str>, repeats_from: Option<usize>) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            stamp: stamp::of_today().into(),
            link: run.link.to_string(),
            claim: claim.map(str::to_owned),
            repeats_from,
            steps: traced(run),
        }
    }

    /// As text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads a trace and plays it.
    ///
    /// # Errors
    ///
    /// It is no trace, of another version, cut off, or cannot be played with this table.
    pub fn read(text: &str) -> Result<(Self, Run, Option<String>), Refusal> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<u32>,
        }
        let broken = |error: serde_json::Error| {
            let what =
                if error.is_eof() { "the file is cut off" } else { "the file is no trace of this tool" };
            Refusal::new(format!("{what}: {error}"))
        };
        let Head { format, version } = serde_json::from_str(text).map_err(broken)?;
        if format.as_deref() != Some(FORMAT) {
            return Err(Refusal::new(format!(
                "the file is no trace of this tool: it has no `\"format\": \"{FORMAT}\"`"
            )));
        }
        if version != Some(VERSION) {
            let version = version.map_or_else(|| "none".into(), |version| version.to_string());
            return Err(Refusal::new(format!(
                "the trace has version {version}; this explorer reads version {VERSION}"
            )));
        }
        let trace: Self = serde_json::from_str(text).map_err(broken)?;
        let run = Run::play(Link::parse(&trace.link)?)?;
        let note = (traced(&run) != trace.steps).then(|| {
            let now = traced(&run);
            let at = now.iter().zip(&trace.steps).take_while(|(now, then)| now == then).count();
            format!(
                "The trace was made with another table: from step {} on it comes out otherwise now.",
                at + 1
            )
        });
        Ok((trace, run, note))
    }
}

fn traced(run: &Run) -> Vec<TracedStep> {
    crate::view::steps(run)
        .into_iter()
        .map(|step| TracedStep {
            happens: step.what.words,
            rows: step.rows.into_iter().map(str::to_owned).collect(),
            states: step.after.map(str::to_owned),
        })
        .collect()
}

/// A run as a file for the user.
///
/// # Errors
///
/// The link cannot be played.
pub fn export(
    link: &str,
    format: Format,
    repeats_from: Option<usize>,
    claim: Option<&str>,
) -> Result<Exported, Refusal> {
    let run = Run::play(Link::parse(link)?)?;
    let name = run.link.scenario.name.replace('/', "-");
    let (ending, data) = match format {
        Format::Json => ("json", Trace::of(&run, claim, repeats_from).to_json().into_bytes()),
        Format::Pcapng => {
            let mut data = Vec::new();
            capture::pcapng(&run.steps, capture::NAMES, &mut data)
                .map_err(|error| Refusal::new(format!("the capture cannot be written: {error}")))?;
            ("pcapng", data)
        }
    };
    Ok(Exported { name: format!("{name}.{ending}"), data: STANDARD.encode(data) })
}

/// What a file of the user's holds.
///
/// # Errors
///
/// It is too large, cut off, of another version, or not a file of the tool. The sentence says which.
pub fn import(name: &str, data: &str) -> Result<Imported, Refusal> {
    let name: String = name.chars().take(80).collect();
    let padding = data.bytes().rev().take(2).filter(|octet| *octet == b'=').count();
    if data.len() / 4 * 3 > LARGEST + padding {
        return Err(Refusal::new(format!("{name} is too large: {} MiB at most", LARGEST >> 20)));
    }
    let data = STANDARD
        .decode(data)
        .map_err(|_| Refusal::new(format!("{name} did not arrive as a whole; try again")))?;
    let named = |refusal: Refusal| Refusal::new(format!("{name}: {}", refusal.error));
    if data.starts_with(&SECTION_HEADER) {
        return captured(&data).map(|segments| Imported::Capture { segments }).map_err(named);
    }
    let text = str::from_utf8(&data).map_err(|_| {
        Refusal::new(format!("{name} is neither a trace of this tool (JSON) nor a capture (pcapng)"))
    })?;
    let (trace, run, note) = Trace::read(text).map_err(named)?;
    let repeats_from = trace.repeats_from.filter(|at| *at < run.steps.len());
    Ok(Imported::Run { link: run.link.to_string(), repeats_from, claim: trace.claim, note })
}

/// How every pcapng file begins.
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

fn captured(data: &[u8]) -> Result<Vec<Captured>, Refusal> {
    let cut =
        |error: pcap_file::PcapError| Refusal::new(format!("the capture is cut off or damaged: {error}"));
    let mut reader = PcapNgReader::new(data).map_err(cut)?;
    let mut segments = Vec::new();
    let mut begin = None;
    let mut has_rows = false;
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.map_err(cut)? else { continue };
        if segments.len() == MOST_SEGMENTS {
            return Err(Refusal::new(format!("the capture has more than {MOST_SEGMENTS} segments")));
        }
        let comments: Vec<String> = packet
            .options
            .iter()
            .filter_map(|option| match option {
                EnhancedPacketOption::Comment(text) => Some(text.chars().take(500).collect()),
                _ => None,
            })
            .collect();
        has_rows |= comments.iter().any(|comment| names_a_row(comment));
        let begin = *begin.get_or_insert(packet.timestamp);
        let at = packet.timestamp.saturating_sub(begin);
        segments.extend(segment(&packet.data, at, comments));
    }
    if segments.is_empty() {
        return Err(Refusal::new("the capture has no TCP segments"));
    }
    if !has_rows {
        return Err(Refusal::new(
            "the capture has no rows: only captures that the stack or this tool wrote carry them, as packet comments",
        ));
    }
    Ok(segments)
}

fn names_a_row(comment: &str) -> bool {
    let words = comment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.into_iter().any(|word| Row::ALL.into_iter().any(|row| row.name() == word))
}

/// A packet as it is shown; nothing if it holds no TCP segment.
fn segment(data: &[u8], at: Duration, comments: Vec<String>) -> Option<Captured> {
    let packet = SlicedPacket::from_ip(data).ok()?;
    let (from, to): (IpAddr, IpAddr) = match packet.net? {
        NetSlice::Ipv4(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        NetSlice::Ipv6(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        NetSlice::Arp(_) => return None,
    };
    let TransportSlice::Tcp(tcp) = packet.transport? else { return None };
    let mut text = format!("<SEQ={}>", tcp.sequence_number());
    if tcp.ack() {
        let _ = write!(text, "<ACK={}>", tcp.acknowledgment_number());
    }
    let bits = [
        (tcp.syn(), Flags::SYN),
        (tcp.fin(), Flags::FIN),
        (tcp.rst(), Flags::RST),
        (tcp.psh(), Flags::PSH),
        (tcp.urg(), Flags::URG),
        (tcp.ack(), Flags::ACK),
    ];
    let flags =
        bits.into_iter().filter(|(is_set, _)| *is_set).fold(Flags(0), |all, (_, flag)| all.with(flag));
    let _ = write!(text, "<CTL={flags}>");
    if !tcp.payload().is_empty() {
        let _ = write!(text, "<DATA={}>", tcp.payload().len());
    }
    Some(Captured {
        at: u64::try_from(at.as_micros()).unwrap_or(u64::MAX),
        from: socket(from, tcp.source_port()),
        to: socket(to, tcp.destination_port()),
        text,
        comments,
    })
}

fn socket(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "scenario=simultaneous-open/in-order&path=ao.bo.d0.d0.d0.d0";

    fn imported(data: &[u8]) -> Result<Imported, Refusal> {
        import("file", &STANDARD.encode(data))
    }

    fn exported(format: Format) -> Vec<u8> {
        STANDARD.decode(export(RUN, format, Some(2), Some("a claim")).unwrap().data).unwrap()
    }

    #[test]
    fn a_trace_comes_back() {
        let Imported::Run { link, repeats_from, claim, note } = imported(&exported(Format::Json)).unwrap()
        else {
            panic!("a capture")
        };
        assert_eq!((link.as_str(), repeats_from, note), (RUN, Some(2), None));
        assert_eq!(claim.as_deref(), Some("a claim"));
    }

    #[test]
    fn a_capture_comes_back_with_its_rows() {
        let Imported::Capture { segments } = imported(&exported(Format::Pcapng)).unwrap() else {
            panic!("a run")
        };
        assert_eq!(segments.len(), 4);
        assert_eq!(segments[0].text, "<SEQ=14><CTL=SYN>");
        assert_eq!(segments[0].from, "10.0.0.1:7777");
        assert!(segments[0].comments[0].contains("syn_sent_syn_only"));
    }

    #[test]
    fn what_is_no_file_of_the_tool_is_refused_with_the_reason() {
        let json = String::from_utf8(exported(Format::Json)).unwrap();
        let capture = exported(Format::Pcapng);
        let bare = {
            // The same packets, the comments taken away: their place holds other words.
            let mut bare = capture.clone();
            for row in Row::ALL.into_iter().map(Row::name) {
                while let Some(at) = bare.windows(row.len()).position(|part| part == row.as_bytes()) {
                    bare[at..at + row.len()].fill(b'-');
                }
            }
            bare
        };
        let half = &json[..json.len() / 2];
        let other = json.replace("\"version\": 1", "\"version\": 2");
        let elsewhere = json.replace("d0.d0.d0.d0", "d0.d0.d0.d0.d0.d0");
        let unknown = json.replace("simultaneous-open/in-order", "no-such-thing");
        let (largest, big) = (vec![b' '; LARGEST], vec![b' '; LARGEST + 1]);
        for (data, says) in [
            (half.as_bytes(), "cut off"),
            (other.as_bytes(), "version 2"),
            (elsewhere.as_bytes(), "step 7 of 8"),
            (unknown.as_bytes(), "no scenario"),
            (b"{}", "no trace"),
            (b"hello", "no trace"),
            (&[0xff, 0xfe, 0], "neither"),
            (&capture[..capture.len() - 7], "cut off or damaged"),
            (&capture[..40], "cut off or damaged"),
            (bare.as_slice(), "has no rows"),
            (largest.as_slice(), "cut off"),
            (big.as_slice(), "too large"),
        ] {
            let error = imported(data).unwrap_err().error;
            assert!(error.contains(says), "{says}: {error}");
        }
        assert!(import("file", "%%%").unwrap_err().error.contains("as a whole"));
    }

    #[test]
    fn a_trace_of_another_table_says_so() {
        let json = String::from_utf8(exported(Format::Json)).unwrap().replace("crossed", "crossed_otherwise");
        let Imported::Run { note, .. } = imported(json.as_bytes()).unwrap() else { panic!("a capture") };
        assert!(note.unwrap().contains("from step 5 on"));
    }
}
