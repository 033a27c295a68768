//! The kernel of this machine as the target, across a TUN device in a network namespace of the calling thread.
//!
//! It tells of a connection what `tcp_info` has: neither TS.Recent nor soft errors nor timers.

use super::sweep::FAR;
use super::{Axis, Effects, Numbers, Target};
use crate::differential::kernel::{CROWD, Kernel};
use crate::differential::script::Call;
use crate::differential::side::{CONNECTING, LISTENING, Side, side_address};
use crate::peer::{ACK, FIN, RST, SYN};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tcpspec::{Flags, State};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::{ip, tcp};

/// Where `tcp_info` has what (include/uapi/linux/tcp.h).
mod at {
    pub(super) const SND_MSS: usize = 16;
    pub(super) const BYTES_ACKED: usize = 120;
    pub(super) const BYTES_RECEIVED: usize = 128;
    pub(super) const RCV_OOOPACK: usize = 224;
    pub(super) const SND_WND: usize = 228;
}

/// A peer's socket: 60,000 ports of each of 128 addresses.
fn peer(number: u32) -> SocketAddr {
    let address = u32::from(CROWD) + number / 60_000 % 128;
    SocketAddr::from((Ipv4Addr::from(address), (number % 60_000) as u16 + 2000))
}

/// What is looked at of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Look {
    state: &'static str,
    mss: u32,
    acked: u32,
    received: u32,
    early: u32,
    window: u32,
}

/// A connection of the kernel.
pub struct Linux {
    kernel: Kernel,
    /// How many peers there were. Each connection has one of its own, since the kernel keeps some for a minute.
    peers: u32,
    local: u16,
    us: SocketAddr,
    them: SocketAddr,
    seq: u32,
    ack: u32,
    window: u32,
    before: Option<Look>,
}

impl Linux {
    /// The calling thread gets a namespace of its own.
    ///
    /// # Errors
    ///
    /// Without the permission for namespaces and devices.
    pub fn open() -> io::Result<Self> {
        let kernel = Kernel::open()?;
        let us = peer(0);
        let them = SocketAddr::new(side_address(false), LISTENING);
        Ok(Self { kernel, peers: 0, local: LISTENING, us, them, seq: 1000, ack: 0, window: 0, before: None })
    }

    /// Sends what comes next, and notes what comes back.
    fn next(&mut self, flags: Flags, text: &[u8]) {
        let mut header = tcp::Header {
            source: self.us.port(),
            destination: self.them.port(),
            seq: self.seq,
            ack: if flags.has(ACK) { self.ack } else { 0 },
            flags,
            window: 60_000,
            ..tcp::Header::default()
        };
        header.options.timestamps = Some(Timestamps { val: 100, ecr: 0 });
        header.options.mss = flags.has(SYN).then_some(1460);
        self.kernel.deliver(&header.packet(&ip::Header::tcp(self.us.ip(), self.them.ip()), (text, &[])));
        self.seq =
            self.seq.wrapping_add(text.len() as u32 + u32::from(flags.has(FIN)) + u32::from(flags.has(SYN)));
        self.collect();
    }

    /// What the kernel has sent: the number after it, and its window.
    fn collect(&mut self) {
        for packet in self.kernel.packets() {
            let Ok((ip, segment)) = ip::Header::parse(&packet) else { continue };
            let Ok((header, text)) = tcp::Header::parse(segment, ip.source, ip.destination) else { continue };
            if header.flags.has(RST) {
                continue;
            }
            let len = text.len() as u32 + u32::from(header.flags.has(SYN)) + u32::from(header.flags.has(FIN));
            self.ack = header.seq.wrapping_add(len);
            self.window = header.window.into();
        }
    }

    fn call(&mut self, call: Call) {
        self.kernel.call(call);
        self.collect();
    }

