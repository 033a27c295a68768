//! TCP options: maximum segment size (§3.7.1), window scale and timestamps (RFC 7323), selective acknowledgment (RFC 2018).

use super::Malformed;

/// The largest window scale (RFC 7323 §2.3).
pub const MAX_SCALE: u8 = 14;
/// Octets of options that a header has room for (§3.1).
pub const MAX_LEN: usize = 40;
/// Octets that the Timestamps option takes, padding included.
pub const TIMESTAMPS_LEN: usize = 12;

/// Kinds of options (§3.2).
const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const MSS: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

/// The options that the stack understands. The options of a SYN mean nothing elsewhere, so a reader looks at the control bits first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Maximum segment size in octets; of a SYN (§3.7.1).
    pub mss: Option<u16>,
    /// Window scale, at most 14; of a SYN (RFC 7323 §2.2).
    pub window_scale: Option<u8>,
    /// SACK may be used; of a SYN (RFC 2018 §2).
    pub sack_permitted: bool,
    /// TSval and TSecr (RFC 7323 §3.2).
    pub timestamps: Option<Timestamps>,
    /// What has come out of order (RFC 2018 §3).
    pub sack: SackRanges,
}

/// The Timestamps option (RFC 7323 §3.2), in ticks of the sender's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timestamps {
    /// TSval: when the segment was sent.
    pub val: u32,
    /// TSecr: the TSval that is echoed; means nothing without an ACK.
    pub ecr: u32,
}

/// Up to four ranges of sequence numbers, in the order of the header: from the first number to the one after the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SackRanges {
    ranges: [(u32, u32); Self::MAX],
    len: u8,
}

impl SackRanges {
    /// As many as fit into a header without other options.
    pub const MAX: usize = 4;
    /// As many as fit beside timestamps.
    pub const MAX_WITH_TIMESTAMPS: usize = 3;

    /// Adds a range; false if there is no room.
    pub fn push(&mut self, start: u32, end: u32) -> bool {
        let Some(slot) = self.ranges.get_mut(usize::from(self.len)) else { return false };
        *slot = (start, end);
        self.len += 1;
        true
    }

    /// The ranges.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.ranges.iter().take(self.len.into()).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len.into()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Options {
    /// Takes the options of a header apart.
    ///
    /// # Errors
    ///
    /// [`Malformed::Option`] if a length is wrong (MUST-7).
    pub fn parse(options: &[u8]) -> Result<Self, Malformed> {
        let mut all = Self::default();
        all.read(options)?;
        Ok(all)
    }

    /// Reads them into options that are the default.
    #[inline]
    pub(crate) fn read(&mut self, options: &[u8]) -> Result<(), Malformed> {
        match *options {
            [] => Ok(()),
            // What nearly every segment has (RFC 7323 appendix A).
            [NO_OPERATION, NO_OPERATION, TIMESTAMPS, 10, a, b, c, d, e, f, g, h] => {
                let (val, ecr) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
                self.timestamps = Some(Timestamps { val, ecr });
                Ok(())
            }
            _ => self.read_any(options),
        }
    }

    fn read_any(&mut self, mut options: &[u8]) -> Result<(), Malformed> {
        loop {
            match *options {
                // MUST-4, MUST-5.
                [] | [END, ..] => return Ok(()),
                [NO_OPERATION, ref rest @ ..] => options = rest,
                [kind, len, ..] => {
                    let (option, rest) = options.split_at_checked(len.into()).ok_or(Malformed::Option)?;
                    self.take(kind, option.get(2..).ok_or(Malformed::Option)?)?;
                    options = rest;
                }
                [_] => return Err(Malformed::Option),
            }
        }
    }

    fn take(&mut self, kind: u8, value: &[u8]) -> Result<(), Malformed> {
        match (kind, value) {
            (MSS, &[a, b]) => self.mss = Some(u16::from_be_bytes([a, b])),
            (WINDOW_SCALE, &[scale]) => self.window_scale = Some(scale.min(MAX_SCALE)),
            (SACK_PERMITTED, []) => self.sack_permitted = true,
            (TIMESTAMPS, &[a, b, c, d, e, f, g, h]) => {
                let (val, ecr) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
                self.timestamps = Some(Timestamps { val, ecr });
            }
            (SACK, ranges) if !ranges.is_empty() && ranges.len() % 8 == 0 => {
                self.sack = SackRanges::default();
                for range in ranges.chunks_exact(8) {
                    if let &[a, b, c, d, e, f, g, h] = range {
                        self.sack.push(u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
                    }
                }
            }
            (MSS | WINDOW_SCALE | SACK_PERMITTED | TIMESTAMPS | SACK, _) => return Err(Malformed::Option),
            // MUST-6: an unknown one is skipped by its length.
            _ => {}
        }
        Ok(())
    }

    /// Ranges that are written: those that have room beside the others.
    fn sack_room(&self) -> usize {
        if self.sack.is_empty() {
            return 0;
        }
        let others = if self.timestamps.is_some() { TIMESTAMPS_LEN } else { 0 }
            + self.mss.map_or(0, |_| 4)
            + self.window_scale.map_or(0, |_| 4);
        (MAX_LEN.saturating_sub(others + 4) / 8).min(self.sack.len())
    }

    /// Octets that [`write`](Self::write) writes: a multiple of four, at most 40.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let timestamps = if self.timestamps.is_some() { TIMESTAMPS_LEN } else { 0 };
        // Beside timestamps it stands where their padding would be.
        let permitted = if self.sack_permitted && self.timestamps.is_none() { 4 } else { 0 };
        let sack = match self.sack_room() {
            0 => 0,
            ranges => 4 + 8 * ranges,
        };
        self.mss.map_or(0, |_| 4) + self.window_scale.map_or(0, |_| 4) + timestamps + permitted + sack
    }

