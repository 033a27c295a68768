//! `#[breakable]`: functions that can have one fault in their bodies, and the list of these faults.
//!
//! A fault is switched on by the space of the sequence numbers: `S::broken(number)` answers no in every space but one. So the functions that ship are the same
//! with and without.

mod kinds;
#[cfg(test)]
mod tests;
mod text;
mod walk;

use crate::errors::Errors;
use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::path::PathBuf;
use syn::{Attribute, GenericParam, Generics, ImplItem, Item, ItemFn, ItemImpl, parse_quote};
use walk::Walker;

/// A fault of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What `S::broken` is asked.
    pub(crate) number: u32,
    /// `Type::function`, or the function.
    pub(crate) function: String,
    /// What is there instead of what.
    pub(crate) what: String,
}

/// The attribute. Without `faults` it gives the item back as it came.
pub(crate) fn attribute(arguments: &TokenStream, item: TokenStream, faults: bool) -> TokenStream {
    match changed(arguments, &item) {
        Ok(changed) if faults => changed,
        Ok(_) => item,
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#error #item)
        }
    }
}

/// The item, with its faults.
fn changed(arguments: &TokenStream, item: &TokenStream) -> syn::Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(syn::Error::new_spanned(arguments, "`breakable` takes no arguments"));
    }
    // Where the attribute stands.
    let here = |message: &str| syn::Error::new(Span::call_site(), message);
    let (changed, faults) = broken(syn::parse2(item.clone())?).map_err(here)?;
    if faults.is_empty() {
        return Err(here("there is nothing to break here: take `breakable` away"));
    }
    Ok(changed)
}

/// The item with its faults, and their list.
fn broken(item: Item) -> Result<(TokenStream, Vec<Fault>), &'static str> {
    match item {
        Item::Fn(mut function) => {
            check_space(&function.sig.generics)?;
            let faults = in_function(&mut function);
            Ok((function.into_token_stream(), faults))
        }
        Item::Impl(mut block) => {
            check_space(&block.generics)?;
            let faults = in_impl(&mut block);
            Ok((block.into_token_stream(), faults))
        }
        _ => Err("only functions and `impl` blocks can be breakable"),
    }
}

/// Faults are switched by the space, so one must be there, by this name.
fn check_space(generics: &Generics) -> Result<(), &'static str> {
    let is_space = |param: &GenericParam| matches!(param, GenericParam::Type(param) if param.ident == "S");
    if generics.params.iter().any(is_space) {
        Ok(())
    } else {
        Err("what is breakable has a space `S: Numbers`, which switches its faults")
    }
}

fn in_function(function: &mut ItemFn) -> Vec<Fault> {
    let mut walker = Walker::new(function.sig.ident.to_string(), &function.sig.output);
    *function.block = walker.body(&function.block);
    function.attrs.push(allowed());
    walker.faults
}

fn in_impl(block: &mut ItemImpl) -> Vec<Fault> {
    let name = match &*block.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    };
    let name = name.unwrap_or_default();
    let mut faults = Vec::new();
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let mut walker = Walker::new(format!("{name}::{}", method.sig.ident), &method.sig.output);
        method.block = walker.body(&method.block);
        method.attrs.push(allowed());
        faults.extend(walker.faults);
    }
    faults
}

/// What faults are made of is nobody's style.
fn allowed() -> Attribute {
    parse_quote!(#[allow(unused, clippy::all, reason = "faults are put in")])
}

/// The list of all faults in these files below `src` of the crate, as an array of `Body`.
pub(crate) fn list(files: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut bodies = Vec::new();
    let names: Vec<Literal> = files
        .into_iter()
        .filter_map(|token| if let TokenTree::Literal(name) = token { Some(name) } else { None })
        .collect();
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("src");
    for literal in names {
        let name = literal.to_string().trim_matches('"').to_owned();
        let text = match std::fs::read_to_string(root.join(&name)) {
            Ok(text) => text,
            Err(error) => {
                errors.at(literal.span(), format!("cannot read {name}: {error}"));
                continue;
            }
        };
        match in_file(&text) {
            Ok(faults) => {
                bodies.extend(named(&faults).map(|(fault, what)| {
                    let (number, function) = (fault.number, &fault.function);
                    let line = line(&text, function);
                    quote!(Body { number: #number, file: #name, function: #function, line: #line, what: #what })
                }));
            }
            Err(error) => errors.at(literal.span(), format!("{name}: {error}")),
        }
    }
    let errors = errors.into_tokens();
    quote!({ #errors &[#(#bodies),*] })
}

/// What is the same twice in a function gets a number.
fn named(faults: &[Fault]) -> impl Iterator<Item = (&Fault, String)> {
    faults.iter().enumerate().map(|(i, fault)| {
        let same = |other: &&Fault| other.function == fault.function && other.what == fault.what;
        let before = faults[..i].iter().filter(same).count();
        let number = if before > 0 { format!(" ({})", before + 1) } else { String::new() };
        (fault, format!("{}{number}", fault.what))
    })
}

/// The faults of all items of a file that are breakable.
fn in_file(text: &str) -> syn::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for mut item in syn::parse_file(text)?.items {
        let (Item::Fn(ItemFn { attrs, .. }) | Item::Impl(ItemImpl { attrs, .. })) = &mut item else {
            continue;
        };
        let others = attrs.len();
        attrs.retain(|attribute| !attribute.path().is_ident("breakable"));
        if attrs.len() < others {
            faults.extend(broken(item).map(|(_, faults)| faults).unwrap_or_default());
        }
    }
    Ok(faults)
}

/// The line of a function, from 1 on.
fn line(text: &str, function: &str) -> u32 {
    let name = function.rsplit("::").next().unwrap_or(function);
    let is_it = |line: &str| {
        let rest = line.split_once("fn ").and_then(|(_, rest)| rest.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with(['<', '(']))
    };
    text.lines().position(is_it).map_or(0, |line| line as u32 + 1)
}
