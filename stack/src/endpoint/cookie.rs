//! SYN cookies (RFC 4987 §3.6): the initial number of the SYN,ACK carries what the SYN says.
//!
//! 5 bits count slots of 64 seconds, and 3 bits name a segment size. 24 bits are a keyed hash of these, of the pair of sockets and of the peer's
//! number. Window scale and SACK stand in the lowest bits of our timestamp, if the peer uses timestamps, and come back as TSecr.

use crate::base::{Pair, Time};
use crate::tcp::cookie::{Cookie, STAMP_MASK};
use crate::tcp::host::default_mss;
use crate::tcp::shared::Shared;
use crate::wire::options::{Options, Timestamps};
use crate::wire::tcp;
use std::time::Duration;
use tcpspec::Flags;

/// Seconds in a slot.
const SLOT: u64 = 64;
/// An acknowledgment may come in the slot of its cookie and in the next.
pub(crate) const LIFETIME: Duration = Duration::from_secs(2 * SLOT);
/// Segment sizes that a cookie can name; the next smaller one is taken.
const SIZES: [u16; 8] = [64, 536, 1220, 1300, 1400, 1440, 1460, 8940];
/// The window scale that stands for none.
const NO_SCALE: u8 = 15;

fn slot(now: Time) -> u64 {
    now.since_origin().as_secs() / SLOT
}

fn number(pair: &Pair, irs: u32, slot: u64, size: usize, shared: &Shared) -> u32 {
    let hash = shared.hash_cookie(pair, irs, slot, size as u8);
    ((slot as u32) & 0x1f) << 27 | (size as u32 & 7) << 24 | (hash as u32 & 0x00ff_ffff)
}

/// The cookie for a SYN; none if its segment size is smaller than any that a cookie can name.
pub(crate) fn of(syn: &tcp::Header, pair: &Pair, now: Time, shared: &Shared) -> Option<Cookie> {
    let mss = syn.options.mss.unwrap_or_else(|| default_mss(pair.remote.ip()));
    let size = SIZES.iter().rposition(|size| *size <= mss)?;
    let Options { window_scale, sack_permitted, timestamps, .. } = syn.options;
    let stamp = timestamps
        .filter(|_| shared.config.timestamps)
        .map(|_| u32::from(window_scale.unwrap_or(NO_SCALE)) | u32::from(sack_permitted) << 4);
    Some(Cookie { iss: number(pair, syn.seq, slot(now), size, shared), stamp })
}

