//! The machine: a function for each event, and one that dispatches.

use crate::ast::Verb;
use crate::emit::chain::{Style, Taken, body};
use crate::emit::expected::expected;
use crate::emit::{doc, parameter, types};
use crate::flow;
use crate::ir::{Event, Ir, Row};
use proc_macro2::TokenStream;
use quote::quote;

/// `pub mod machine` and `step`.
pub(super) fn machine(ir: &Ir, sound: bool) -> TokenStream {
    let functions: TokenStream = ir.events.iter().map(|event| function(ir, event, sound)).collect();
    let expected: TokenStream = ir.events.iter().filter_map(|event| expected(ir, event, sound)).collect();
    let rows: TokenStream = if sound {
        let rows = |event: &Event| {
            event
                .steps
                .iter()
                .flat_map(|step| &step.rows)
                .filter_map(|row| effects(event, row))
                .collect::<TokenStream>()
        };
        ir.events.iter().map(rows).collect()
    } else {
        TokenStream::new()
    };
    let rows = (!rows.is_empty()).then(|| {
        quote! {
            /// What the rows do.
            mod rows {
                use super::*;
                #rows
            }
        }
    });
    let arms = types::dispatch(&ir.events, |name| quote!(machine::#name(state, tcb, input, options, host)));
    let step = quote!(match event { #arms });
    let [state, tcb, options, host] = ["state", "tcb", "options", "host"].map(|name| parameter(&step, name));
    let call_error = quote!(::core::result::Result<(), CallError>);
    quote! {
        /// The machine: a function for each event. Each goes through the steps of its event in order.
        pub mod machine {
            use super::*;
            #functions
            #expected
            #rows
        }

        /// Processes an event: changes the state and the TCB, and talks to the host.
        ///
        /// # Errors
        ///
        /// A call of the user that the state or the TCB does not allow.
        #[inline]
        pub fn step<S: Space, H: Host<S>>(
            #state: &mut State,
            #tcb: &mut Tcb<S>,
            event: &mut Event<S>,
            #options: &Options,
            #host: &mut H,
        ) -> #call_error {
            #step
        }
    }
}

fn function(ir: &Ir, event: &Event, sound: bool) -> TokenStream {
    let Event { ident, section, input: input_type, .. } = event;
    let place = if section.is_empty() { String::new() } else { format!(" ({section})") };
    let comment = doc(&format!("{}{place}", event.doc));
    let taken = |row: &Row, last| taken(ir, row, last);
    let end = quote!(::core::result::Result::Ok(()));
    let style = Style { state: quote!(*state), leads_to: flow::machine, taken: &taken, end };
    let code = if sound { body(ir, event, &style) } else { style.end.clone() };
    let [state, tcb, input, options, host] =
        ["state", "tcb", "input", "options", "host"].map(|name| parameter(&code, name));
    quote! {
        #comment
        ///
        /// # Errors
        ///
        /// A call of the user that the state or the TCB does not allow.
        #[inline]
        pub fn #ident<S: Space, H: Host<S>>(
            #state: &mut State,
            #tcb: &mut Tcb<S>,
            #input: &mut #input_type,
            #options: &Options,
            #host: &mut H,
        ) -> ::core::result::Result<(), CallError> {
            #code
        }
    }
}

/// Says which row it is, does its effects, changes the state, and ends or goes on.
fn taken(ir: &Ir, row: &Row, last: bool) -> Taken {
    let Row { ident, variant, .. } = row;
    let act = if row.effects.is_empty() {
        quote! { host.fired(Row::#variant); }
    } else {
        quote! { rows::#ident(tcb, input, host); }
    };
    let change = row.next.map(|next| {
        let next = &ir.states[next].ident;
        quote! { *state = State::#next; }
    });
    let (end, returns) = match &row.verb {
        Verb::Error(error) => (quote! { return ::core::result::Result::Err(CallError::#error); }, true),
        Verb::Stop | Verb::Drop if !last => (quote! { return ::core::result::Result::Ok(()); }, true),
        _ => (TokenStream::new(), false),
    };
    Taken { code: quote! { #act #change #end }, returns }
}

/// The function of a row's effects; none if it has none.
fn effects(event: &Event, row: &Row) -> Option<TokenStream> {
    if row.effects.is_empty() {
        return None;
    }
    let (ident, variant, comment, input) = (&row.ident, &row.variant, doc(&row.sentence), &event.input);
    let calls = row.effects.iter().map(|effect| {
        let (name, argument) = (&effect.ident, effect.argument.iter());
        quote! { effects::#name(tcb, input, host #(, #argument)*); }
    });
    Some(quote! {
        #comment
        #[inline(always)]
        pub(super) fn #ident<S: Space, H: Host<S>>(tcb: &mut Tcb<S>, input: &mut #input, host: &mut H) {
            host.fired(Row::#variant);
            #(#calls)*
        }
    })
}
