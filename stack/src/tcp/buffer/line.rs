//! A queue that is mostly empty or holds one item: the first one lies in the queue itself, so that it needs no memory of its own.

use std::collections::VecDeque;

/// A queue.
#[derive(Debug)]
pub(crate) struct Line<T> {
    first: Option<T>,
    /// Empty as long as there is no first one.
    rest: VecDeque<T>,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { first: None, rest: VecDeque::new() }
    }
}

impl<T> Line<T> {
    pub(crate) fn push_back(&mut self, item: T) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.rest.push_back(item);
        }
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let first = self.first.take();
        if !self.rest.is_empty() {
            self.first = self.rest.pop_front();
        } else if self.rest.capacity() > 0 && first.is_some() {
            // It was long, and will perhaps never be again.
            self.rest = VecDeque::new();
        }
        first
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.first.as_ref()
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.first.as_mut()
    }

    pub(crate) fn back_mut(&mut self) -> Option<&mut T> {
        if self.rest.is_empty() { self.first.as_mut() } else { self.rest.back_mut() }
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        if index == 0 { self.first.as_ref() } else { self.rest.get(index - 1) }
    }

    /// How many there are behind the first one.
    pub(crate) fn behind_first(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.rest)
    }

    /// Whether it keeps no memory beside itself.
    #[cfg(test)]
    pub(crate) fn is_bare(&self) -> bool {
        self.first.is_none() && self.rest.capacity() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_a_queue_does() {
        let (mut line, mut model) = (Line::default(), VecDeque::new());
        let mut random = 9_u64;
        for n in 0..10_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if (random >> 33) % 5 < 2 + u64::from(n % 200 < 100) {
                line.push_back(n);
                model.push_back(n);
            } else {
                assert_eq!(line.pop_front(), model.pop_front());
            }
            assert_eq!(line.front_mut(), model.front_mut());
            assert_eq!(line.back_mut(), model.back_mut());
            assert!(line.iter().eq(&model));
            assert_eq!(line.get(2), model.get(2));
        }
        while line.pop_front().is_some() {}
        assert!(line.is_bare(), "an empty one holds no memory");
    }
}