/// The SYN that an acknowledgment answers, if it acknowledges a cookie of ours, and the cookie.
pub(crate) fn syn_of(
    ack: &tcp::Header,
    pair: &Pair,
    now: Time,
    shared: &Shared,
) -> Option<(tcp::Header, Cookie)> {
    if !ack.flags.has(Flags::ACK) || ack.flags.has(Flags::SYN) || ack.flags.has(Flags::RST) {
        return None;
    }
    let (iss, seq) = (ack.ack.wrapping_sub(1), ack.seq.wrapping_sub(1));
    let now = slot(now);
    let age = now.wrapping_sub(u64::from(iss >> 27)) & 0x1f;
    let size = (iss >> 24 & 7) as usize;
    if age > 1 || age > now || number(pair, seq, now - age, size, shared) != iss {
        return None;
    }
    let stamps = ack.options.timestamps.filter(|_| shared.config.timestamps);
    let stamp = stamps.map(|stamps| stamps.ecr & STAMP_MASK);
    let scale = stamp.map(|stamp| (stamp & 0xf) as u8).filter(|scale| *scale != NO_SCALE);
    let options = Options {
        mss: SIZES.get(size).copied(),
        window_scale: scale,
        sack_permitted: stamp.is_some_and(|stamp| stamp & 0x10 != 0),
        timestamps: stamps.map(|stamps| Timestamps { val: stamps.val, ecr: 0 }),
        ..Options::default()
    };
    // The window comes with the acknowledgment, which follows.
    let syn = tcp::Header { seq, ack: 0, flags: Flags::SYN, window: 0, urgent: 0, options, ..*ack };
    Some((syn, Cookie { iss, stamp }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::net::Ipv4Addr;

    fn pair() -> Pair {
        let socket = |last, port| (Ipv4Addr::new(10, 0, 0, last), port).into();
        Pair { local: socket(1, 80), remote: socket(2, 5000) }
    }

    fn shared() -> Shared {
        let mut config = Config::new(Ipv4Addr::new(10, 0, 0, 1));
        config.key = [1, 2];
        Shared::new(config)
    }

    fn at(seconds: u64) -> Time {
        Time::at(Duration::from_secs(seconds))
    }

    fn syn(options: Options) -> tcp::Header {
        tcp::Header {
            source: 5000,
            destination: 80,
            seq: u32::MAX,
            flags: Flags::SYN,
            options,
            ..Default::default()
        }
    }

    /// The acknowledgment of a SYN,ACK with this cookie.
    fn ack(syn: &tcp::Header, cookie: Cookie) -> tcp::Header {
        let timestamps =
            syn.options.timestamps.map(|_| Timestamps { val: 900, ecr: cookie.stamp(1_000_000) });
        tcp::Header {
            seq: syn.seq.wrapping_add(1),
            ack: cookie.iss.wrapping_add(1),
            flags: Flags::ACK,
            options: Options { timestamps, ..Options::default() },
            ..*syn
        }
    }

    #[test]
    fn what_a_syn_says_comes_back() {
        let shared = shared();
        let stamps = Some(Timestamps { val: 800, ecr: 0 });
        for (mss, kept) in
            [(None, 536), (Some(1460), 1460), (Some(1459), 1440), (Some(65_000), 8940), (Some(64), 64)]
        {
            for window_scale in [None, Some(0), Some(14)] {
                for (sack_permitted, timestamps) in [(true, stamps), (false, stamps), (true, None)] {
                    let syn =
                        syn(Options { mss, window_scale, sack_permitted, timestamps, ..Options::default() });
                    let cookie = of(&syn, &pair(), at(5), &shared).unwrap();
                    let (back, same) = syn_of(&ack(&syn, cookie), &pair(), at(100), &shared).unwrap();
                    assert_eq!((back.seq, back.flags, same.iss), (syn.seq, Flags::SYN, cookie.iss));
                    let with = timestamps.is_some();
                    let expected = Options {
                        mss: Some(kept),
                        window_scale: window_scale.filter(|_| with),
                        sack_permitted: sack_permitted && with,
                        timestamps: timestamps.map(|_| Timestamps { val: 900, ecr: 0 }),
                        ..Options::default()
                    };
                    assert_eq!(back.options, expected);
                    // And nothing else was promised to the peer.
                    let promised = cookie.syn(&syn).options;
                    assert_eq!(promised.window_scale, expected.window_scale);
                    assert_eq!(promised.sack_permitted, expected.sack_permitted);
                }
            }
        }
        assert_eq!(of(&syn(Options { mss: Some(63), ..Options::default() }), &pair(), at(5), &shared), None);
    }

    #[test]
    fn it_is_valid_for_its_pair_and_number_and_not_for_long() {
        let shared = shared();
        let syn = syn(Options::default());
        let cookie = of(&syn, &pair(), at(130), &shared).unwrap();
        let ack = ack(&syn, cookie);
        let valid =
            |ack: &tcp::Header, pair: &Pair, seconds| syn_of(ack, pair, at(seconds), &shared).is_some();
        assert!(valid(&ack, &pair(), 130) && valid(&ack, &pair(), 255));
        assert!(!valid(&ack, &pair(), 256) && !valid(&ack, &pair(), 127), "two slots of 64 seconds");
        // The slot comes around after 2048 seconds, and the hash is another.
        assert!(!valid(&ack, &pair(), 130 + 2048));
        let other = Pair { remote: (Ipv4Addr::new(10, 0, 0, 2), 5001).into(), ..pair() };
        assert!(!valid(&ack, &other, 130));
        assert!(!valid(&tcp::Header { seq: ack.seq + 1, ..ack }, &pair(), 130));
        for bit in 0..32 {
            assert!(!valid(&tcp::Header { ack: ack.ack ^ 1 << bit, ..ack }, &pair(), 130), "bit {bit}");
        }
        for flags in [Flags::SYN.with(Flags::ACK), Flags::RST.with(Flags::ACK), Flags::FIN] {
            assert!(!valid(&tcp::Header { flags, ..ack }, &pair(), 130));
        }
    }
}
