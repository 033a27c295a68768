//! What all connections of a stack share.

mod hashes;

pub(crate) use hashes::Purpose;

use crate::base::Time;
use crate::config::{Config, Settings};
use crate::tcp::buffer::Buffers;
use crate::tcp::memory::Memory;
use crate::tcp::path::Paths;
use crate::watch::observe::Observers;
use crate::watch::record::Recorder;
use crate::wire::packet::{Capabilities, Packet};
use crate::wire::{ip, tcp};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// Packets that wait for the device, or to come back, before connections stop adding text.
const OUT_LIMIT: usize = 256;

/// What all connections of a stack share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// The settings of all connections whose users have not changed them.
    pub(super) settings: Arc<Settings>,
    /// Packets that wait for the device.
    pub(crate) out: VecDeque<Packet>,
    /// Packets for the stack itself, each with the time since when it waits.
    pub(crate) looped: VecDeque<(Time, Packet)>,
    pub(crate) buffers: Buffers,
    /// Room to write down what rests.
    pub(crate) scratch: Vec<u8>,
    /// The text of the segment that is being processed may stay in the packet's buffer.
    pub(crate) may_keep: bool,
    /// The part of the packet's buffer that is now the user's text.
    pub(crate) kept: Option<Range<usize>>,
    pub(crate) paths: Paths,
    pub(crate) memory: Memory,
    /// The next identification of packets that may be cut on their way.
    pub(super) identification: u16,
    /// What the device does for us.
    pub(crate) device: Capabilities,
    pub(crate) observers: Observers,
    pub(crate) recorder: Option<Box<Recorder>>,
    /// Connections that nobody held and whose time was over.
    pub(crate) orphans_expired: u64,
}

impl Shared {
    pub(crate) fn new(config: Config) -> Self {
        let (paths, memory) = (Paths::new(config.mtu), Memory::new(config.memory));
        let identification = config.key.iter().fold(0, |all, half| all ^ *half) as u16;
        let (device, observers) = (Capabilities::default(), Observers::default());
        let recorder = Recorder::first(&config);
        let (out, buffers) = (VecDeque::new(), Buffers::default());
        Self {
            settings: Arc::new(Settings::new(&config)),
            config,
            out,
            looped: VecDeque::new(),
            buffers,
            scratch: Vec::new(),
            may_keep: false,
            kept: None,
            paths,
            memory,
            identification,
            device,
            observers,
            recorder,
            orphans_expired: 0,
        }
    }

    /// Whether so many packets wait that connections stop adding text.
    pub(crate) fn is_full(&self) -> bool {
        self.out.len() + self.looped.len() >= OUT_LIMIT
    }

    /// Octets of text that fit into a packet on our own link to this peer (§3.7.1).
    pub(crate) fn mss(&self, remote: IpAddr) -> u16 {
        text_room(self.config.mtu, remote)
    }
}

/// Octets of text that fit into a packet of this size.
pub(super) fn text_room(mtu: u16, remote: IpAddr) -> u16 {
    mtu.saturating_sub((ip::header_len(remote) + tcp::HEADER) as u16).max(1)
}
