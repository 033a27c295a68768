//! Plays one run: a connection of an endpoint in simulated time, its user, and a peer that knows the numbers of both.

use super::runs;
use etherparse::{Icmpv4Type, PacketBuilder, icmpv4::DestUnreachableHeader};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::{Flags, Options, Row};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::{ConnectionId, KeepAlive, ListenerId, Settings};
use tcpspec_tests::peer::{ACK, Peer, RST, SYN};

/// The peer's initial number.
const ISS: u32 = 10_000;
/// What the stack's user may be offered: a window that is soon closed.
const BUFFER: usize = 4000;

/// The connection's own numbers, as it last had them.
#[derive(Clone, Copy)]
struct Numbers {
    rcv_nxt: u32,
    edge: u32,
    snd_nxt: u32,
    snd_una: u32,
}

pub(crate) struct Play {
    peer: Peer,
    listener: Option<ListenerId>,
    id: Option<ConnectionId>,
    numbers: Numbers,
    timestamps: bool,
    /// What the peer's clock shows.
    clock: u32,
    /// The last segment of the connection, which routers may quote.
    quoted: Vec<u8>,
    rows: Arc<Mutex<Vec<Row>>>,
}

impl Play {
    /// The rows that fire in a run with these options, but for those that it sets itself.
    pub(crate) fn run(script: &str, options: Options) -> Vec<Row> {
        let (mut options, mut timestamps) = (options, false);
        let mut steps = Vec::new();
        for step in script.split(';').map(str::trim) {
            match step.split_once('=').filter(|_| !step.contains(' ')) {
                Some((name, value)) => {
                    assert!(options.set(name, value == "on"), "no option `{name}`: {script}")
                }
                None if step == "timestamps" => timestamps = true,
                None => steps.push(step),
            }
        }
        let mut play = Self::new(options, timestamps);
        for step in steps {
            play.step(step)
                .unwrap_or_else(|| panic!("what is `{step}` in \"{script}\"? See {}", runs::WORDS));
            play.note();
        }
        let rows = play.rows.lock().unwrap();
        rows.clone()
    }

