//! Choices made of octets. When there are none left, each choice is its first.

use arbitrary::Unstructured;
use std::time::Duration;
use tcpspec::{Options, TABLE};
use tcpspec_stack::wire::options::{SackRanges, Timestamps};
use tcpspec_stack::wire::tcp;

/// The octets of a run.
pub(super) struct Choice<'a>(Unstructured<'a>);

impl<'a> Choice<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self(Unstructured::new(octets))
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below `n`, which is not zero.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        self.0.int_in_range(0..=n - 1).unwrap_or(0)
    }

    pub(super) fn yes(&mut self) -> bool {
        self.below(2) == 1
    }

    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == n - 1
    }

    pub(super) fn word(&mut self) -> u32 {
        self.0.arbitrary().unwrap_or(0)
    }

    pub(super) fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u32) as usize]
    }

    /// What is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }

    /// Near a number: the same, just beside, within a window, or anywhere.
    pub(super) fn near(&mut self, number: u32) -> u32 {
        match self.below(8) {
            0..=3 => number,
            4 => number.wrapping_add(1 + self.below(4)),
            5 => number.wrapping_sub(1 + self.below(4)),
            6 => number.wrapping_add(self.below(70_000)),
            _ => number.wrapping_add(self.word()),
        }
    }

    pub(super) fn span(&mut self) -> Duration {
        Duration::from_millis(self.of(&[0, 1, 10, 40, 200, 1000, 3000, 11_000, 60_000, 240_000, 3_600_000]))
    }

    /// A length of text.
    pub(super) fn text_len(&mut self) -> usize {
        match self.below(5) {
            0 => 0,
            1 => 1,
            2 => 1 + self.below(20) as usize,
            3 => 536,
            _ => 1 + self.below(1400) as usize,
        }
    }

    /// Options of a segment: timestamps near these, SACK ranges near this number.
    pub(super) fn options(&mut self, header: &mut tcp::Header, stamp: u32, acknowledged: u32) {
        if self.one_in(4) {
            header.options.mss = Some(self.of(&[1460, 536, 0, 1, 64, 65_535]));
        }
        if self.one_in(4) {
            header.options.window_scale = Some(self.of(&[7, 0, 14]));
        }
        header.options.sack_permitted = self.one_in(4);
        if self.yes() {
            let val = self.near(stamp);
            header.options.timestamps = Some(Timestamps { val, ecr: self.near(0) });
        }
        if self.one_in(4) {
            let mut ranges = SackRanges::default();
            for _ in 0..self.below(4) {
                let start = self.near(acknowledged);
                ranges.push(start, self.near(start.wrapping_add(1000)));
            }
            header.options.sack = ranges;
        }
    }

    /// Options of the table. No octets: as shipped.
    pub(super) fn table_options(&mut self, options: &mut Options) {
        if !self.one_in(4) {
            return;
        }
        // As many octets however many options there are: so an option more does not change what the inputs mean behind this.
        const { assert!(TABLE.options.len() <= 32) };
        let mut octets = [0; 32];
        octets.fill_with(|| self.below(256) as u8);
        let mut octets = Choice::new(&octets);
        for option in TABLE.options {
            let flipped = options.get(option.name) != Some(octets.one_in(4));
            options.set(option.name, flipped);
        }
    }
}
