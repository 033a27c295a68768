//! SYN cookies: an ACK that answers none opens nothing, and one that does opens a connection whose segments are not larger than its SYN said.

use super::choice::Choice;
use crate::peer::{ACK, Peer, SYN};
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::Listen;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;

/// How long a cookie is good at most.
const LIFETIME: Duration = Duration::from_secs(128);

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let mut peer = Peer::new(choice.one_in(4), |_| {});
    let mut listen = Listen::on(80);
    listen.half_open = 1;
    let listener = peer.end.listen_with(&listen).unwrap();
    // One takes the only place, and stays.
    peer.us.set_port(4999);
    let first = peer.header(SYN);
    peer.send(&first, b"");
    peer.raw.clear();
    peer.us.set_port(5000);
    peer.seq = choice.word();

    let mut syn = peer.header(SYN);
    choice.options(&mut syn, 100, 0);
    syn.options.sack = Default::default();
    peer.send(&syn, b"");
    let Some(answer) = peer.sent() else {
        assert!(syn.options.mss.is_some_and(|mss| mss < 64), "no answer to {syn:?}");
        return;
    };
    assert_eq!(answer.tcp.flags, SYN.with(ACK));
    let waited = match choice.below(4) {
        0 | 1 => Duration::ZERO,
        2 => choice.span(),
        // Around the end of a slot, and of the one after it.
        _ => Duration::from_secs(choice.of(&[63, 64, 127, 128, 129, 150, 190, 191, 192])),
    };
    peer.wait(waited);
    if choice.yes() {
        // Somebody else gets a cookie now, so the listener looks for cookies still.
        peer.us.set_port(5001);
        let other = peer.header(SYN);
        peer.send(&other, b"");
        peer.us.set_port(5000);
    }
    peer.raw.clear();

    let right =
        tcp::Header { seq: syn.seq.wrapping_add(1), ack: answer.tcp.seq.wrapping_add(1), ..peer.header(ACK) };
    let mut ack = right;
    ack.options.timestamps =
        answer.tcp.options.timestamps.map(|stamps| Timestamps { val: 101, ecr: stamps.val });
    let mut is_right = true;
    if choice.yes() {
        ack.seq = choice.near(ack.seq);
        ack.ack = choice.near(ack.ack);
        ack.flags = if choice.one_in(4) { Flags(choice.below(64) as u8) } else { ACK };
        is_right = (ack.seq, ack.ack, ack.flags) == (right.seq, right.ack, right.flags);
    }
    peer.send(&ack, b"");
    let connected = peer.end.accept(listener);
    if !is_right && ack.seq == right.seq && ack.ack == right.ack {
        // Other flags: what they do is the table's affair.
        return;
    }
    if is_right && waited < Duration::from_secs(60) {
        let id = connected.expect("a cookie that came back in time");
        let status = peer.end.status(id).unwrap();
        // Never more than the peer said.
        let mss = u32::from(syn.options.mss.unwrap_or(if peer.us.is_ipv6() { 1220 } else { 536 }));
        assert!(status.mss <= mss.max(64), "{} of {mss}", status.mss);
        // A scale is in use only if both have said one (RFC 7323 §2.2), and it is 14 at most (§2.3).
        let scale = match (answer.tcp.options.window_scale, syn.options.window_scale) {
            (Some(_), Some(scale)) => scale.min(14),
            _ => 0,
        };
        assert_eq!(status.send_window, u32::from(ack.window) << scale, "{syn:?} {:?}", answer.tcp);
    } else if !is_right || waited >= LIFETIME {
        // A guess has one chance in 2²⁴ for each of two slots. The numbers here are near the right ones, so it is none of chance.
        assert!(connected.is_none(), "{ack:?} {right:?} after {waited:?}");
    }
}
