//! What a model asks before it acts: would this event do anything here?

use crate::emit::chain::{Style, Taken, body};
use crate::emit::{parameter, types};
use crate::flow;
use crate::ir::{Event, Ir, Row};
use proc_macro2::TokenStream;
use quote::quote;

/// `first_row`, `enabled` and a function for each event.
pub(super) fn model(ir: &Ir, sound: bool) -> TokenStream {
    let functions: TokenStream = ir.events.iter().map(|event| function(ir, event, sound)).collect();
    let arms = types::dispatch(&ir.events, |name| quote!(lookahead::#name(state, tcb, input, options)));
    let code = quote!(match event { #arms });
    let [state, tcb, options] = ["state", "tcb", "options"].map(|name| parameter(&code, name));
    quote! {
        /// The steps of each event without their effects.
        mod lookahead {
            use super::*;
            #functions
        }

        /// The first row that the event would take, other than those that do nothing and go on.
        #[must_use]
        pub fn first_row<S: Space>(#state: State, #tcb: &Tcb<S>, event: &Event<S>, #options: &Options) -> Option<Row> {
            #code
        }

        /// Whether the event would do something here: whether the first row it takes neither ignores nor refuses it.
        #[must_use]
        pub fn enabled<S: Space>(state: State, tcb: &Tcb<S>, event: &Event<S>, options: &Options) -> bool {
            first_row(state, tcb, event, options).is_some_and(Row::acts)
        }
    }
}

fn function(ir: &Ir, event: &Event, sound: bool) -> TokenStream {
    let Event { ident, input: input_type, .. } = event;
    let style = Style { state: quote!(state), leads_to: flow::lookahead, taken: &taken, end: quote!(None) };
    let code = if sound { body(ir, event, &style) } else { style.end.clone() };
    let [state, tcb, input, options] =
        ["state", "tcb", "input", "options"].map(|name| parameter(&code, name));
    quote! {
        pub(super) fn #ident<S: Space>(
            #state: State,
            #tcb: &Tcb<S>,
            #input: &#input_type,
            #options: &Options,
        ) -> Option<Row> {
            #code
        }
    }
}

fn taken(row: &Row, _last: bool) -> Taken {
    if row.passes() {
        return Taken { code: TokenStream::new(), returns: false };
    }
    let variant = &row.variant;
    Taken { code: quote! { return Some(Row::#variant); }, returns: true }
}
