//! The types: states, options, answers, timers, events.

use crate::emit::{doc, mentions, number};
use crate::ir::{Choice, Event, Ir, Question, Set, State, Timer, snake};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

/// All types but [`Row`](crate::emit::table).
pub(super) fn types(ir: &Ir) -> TokenStream {
    let states = states(&ir.states, &ir.sets);
    let options = options(&ir.options);
    let questions: TokenStream = ir.questions.iter().map(question).collect();
    let timers = timers(&ir.timers, &ir.events);
    let kinds = kinds(&ir.events);
    let events = events(&ir.events);
    quote! { #states #options #questions #timers #kinds #events }
}

fn states(states: &[State], sets: &[Set]) -> TokenStream {
    let idents: Vec<_> = states.iter().map(|state| &state.ident).collect();
    let docs: Vec<_> = states.iter().map(|state| &state.doc).collect();
    let comments = docs.iter().map(|text| doc(text));
    let names: Vec<_> = states.iter().map(|state| &state.name).collect();
    let repr = repr(states.len(), quote!(u8));
    let count = number(states.len());
    let initial = states.first().map(|first| {
        let first = &first.ident;
        quote! {
            /// The state in which everything begins.
            pub const INITIAL: Self = Self::#first;
        }
    });
    let sets = sets.iter().map(|set| {
        let name = format_ident!("is_{}", snake(&set.ident));
        let comment = doc(&format!("Whether it is one of these: {}", set.doc));
        let members = set.states.iter().map(|state| &states[state].ident);
        let members =
            if set.states.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#members)|*)) };
        quote! {
            #comment
            #[must_use]
            pub const fn #name(self) -> bool { #members }
        }
    });
    quote! {
        /// The states of a connection.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #repr
        pub enum State { #(#comments #idents,)* }

        impl State {
            /// All states, in the order of the table.
            pub const ALL: [Self; #count] = [#(Self::#idents),*];
            #initial

            /// Its name, as the RFC writes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#idents => #names,)* }
            }

            /// What it represents.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { #(Self::#idents => #docs,)* }
            }

            #(#sets)*
        }

        impl ::core::fmt::Display for State {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }
    }
}

fn options(options: &[Choice]) -> TokenStream {
    let idents: Vec<_> = options.iter().map(|option| &option.ident).collect();
    let names: Vec<_> = idents.iter().map(|ident| ident.to_string()).collect();
    let docs = options
        .iter()
        .map(|option| doc(&format!("{} ({}; default: {})", option.doc, option.source, option.default)));
    let defaults = options.iter().map(|option| option.default);
    let set = if options.is_empty() {
        quote! { let _ = (name, value); false }
    } else {
        quote! {
            match name {
                #(#names => self.#idents = value,)*
                _ => return false,
            }
            true
        }
    };
    quote! {
        /// Choices that the RFCs leave open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Options { #(#docs pub #idents: bool,)* }

        #[allow(clippy::derivable_impls)]
        impl Default for Options {
            fn default() -> Self {
                Self { #(#idents: #defaults),* }
            }
        }

        impl Options {
            /// The setting of the option with this name, if there is one.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<bool> {
                match name {
                    #(#names => Some(self.#idents),)*
                    _ => None,
                }
            }

            /// Sets the option with this name; false if there is none.
            pub fn set(&mut self, name: &str, value: bool) -> bool {
                #set
            }
        }
    }
}

fn question(question: &Question) -> TokenStream {
    let Question { answer, answers, .. } = question;
    let comment = doc(&question.doc);
    let idents = answers.iter().map(|(ident, _)| ident);
    let docs = answers.iter().map(|(_, text)| doc(text));
    quote! {
        #comment
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum #answer { #(#docs #idents,)* }
    }
}

fn timers(timers: &[Timer], events: &[Event]) -> TokenStream {
    let idents: Vec<_> = timers.iter().map(|timer| &timer.ident).collect();
    let docs = timers.iter().map(|timer| doc(&timer.doc));
    let names = idents.iter().map(|ident| ident.to_string());
    let kinds = timers.iter().map(|timer| match timer.event.and_then(|event| events.get(event)) {
        Some(event) => {
            let variant = &event.variant;
            quote!(EventKind::#variant)
        }
        None => quote!(loop {}),
    });
    let repr = repr(timers.len(), quote!(u8));
    let count = number(timers.len());
    quote! {
        /// The timers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #repr
        pub enum Timer { #(#docs #idents,)* }

        impl Timer {
            /// All timers, in the order of the table.
            pub const ALL: [Self; #count] = [#(Self::#idents),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#idents => #names,)* }
            }

            /// The event that its expiry is.
            #[must_use]
            pub const fn event(self) -> EventKind {
                match self { #(Self::#idents => #kinds,)* }
            }
        }

        impl ::core::fmt::Display for Timer {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }
    }
}

fn kinds(events: &[Event]) -> TokenStream {
    let variants: Vec<_> = events.iter().map(|event| &event.variant).collect();
    let docs = events.iter().map(|event| doc(&event.doc));
    let names = events.iter().map(|event| event.ident.to_string());
    let count = number(events.len());
    let repr = repr(events.len(), quote!(u8));
    quote! {
        /// The events, without what they bring with them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #repr
        pub enum EventKind { #(#docs #variants,)* }

        impl EventKind {
            /// All events, in the order of the table.
            pub const ALL: [Self; #count] = [#(Self::#variants),*];

            /// Its name in the table.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#variants => #names,)* }
            }
        }

        impl ::core::fmt::Display for EventKind {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }
    }
}

fn events(events: &[Event]) -> TokenStream {
    let variants: Vec<_> = events.iter().map(|event| &event.variant).collect();
    let docs = events.iter().map(|event| doc(&event.doc));
    let inputs: Vec<_> = events.iter().map(|event| &event.input).collect();
    // No input depends on the sequence space: the parameter must be used all the same.
    let unused = !inputs.iter().any(|input| mentions(&quote!(#input), "S"));
    let (extra, extra_kind) = if unused {
        (
            quote! { #[doc(hidden)] __Space(::core::convert::Infallible, ::core::marker::PhantomData<S>), },
            quote! { Self::__Space(never, _) => match *never {}, },
        )
    } else {
        Default::default()
    };
    quote! {
        /// The events, each with its input.
        #[derive(Clone, Debug)]
        pub enum Event<S: Space> {
            #(#docs #variants(#inputs),)*
            #extra
        }

        impl<S: Space> Event<S> {
            /// Which event it is.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self {
                    #(Self::#variants(_) => EventKind::#variants,)*
                    #extra_kind
                }
            }
        }
    }
}

/// `#[repr(…)]`, which an empty enum must not have.
pub(super) fn repr(variants: usize, integer: TokenStream) -> Option<TokenStream> {
    (variants > 0).then(|| quote!(#[repr(#integer)]))
}

/// The arms of a match over an event, for the functions that dispatch.
pub(super) fn dispatch(events: &[Event], arm: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let arms = events.iter().map(|event| {
        let (name, variant) = (&event.ident, &event.variant);
        let call = arm(name);
        quote_spanned! { proc_macro2::Span::call_site()=> Event::#variant(input) => #call, }
    });
    let inputs: Vec<_> = events.iter().map(|event| &event.input).collect();
    let unused = !inputs.iter().any(|input| mentions(&quote!(#input), "S"));
    let extra = unused.then(|| quote! { Event::__Space(never, _) => match *never {}, });
    quote! { #(#arms)* #extra }
}
