//! What initial sequence numbers and timestamps tell to somebody who opens connections and looks at them.

use crate::peer::{ACK, Peer, RST, SYN};
use std::time::Duration;
use tcpspec_stack::wire::options::Timestamps;

/// The initial number and the first timestamp for a SYN from this port, which is then forgotten.
fn ask(peer: &mut Peer, host: u8, port: u16) -> (u32, u32) {
    peer.us = ([10, 0, 0, host], port).into();
    let mut syn = peer.header(SYN);
    syn.options.timestamps = Some(Timestamps { val: 100, ecr: 0 });
    peer.send(&syn, &[]);
    let answer = peer.sent().expect("a SYN,ACK");
    assert_eq!(answer.tcp.flags, SYN.with(ACK));
    let seq = peer.seq;
    peer.seq = seq.wrapping_add(1);
    let rst = peer.header(RST);
    peer.send(&rst, &[]);
    peer.seq = seq;
    (answer.tcp.seq, answer.tcp.options.timestamps.expect("timestamps").val)
}

fn end(key: u64) -> Peer {
    let mut peer = Peer::new(false, |config| config.key = [key, !key]);
    peer.end.stop_recording();
    peer.end.listen(80, 8).unwrap();
    peer
}

/// χ² of the values of each of four octets, 255 degrees of freedom each: mean 255, standard deviation 22.6.
fn chi_squares(numbers: &[u32]) -> [f64; 4] {
    [0, 8, 16, 24].map(|shift| {
        let mut counts = [0u32; 256];
        for number in numbers {
            counts[(number >> shift & 0xff) as usize] += 1;
        }
        let expected = numbers.len() as f64 / 256.0;
        counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    })
}

/// What was found of one kind of number.
#[derive(Clone, Debug)]
pub struct Distribution {
    pub name: &'static str,
    pub count: usize,
    /// χ² of the four octets of the numbers, the lowest first.
    pub numbers: [f64; 4],
    /// The same of the differences between neighbours: one port to the next, one address to the next.
    pub differences: [f64; 4],
}

impl Distribution {
    fn new(name: &'static str, numbers: &[u32]) -> Self {
        let differences: Vec<_> = numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        Self {
            name,
            count: numbers.len(),
            numbers: chi_squares(numbers),
            differences: chi_squares(&differences),
        }
    }

    /// The largest of all.
    pub fn worst(&self) -> f64 {
        self.numbers.iter().chain(&self.differences).copied().fold(0.0, f64::max)
    }
}

/// Numbers for pairs of sockets that are neighbours, all asked for at one moment.
pub fn distributions() -> Vec<Distribution> {
    let mut peer = end(0x1234_5678);
    let (initial, stamps): (Vec<_>, Vec<_>) = (2..6)
        .flat_map(|host| (1024..u16::MAX).map(move |port| (host, port)))
        .map(|(host, port)| ask(&mut peer, host, port))
        .unzip();
    // The same pair, asked with another key each time.
    let keys: Vec<_> = (0..20_000).map(|key| ask(&mut end(key), 2, 5000).0).collect();
    vec![
        Distribution::new("initial numbers, neighbouring pairs", &initial),
        Distribution::new("first timestamps, neighbouring pairs", &stamps),
        Distribution::new("initial numbers, one pair, keys one apart", &keys),
    ]
}

/// One pair, asked again and again: by how much its numbers and timestamps go on in so many seconds.
pub fn advance(seconds: u64) -> (u32, u32) {
    let mut peer = end(7);
    let (before, stamp) = ask(&mut peer, 2, 5000);
    peer.wait(Duration::from_secs(seconds));
    let (after, later) = ask(&mut peer, 2, 5000);
    (after.wrapping_sub(before), later.wrapping_sub(stamp))
}
