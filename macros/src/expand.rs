//! The pipeline: tokens become a table, the table becomes code.

use crate::{check, emit, errors, parse, resolve};
use proc_macro2::TokenStream;

/// The whole pipeline, on tokens that tests can make too: the code that a table becomes, or its errors. `mutants`: with the machine that has one fault.
pub(crate) fn expand(input: TokenStream, mutants: bool) -> TokenStream {
    let mut errors = errors::Errors::default();
    let table = parse::table(input, &mut errors);
    let ir = resolve::resolve(table, &mut errors);
    check::check(&ir, &mut errors);
    let code = emit::emit(&ir, errors.is_empty(), mutants);
    let errors = errors.into_tokens();
    quote::quote! { #errors #code }
}
