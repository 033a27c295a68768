//! The macro's parser, on tables with faults in them. A macro crate lends nothing to others, so its files stand here once more.
#![no_main]
#![allow(dead_code)]

#[path = "../../../macros/src/ast.rs"]
mod ast;
#[path = "../../../macros/src/broken.rs"]
mod broken;
#[path = "../../../macros/src/check.rs"]
mod check;
#[path = "../../../macros/src/cube.rs"]
mod cube;
#[path = "../../../macros/src/emit/mod.rs"]
mod emit;
#[path = "../../../macros/src/errors.rs"]
mod errors;
#[path = "../../../macros/src/expand.rs"]
mod expand;
#[path = "../../../macros/src/expect.rs"]
mod expect;
#[path = "../../../macros/src/flow.rs"]
mod flow;
#[path = "../../../macros/src/ir.rs"]
mod ir;
#[path = "../../../macros/src/parse.rs"]
mod parse;
#[path = "../../../macros/src/resolve.rs"]
mod resolve;

use libfuzzer_sys::fuzz_target;

const SMALL: &str = include_str!("../../../macros/src/small_table.txt");

fuzz_target!(|octets: &[u8]| {
    broken::judge(&broken::edited(SMALL, octets));
});
