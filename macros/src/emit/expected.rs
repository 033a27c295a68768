//! The usual case of an event: a function that says whether it is there, and one that does what is to be done then.

use crate::emit::chain::test;
use crate::emit::{doc, parameter};
use crate::expect::{ExpectedStep, Plan, plan};
use crate::ir::{Condition, Event, Ir, Row};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// `machine::expects_…` and `machine::…_as_expected`, if the event has a usual case.
pub(super) fn expected(ir: &Ir, event: &Event, sound: bool) -> Option<TokenStream> {
    let expected = event.expected.as_ref()?;
    let plan = if sound { plan(ir, event, expected).ok()? } else { Plan::default() };
    let state = &ir.states[expected.state].ident;
    let settled = plan.settled.iter().map(|condition| test(ir, condition, false));
    let never = plan.never.iter().map(|never| {
        let together = all(ir, never);
        quote! { !(#together) }
    });
    let whether = quote! { matches!(state, State::#state) #(&& #settled)* #(&& #never)* };
    let code: TokenStream = plan.steps.iter().map(|step| step_code(ir, step)).collect();
    let [tcb, input, options] = ["tcb", "input", "options"].map(|name| parameter(&whether, name));
    let comment = doc(&expected.doc);
    let (expects, as_expected) =
        (format_ident!("expects_{}", event.ident), format_ident!("{}_as_expected", event.ident));
    let (name, rows) = (event.ident.to_string(), expected.rows.iter().map(ToString::to_string));
    let input_type = &event.input;
    let rows = doc(&format!(
        "Whether [`{name}`] takes no other rows than {}.",
        rows.map(|row| format!("`{row}`")).collect::<Vec<_>>().join(", ")
    ));
    let same =
        doc(&format!("The same as [`{name}`] if [`{expects}`] says so. Otherwise the rows would not fit."));
    let whether = quote! {
        #comment
        ///
        #rows
        #[inline]
        pub fn #expects<S: Space>(
            state: State,
            #tcb: &Tcb<S>,
            #input: &#input_type,
            #options: &Options,
        ) -> bool {
            #whether
        }
    };
    let [tcb, input, options, host] = ["tcb", "input", "options", "host"].map(|name| parameter(&code, name));
    Some(quote! {
        #whether

        #same
        #[inline]
        pub fn #as_expected<S: Space, H: Host<S>>(
            #tcb: &mut Tcb<S>,
            #input: &mut #input_type,
            #options: &Options,
            #host: &mut H,
        ) {
            #code
        }
    })
}

fn all(ir: &Ir, conditions: &[Condition]) -> TokenStream {
    let tests = conditions.iter().map(|condition| test(ir, condition, false));
    quote! { #(#tests)&&* }
}

fn step_code(ir: &Ir, step: &ExpectedStep<'_>) -> TokenStream {
    let mut code = TokenStream::new();
    for (row, open) in step.rows.iter().rev() {
        let row = taken(row);
        code = if open.is_empty() {
            row
        } else {
            let test = all(ir, open);
            let or = (!code.is_empty()).then(|| quote! { else { #code } });
            quote! { if #test { #row } #or }
        };
    }
    if step.when.is_empty() {
        code
    } else {
        let when = all(ir, &step.when);
        quote! { if #when { #code } }
    }
}

fn taken(row: &Row) -> TokenStream {
    let Row { ident, variant, .. } = row;
    if row.effects.is_empty() {
        quote! { host.fired(Row::#variant); }
    } else {
        quote! { rows::#ident(tcb, input, host); }
    }
}
