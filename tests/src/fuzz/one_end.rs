//! One stack, and a peer who knows the protocol and does as it likes.
//!
//! The judge looks at every event of the stack (feature `inclusion`), and ends the process where the model would not have done the same.

use super::choice::Choice;
use crate::peer::{ACK, FIN, Peer, RST, SYN};
use std::net::IpAddr;
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{ConnectionId, ListenerId, Received, Settings};

/// Steps of a run at most.
const STEPS: usize = 200;
/// Octets that a user has written at most.
const WRITTEN: usize = 1 << 20;
const PORT: u16 = 80;

struct Run<'a> {
    choice: Choice<'a>,
    peer: Peer,
    listener: Option<ListenerId>,
    ids: Vec<ConnectionId>,
    stamp: u32,
    written: usize,
    /// A passive OPEN for one connection instead of a listener.
    passive: bool,
}

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let mut peer = Peer::new(choice.one_in(4), |config| {
        choice.table_options(&mut config.options);
        config.timestamps = !choice.one_in(3);
        config.sack = !choice.one_in(3);
        config.nagle = !choice.one_in(3);
        config.keep_alive = choice.one_in(3).then_some(Duration::from_secs(30));
        config.user_timeout = choice.one_in(3).then_some(Duration::from_secs(50));
        config.orphan_timeout = Duration::from_secs(choice.of(&[60, 0]));
        config.receive_buffer = choice.of(&[1 << 16, 1 << 22, 1000, 1]);
        config.send_buffer = choice.of(&[1 << 16, 1000, 1]);
        config.delayed_ack = Duration::from_millis(choice.of(&[40, 0, 400]));
        config.mtu = choice.of(&[1500, 1280]);
    });
    // Numbers of the peer that come round soon. The last octet decides, so that inputs mean what they meant.
    if let Some(last) = octets.last().filter(|last| **last % 8 == 7) {
        peer.seq = 0u32.wrapping_sub(1 + 100 * u32::from(last / 8));
    }
    peer.end.observe(|row| super::fired(row.row.name()));
    peer.end.note_losses();
    let passive = octets.last().is_some_and(|last| last % 8 == 6);
    let run = Run { choice, peer, listener: None, ids: Vec::new(), stamp: 100, written: 0, passive };
    run.all();
}

