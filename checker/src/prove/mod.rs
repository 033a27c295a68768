//! Proofs for all numbers: the functions that ship run on terms instead of integers, once for each path, and a solver says which paths there are.
//!
//! Reading order: [`term`], [`solver`], [`path`], [`number`]; then [`end`], [`invariant`], [`run`], [`second_opinion`], [`theorem`]; then [`proof`], [`replay`], [`equivalent`], [`equivalent_bodies`]; then [`two_ends`].

pub(crate) mod end;
pub(crate) mod equivalent;
pub(crate) mod equivalent_bodies;
pub(crate) mod invariant;
pub(crate) mod number;
pub(crate) mod path;
pub(crate) mod proof;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod second_opinion;
pub(crate) mod solver;
pub(crate) mod term;
pub(crate) mod theorem;
pub(crate) mod two_ends;

pub use invariant::unproven;

#[cfg(test)]
mod tests;
