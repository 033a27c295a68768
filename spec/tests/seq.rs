//! Sequence numbers against the definitions of RFC 9293 §3.4 and RFC 1982 §3.2, which are written here over whole integers: all pairs of numbers at small widths, and at
//! 32 bits all differences from two places, and many from others, the ends of the space among them.

use tcpspec::{Full, Seq, Small, Space};

/// What the definitions say of two numbers, by a walk around the circle and not by a difference of machine words.
struct Circle {
    size: u64,
}

impl Circle {
    /// How many steps forward lead from `a` to `b`.
    fn steps(&self, a: u32, b: u32) -> u64 {
        let (a, b) = (u64::from(a), u64::from(b));
        if b >= a { b - a } else { self.size - a + b }
    }

    /// "a < b": b is reached from a by fewer steps than half of the circle. Exactly half is "before" here, in both directions, though RFC 1982 leaves it undefined.
    fn before(&self, a: u32, b: u32) -> bool {
        let steps = self.steps(a, b);
        steps != 0 && steps * 2 <= self.size
    }
}

fn compare<S: Space>(circle: &Circle, a: u32, b: u32) {
    let (x, y) = (Seq::<S>::new(a), Seq::<S>::new(b));
    let steps = circle.steps(a, b);
    assert_eq!(u64::from(x.distance(y)), steps, "{a} to {b}");
    assert_eq!(x.before(y), circle.before(a, b), "{a} before {b}");
    assert_eq!(x.at_or_before(y), !circle.before(b, a), "{a} at or before {b}");
    assert_eq!((x.plus(steps as u32), y.minus(steps as u32)), (y, x), "{a} and {b}");
    assert_eq!((x.get(), x == y), (a, a == b));
    for len in [0, 1, steps as u32, (steps as u32).wrapping_add(1), S::mask()] {
        assert_eq!(y.in_window(x, len), steps < u64::from(len), "{b} in {len} from {a}");
    }
}

fn every_pair<S: Space>() {
    let circle = Circle { size: 1 << S::bits() };
    for a in 0..=S::mask() {
        for b in 0..=S::mask() {
            compare::<S>(&circle, a, b);
            let (x, y) = (Seq::<S>::new(a), Seq::<S>::new(b));
            for len in 0..=S::mask() {
                assert_eq!(y.in_window(x, len), circle.steps(a, b) < u64::from(len), "{b} in {len} from {a}");
            }
        }
        // What does not fit is cut off.
        assert_eq!(Seq::<S>::new(a.wrapping_add(S::mask()).wrapping_add(1)), Seq::new(a));
        let all: std::collections::BTreeSet<u32> =
            (0..=S::mask()).map(|n| Seq::<S>::new(a).plus(n).get()).collect();
        assert_eq!(all.len() as u64, circle.size, "each number is reached once");
    }
}

#[test]
fn every_pair_of_numbers_is_ordered_as_the_rfcs_define() {
    every_pair::<Small<3>>();
    every_pair::<Small<4>>();
    every_pair::<Small<5>>();
    every_pair::<Small<6>>();
    every_pair::<Small<8>>();
}

/// Where a number lies does not matter, only the difference; so a few places and the differences around every power of two are gone through, and many others.
#[test]
fn the_full_space_is_a_circle_of_2_to_the_32() {
    let circle = Circle { size: 1 << 32 };
    let near = |n: u32| [n.wrapping_sub(2), n.wrapping_sub(1), n, n.wrapping_add(1), n.wrapping_add(2)];
    let edges: Vec<u32> =
        (0..32).flat_map(|bit| near(1 << bit)).chain(near(0)).chain(near(u32::MAX)).collect();
    for a in &edges {
        for difference in &edges {
            compare::<Full>(&circle, *a, a.wrapping_add(*difference));
        }
        for n in 0..20_000_u32 {
            compare::<Full>(&circle, *a, n.wrapping_mul(2_654_435_761));
        }
    }
}

/// All 2³² differences, from two places.
#[test]
fn every_difference_of_the_full_space_is_ordered_as_the_rfcs_define() {
    const HALF: u64 = 1 << 31;
    for place in [0, 0x9e37_79b9_u32] {
        let from = Seq::<Full>::new(place);
        let is_wrong = |difference: &u32| {
            let (to, steps) = (from.plus(*difference), u64::from(*difference));
            let (before, after) = (steps != 0 && steps <= HALF, steps != 0 && (HALF * 2 - steps) <= HALF);
            to.get() != place.wrapping_add(*difference)
                || to.minus(*difference) != from
                || from.distance(to) != *difference
                || from.before(to) != before
                || to.before(from) != after
                || from.at_or_before(to) == after
        };
        assert_eq!((0..=u32::MAX).find(is_wrong), None, "a difference from {place}");
    }
}
