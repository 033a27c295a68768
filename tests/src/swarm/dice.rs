//! Numbers that look random and are the same for the same seed.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

fn mix(number: u64) -> u64 {
    let z = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    /// Dice of their own for each seed and each purpose: one throw more or less for one purpose changes no other.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        Self(mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ mix(purpose.wrapping_add(0x1234_5678_9abc_def1))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `n`, which is not zero.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// A part of one.
    pub(super) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this chance.
    pub(super) fn chance(&mut self, chance: f64) -> bool {
        self.part() < chance
    }

    /// A number between both, each order of magnitude as likely as any other.
    pub(super) fn scale(&mut self, least: u64, most: u64) -> u64 {
        let (low, high) = ((least as f64).ln(), (most as f64).ln());
        ((low + (high - low) * self.part()).exp() as u64).clamp(least, most)
    }

    /// The same for times, in milliseconds.
    pub(super) fn time(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.scale(least, most))
    }

    /// One of them.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// The text of a user: each place differs, and so does each user.
pub(super) fn text(key: u64, from: u64, len: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(len + 16);
    let first = from & 7;
    let mut word = from >> 3;
    while text.len() < len + first as usize {
        text.extend(mix(key ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_le_bytes());
        word += 1;
    }
    text.drain(..first as usize);
    text.truncate(len);
    text
}
