//! The errors of one build: gathered with their spans, reported together.

use proc_macro2::{Span, TokenStream};
use std::fmt::Display;

/// All errors found so far, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// An error at one place.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.0.push(syn::Error::new(span, message));
    }

    /// An error that the parser returned.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Whether all is well.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// One `compile_error!` for each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// ` (did you mean `X`?)` if something like it exists.
pub(crate) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let near = |candidate: &'a str| {
        let score = strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
        (score >= 0.6).then_some((score, candidate))
    };
    // Of equals the first, so that the text does not depend on the order of comparison.
    let best = candidates.into_iter().filter_map(near).reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, candidate)| format!("; did you mean `{candidate}`?")).unwrap_or_default()
}
