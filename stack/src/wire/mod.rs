//! Bytes ↔ headers. What comes out of here is checked; past it nothing sees bytes.

pub mod icmp;
pub mod ip;
pub mod ipv4;
pub mod ipv6;
pub mod options;
pub mod tcp;

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

impl Checksum {
    /// Adds a number.
    pub(crate) fn number(&mut self, number: u64) {
        self.0 += number;
    }

    /// Adds octets; all but the last piece must be of even length.
    pub(crate) fn add(&mut self, octets: &[u8]) {
        let mut words = octets.chunks_exact(4);
        for word in &mut words {
            if let [a, b, c, d] = *word {
                self.0 += u64::from(u32::from_be_bytes([a, b, c, d]));
            }
        }
        match *words.remainder() {
            [a] => self.0 += u64::from(a) << 8,
            [a, b] => self.0 += u64::from(u16::from_be_bytes([a, b])),
            [a, b, c] => self.0 += u64::from(u16::from_be_bytes([a, b])) + (u64::from(c) << 8),
            _ => {}
        }
    }

    /// The checksum as it stands in a header; zero if the sum includes a correct one.
    pub(crate) fn value(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }
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
}