impl Run<'_> {
    fn all(mut self) {
        match self.choice.below(3) {
            0 => {
                self.listen();
                self.handshake();
            }
            1 => self.listen(),
            _ => self.connect(),
        }
        for _ in 0..STEPS {
            if self.choice.is_over() {
                break;
            }
            self.step();
            self.learn();
        }
        self.end();
    }

    fn listen(&mut self) {
        if self.passive {
            let (local, remote) = (self.peer.them, self.choice.yes().then_some(self.peer.us));
            self.ids.extend(self.peer.end.open_passive(self.peer.now, local, remote));
            return;
        }
        self.listener = self.listener.or_else(|| self.peer.end.listen(PORT, 4).ok());
    }

    fn connect(&mut self) {
        self.peer.us.set_port(5001);
        self.peer.them.set_port(7000);
        let remote = self.peer.us;
        if let Ok(id) = self.peer.end.connect(self.peer.now, Some(7000), remote) {
            self.ids.push(id);
        }
        self.learn();
    }

    /// A whole handshake with the listener.
    fn handshake(&mut self) {
        self.send(SYN, b"", |_, header| header.options.mss = Some(1460));
        self.learn();
        self.send(ACK, b"", |_, _| {});
        self.learn();
    }

    /// Sends what comes next.
    fn send(&mut self, flags: Flags, text: &[u8], change: impl FnOnce(&mut Choice<'_>, &mut tcp::Header)) {
        let mut header = self.peer.header(flags);
        change(&mut self.choice, &mut header);
        let next = header.seq == self.peer.seq;
        self.peer.send(&header, text);
        if next {
            let len = text.len() as u32 + u32::from(flags.has(SYN)) + u32::from(flags.has(FIN));
            self.peer.seq = self.peer.seq.wrapping_add(len);
        }
    }

    /// Looks at what came: a peer that means it would acknowledge it.
    fn learn(&mut self) {
        while let Some(packet) = self.peer.raw.pop_front() {
            let (ip, segment) = ip::Header::parse(&packet).expect("the stack writes packets");
            if ip.protocol != ip::TCP {
                continue;
            }
            let (header, text) =
                tcp::Header::parse(segment, ip.source, ip.destination).expect("the stack writes segments");
            if header.destination != self.peer.us.port() || header.flags.has(RST) {
                continue;
            }
            let len = text.len() as u32 + u32::from(header.flags.has(SYN)) + u32::from(header.flags.has(FIN));
            let next = header.seq.wrapping_add(len);
            if header.flags.has(SYN) || next.wrapping_sub(self.peer.ack) < 1 << 30 {
                self.peer.ack = next;
            }
        }
        if let Some(listener) = self.listener {
            self.ids.extend(self.peer.end.accept(listener));
        }
    }

    fn id(&mut self) -> Option<ConnectionId> {
        let len = self.ids.len() as u32;
        (len > 0).then(|| self.ids[self.choice.below(len) as usize])
    }

    fn step(&mut self) {
        match self.choice.below(8) {
            0..=2 => self.segment(),
            3 => self.usual(),
            4 | 5 => self.call(),
            6 => {
                let span = self.choice.span();
                self.peer.wait(span);
                self.stamp = self.stamp.wrapping_add(span.as_millis() as u32);
            }
            _ => self.rare(),
        }
    }

    /// A segment near what is expected.
    fn segment(&mut self) {
        let flags = match self.choice.below(4) {
            0 => ACK,
            1 => self.choice.of(&[
                ACK,
                FIN.with(ACK),
                SYN,
                RST,
                SYN.with(ACK),
                RST.with(ACK),
                Flags::URG.with(ACK),
                FIN,
            ]),
            _ => Flags(self.choice.below(64) as u8),
        };
        let (stamp, ack) = (self.stamp, self.peer.ack);
        let len = self.choice.text_len();
        let text = vec![0x61; len];
        self.send(flags, &text, |choice, header| {
            header.seq = choice.near(header.seq);
            header.ack = if flags.has(ACK) { choice.near(header.ack) } else { choice.of(&[0, ack]) };
            header.window = choice.of(&[60_000, 0, 1, 77, 65_535]);
            header.urgent = if choice.one_in(4) { choice.below(2000) as u16 } else { 0 };
            choice.options(header, stamp, ack);
        });
    }

    /// What an honest peer would send.
    fn usual(&mut self) {
        let (flags, len) = self.choice.of(&[
            (ACK, 0),
            (ACK, 100),
            (ACK, 1000),
            (FIN.with(ACK), 0),
            (FIN.with(ACK), 10),
            (RST, 0),
            (SYN, 0),
            (SYN.with(ACK), 0),
        ]);
        let text = vec![0x62; len];
        let stamp = self.stamp;
        self.send(flags, &text, |choice, header| {
            header.options.timestamps =
                choice.one_in(2).then_some(tcpspec_stack::wire::options::Timestamps { val: stamp, ecr: 0 });
        });
    }

    fn call(&mut self) {
        let now = self.peer.now;
        let Some(id) = self.id() else {
            return if self.choice.yes() { self.connect() } else { self.listen() };
        };
        let end = &mut self.peer.end;
        match self.choice.below(8) {
            0 | 1 => {
                let len = self.choice.of(&[1usize, 10, 1000, 10_000, 70_000]);
                if self.written + len <= WRITTEN {
                    self.written += end.send(now, id, &vec![0x63; len]).unwrap_or(0);
                }
            }
            2 => {
                let mut into = vec![0; self.choice.of(&[1usize, 100, 1 << 16])];
                if let Ok(Received::Text(len)) = end.receive(now, id, &mut into) {
                    assert!(0 < len && len <= into.len());
                    assert!(into[..len].iter().all(|octet| [0x61, 0x62].contains(octet)), "text of the peer");
                }
            }
            3 => drop(end.close(now, id)),
            4 => drop(end.abort(now, id)),
            5 => {
                end.release(now, id);
                self.ids.retain(|other| *other != id);
            }
            6 => drop(end.send_urgent(now, id, b"now")),
            _ => self.settings(id),
        }
    }

    fn settings(&mut self, id: ConnectionId) {
        let Ok(mut settings) = self.peer.end.settings(id) else { return };
        settings = Settings {
            no_delay: self.choice.yes(),
            cork: self.choice.one_in(4),
            user_timeout: self.choice.one_in(3).then_some(Duration::from_secs(20)),
            receive_buffer: self.choice.of(&[1 << 16, 1000, 1 << 20]),
            largest_segment: self.choice.one_in(3).then_some(100),
            r2: Duration::from_secs(self.choice.of(&[100, 5])),
            ..settings
        };
        let _ = self.peer.end.set_settings(self.peer.now, id, settings);
    }

    fn rare(&mut self) {
        match self.choice.below(5) {
            0 if self.passive => {
                let remote = self.choice.yes().then_some(self.peer.us);
                if let Some(id) = self.id() {
                    let _ = self.peer.end.open_active(self.peer.now, id, remote);
                }
            }
            0 => self.connect(),
            1 => self.listen(),
            2 => {
                if let Some(listener) = self.listener.take() {
                    self.peer.end.close_listener(self.peer.now, listener);
                }
            }
            3 => self.error(),
            // Another peer, or the same one after a crash.
            _ => {
                self.peer.us.set_port(self.choice.of(&[5000, 5001, 5002]));
                self.peer.them.set_port(self.choice.of(&[PORT, 7000]));
                self.peer.seq = self.choice.near(self.peer.seq);
                self.handshake();
            }
        }
    }

    /// An ICMP error about what the stack may have sent.
    fn error(&mut self) {
        let (IpAddr::V4(to), IpAddr::V4(from)) = (self.peer.them.ip(), self.peer.us.ip()) else { return };
        let seq = match self.id().and_then(|id| self.peer.end.tcb(id).ok().map(|tcb| tcb.snd_una.get())) {
            Some(seq) => self.choice.near(seq),
            // Of a SYN,ACK, or of the last that came.
            None => self.choice.near(self.peer.ack.wrapping_sub(1)),
        };
        let quoted = tcp::Header {
            source: self.peer.them.port(),
            destination: self.peer.us.port(),
            seq,
            flags: ACK,
            ..tcp::Header::default()
        };
        let quoted = quoted.packet(&ip::Header::tcp(to.into(), from.into()), (&[0; 200], &[]));
        use etherparse::icmpv4::DestUnreachableHeader as Why;
        let mtu = self.choice.of(&[600, 1300, 0, 68, 9000]);
        let why = match self.choice.below(3) {
            0 => Why::Port,
            1 => Why::Host,
            _ => Why::FragmentationNeeded { next_hop_mtu: mtu },
        };
        let mut message = Vec::new();
        etherparse::PacketBuilder::ipv4([10, 0, 0, 254], to.octets(), 64)
            .icmpv4(etherparse::Icmpv4Type::DestinationUnreachable(why))
            .write(&mut message, &quoted[..60])
            .unwrap();
        self.peer.send_raw(&message);
    }

    /// Everybody goes. Nothing stays.
    fn end(mut self) {
        let now = self.peer.now;
        for id in std::mem::take(&mut self.ids) {
            self.peer.end.release(now, id);
        }
        if let Some(listener) = self.listener.take() {
            self.peer.end.close_listener(now, listener);
        }
        // Without a limit a released connection waits for the peer for ever, if it says so.
        if self.peer.end.config().orphan_timeout.is_zero() {
            return;
        }
        self.peer.wait(Duration::from_secs(3600));
        assert_eq!(self.peer.end.connections(), 0, "a connection stays: {:?}", self.peer.end.table());
        assert_eq!(self.peer.end.next_deadline(), None, "a timer stays");
        assert_eq!(self.peer.end.orphan_memory(), 0, "octets stay");
    }
}
