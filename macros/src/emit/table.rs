//! The rows as an enum, and the static table that documents, coverage and explorer read.

use crate::ast::{Doc, Verb};
use crate::emit::types::repr;
use crate::emit::{doc, number};
use crate::ir::{Condition, Event, Expected, Ir, Row, StateSet, Step};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// `Row` and `TABLE`.
pub(super) fn table(ir: &Ir) -> TokenStream {
    let row = row_type(ir);
    let states = ir.states.iter().map(|state| {
        let (ident, name, doc) = (&state.ident, &state.name, &state.doc);
        quote! { info::StateInfo { state: State::#ident, name: #name, doc: #doc } }
    });
    let sets = ir.sets.iter().map(|set| {
        let (name, doc, states) = (set.ident.to_string(), &set.doc, state_list(ir, set.states));
        quote! { info::SetInfo { name: #name, doc: #doc, states: #states } }
    });
    let options = ir.options.iter().map(|option| {
        let (name, doc, source, default) =
            (option.ident.to_string(), &option.doc, &option.source, option.default);
        quote! { info::OptionInfo { name: #name, doc: #doc, source: #source, default: #default } }
    });
    let questions = ir.questions.iter().map(|question| {
        let (name, doc) = (question.ident.to_string(), &question.doc);
        let answers = question.answers.iter().map(|(answer, doc): &(Ident, Doc)| {
            let answer = answer.to_string();
            quote! { (#answer, #doc) }
        });
        quote! { info::QuestionInfo { name: #name, doc: #doc, answers: &[#(#answers),*] } }
    });
    let timers = ir.timers.iter().filter_map(|timer| {
        let (ident, doc) = (&timer.ident, &timer.doc);
        let event = &ir.events.get(timer.event?)?.variant;
        Some(quote! { info::TimerInfo { timer: Timer::#ident, doc: #doc, event: EventKind::#event } })
    });
    let events = ir.events.iter().map(|event| event_info(ir, event));
    quote! {
        #row

        /// The table itself.
        pub static TABLE: info::Table = info::Table {
            states: &[#(#states),*],
            sets: &[#(#sets),*],
            options: &[#(#options),*],
            questions: &[#(#questions),*],
            timers: &[#(#timers),*],
            events: &[#(#events),*],
        };
    }
}

fn row_type(ir: &Ir) -> TokenStream {
    let variants: Vec<_> = ir.rows().map(|row| &row.variant).collect();
    let sentences = ir.rows().map(|row| doc(&row.sentence));
    let names = ir.rows().map(|row| row.ident.to_string());
    let mut places = Vec::new();
    for (e, event) in ir.events.iter().enumerate() {
        for (s, step) in event.steps.iter().enumerate() {
            places.extend((0..step.rows.len()).map(|r| {
                let [e, s, r] = [e, s, r].map(number);
                quote!(&TABLE.events[#e].steps[#s].rows[#r])
            }));
        }
    }
    let acting: Vec<_> = ir.rows().filter(|row| row.acts()).map(|row| &row.variant).collect();
    let acts = if acting.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#acting)|*)) };
    let count = number(variants.len());
    let repr = repr(variants.len(), quote!(u16));
    quote! {
        /// The rows of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #repr
        pub enum Row { #(#sentences #variants,)* }

        impl Row {
            /// How many there are.
            pub const COUNT: usize = #count;
            /// All rows, in the order of the table.
            pub const ALL: [Self; #count] = [#(Self::#variants),*];

            /// Its name in the table.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#variants => #names,)* }
            }

            /// Whether it does something: neither ignores, nor refuses, nor only goes on.
            #[must_use]
            pub const fn acts(self) -> bool { #acts }

            /// All that the table says about it.
            #[must_use]
            pub fn info(self) -> &'static info::RowInfo {
                match self { #(Self::#variants => #places,)* }
            }
        }

        impl ::core::fmt::Display for Row {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }
    }
}

fn event_info(ir: &Ir, event: &Event) -> TokenStream {
    let (variant, name, doc, section) = (&event.variant, event.ident.to_string(), &event.doc, &event.section);
    let steps = event.steps.iter().map(|step| step_info(ir, event, step));
    let expected = match &event.expected {
        Some(Expected { doc, state, rows, .. }) => {
            let state = &ir.states[*state].ident;
            let rows = ir.rows().filter(|row| rows.contains(&row.ident)).map(|row| &row.variant);
            quote! {
                ::core::option::Option::Some(info::ExpectedInfo {
                    doc: #doc,
                    state: State::#state,
                    rows: &[#(Row::#rows),*],
                })
            }
        }
        None => quote! { ::core::option::Option::None },
    };
    quote! {
        info::EventInfo {
            event: EventKind::#variant,
            name: #name,
            doc: #doc,
            section: #section,
            expected: #expected,
            steps: &[#(#steps),*],
        }
    }
}

fn step_info(ir: &Ir, event: &Event, step: &Step) -> TokenStream {
    let (name, doc, section) = (step.ident.to_string(), &step.doc, &step.section);
    let (states, when) = (state_list(ir, step.states), conditions(&step.when));
    let rows = step.rows.iter().map(|row| row_info(ir, event, step, row));
    quote! {
        info::StepInfo {
            name: #name,
            doc: #doc,
            section: #section,
            states: #states,
            when: #when,
            rows: &[#(#rows),*],
        }
    }
}

fn row_info(ir: &Ir, event: &Event, step: &Step, row: &Row) -> TokenStream {
    let (variant, name, sentence, section) =
        (&row.variant, row.ident.to_string(), &row.sentence, &row.section);
    let (event, step, requirements) = (&event.variant, step.ident.to_string(), &row.requirements);
    let (states, condition) = (state_list(ir, row.states), conditions(&row.condition));
    let next = match row.next.and_then(|next| ir.states.get(next)) {
        None => quote!(None),
        Some(next) => {
            let next = &next.ident;
            quote!(Some(State::#next))
        }
    };
    let verb = match &row.verb {
        Verb::Next => quote!(Next),
        Verb::Stop => quote!(Stop),
        Verb::Drop => quote!(Drop),
        Verb::Skip => quote!(Skip),
        Verb::Error(error) => {
            let error = error.to_string();
            quote!(Error(#error))
        }
    };
    let effects = row.effects.iter().map(crate::ast::Effect::text);
    let line = number(row.span().start().line);
    quote! {
        info::RowInfo {
            row: Row::#variant,
            name: #name,
            sentence: #sentence,
            section: #section,
            requirements: &[#(#requirements),*],
            event: EventKind::#event,
            step: #step,
            states: #states,
            condition: #condition,
            next: #next,
            verb: info::Verb::#verb,
            effects: &[#(#effects),*],
            line: #line,
        }
    }
}

fn state_list(ir: &Ir, states: StateSet) -> TokenStream {
    let idents = states.iter().filter_map(|state| ir.states.get(state)).map(|state| &state.ident);
    quote! { &[#(State::#idents),*] }
}

fn conditions(conditions: &[Condition]) -> TokenStream {
    let texts = conditions.iter().map(|condition| &condition.text);
    quote! { &[#(#texts),*] }
}
