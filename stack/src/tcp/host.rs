//! How a connection answers the machine: the buffers, timers and headers behind the [`Host`](tcpspec::Host).

mod acknowledging;
mod handshake;
mod initial;
mod orphan;
mod path_mtu;
mod reports;
mod rest;
mod time_wait;
mod timers;
mod timestamps;
mod turn;

pub(crate) use handshake::PeerOptions;
pub(crate) use path_mtu::default_mss;
pub(crate) use time_wait::TimeWaitHost;
pub(crate) use turn::{Asks, Incoming, Turn};

use crate::base::Pair;
use crate::config::Settings;
use crate::tcp::buffer::{FEW, Inbox, Reassembly, SendBuffer};
use crate::tcp::receiving::Receiver;
use crate::tcp::sending::Sender;
use crate::tcp::shared::Shared;
use crate::watch::traffic::Traffic;
use crate::wire::options;
use acknowledging::Acknowledgments;
use handshake::Handshake;
use initial::IpSettings;
use orphan::Orphan;
use path_mtu::PathMtu;
use reports::UserReports;
use std::sync::Arc;
use tcpspec::record::Side;
use tcpspec::{Full, Notice};
use timers::Timers;
use timestamps::TimestampState;

/// A connection without its state and TCB: its text, and the parts with which it answers the machine.
pub(crate) struct ConnectionHost {
    pub(crate) send: SendBuffer,
    /// Text in order that waits for the user.
    pub(crate) received: Inbox,
    /// Text and FIN that came early.
    pub(crate) reassembly: Reassembly,
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    /// Shared with the connections that have the same.
    pub(crate) settings: Arc<Settings>,
    pub(crate) ip: IpSettings,
    pub(crate) timers: Timers,
    pub(crate) path: PathMtu,
    pub(crate) handshake: Handshake,
    pub(crate) acks: Acknowledgments,
    pub(crate) timestamps: TimestampState,
    pub(crate) reports: UserReports,
    pub(crate) orphan: Orphan,
    pub(crate) traffic: Traffic,
    /// What the last record said, if events are recorded.
    pub(crate) recorded: Option<Box<Side<Full>>>,
}

impl ConnectionHost {
    pub(crate) fn new(pair: &Pair, shared: &Shared) -> Self {
        let config = &shared.config;
        Self {
            send: SendBuffer::default(),
            received: Inbox::default(),
            reassembly: Reassembly::default(),
            sender: Sender::default(),
            receiver: Receiver::new(config),
            settings: Arc::clone(&shared.settings),
            ip: IpSettings::new(config),
            timers: Timers::new(config),
            path: PathMtu::new(pair.remote.ip(), shared),
            handshake: Handshake::default(),
            acks: Acknowledgments::default(),
            timestamps: TimestampState::default(),
            reports: UserReports::default(),
            orphan: Orphan::default(),
            traffic: Traffic::default(),
            recorded: None,
        }
    }

    /// What follows once the peer's SYN is taken and the connection perhaps established.
    pub(crate) fn agree(&mut self, shared: &Shared) {
        let sack = self.handshake.has_sack(&shared.config);
        self.sender.recovery.set_sack(sack);
        if self.reports.noticed(Notice::Established) {
            let mss = self.send_mss(shared);
            self.sender.establish(shared.config.congestion, mss, self.handshake.syn_lost);
        }
    }

    /// Whether there is so little text, and all of it in order, that it does not count.
    #[inline(always)]
    pub(crate) fn keeps_little(&self) -> bool {
        self.send.len() + self.received.len() <= FEW && self.reassembly.is_empty()
    }

    /// Octets of memory that text takes on its way out and in, and what is known of its segments.
    pub(crate) fn kept(&self) -> usize {
        if self.keeps_little() {
            return 0;
        }
        self.send.memory() + self.sender.recovery.memory() + self.kept_in()
    }

    /// Octets of memory that text takes which has come, in order or early.
    pub(crate) fn kept_in(&self) -> usize {
        self.reassembly.memory() + self.received.memory()
    }

    /// Forgets what came early; whether there was any. The peer sends it again: it is not acknowledged (RFC 2018 §8).
    pub(crate) fn forget_early(&mut self) -> bool {
        let had = !self.reassembly.is_empty();
        self.reassembly.clear();
        // A record of the next event finds that it is gone, and that no event took it.
        if let Some(recorded) = &mut self.recorded {
            recorded.held.clear();
        }
        had
    }

    /// Forgets text that waits to be sent or acknowledged, and what came early.
    fn forget_sends(&mut self) {
        self.reports.lost |= self.send.len() > 0;
        self.send.clear();
        self.reassembly.clear();
        self.sender.recovery.disarm();
        self.sender.overdue = None;
    }

    /// Octets of text that go into one segment: Eff.snd.MSS (§3.7.1).
    pub(crate) fn send_mss(&self, shared: &Shared) -> u32 {
        let peer = self.path.peer_mss(self.handshake.peer.and_then(|peer| peer.mss));
        let agreed = self.handshake.has_timestamps(&shared.config);
        let options = if agreed { options::TIMESTAMPS_LEN as u16 } else { 0 };
        let whole: u32 = peer.min(self.path.mss).saturating_sub(options).max(1).into();
        self.settings.largest_segment.map_or(whole, |most| whole.min(most.into()))
    }

    /// Octets of text that go into one packet: one segment's, or those of as many whole ones as the device cuts a packet into.
    /// `mss`: octets of one segment.
    pub(crate) fn send_max(mss: u32, shared: &Shared) -> u32 {
        // The longest headers, options included.
        let most = shared.device.segment.min(65_535).saturating_sub(60 + 60);
        (most - most % mss).max(mss)
    }

    /// The MSS that a SYN announces (§3.7.1): `link`, what fits into a packet of ours, or less.
    fn own_mss(&self, link: u16) -> u16 {
        self.settings.largest_segment.map_or(link, |most| link.min(most))
    }
}
