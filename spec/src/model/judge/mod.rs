//! What the model judges: recorded runs of the stack, and how many guesses a forger needs.

pub mod forgery;
pub mod replay;
