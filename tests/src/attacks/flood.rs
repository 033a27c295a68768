//! A flood of SYNs for a listener, beside an established connection and clients that mean it.

use crate::peer::{ACK, Peer, SYN};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tcpspec_stack::wire::options::Timestamps;

/// What came of a flood.
#[derive(Clone, Debug)]
pub struct Flood {
    pub syns: u64,
    /// Simulated time.
    pub span: Duration,
    pub cookies: u64,
    /// Segments of the established connection, and how many were answered at once.
    pub segments: (u64, u64),
    /// Clients that connected, of those that tried.
    pub clients: (u64, u64),
    /// Of these, connections that have window scale, SACK and timestamps, of those that asked for them.
    pub complete: (u64, u64),
    /// Octets that the stack took in addition, at most.
    pub octets: usize,
}

/// The socket of a stranger that is never heard of again.
fn stranger(n: u64) -> SocketAddr {
    (Ipv4Addr::from(0x0b00_0000 + (n / 60_000) as u32), (n % 60_000) as u16 + 1024).into()
}

/// So many SYNs, ten thousand in a second. `memory`: octets that are allocated.
pub fn flood(syns: u64, memory: &dyn Fn() -> usize) -> Flood {
    const CLIENTS: u64 = 1000;
    const SEGMENTS: u64 = 100;
    const SEGMENT: usize = 1460;
    let mut peer = Peer::new(false, |_| {});
    peer.end.stop_recording();
    let listener = peer.end.listen(80, 128).unwrap();
    let established =
        peer.connect(listener, |header| header.options.mss = header.flags.has(SYN).then_some(1460));
    let (us, mut seq, ack) = (peer.us, peer.seq, peer.ack);
    let mut buffer = [0; 2000];
    let mut flood = Flood {
        syns,
        span: Duration::ZERO,
        cookies: 0,
        segments: (0, 0),
        clients: (0, 0),
        complete: (0, 0),
        octets: 0,
    };
    peer.raw.reserve(64);
    let before = memory();
    let began = peer.now;
    for n in 0..syns {
        (peer.us, peer.seq) = (stranger(n), n as u32);
        let mut syn = peer.header(SYN);
        syn.options.mss = Some(1460);
        peer.send(&syn, &[]);
        peer.raw.clear();
        if n % SEGMENTS == 0 {
            // Full segments, so that two of them are acknowledged at once.
            for _ in 0..2 {
                (peer.us, peer.seq, peer.ack) = (us, seq, ack);
                let header = peer.header(ACK);
                peer.send(&header, &[7; SEGMENT]);
                seq = seq.wrapping_add(SEGMENT as u32);
                flood.segments.0 += 1;
            }
            let answered = peer.all().iter().any(|answer| answer.tcp.ack == seq);
            flood.segments.1 += 2 * u64::from(answered);
            while let Ok(tcpspec_stack::Received::Text(_)) =
                peer.end.receive(peer.now, established, &mut buffer)
            {}
            peer.raw.clear();
        }
        if n % CLIENTS == 0 {
            client(&mut peer, listener, n, &mut flood);
        }
        flood.octets = flood.octets.max(memory().saturating_sub(before));
        if n % 10 == 0 {
            peer.wait(Duration::from_millis(1));
            peer.raw.clear();
        }
    }
    flood.span = peer.now.since_origin() - began.since_origin();
    flood.cookies = peer.end.counters().cookies_sent;
    flood
}

/// A client that means it, with timestamps as every client today.
fn client(peer: &mut Peer, listener: tcpspec_stack::ListenerId, n: u64, flood: &mut Flood) {
    (peer.us, peer.seq) = ((Ipv4Addr::new(10, 0, 1, 1), (n % 60_000) as u16 + 1024).into(), n as u32);
    let mut syn = peer.header(SYN);
    syn.options.mss = Some(1460);
    syn.options.window_scale = Some(7);
    syn.options.sack_permitted = true;
    syn.options.timestamps = Some(Timestamps { val: 100, ecr: 0 });
    flood.clients.0 += 1;
    flood.complete.0 += 1;
    peer.send(&syn, &[]);
    let Some(answer) = peer.sent() else { return };
    (peer.seq, peer.ack) = (peer.seq.wrapping_add(1), answer.tcp.seq.wrapping_add(1));
    let offered = answer.tcp.options;
    let mut ack = peer.header(ACK);
    ack.options.timestamps = offered.timestamps.map(|stamps| Timestamps { val: 101, ecr: stamps.val });
    peer.send(&ack, &[]);
    if let Some(id) = peer.end.accept(listener) {
        flood.clients.1 += 1;
        let complete =
            offered.window_scale.is_some() && offered.sack_permitted && offered.timestamps.is_some();
        flood.complete.1 += u64::from(complete);
        peer.end.abort(peer.now, id).unwrap();
        peer.end.release(peer.now, id);
    }
    peer.raw.clear();
}
