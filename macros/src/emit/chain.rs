//! The steps of an event as code: blocks of `if`s, by state. The machine and the look-ahead differ only in the code of a row.

use crate::flow::{Arm, arms, walk};
use crate::ir::{Atom, Condition, Event, Ir, Row, StateSet, Step};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::collections::BTreeMap;
use syn::Lifetime;

/// What a row does when it is taken.
pub(super) struct Taken {
    /// Its code.
    pub(super) code: TokenStream,
    /// Whether the code ends the function.
    pub(super) returns: bool,
}

/// How a walk over the steps is written.
pub(super) struct Style<'a> {
    /// The expression of the state.
    pub(super) state: TokenStream,
    /// Where a row leads.
    pub(super) leads_to: fn(&Row, StateSet) -> StateSet,
    /// What a row does; the flag says whether its step is the last.
    pub(super) taken: &'a dyn Fn(&Row, bool) -> Taken,
    /// The result after the last step.
    pub(super) end: TokenStream,
}

/// The body of the function of an event.
pub(super) fn body(ir: &Ir, event: &Event, style: &Style<'_>) -> TokenStream {
    let reached = walk(ir, event, style.leads_to);
    let mut code = TokenStream::new();
    for (i, (here, step)) in reached.iter().zip(&event.steps).enumerate() {
        let chain = Chain { ir, style, step, here: *here, last: i + 1 == event.steps.len() };
        code.extend(chain.code());
        if chain.always_returns() {
            return code;
        }
    }
    let end = &style.end;
    quote! { #code #end }
}

/// One step.
struct Chain<'a> {
    ir: &'a Ir,
    style: &'a Style<'a>,
    step: &'a Step,
    here: StateSet,
    last: bool,
}

impl Chain<'_> {
    fn code(&self) -> TokenStream {
        let Style { state, .. } = self.style;
        let arms: Vec<_> =
            arms(self.step, self.here).into_iter().map(|arm| (arm.states, self.arm(&arm))).collect();
        let mut arms: Vec<_> = arms.into_iter().filter(|(_, code)| !code.is_empty()).collect();
        let when = self.conditions(&self.step.when.iter().collect::<Vec<_>>(), &BTreeMap::new());
        let code = match arms.len() {
            0 => return TokenStream::new(),
            1 => {
                // One comparison of the state, and only then what must hold.
                let (states, code) = arms.remove(0);
                let patterns = self.patterns(states);
                let in_state = (states != self.ir.all_states()).then(|| quote!(matches!(#state, #patterns)));
                let tests: Vec<_> = in_state.into_iter().chain((!when.is_empty()).then_some(when)).collect();
                if tests.is_empty() {
                    code
                } else {
                    quote! { if #(#tests)&&* { #code } }
                }
            }
            _ => {
                let covered = arms.iter().fold(StateSet::default(), |all, (states, _)| all.or(*states));
                let others = (!self.ir.all_states().without(covered).is_empty()).then(|| quote!(_ => {}));
                let arms = arms.iter().map(|(states, code)| {
                    let patterns = self.patterns(*states);
                    quote! { #patterns => { #code } }
                });
                let code = quote! { match #state { #(#arms)* #others } };
                if when.is_empty() {
                    code
                } else {
                    quote! { if #when { #code } }
                }
            }
        };
        let label = self.label();
        if breaks(&code, &self.step.ident.to_string()) {
            quote! { #label: { #code } }
        } else {
            code
        }
    }

    /// Whether rustc sees that what follows the step cannot be reached: each state has an arm, and each row returns.
    fn always_returns(&self) -> bool {
        let arms = arms(self.step, self.here);
        let covered = arms.iter().fold(StateSet::default(), |all, arm| all.or(arm.states));
        let mut branches = arms.iter().flat_map(|arm| &arm.branches);
        self.step.when.is_empty()
            && covered == self.ir.all_states()
            && branches.all(|branch| (self.style.taken)(branch.row, self.last).returns)
    }

    /// The rows of some states, in order.
    fn arm(&self, arm: &Arm<'_>) -> TokenStream {
        let mut uses: BTreeMap<Atom, usize> = BTreeMap::new();
        for condition in arm.branches.iter().flat_map(|branch| &branch.open) {
            if let Atom::Question(_) = condition.atom {
                *uses.entry(condition.atom).or_default() += 1;
            }
        }
        // A question that several rows ask is asked once, before the first of them.
        uses.retain(|_, uses| *uses > 1);
        let mut asked = Vec::new();
        let mut code = TokenStream::new();
        for branch in &arm.branches {
            for condition in &branch.open {
                if uses.contains_key(&condition.atom) && !asked.contains(&condition.atom) {
                    asked.push(condition.atom);
                    let question = &condition.ident;
                    code.extend(quote! { let #question = guards::#question(tcb, input); });
                }
            }
            let taken = (self.style.taken)(branch.row, self.last);
            let row = &taken.code;
            if branch.open.is_empty() {
                code.extend(quote! { #row });
                return code;
            }
            let test = self.conditions(&branch.open, &uses);
            let leave = (!taken.returns).then(|| {
                let label = self.label();
                quote! { break #label; }
            });
            code.extend(quote! { if #test { #row #leave } });
        }
        code
    }

    fn conditions(&self, conditions: &[&Condition], asked: &BTreeMap<Atom, usize>) -> TokenStream {
        let tests =
            conditions.iter().map(|condition| test(self.ir, condition, asked.contains_key(&condition.atom)));
        quote! { #(#tests)&&* }
    }

    fn patterns(&self, states: StateSet) -> TokenStream {
        let idents = states.iter().map(|state| &self.ir.states[state].ident);
        quote! { #(State::#idents)|* }
    }

    fn label(&self) -> Lifetime {
        Lifetime::new(&format!("'{}", self.step.ident), Span::call_site())
    }
}

/// The test of one condition; `asked`: a variable with the question's name holds its answer.
pub(super) fn test(ir: &Ir, condition: &Condition, asked: bool) -> TokenStream {
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
            let value = if asked { quote!(#ident) } else { quote!(guards::#ident(tcb, input)) };
            let answer = &question.answer;
            let named = |bits: u64| {
                let named = question.answers.iter().enumerate().filter(move |(i, _)| bits >> i & 1 == 1);
                named.map(|(_, (ident, _))| quote!(#answer::#ident)).collect::<Vec<_>>()
            };
            let (yes, no) = (named(condition.values), named(condition.domain & !condition.values));
            match (yes.as_slice(), no.as_slice()) {
                ([one], _) => quote! { #value == #one },
                (_, [one]) => quote! { #value != #one },
                _ => quote! { matches!(#value, #(#yes)|*) },
            }
        }
    }
}

/// Whether the code leaves a block with this label.
fn breaks(code: &TokenStream, label: &str) -> bool {
    let mut after_tick = false;
    code.clone().into_iter().any(|tree| {
        let found = match &tree {
            proc_macro2::TokenTree::Group(group) => breaks(&group.stream(), label),
            proc_macro2::TokenTree::Ident(ident) => after_tick && ident == label,
            _ => false,
        };
        after_tick = matches!(&tree, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == '\'');
        found
    })
}
