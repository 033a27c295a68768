//! A host at rest: when it may, and what is kept of it.

use super::ConnectionHost;
use super::acknowledging::Acknowledgments;
use super::handshake::Handshake;
use super::initial::IpSettings;
use super::orphan::Orphan;
use super::path_mtu::PathMtu;
use super::reports::UserReports;
use super::timers::Timers;
use super::timestamps::TimestampState;
use crate::config::{Config, Settings};
use crate::tcp::buffer::{Inbox, Reassembly, SendBuffer};
use crate::tcp::memo::Memo;
use crate::tcp::receiving::Receiver;
use crate::tcp::sending::Sender;
use crate::watch::traffic::Traffic;
use std::net::IpAddr;
use std::sync::Arc;

impl ConnectionHost {
    /// To be filled in.
    pub(crate) fn blank(remote: IpAddr, settings: Arc<Settings>, config: &Config) -> Self {
        Self {
            send: SendBuffer::default(),
            received: Inbox::default(),
            reassembly: Reassembly::default(),
            sender: Sender::default(),
            receiver: Receiver::new(config),
            settings,
            ip: IpSettings::new(config),
            timers: Timers::new(config),
            path: PathMtu::blank(remote),
            handshake: Handshake::default(),
            acks: Acknowledgments::default(),
            timestamps: TimestampState::default(),
            reports: UserReports::default(),
            orphan: Orphan::default(),
            traffic: Traffic::default(),
            recorded: None,
        }
    }

    /// Nothing is queued, under way or waited for.
    pub(crate) fn may_rest(&self) -> bool {
        self.send.len() == 0
            && self.received.is_empty()
            && self.reassembly.is_empty()
            && self.acks.may_rest()
            && self.sender.may_rest()
            && self.receiver.may_rest()
            && self.timers.may_rest()
            && self.handshake.may_rest()
            && self.reports.may_rest()
    }

    /// What is kept of a host that may rest, both ways. Settings, congestion control and the last record go by themselves.
    pub(crate) fn keep(&mut self, memo: &mut impl Memo) {
        let Self {
            send,
            received: _,
            reassembly: _,
            sender,
            receiver,
            settings: _,
            ip,
            timers,
            path,
            handshake,
            acks,
            timestamps,
            reports,
            orphan,
            traffic,
            recorded: _,
        } = self;
        send.keep(memo);
        sender.keep(memo);
        receiver.keep(memo);
        ip.keep(memo);
        timers.keep(memo);
        path.keep(memo);
        handshake.keep(memo);
        acks.keep(memo);
        timestamps.keep(memo);
        reports.keep(memo);
        orphan.keep(memo);
        keep_traffic(traffic, memo);
    }
}

fn keep_traffic(traffic: &mut Traffic, memo: &mut impl Memo) {
    let Traffic {
        segments_in,
        segments_out,
        octets_in,
        octets_out,
        octets_again,
        octets_acknowledged,
        duplicate_acks,
        early,
        outside,
        old,
        challenges,
    } = traffic;
    let counts = [segments_in, segments_out, octets_in, octets_out, octets_again, octets_acknowledged];
    counts
        .into_iter()
        .chain([duplicate_acks, early, outside, old, challenges])
        .for_each(|count| memo.num(count));
}