    fn new(options: Options, timestamps: bool) -> Self {
        let mut peer = Peer::new(false, |config| {
            config.options = options;
            (config.receive_buffer, config.receive_buffer_start) = (BUFFER, BUFFER);
        });
        let rows = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&rows);
        peer.end.observe(move |fired| log.lock().unwrap().push(fired.row));
        let numbers = Numbers { rcv_nxt: ISS, edge: ISS, snd_nxt: 1, snd_una: 1 };
        let (quoted, clock) = (Vec::new(), 1000);
        Self { peer, listener: None, id: None, numbers, timestamps, clock, quoted, rows }
    }

    /// One step; what calls answer is the rows' to say.
    fn step(&mut self, step: &str) -> Option<()> {
        let mut words = step.split_whitespace();
        let (word, rest) = (words.next()?, words.collect::<Vec<_>>());
        let arguments = rest.as_slice();
        match (word, arguments) {
            ("listen", []) => self.listener = self.peer.end.listen(80, 1).ok(),
            ("passive", []) => self.passive(None),
            ("passive", ["named"]) => self.passive(Some(self.peer.us)),
            ("connect", []) => {
                let opened = self.peer.end.connect(self.peer.now, Some(80), self.peer.us);
                self.id = opened.ok().or(self.id);
            }
            ("wait", [span]) => self.peer.wait(duration(span)?),
            ("fill", []) => while self.fill().is_some() {},
            ("icmp", [kind]) => self.icmp(kind)?,
            ("port", [port]) => self.peer.us.set_port(port.parse().ok()?),
            _ => return self.call(word, arguments).or_else(|| self.segment(word, arguments)),
        }
        Some(())
    }

    fn passive(&mut self, remote: Option<SocketAddr>) {
        let opened = self.peer.end.open_passive(self.peer.now, self.peer.them, remote);
        self.id = opened.ok().or(self.id);
    }

    /// A call on the connection, if the word is one.
    fn call(&mut self, word: &str, arguments: &[&str]) -> Option<()> {
        let (id, now, us) = (self.id?, self.peer.now, self.peer.us);
        let end = &mut self.peer.end;
        // Refused or not: a row says so.
        let _ = match (word, arguments) {
            ("active", []) => end.open_active(now, id, Some(us)),
            ("active", ["nowhere"]) => end.open_active(now, id, None),
            ("send", [octets]) => end.send(now, id, &vec![0; octets.parse().ok()?]).map(drop),
            ("send", [octets, "urgent"]) => {
                end.send_urgent(now, id, &vec![0; octets.parse().ok()?]).map(drop)
            }
            ("receive", []) => end.receive(now, id, &mut [0; BUFFER]).map(drop),
            ("shut", []) => end.close(now, id),
            ("abort", []) => end.abort(now, id),
            ("release", []) => {
                end.release(now, id);
                Ok(())
            }
            ("keep-alive", []) => self.set(|settings| {
                let (idle, interval) = (Duration::from_secs(10), Duration::from_secs(1));
                settings.keep_alive = Some(KeepAlive { idle, interval, probes: 2 });
            }),
            ("user-timeout", [span]) => {
                let span = duration(span)?;
                self.set(|settings| settings.user_timeout = Some(span))
            }
            _ => return None,
        };
        Some(())
    }

    fn set(&mut self, change: impl FnOnce(&mut Settings)) -> Result<(), tcpspec_stack::Error> {
        let id = self.id.expect("a connection");
        let mut settings = self.peer.end.settings(id)?;
        change(&mut settings);
        self.peer.end.set_settings(self.peer.now, id, settings)
    }

    /// A segment of the peer.
    fn segment(&mut self, word: &str, arguments: &[&str]) -> Option<()> {
        let flags = flags(word)?;
        let Numbers { rcv_nxt, edge, snd_nxt, snd_una } = self.numbers;
        let mut header = self.peer.header(flags);
        (header.seq, header.ack) = (rcv_nxt, if flags.has(ACK) { snd_nxt } else { 0 });
        let (mut len, mut stamp) = (0, self.timestamps.then_some(0));
        for argument in arguments {
            let (name, value) = argument.split_once('=')?;
            let after =
                |prefix, base: u32| Some(base.wrapping_add(signed(value.strip_prefix(prefix)?)? as u32));
            match name {
                "seq" => header.seq = after("edge", edge).or_else(|| after("", rcv_nxt))?,
                "ack" => header.ack = after("una", snd_una).or_else(|| after("", snd_nxt))?,
                "len" => len = value.parse().ok()?,
                "win" => header.window = value.parse().ok()?,
                "urg" => header.urgent = value.parse().ok()?,
                "ts" if value == "none" => stamp = None,
                "ts" => stamp = Some(signed(value)?),
                _ => return None,
            }
        }
        self.clock += 1;
        let val = |n: i64| Timestamps { val: self.clock.wrapping_add(n as u32), ecr: 0 };
        header.options.timestamps = stamp.map(val);
        self.peer.send(&header, &vec![0; len]);
        Some(())
    }

    /// One segment of text, as large as the window is; nothing once it is closed.
    fn fill(&mut self) -> Option<()> {
        let room = self.numbers.edge.wrapping_sub(self.numbers.rcv_nxt).min(1000);
        if room == 0 {
            return None;
        }
        self.segment("ack", &[&format!("len={room}")])?;
        self.note();
        Some(())
    }

    /// A router cannot deliver the last segment.
    fn icmp(&mut self, kind: &str) -> Option<()> {
        let why = match kind {
            "soft" => DestUnreachableHeader::Host,
            "hard" => DestUnreachableHeader::Port,
            _ => return None,
        };
        let IpAddr::V4(to) = self.peer.them.ip() else { return None };
        let kind = Icmpv4Type::DestinationUnreachable(why);
        let mut message = Vec::new();
        let packet = PacketBuilder::ipv4([10, 0, 0, 254], to.octets(), 64).icmpv4(kind);
        packet.write(&mut message, self.quoted.get(..28)?).ok()?;
        self.peer.send_raw(&message);
        Some(())
    }

    /// After a step: who is connected, and its numbers; of a child that is not accepted yet those that its segments say.
    fn note(&mut self) {
        while let Some(raw) = {
            self.peer.wait(Duration::ZERO);
            self.peer.raw.front().cloned()
        } {
            let packet = self.peer.sent().expect("TCP");
            let tcp = packet.tcp;
            if tcp.flags.has(RST) {
                continue;
            }
            let numbers = u32::from(tcp.flags.has(SYN)) + u32::from(tcp.flags.has(Flags::FIN));
            self.numbers.snd_nxt = tcp.seq.wrapping_add(packet.text.len() as u32 + numbers);
            if tcp.flags.has(SYN) {
                self.numbers.snd_una = tcp.seq;
            }
            if tcp.flags.has(ACK) {
                (self.numbers.rcv_nxt, self.numbers.edge) =
                    (tcp.ack, tcp.ack.wrapping_add(tcp.window.into()));
            }
            self.quoted = raw;
        }
        if let Some(listener) = self.listener {
            self.id = self.id.or_else(|| self.peer.end.accept(listener));
        }
        // Zeros are those of a TCB that has taken no SYN, or is deleted.
        let Some(tcb) = self.id.and_then(|id| self.peer.end.tcb(id).ok()) else { return };
        if tcb.snd_nxt.get() != 0 {
            (self.numbers.snd_nxt, self.numbers.snd_una) = (tcb.snd_nxt.get(), tcb.snd_una.get());
        }
        if tcb.rcv_nxt.get() != 0 {
            self.numbers.rcv_nxt = tcb.rcv_nxt.get();
            self.numbers.edge = tcb.rcv_nxt.plus(tcb.receive_window()).get();
        }
    }
}

fn flags(word: &str) -> Option<Flags> {
    let none = Flags::default();
    if word == "none" {
        return Some(none);
    }
    word.split('+').try_fold(none, |all, name| {
        let flag = match name {
            "syn" => SYN,
            "ack" => ACK,
            "rst" => RST,
            "fin" => Flags::FIN,
            "urg" => Flags::URG,
            _ => return None,
        };
        Some(all.with(flag))
    })
}

/// `+5`, `-5`, or nothing for 0.
fn signed(text: &str) -> Option<i64> {
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}

/// `300ms`, `20s`, `3h`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let count = digits.parse::<u64>().ok()?;
    let unit = match text.get(digits.len()..)? {
        "ms" => 1,
        "s" => 1000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(count * unit))
}
