//! Mutants: the same rows with one fault each. The checker must notice every one of them.
//!
//! They are a module of their own, emitted if the feature `mutants` asks for it. The machine that is shipped is the same with and without. A mutant is not listed
//! if it does the same as the row whatever the guards answer: both decision lists are compared, cube by cube.

use crate::ast::Verb;
use crate::cube::{Cube, Rest};
use crate::emit::types;
use crate::flow::{self, walk};
use crate::ir::{Atom, Condition, Event, Ir, Row, StateSet, Step};
use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::Lifetime;

/// `pub mod mutants`.
pub(super) fn mutants(ir: &Ir, sound: bool) -> TokenStream {
    let (functions, rows, list): (TokenStream, TokenStream, Vec<TokenStream>) = if sound {
        let functions = ir.events.iter().map(|event| function(ir, event)).collect();
        let rows = |event: &Event| {
            event
                .steps
                .iter()
                .flat_map(|step| &step.rows)
                .map(|row| taken(ir, event, row))
                .collect::<TokenStream>()
        };
        (functions, ir.events.iter().map(rows).collect(), list(ir))
    } else {
        let functions =
            ir.events.iter().map(|event| signature(event, &quote!(::core::result::Result::Ok(()))));
        (functions.collect(), TokenStream::new(), Vec::new())
    };
    let arms =
        types::dispatch(&ir.events, |name| quote!(events::#name(mutant, state, tcb, input, options, host)));
    let types = mutant_types();
    quote! {
        /// The machine with one fault: what a checker must notice.
        #[allow(unused_variables, unreachable_code, clippy::needless_return, clippy::nonminimal_bool)]
        pub mod mutants {
            use super::*;

            #types

            /// All mutants that are not, whatever the guards answer, the same as the row.
            pub static MUTANTS: &[Mutant] = &[#(#list),*];

            /// Processes an event as [`step`](super::step) does, but with this fault.
            ///
            /// # Errors
            ///
            /// A call of the user that the state or the TCB does not allow.
            pub fn step<S: Space, H: Host<S>>(
                mutant: Option<Mutant>,
                state: &mut State,
                tcb: &mut Tcb<S>,
                event: &mut Event<S>,
                options: &Options,
                host: &mut H,
            ) -> ::core::result::Result<(), CallError> {
                match event { #arms }
            }

            /// The fault of this row.
            #[inline(always)]
            fn fault(mutant: Option<Mutant>, row: Row) -> Option<Fault> {
                match mutant {
                    Some(mutant) if mutant.row as usize == row as usize => Some(mutant.fault),
                    _ => None,
                }
            }

            /// What became of a row.
            enum Taken {
                /// It was not taken.
                No,
                /// It was; the next step follows.
                GoesOn,
                /// It was; the event ends.
                Ends(::core::result::Result<(), CallError>),
            }

            /// The events: plain sequences of rows.
            mod events {
                use super::*;
                #functions
            }

            /// The rows, each with its faults.
            mod rows {
                use super::*;
                #rows
            }
        }
    }
}

fn mutant_types() -> TokenStream {
    quote! {
        /// What is wrong with a row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            /// It is not there; where no other row matches, the event is ignored.
            Removed,
            /// This one of its conditions is negated.
            Negated(u8),
            /// This one of its effects is left out.
            Without(u8),
            /// It does not enter its next state.
            NextKept,
            /// It enters this state instead of its own.
            OtherNext(State),
            /// It goes on instead of ending, or ends instead of going on.
            VerbExchanged,
            /// It is tried before the row that precedes it.
            Swapped,
        }

        /// A row with a fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Mutant {
            /// The row.
            pub row: Row,
            /// What is wrong with it.
            pub fault: Fault,
        }

        impl ::core::fmt::Display for Mutant {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let info = self.row.info();
                let name = info.name;
                let own = info.next.map_or("its own", State::name);
                match self.fault {
                    Fault::Removed => write!(f, "{name} removed"),
                    Fault::Negated(i) => {
                        write!(f, "{name} with `{}` negated", info.condition.get(i as usize).unwrap_or(&"?"))
                    }
                    Fault::Without(i) => {
                        write!(f, "{name} without `{}`", info.effects.get(i as usize).unwrap_or(&"?"))
                    }
                    Fault::NextKept => write!(f, "{name} does not enter {own}"),
                    Fault::OtherNext(other) => write!(f, "{name} enters {other} instead of {own}"),
                    Fault::VerbExchanged => match info.verb {
                        info::Verb::Next | info::Verb::Skip => write!(f, "{name} ends instead of going on"),
                        _ => write!(f, "{name} goes on instead of ending"),
                    },
                    Fault::Swapped => {
                        let before = Row::ALL.get((self.row as usize).wrapping_sub(1));
                        write!(f, "{name} tried before {}", before.map_or("?", |row| row.name()))
                    }
                }
            }
        }
    }
}

// --- The machine, row by row ---

fn signature(event: &Event, code: &TokenStream) -> TokenStream {
    let Event { ident, input, .. } = event;
    quote! {
        pub(super) fn #ident<S: Space, H: Host<S>>(
            mutant: Option<Mutant>,
            state: &mut State,
            tcb: &mut Tcb<S>,
            input: &mut #input,
            options: &Options,
            host: &mut H,
        ) -> ::core::result::Result<(), CallError> {
            #code
        }
    }
}