    /// The Timestamps option with its padding as words, if there is no other option (RFC 7323 appendix A).
    #[inline]
    pub(super) fn usual(&self) -> Option<[u32; TIMESTAMPS_LEN / 4]> {
        let Timestamps { val, ecr } = self.timestamps?;
        let alone =
            self.mss.is_none() && self.window_scale.is_none() && !self.sack_permitted && self.sack.is_empty();
        alone.then_some([u32::from_be_bytes([NO_OPERATION, NO_OPERATION, TIMESTAMPS, 10]), val, ecr])
    }

    /// Writes the options, each at a multiple of four octets.
    pub(crate) fn write(&self, packet: &mut Vec<u8>) {
        if let Some(mss) = self.mss {
            let [a, b] = mss.to_be_bytes();
            packet.extend_from_slice(&[MSS, 4, a, b]);
        }
        let [first, second] = if self.sack_permitted { [SACK_PERMITTED, 2] } else { [NO_OPERATION; 2] };
        match self.timestamps {
            Some(Timestamps { val, ecr }) => {
                let ([a, b, c, d], [e, f, g, h]) = (val.to_be_bytes(), ecr.to_be_bytes());
                packet.extend_from_slice(&[first, second, TIMESTAMPS, 10, a, b, c, d, e, f, g, h]);
            }
            None if self.sack_permitted => {
                packet.extend_from_slice(&[first, second, NO_OPERATION, NO_OPERATION]);
            }
            None => {}
        }
        if let Some(scale) = self.window_scale {
            packet.extend_from_slice(&[NO_OPERATION, WINDOW_SCALE, 3, scale]);
        }
        let ranges = self.sack_room();
        if ranges > 0 {
            packet.extend([NO_OPERATION, NO_OPERATION, SACK, 2 + 8 * ranges as u8]);
            for (start, end) in self.sack.iter().take(ranges) {
                packet.extend(start.to_be_bytes());
                packet.extend(end.to_be_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9293: MUST-4, MUST-6, MUST-7
    #[test]
    fn options_are_skipped_by_length_or_refused() {
        let ok = |options: &[u8]| Options::parse(options);
        // An experimental one (RFC 4727) is not ours.
        assert_eq!(ok(&[1, 1, 253, 10, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 5, 180]).unwrap().mss, Some(1460));
        assert_eq!(ok(&[3, 3, 200]).unwrap().window_scale, Some(MAX_SCALE));
        assert_eq!(ok(&[0, 2, 4]), Ok(Options::default()));
        for bad in [
            &[2][..],
            &[2, 4, 5],
            &[8, 0],
            &[8, 1, 1],
            &[2, 3, 5],
            &[3, 4, 1, 1],
            &[4, 3, 0],
            &[5, 2],
            &[5, 6, 0, 0, 0, 0],
            &[8, 6, 0, 0, 0, 0],
            &[254, 255],
        ] {
            assert_eq!(ok(bad), Err(Malformed::Option), "{bad:?}");
        }
    }

    /// RFC 9293: MUST-68
    #[test]
    fn every_combination_is_aligned_fits_and_is_read_as_it_was_written() {
        for bits in 0..16 {
            for ranges in 0..=SackRanges::MAX {
                let mut sack = SackRanges::default();
                for n in 0..ranges as u32 {
                    assert!(sack.push(n * 100, n * 100 + 50));
                }
                let mut options = Options {
                    mss: (bits & 1 != 0).then_some(1460),
                    window_scale: (bits & 2 != 0).then_some(7),
                    sack_permitted: bits & 4 != 0,
                    timestamps: (bits & 8 != 0).then_some(Timestamps { val: 0xdead_beef, ecr: 7 }),
                    sack,
                };
                // A SYN has no ranges.
                if bits & 7 != 0 && ranges > 0 {
                    continue;
                }
                let mut octets = Vec::new();
                options.write(&mut octets);
                assert_eq!(octets.len(), options.len());
                assert!(octets.len() % 4 == 0 && octets.len() <= MAX_LEN, "{options:?}: {octets:?}");
                if bits == 8 && ranges == 4 {
                    options.sack =
                        options.sack.iter().take(3).fold(SackRanges::default(), |mut sack, range| {
                            sack.push(range.0, range.1);
                            sack
                        });
                }
                assert_eq!(Options::parse(&octets), Ok(options));
            }
        }
    }

    #[test]
    fn there_is_room_for_so_many_ranges() {
        let mut sack = SackRanges::default();
        let pushed: Vec<_> = (0..6).map(|n| sack.push(n, n + 1)).collect();
        assert_eq!(pushed, [true, true, true, true, false, false]);
        assert_eq!((sack.len(), sack.is_empty()), (SackRanges::MAX, false));
    }
}
