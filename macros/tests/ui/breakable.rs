//! What is breakable and cannot be broken.

use tcpspec_macros::{breakable, faults_of};

trait Numbers {}

#[breakable]
fn nothing_to_break<S: Numbers>(number: S) -> S {
    number
}

#[breakable]
fn without_a_space(number: u32) -> bool {
    number > 0
}

#[breakable]
struct NoFunction<S>(S);

#[breakable(everything)]
fn with_arguments<S: Numbers>(number: u32) -> bool {
    number > 0
}

struct Body;

static BODIES: &[Body] = faults_of!("no_such_file.rs");

fn main() {}
