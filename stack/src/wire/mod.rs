//! Bytes ↔ headers. What this floor gives out is checked, and no other floor sees bytes.

pub(crate) mod flow;
mod header;
pub mod icmp;
pub mod ip;
pub mod ipv4;
pub mod ipv6;
pub mod options;
pub(crate) mod packet;
pub mod tcp;
pub(crate) mod udp;
pub(crate) mod usual;

/// Why a packet was dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Malformed {
    /// Shorter than its headers say.
    #[error("the packet is shorter than its headers say")]
    Short,
    /// Neither IP version 4 nor 6.
    #[error("neither an IPv4 nor an IPv6 packet")]
    Version,
    /// A header length below the smallest possible one.
    #[error("a header length is below the smallest possible one")]
    HeaderLength,
    /// A checksum does not match.
    #[error("a checksum does not match")]
    Checksum,
    /// An option is longer than the options, or of a wrong length.
    #[error("a TCP option has a wrong length")]
    Option,
    /// IPv6 extension headers that are too many, in a wrong place, or with an option that forbids to go on.
    #[error("IPv6 extension headers that are malformed, too many or not understood")]
    Extension,
    /// A port of zero, or a source that no host can have.
    #[error("a source or port that no host can have")]
    Address,
}

/// The Internet checksum (RFC 1071) as a running sum.
#[derive(Clone, Copy, Default)]
pub(crate) struct Checksum(u64);

/// Octets that are summed up at once.
const BLOCK: usize = 64;

impl Checksum {
    /// Adds a number.
    pub(crate) const fn number(&mut self, number: u32) {
        self.0 += number.to_be() as u64;
    }

    /// Adds octets; all but the last piece must be of even length.
    pub(crate) fn add(&mut self, octets: &[u8]) {
        // In the machine's own byte order: the sum does not depend on it (RFC 1071 §2 (B)). Words of 32 bits in sums of 64 never carry.
        let (blocks, rest) = octets.as_chunks::<BLOCK>();
        if !blocks.is_empty() {
            // An addition and its carry for eight octets. Two sums, so that the processor need not wait for the last one.
            let (mut one, mut other) = (0_u128, 0_u128);
            for block in blocks {
                for pair in block.as_chunks::<16>().0 {
                    let [a, b, c, d, e, f, g, h, rest @ ..] = *pair;
                    one += u128::from(u64::from_ne_bytes([a, b, c, d, e, f, g, h]));
                    other += u128::from(u64::from_ne_bytes(rest));
                }
            }
            let sum = one + other;
            let (low, high) = (sum as u64, (sum >> 64) as u64);
            self.0 += (low & 0xffff_ffff) + (low >> 32) + high;
        }
        let (words, last) = rest.as_chunks::<4>();
        let sum: u64 = words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum();
        let last = match *last {
            [] => 0,
            [a] => u32::from_ne_bytes([a, 0, 0, 0]),
            [a, b] => u32::from_ne_bytes([a, b, 0, 0]),
            [a, b, c, ..] => u32::from_ne_bytes([a, b, c, 0]),
        };
        self.0 += sum + u64::from(last);
    }

    /// Adds octets whose number is known when the program is compiled, a multiple of four.
    #[inline(always)]
    pub(crate) fn words<const N: usize>(&mut self, octets: &[u8; N]) {
        for word in octets.as_chunks::<4>().0 {
            self.0 += u64::from(u32::from_ne_bytes(*word));
        }
    }

    /// The checksum as it stands in a header; zero if the sum includes a correct one.
    pub(crate) const fn value(self) -> u16 {
        !u16::from_be(fold(self.0))
    }
}

/// The sum in 16 bits, carries added again.
const fn fold(sum: u64) -> u16 {
    let (sum, carry) = (sum as u32).overflowing_add((sum >> 32) as u32);
    let sum = sum + carry as u32;
    let (sum, carry) = (sum as u16).overflowing_add((sum >> 16) as u16);
    sum + carry as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_rfc_1071() {
        // §3 of RFC 1071: 0001 f203 f4f5 f6f7 sum to ddf2 after folding.
        let mut sum = Checksum::default();
        sum.add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.value(), !0xddf2);
        let mut odd = Checksum::default();
        odd.add(&[0x12, 0x34, 0x56]);
        assert_eq!(odd.value(), !(0x1234 + 0x5600));
    }

    #[test]
    fn whatever_the_length_it_is_the_sum_of_16_bit_words() {
        let octets: Vec<u8> = (0..2000_u32).map(|n| (n * n * 31 + n / 7) as u8).collect();
        for len in (0..200).chain([1447, 1448, 1999]) {
            let (mut sum, octets) = (Checksum::default(), &octets[..len]);
            sum.add(octets);
            let word = |pair: &[u8]| (u64::from(pair[0]) << 8) + u64::from(*pair.get(1).unwrap_or(&0));
            let slow: u64 = octets.chunks(2).map(word).sum();
            assert_eq!(sum.value(), !fold(slow), "{len}");
        }
    }
}
