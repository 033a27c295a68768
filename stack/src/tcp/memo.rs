//! Numbers in few octets: how a connection that rests is written down, and read again. The same code goes both ways, so what was written is what is read.

use crate::base::{Span, Time};
use tcpspec::{Full, Seq, State};

/// What numbers are written as the distance from, so that most take one octet.
#[derive(Clone, Copy, Default)]
pub(crate) struct Near {
    pub(crate) at: Time,
    /// A number of ours, and one of the peer's.
    pub(crate) ours: Seq<Full>,
    pub(crate) theirs: Seq<Full>,
}

/// One of both ways. Each method writes the value, or reads it.
pub(crate) trait Memo {
    fn near(&self) -> Near;

    fn near_mut(&mut self) -> &mut Near;

    /// Seven bits an octet, the lowest first.
    fn number(&mut self, number: &mut u64);

    /// A number that is as likely large as small, in four octets.
    fn word(&mut self, word: &mut u32);

    /// The same of eight.
    fn wide(&mut self, word: &mut u64);

    /// Two of four.
    fn pair(&mut self, [a, b]: [&mut u32; 2]) {
        let mut wide = u64::from(*a) << 32 | u64::from(*b);
        self.wide(&mut wide);
        (*a, *b) = ((wide >> 32) as u32, wide as u32);
    }

    fn num<T: Copy + Default + Into<u64> + TryFrom<u64>>(&mut self, value: &mut T) {
        let mut number = (*value).into();
        self.number(&mut number);
        *value = T::try_from(number).unwrap_or_default();
    }

    /// A number, or none.
    fn maybe<T: Copy + Default + Into<u64> + TryFrom<u64>>(&mut self, value: &mut Option<T>) {
        self.option(value, |memo, value| memo.num(value));
    }

    /// A state.
    fn state(&mut self, state: &mut State) {
        let mut number = *state as u8;
        self.num(&mut number);
        // What was written is one.
        *state = number.try_into().unwrap_or(*state);
    }

    /// Yes-or-no facts, seven an octet.
    fn flags<const N: usize>(&mut self, flags: [&mut bool; N]) {
        let mut bits = flags.iter().enumerate().fold(0, |bits, (n, flag)| bits | u64::from(**flag) << n);
        self.number(&mut bits);
        flags.into_iter().enumerate().for_each(|(n, flag)| *flag = bits >> n & 1 == 1);
    }

    fn option<T: Default>(&mut self, value: &mut Option<T>, some: impl FnOnce(&mut Self, &mut T)) {
        let mut is_there = value.is_some();
        self.flags([&mut is_there]);
        if is_there {
            some(self, value.get_or_insert_default());
        } else {
            *value = None;
        }
    }

    /// A sequence number of ours.
    fn ours(&mut self, number: &mut Seq<Full>) {
        self.seq(number, self.near().ours);
    }

    /// A sequence number of the peer's.
    fn theirs(&mut self, number: &mut Seq<Full>) {
        self.seq(number, self.near().theirs);
    }

    fn seq(&mut self, number: &mut Seq<Full>, near: Seq<Full>) {
        let mut distance = zigzag(near.distance(*number).cast_signed().into());
        self.number(&mut distance);
        *number = near.plus(unzigzag(distance) as u32);
    }

    fn span(&mut self, span: &mut Span) {
        let mut nanos = span.nanos();
        self.number(&mut nanos);
        *span = Span::from_nanos(nanos);
    }

    /// The origin of time stands for never, and takes one octet.
    fn time(&mut self, time: &mut Time) {
        let near = self.near().at.nanos();
        let is_never = *time == Time::ZERO;
        let distance = zigzag(time.nanos().wrapping_sub(near).cast_signed());
        // No clock runs for so long that this comes round.
        let mut number = if is_never { 0 } else { distance.wrapping_add(1) };
        self.number(&mut number);
        let distance = unzigzag(number.wrapping_sub(1)).cast_unsigned();
        let nanos = if number == 0 { 0 } else { near.wrapping_add(distance) };
        *time = Time::ZERO + Span::from_nanos(nanos);
    }
}

/// Small numbers for small distances on either side.
const fn zigzag(distance: i64) -> u64 {
    (distance << 1 ^ distance >> 63).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// Writes.
pub(crate) struct Writing {
    pub(crate) octets: Vec<u8>,
    pub(crate) near: Near,
}

impl Memo for Writing {
    fn near(&self) -> Near {
        self.near
    }

    fn near_mut(&mut self) -> &mut Near {
        &mut self.near
    }

    #[inline(always)]
    fn number(&mut self, number: &mut u64) {
        if *number < 0x80 {
            self.octets.push(*number as u8);
        } else {
            self.long(*number);
        }
    }

    fn word(&mut self, word: &mut u32) {
        self.octets.extend_from_slice(&word.to_le_bytes());
    }

    fn wide(&mut self, word: &mut u64) {
        self.octets.extend_from_slice(&word.to_le_bytes());
    }
}

impl Writing {
    #[inline(never)]
    fn long(&mut self, mut rest: u64) {
        while rest >= 0x80 {
            self.octets.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.octets.push(rest as u8);
    }
}

/// Reads. Beyond the end there are zeros.
pub(crate) struct Reading<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) near: Near,
}