fn function(ir: &Ir, event: &Event) -> TokenStream {
    let swapped = |row: &Row| faults(ir, event, row).iter().any(|fault| matches!(fault, Fault::Swapped));
    let steps = event.steps.iter().map(|step| {
        let label = Lifetime::new(&format!("'{}", step.ident), Span::call_site());
        let states = in_states(ir, step.states);
        let when = step.when.iter().map(|condition| test(ir, condition));
        let rows = step.rows.iter().enumerate().map(|(r, row)| {
            let early = step.rows.get(r + 1).filter(|next| swapped(next)).map(|next| {
                let (variant, try_it) = (&next.variant, try_row(next, &label));
                quote! {
                    if matches!(fault(mutant, Row::#variant), Some(Fault::Swapped)) { #try_it }
                }
            });
            let try_it = try_row(row, &label);
            quote! { #early #try_it }
        });
        quote! {
            #label: {
                if !(#states #(&& #when)*) {
                    break #label;
                }
                #(#rows)*
                // Reached only where a fault has left a hole.
                return ::core::result::Result::Ok(());
            }
        }
    });
    signature(event, &quote! { #(#steps)* ::core::result::Result::Ok(()) })
}

fn try_row(row: &Row, label: &Lifetime) -> TokenStream {
    let (ident, variant) = (&row.ident, &row.variant);
    quote! {
        match rows::#ident(fault(mutant, Row::#variant), state, tcb, input, options, host) {
            Taken::No => {}
            Taken::GoesOn => break #label,
            Taken::Ends(result) => return result,
        }
    }
}

/// The function of a row.
fn taken(ir: &Ir, event: &Event, row: &Row) -> TokenStream {
    let (ident, variant, input) = (&row.ident, &row.variant, &event.input);
    let states = in_states(ir, row.states);
    let conditions = row.condition.iter().enumerate().map(|(i, condition)| {
        let (test, i) = (test(ir, condition), Literal::u8_unsuffixed(i as u8));
        quote! { && (#test) != matches!(fault, Some(Fault::Negated(#i))) }
    });
    let effects = row.effects.iter().enumerate().map(|(i, effect)| {
        let (name, argument, i) = (&effect.ident, effect.argument.iter(), Literal::u8_unsuffixed(i as u8));
        quote! {
            if !matches!(fault, Some(Fault::Without(#i))) {
                effects::#name(tcb, input, host #(, #argument)*);
            }
        }
    });
    let change = row.next.map(|next| {
        let next = &ir.states[next].ident;
        quote! {
            match fault {
                Some(Fault::NextKept) => {}
                Some(Fault::OtherNext(other)) => *state = other,
                _ => *state = State::#next,
            }
        }
    });
    let goes_on = quote!(Taken::GoesOn);
    let ends = quote!(Taken::Ends(::core::result::Result::Ok(())));
    let exchanged = |usual: &TokenStream, other: &TokenStream| {
        quote! { if matches!(fault, Some(Fault::VerbExchanged)) { #other } else { #usual } }
    };
    let end = match &row.verb {
        Verb::Next | Verb::Skip => exchanged(&goes_on, &ends),
        Verb::Stop | Verb::Drop => exchanged(&ends, &goes_on),
        Verb::Error(error) => quote!(Taken::Ends(::core::result::Result::Err(CallError::#error))),
    };
    quote! {
        pub(super) fn #ident<S: Space, H: Host<S>>(
            fault: Option<Fault>,
            state: &mut State,
            tcb: &mut Tcb<S>,
            input: &mut #input,
            options: &Options,
            host: &mut H,
        ) -> Taken {
            if !(#states && !matches!(fault, Some(Fault::Removed)) #(#conditions)*) {
                return Taken::No;
            }
            host.fired(Row::#variant);
            #(#effects)*
            #change
            #end
        }
    }
}

fn in_states(ir: &Ir, states: StateSet) -> TokenStream {
    if states == ir.all_states() {
        return quote!(true);
    }
    let idents = states.iter().map(|state| &ir.states[state].ident);
    quote! { matches!(*state, #(State::#idents)|*) }
}

fn test(ir: &Ir, condition: &Condition) -> TokenStream {
    let ident = &condition.ident;
    let not = (condition.values == 1).then(|| quote!(!));
    match condition.atom {
        Atom::Guard(_) => quote! { #not guards::#ident(tcb, input) },
        Atom::Choice(_) => {
            let name = ident.to_string();
            quote! { #not S::given(#name, options.#ident) }
        }
        Atom::Question(index) => {
            let question = &ir.questions[index];
            let answer = &question.answer;
            let yes = question.answers.iter().enumerate().filter(|(i, _)| condition.values >> i & 1 == 1);
            let yes = yes.map(|(_, (ident, _))| quote!(#answer::#ident));
            quote! { matches!(guards::#ident(tcb, input), #(#yes)|*) }
        }
    }
}

// --- The list ---

/// What is wrong with a row.
#[derive(Clone, Copy)]
enum Fault {
    Removed,
    Negated(usize),
    Without(usize),
    NextKept,
    OtherNext(usize),
    VerbExchanged,
    Swapped,
}

fn list(ir: &Ir) -> Vec<TokenStream> {
    let mut list = Vec::new();
    for event in &ir.events {
        for row in event.steps.iter().flat_map(|step| &step.rows) {
            let variant = &row.variant;
            list.extend(faults(ir, event, row).into_iter().map(|fault| {
                let index = |i: usize| Literal::u8_unsuffixed(i as u8);
                let fault = match fault {
                    Fault::Removed => quote!(Removed),
                    Fault::Negated(i) => {
                        let i = index(i);
                        quote!(Negated(#i))
                    }
                    Fault::Without(i) => {
                        let i = index(i);
                        quote!(Without(#i))
                    }
                    Fault::NextKept => quote!(NextKept),
                    Fault::OtherNext(state) => {
                        let state = &ir.states[state].ident;
                        quote!(OtherNext(State::#state))
                    }
                    Fault::VerbExchanged => quote!(VerbExchanged),
                    Fault::Swapped => quote!(Swapped),
                };
                quote! { Mutant { row: Row::#variant, fault: Fault::#fault } }
            }));
        }
    }
    list
}

/// The faults of a row that make a difference as far as the table itself can tell.
fn faults(ir: &Ir, event: &Event, row: &Row) -> Vec<Fault> {
    let mut all = vec![Fault::Removed];
    all.extend((0..row.condition.len()).map(Fault::Negated));
    all.extend((0..row.effects.len()).map(Fault::Without));
    if let Some(next) = row.next {
        all.push(Fault::NextKept);
        all.extend(other_state(ir, row, next).map(Fault::OtherNext));
    }
    all.extend([Fault::VerbExchanged, Fault::Swapped]);
    let place =
        event.steps.iter().zip(walk(ir, event, flow::machine)).enumerate().find_map(|(s, (step, here))| {
            let r = step.rows.iter().position(|other| other.ident == row.ident)?;
            Some((s, here.and(step.states).and(row.states), r))
        });
    let Some((s, states, r)) = place else { return Vec::new() };
    all.retain(|fault| states.iter().any(|state| Place { event, s, state }.notices(r, *fault)));
    all
}

/// The state after the next one in the list that is neither it nor one that the row applies to.
fn other_state(ir: &Ir, row: &Row, next: usize) -> Option<usize> {
    let count = ir.states.len();
    let others = || (1..count).map(|i| (next + i) % count);
    others().find(|state| !row.states.has(*state)).or_else(|| others().next())
}

/// What a row does in some state, as far as the table itself can tell.
#[derive(Clone, PartialEq, Eq)]
struct Deed {
    effects: Vec<String>,
    state: usize,
    goes_on: bool,
    error: Option<String>,
}

/// A row in some state: when it is taken, and what it does then.
#[derive(Clone)]
struct Plan {
    condition: Vec<Condition>,
    deed: Deed,
}

/// A step of an event, in a state.
#[derive(Clone, Copy)]
struct Place<'a> {
    event: &'a Event,
    s: usize,
    state: usize,
}

impl Place<'_> {
    fn step(&self) -> &Step {
        &self.event.steps[self.s]
    }

    /// Whether a row with this fault does something else here for some combination.
    fn notices(&self, r: usize, fault: Fault) -> bool {
        let usual = self.plans();
        let Some(place) = usual.iter().position(|(row, _)| *row == r) else { return false };
        let row = &self.step().rows[r];
        let mut faulty = usual.clone();
        let plan = &mut faulty[place].1;
        match fault {
            Fault::Removed => {
                faulty.remove(place);
            }
            Fault::Negated(i) => {
                let condition = &mut plan.condition[i];
                condition.values = condition.domain & !condition.values;
            }
            Fault::Without(i) => {
                plan.deed.effects.remove(i);
            }
            Fault::NextKept => plan.deed = self.deed(row, self.state, row.goes_on()),
            Fault::OtherNext(other) => plan.deed = self.deed(row, other, row.goes_on()),
            Fault::VerbExchanged if plan.deed.error.is_some() => return false,
            Fault::VerbExchanged => plan.deed = self.deed(row, plan.deed.state, !row.goes_on()),
            Fault::Swapped => {
                // Before the row that precedes it in the step, whether that row belongs to this state or not.
                if place == 0 || faulty[place - 1].0 + 1 != r {
                    return false;
                }
                faulty.swap(place - 1, place);
            }
        }
        self.differ(&usual, &faulty)
    }

    /// The rows that apply, with their numbers.
    fn plans(&self) -> Vec<(usize, Plan)> {
        let rows = self.step().rows.iter().enumerate().filter(|(_, row)| row.states.has(self.state));
        rows.map(|(r, row)| {
            let deed = self.deed(row, row.next.unwrap_or(self.state), row.goes_on());
            (r, Plan { condition: row.condition.clone(), deed })
        })
        .collect()
    }

    fn deed(&self, row: &Row, state: usize, goes_on: bool) -> Deed {
        Deed {
            effects: row.effects.iter().map(crate::ast::Effect::text).collect(),
            state,
            goes_on: goes_on && self.matters(state),
            error: match &row.verb {
                Verb::Error(error) => Some(error.to_string()),
                _ => None,
            },
        }
    }

    /// Whether any row of the later steps does something in this state.
    fn matters(&self, state: usize) -> bool {
        let later = self.event.steps.iter().skip(self.s + 1).filter(|step| step.states.has(state));
        let mut rows = later.flat_map(|step| &step.rows).filter(|row| row.states.has(state));
        rows.any(|row| row.acts() || matches!(row.verb, Verb::Error(_)))
    }

    fn differ(&self, usual: &[(usize, Plan)], faulty: &[(usize, Plan)]) -> bool {
        let mut left = Rest::all(Cube::of(&self.step().when));
        for (_, plan) in usual {
            let Some(cube) = Cube::of(&plan.condition) else { continue };
            let here = Rest(left.0.iter().filter_map(|piece| piece.and(&cube)).collect());
            if !self.all_do(here, faulty, &plan.deed) {
                return true;
            }
            left.remove(&plan.condition);
        }
        false
    }

    /// Whether all combinations that are left do this.
    fn all_do(&self, mut left: Rest, plans: &[(usize, Plan)], deed: &Deed) -> bool {
        for (_, plan) in plans {
            let Some(cube) = Cube::of(&plan.condition) else { continue };
            if left.meets(&cube) && *deed != plan.deed {
                return false;
            }
            left.remove(&plan.condition);
        }
        // Where no row is left, nothing is done and the event ends.
        let nothing = Deed { effects: Vec::new(), state: self.state, goes_on: false, error: None };
        left.0.is_empty() || *deed == nothing
    }
}
