//! TODO
use crate::{errors::Errors, ir::Ir};
pub(crate) fn check(_: &Ir, _: &mut Errors) {}