    fn look(&self) -> Look {
        let (state, info) = self.kernel.info(self.local);
        let word = |at: usize| {
            let word = info.get(at..at + 4).and_then(|word| word.try_into().ok());
            word.map_or(0, u32::from_ne_bytes)
        };
        Look {
            state,
            mss: word(at::SND_MSS),
            acked: word(at::BYTES_ACKED),
            received: word(at::BYTES_RECEIVED),
            early: word(at::RCV_OOOPACK),
            window: word(at::SND_WND),
        }
    }
}

impl Target for Linux {
    /// A socket may still be in use by what was there before.
    fn reach(&mut self, state: State) -> Option<Numbers> {
        (0..8).find_map(|_| self.try_to_reach(state))
    }

    fn send(&mut self, packet: &[u8]) -> (Effects, usize) {
        let before = self.before.expect("a connection was reached");
        self.kernel.deliver(packet);
        let answers = self.kernel.packets().len();
        let after = self.look();
        // What is found where the connection was is its listener.
        if matches!(after.state, "CLOSED" | "LISTEN") {
            return (Effects::ENDED, answers);
        }
        let changed = [
            (Effects::STATE, before.state != after.state),
            (Effects::TEXT, (before.received, before.early) != (after.received, after.early)),
            (Effects::ACKNOWLEDGED, before.acked != after.acked),
            (Effects::WINDOW, before.window != after.window),
            (Effects::SIZE, before.mss != after.mss),
        ];
        let effects = changed
            .iter()
            .filter(|(_, changed)| *changed)
            .fold(Effects::NONE, |all, (one, _)| all.with(*one));
        (effects, answers)
    }

    fn sockets(&self) -> (SocketAddr, SocketAddr) {
        (self.us, self.them)
    }

    /// Half of all timestamps have an effect, and a connection of the kernel takes long.
    fn step(&self, axis: Axis) -> usize {
        if axis == Axis::Stamp { 16 * FAR } else { FAR }
    }
}

impl Linux {
    fn try_to_reach(&mut self, state: State) -> Option<Numbers> {
        self.peers += 1;
        self.us = peer(self.peers);
        self.kernel.begin_with(self.us);
        (self.seq, self.ack, self.window) = (1000, 0, 0);
        self.local = if state == State::SynSent { CONNECTING } else { LISTENING };
        self.them.set_port(self.local);
        let mut under_way = 1;
        if state == State::SynSent {
            self.call(Call::Connect);
        } else {
            self.call(Call::Listen);
            self.next(SYN, b"");
            self.next(ACK, b"");
            self.call(Call::Send(5));
            self.next(ACK, b"");
            self.next(ACK, b"unread");
            self.call(Call::Send(9));
            under_way = 9;
            match state {
                State::FinWait1 => self.call(Call::Shut),
                State::FinWait2 => {
                    self.call(Call::Shut);
                    self.next(ACK, b"");
                    under_way = 0;
                }
                State::CloseWait => self.next(FIN.with(ACK), b""),
                State::Closing => {
                    self.call(Call::Shut);
                    // It does not acknowledge our FIN, nor the text before it.
                    let ack = self.ack;
                    self.ack = ack.wrapping_sub(10);
                    self.next(FIN.with(ACK), b"");
                    self.ack = ack;
                }
                State::LastAck => {
                    let ack = self.ack;
                    self.ack = ack.wrapping_sub(9);
                    self.next(FIN.with(ACK), b"");
                    self.ack = ack;
                    self.call(Call::Shut);
                }
                _ => {}
            }
            if matches!(state, State::FinWait1 | State::Closing | State::LastAck) {
                under_way = 10;
            }
        }
        self.collect();
        let look = self.look();
        self.before = Some(look);
        (look.state == state.name()).then(|| {
            let snd_una = self.ack.wrapping_sub(under_way);
            Numbers {
                rcv_nxt: if state == State::SynSent { 0 } else { self.seq },
                rcv_wnd: self.window,
                snd_una,
                ack: if state == State::SynSent { self.ack } else { snd_una },
                snd_nxt: self.ack,
                max_snd_wnd: 60_000,
                ts_recent: 100,
            }
        })
    }
}
