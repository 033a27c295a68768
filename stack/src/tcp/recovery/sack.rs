//! What the receiver reports: selective acknowledgments (RFC 2018 §4) and duplicates (RFC 2883).

use super::Block;
use tcpspec::{Full, Seq};

/// Blocks in one segment at most (RFC 2018 §3).
pub(crate) const MAX_BLOCKS: usize = 4;

/// Which blocks to report, the most recent first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reports {
    /// A number in each block that has changed lately.
    recent: [Option<Seq<Full>>; MAX_BLOCKS],
    /// What came twice, until it is reported.
    duplicate: Option<Block>,
}

impl Reports {
    /// A segment with these numbers has come. `rcv_nxt` is RCV.NXT before it was processed; `twice` finds the first part of a block without a hole that
    /// was kept before.
    pub(crate) fn arrived(
        &mut self,
        (from, until): Block,
        rcv_nxt: Seq<Full>,
        twice: impl Fn(Block) -> Option<Block>,
    ) {
        if from == until {
            return;
        }
        // RFC 2883 §4: one block for a segment, its first part that has come twice.
        if from.before(rcv_nxt) {
            // Old numbers come twice by definition. What follows them was missing.
            let end = if until.before(rcv_nxt) { until } else { rcv_nxt };
            self.duplicate = Some((from, end));
        } else if let Some(duplicate) = twice((from, until)) {
            self.duplicate = Some(duplicate);
        }
    }

    /// This is about to be kept. `held` finds the block around a number that was kept before.
    pub(crate) fn kept(&mut self, (from, until): Block, held: impl Fn(Seq<Full>) -> Option<Block>) {
        // What touches it or lies within it becomes one block with it. The block is remembered once.
        let touched = [held(from.minus(1)), Some((from, until)), held(until)];
        let is_other =
            |anchor: &Seq<Full>| !touched.iter().flatten().any(|(a, b)| anchor.in_window(*a, a.distance(*b)));
        let mut others = self.recent.into_iter().flatten().filter(is_other);
        let mut recent = [Some(from), None, None, None];
        recent.iter_mut().skip(1).for_each(|place| *place = others.next());
        self.recent = recent;
    }

    /// The blocks to report, the first one being a duplicate if `true`. A duplicate is reported once only.
    pub(crate) fn blocks(
        &mut self,
        rcv_nxt: Seq<Full>,
        max: usize,
        held: impl Fn(Seq<Full>) -> Option<Block>,
    ) -> ([Block; MAX_BLOCKS], usize) {
        let mut blocks = [(rcv_nxt, rcv_nxt); MAX_BLOCKS];
        let mut len = 0;
        let max = max.min(MAX_BLOCKS);
        if max == 0 {
            return (blocks, len);
        }
        let mut put = |block: Block| {
            if let Some(place) = blocks.get_mut(len).filter(|_| len < max) {
                *place = block;
                len += 1;
            }
        };
        // RFC 2883 §4 (4): behind a duplicate the block that it is part of, if that is not acknowledged yet.
        let mut around = None;
        if let Some(duplicate) = self.duplicate.take() {
            put(duplicate);
            around = held(duplicate.0).filter(|block| rcv_nxt.before(block.0));
            around.into_iter().for_each(&mut put);
        }
        let mut known: [Option<Block>; MAX_BLOCKS] = [None; MAX_BLOCKS];
        let mut kept = [None; MAX_BLOCKS];
        let mut count = 0;
        for anchor in self.recent.into_iter().flatten() {
            // Delivered meanwhile, or part of a block that is reported already.
            let Some(block) = held(anchor).filter(|block| rcv_nxt.before(block.0)) else { continue };
            if known.contains(&Some(block)) {
                continue;
            }
            if let (Some(a), Some(b)) = (known.get_mut(count), kept.get_mut(count)) {
                (*a, *b) = (Some(block), Some(anchor));
                count += 1;
            }
            if around != Some(block) {
                put(block);
            }
        }
        self.recent = kept;
        (blocks, len)
    }

    /// Nothing has come twice. What came early is in order by now if none of it is held.
    pub(crate) fn may_rest(&self) -> bool {
        self.duplicate.is_none()
    }

    /// Whether there is nothing to report.
    pub(crate) fn is_empty(&self) -> bool {
        self.duplicate.is_none() && self.recent.iter().all(Option::is_none)
    }
}
