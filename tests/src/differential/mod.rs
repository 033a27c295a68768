//! The same script of segments and user calls, played to our stack and to the kernel of this machine, and what they make of it.
//!
//! | module | what it does |
//! |---|---|
//! | [`script`] | scripts and their text form |
//! | [`peer`] | the peer that a script plays: makes its segments, and reads the answers with relative numbers |
//! | [`side`] | what both sides have in common: calls, packets, time, state |
//! | [`ours`], [`kernel`] | the two sides |
//! | [`run`] | plays a script to one side; what was seen, step by step |
//! | [`compare`] | the first step at which the two differ, and what is normalised before |
//! | [`lazy`] | the same where acknowledgments may be delayed |
//! | [`cells`] | the systematic scripts: each state, each kind of segment, each place, each ACK |
//! | [`random`], [`shrink`] | scripts from seeds, and the shortest that still shows a difference |
//! | [`reasons`] | why the kernel differs where it may: each reason with the differences that it covers, and no others |
//! | [`survey`] | all scripts played, in threads |
//! | [`report`], [`ladder`] | the list for people, and two ladders side by side |

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

pub mod cells;
pub mod compare;
pub mod kernel;
pub mod ladder;
pub mod lazy;
pub mod ours;
pub mod peer;
pub mod random;
pub mod reasons;
pub mod report;
pub mod run;
pub mod script;
pub mod shrink;
pub mod side;
pub mod survey;
