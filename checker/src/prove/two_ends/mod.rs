//! Two ends, any number of segments: an invariant over both ends and one segment under way, which every event of either end keeps.
//!
//! An event changes one end. So the generated `step` runs once, as in the proof of one end, and of the other end only a [`pair::View`] is asked for. What the event does to
//! segments that are under way is a lemma of its own: it needs to know of the event only that numbers go forward.
//!
//! Reading order: [`pair`], [`step`], [`lemma`], [`proof`].

pub(crate) mod lemma;
pub(crate) mod pair;
pub(crate) mod proof;
pub(crate) mod step;

#[cfg(test)]
mod tests;
