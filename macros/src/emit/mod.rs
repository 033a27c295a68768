//! The code that a table becomes.

mod chain;
mod expected;
mod machine;
mod model;
mod mutants;
mod table;
mod types;

use crate::ir::Ir;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// All of it; if the table has errors, a stub in which the machine does nothing, so that its users have no errors of their own.
/// With `mutants`, also the machine with one fault, in a module of its own.
pub(crate) fn emit(ir: &Ir, sound: bool, mutants: bool) -> TokenStream {
    let types = types::types(ir);
    let machine = machine::machine(ir, sound);
    let model = model::model(ir, sound);
    let table = table::table(ir);
    let mutants = mutants.then(|| mutants::mutants(ir, sound));
    let names = (!sound).then(|| stub_names(ir));
    quote! { #types #machine #model #table #mutants #names }
}

/// Names what the stub leaves out, so that nobody is told that its imports are not needed.
fn stub_names(ir: &Ir) -> TokenStream {
    let rows = ir.rows().flat_map(|row| &row.effects);
    let imports: std::collections::BTreeMap<String, &syn::Ident> = rows
        .filter_map(|effect| effect.argument.as_ref()?.segments.first())
        .map(|first| (first.ident.to_string(), &first.ident))
        // `Self` and `crate` are no imports.
        .filter(|(name, _)| syn::parse_str::<syn::Ident>(name).is_ok())
        .collect();
    let imports = imports.into_values();
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use self::{guards as _, effects as _ #(, #imports as _)*};
        };
    }
}

/// A doc comment of one line.
fn doc(text: &str) -> TokenStream {
    let line = format!(" {text}");
    quote! { #[doc = #line] }
}

/// A number without its type.
fn number(number: usize) -> Literal {
    Literal::usize_unsuffixed(number)
}

/// Whether some code names something.
fn mentions(code: &TokenStream, name: &str) -> bool {
    code.clone().into_iter().any(|tree| match tree {
        proc_macro2::TokenTree::Group(group) => mentions(&group.stream(), name),
        proc_macro2::TokenTree::Ident(ident) => ident == name,
        _ => false,
    })
}

/// The name of a parameter, with an underscore if the code does not use it.
fn parameter(code: &TokenStream, name: &str) -> proc_macro2::Ident {
    if mentions(code, name) { quote::format_ident!("{name}") } else { quote::format_ident!("_{name}") }
}