impl Memo for Reading<'_> {
    fn near(&self) -> Near {
        self.near
    }

    fn near_mut(&mut self) -> &mut Near {
        &mut self.near
    }

    #[inline(always)]
    fn number(&mut self, number: &mut u64) {
        match self.octets.split_first() {
            Some((octet, rest)) if *octet < 0x80 => (*number, self.octets) = (u64::from(*octet), rest),
            _ => *number = self.long(),
        }
    }

    fn word(&mut self, word: &mut u32) {
        let (octets, rest) = self.octets.split_first_chunk().unwrap_or((&[0; 4], &[]));
        (*word, self.octets) = (u32::from_le_bytes(*octets), rest);
    }

    fn wide(&mut self, word: &mut u64) {
        let (octets, rest) = self.octets.split_first_chunk().unwrap_or((&[0; 8], &[]));
        (*word, self.octets) = (u64::from_le_bytes(*octets), rest);
    }
}

impl Reading<'_> {
    #[inline(never)]
    fn long(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some((octet, rest)) = self.octets.split_first() {
            self.octets = rest;
            number |= u64::from(octet & 0x7f).unbounded_shl(shift);
            shift += 7;
            if *octet < 0x80 {
                break;
            }
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct All {
        numbers: [u64; 6],
        small: [u32; 2],
        flags: [bool; 3],
        maybe: [Option<u8>; 2],
        seqs: [Seq<Full>; 4],
        times: [Time; 5],
        span: Span,
        option: Option<Time>,
        word: u32,
        wide: u64,
        state: State,
    }

    impl All {
        fn keep(&mut self, memo: &mut impl Memo) {
            let Self {
                numbers,
                small,
                flags: [a, b, c],
                maybe,
                seqs,
                times,
                span,
                option,
                word,
                wide,
                state,
            } = self;
            numbers.iter_mut().for_each(|number| memo.number(number));
            small.iter_mut().for_each(|number| memo.num(number));
            memo.flags([a, b, c]);
            maybe.iter_mut().for_each(|number| memo.maybe(number));
            let [first, rest @ ..] = seqs;
            memo.ours(first);
            rest.iter_mut().for_each(|number| memo.theirs(number));
            times.iter_mut().for_each(|time| memo.time(time));
            memo.span(span);
            memo.option(option, |memo, time| memo.time(time));
            memo.word(word);
            memo.wide(wide);
            let [a, b] = small;
            memo.pair([a, b]);
            memo.state(state);
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let at = |seconds| Time::at(Duration::from_secs(seconds));
        let near = Near { at: at(1000), ours: Seq::new(5), theirs: Seq::new(u32::MAX) };
        let mut all = All {
            numbers: [0, 1, 0x7f, 0x80, u64::MAX - 1, u64::MAX],
            small: [u32::MAX, 300],
            flags: [true, false, true],
            maybe: [Some(255), None],
            seqs: [Seq::new(u32::MAX - 3), Seq::new(3), Seq::new(0x7fff_fffe), Seq::new(0x7fff_ffff)],
            times: [Time::ZERO, at(999), at(1001), at(1 << 33), Time::at(Duration::from_nanos(1))],
            span: Span::from_secs(3),
            option: Some(at(1000)),
            word: 0x0102_0304,
            wide: u64::MAX - 7,
            state: State::INITIAL,
        };
        let mut writing = Writing { octets: Vec::new(), near };
        let before = all;
        all.keep(&mut writing);
        assert_eq!(all, before, "writing changes nothing");
        let mut read = All { numbers: [9; 6], maybe: [None, Some(1)], ..all };
        let mut reading = Reading { octets: &writing.octets, near };
        read.keep(&mut reading);
        assert_eq!((read, reading.octets.len()), (all, 0));
        // What is near takes one octet.
        let mut writing = Writing { octets: Vec::new(), near };
        let (mut time, mut seq) = (at(1000), Seq::new(60));
        writing.time(&mut time);
        writing.ours(&mut seq);
        assert_eq!(writing.octets.len(), 2);
        read.keep(&mut Reading { octets: &[], near });
        assert_eq!(read.numbers, [0; 6], "beyond the end there are zeros");
    }
}
