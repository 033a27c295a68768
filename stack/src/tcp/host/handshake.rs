//! The handshake: what the SYNs have said, and what both ends have agreed on by them.

use crate::config::Config;
use crate::tcp::cookie::Cookie;
use crate::tcp::memo::Memo;
use crate::wire::options::Options;
use crate::wire::tcp;
use tcpspec::{Flags, Full, Seq};

/// What a connection keeps of its handshake.
#[derive(Debug, Default)]
pub(crate) struct Handshake {
    /// What the peer's SYN said.
    pub(crate) peer: Option<PeerOptions>,
    /// What the older connection's SYN said. It is needed if this attempt fails and the pair of sockets waits again.
    older: Option<LastingOptions>,
    /// SND.NXT of the connection whose pair of sockets this one takes from TIME-WAIT.
    pub(crate) used: Option<Seq<Full>>,
    /// The initial number is this cookie.
    pub(crate) cookie: Option<Cookie>,
    /// Our SYN was sent more than once.
    pub(crate) syn_lost: bool,
}

/// What a SYN of the peer has said for the whole connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PeerOptions {
    pub(crate) mss: Option<u16>,
    pub(super) window_scale: Option<u8>,
    pub(super) timestamps: bool,
    pub(super) sack_permitted: bool,
}

impl From<&Options> for PeerOptions {
    fn from(syn: &Options) -> Self {
        let Options { mss, window_scale, sack_permitted, timestamps, .. } = *syn;
        Self { mss, window_scale, timestamps: timestamps.is_some(), sack_permitted }
    }
}

/// The options of a SYN that still count in TIME-WAIT.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastingOptions {
    window_scale: Option<u8>,
    timestamps: bool,
}

impl LastingOptions {
    fn of(syn: PeerOptions) -> Self {
        Self { window_scale: syn.window_scale, timestamps: syn.timestamps }
    }

    /// They in seven bits: a scale is at most 14, or else as good as that.
    pub(super) fn bits(self) -> u32 {
        let scale = self.window_scale.map_or(0, |scale| u32::from(scale.min(62)) + 1);
        scale << 1 | u32::from(self.timestamps)
    }

    /// The other way.
    pub(super) fn from_bits(bits: u32) -> Self {
        let scale = (bits >> 1 & 0x3f).checked_sub(1).map(|scale| scale as u8);
        Self { window_scale: scale, timestamps: bits & 1 == 1 }
    }

    fn options(self) -> PeerOptions {
        PeerOptions { window_scale: self.window_scale, timestamps: self.timestamps, ..PeerOptions::default() }
    }
}

impl Handshake {
    /// It is over, and no older connection counts.
    pub(super) fn may_rest(&self) -> bool {
        self.older.is_none() && self.used.is_none() && self.cookie.is_none()
    }

    /// What is kept of one that may rest, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { peer, older: _, used: _, cookie: _, syn_lost } = self;
        memo.flags([syn_lost]);
        memo.option(peer, |memo, PeerOptions { mss, window_scale, timestamps, sack_permitted }| {
            memo.maybe(mss);
            memo.maybe(window_scale);
            memo.flags([timestamps, sack_permitted]);
        });
    }

    /// A connection begins. The TCB alone remembers an older one between the same sockets.
    pub(super) fn begin_anew(&mut self) {
        self.older = self.peer.take().map(LastingOptions::of);
    }

    /// 2MSL begin. If no SYN of the peer was taken, they are the older connection's.
    pub(super) fn waits_again(&mut self) {
        let older = self.older.take();
        self.peer = self.peer.or(older.map(LastingOptions::options));
    }

    /// What TIME-WAIT needs of the peer's SYN.
    pub(super) fn lasting(&self) -> LastingOptions {
        self.peer.map(LastingOptions::of).unwrap_or_default()
    }

    /// Takes it back.
    pub(super) fn restore(&mut self, lasting: LastingOptions) {
        self.peer = Some(lasting.options());
    }

    /// The scales in use: of windows that we announce, and of the peer's (RFC 7323 §2.2: both, or none).
    /// `syn`: what the present SYN says.
    pub(super) fn scales(&self, config: &Config, syn: Option<&Options>) -> (u8, u8) {
        match self.peer.or(syn.map(PeerOptions::from)).and_then(|peer| peer.window_scale) {
            Some(theirs) => (config.own_scale(), theirs),
            None => (0, 0),
        }
    }

    /// The scale of windows that we announce.
    pub(crate) fn window_scale(&self, config: &Config) -> u8 {
        self.scales(config, None).0
    }

    /// SEG.WND: the true window. The window of a SYN is never scaled.
    pub(crate) fn true_window(&self, header: &tcp::Header, config: &Config) -> u32 {
        let (_, scale) = self.scales(config, None);
        let scale = if header.flags.has(Flags::SYN) { 0 } else { scale };
        u32::from(header.window) << scale
    }

    /// SACK is in use in both directions (RFC 2018 §2).
    pub(super) fn has_sack(&self, config: &Config) -> bool {
        config.sack && self.peer.is_some_and(|peer| peer.sack_permitted)
    }

    /// Both ends have agreed on timestamps (RFC 7323 §3.2).
    pub(super) fn has_timestamps(&self, config: &Config) -> bool {
        config.timestamps && self.peer.is_some_and(|peer| peer.timestamps)
    }
}
