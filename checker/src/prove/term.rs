//! Terms: 32-bit numbers that are not known, and what can be asked of them.
//!
//! A term is a sum of variables with coefficients, modulo 2^32. Equal sums are the same term, so that most questions about distances answer themselves.

use rapidhash::RapidHashMap;
use std::cell::RefCell;
use std::fmt::Write;
use std::hash::Hash;

/// A number that may depend on variables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Term(u32);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Sum {
    /// Variables in their order, each with its coefficient, which is not zero.
    parts: Vec<(usize, u32)>,
    constant: u32,
}

/// A question, or its opposite.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Question {
    kernel: u32,
    negated: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Kernel {
    /// Answered by yes.
    True,
    /// A fact that no number decides.
    Fact(&'static str),
    IsZero(Term),
    /// Unsigned.
    Less(Term, Term),
    /// The highest bit is set.
    Negative(Term),
}

impl Question {
    /// Answered by yes.
    pub(crate) const TRUE: Self = Self { kernel: 0, negated: false };

    /// The opposite question.
    pub(crate) const fn not(self) -> Self {
        Self { kernel: self.kernel, negated: !self.negated }
    }

    /// The question if `yes`, else its opposite.
    pub(crate) const fn if_not(self, yes: bool) -> Self {
        if yes { self } else { self.not() }
    }

    /// The question without its `not`, and whether there was none.
    pub(crate) const fn positive(self) -> (Self, bool) {
        (Self { kernel: self.kernel, negated: false }, !self.negated)
    }
}

/// All terms and questions of a thread. They are never forgotten, so that what was asked before is known.
struct Store {
    sums: Interned<Sum>,
    kernels: Interned<Kernel>,
    names: Vec<&'static str>,
    /// The variables that a question's terms have.
    variables: RapidHashMap<u32, Vec<usize>>,
}

#[derive(Debug)]
struct Interned<T> {
    all: Vec<T>,
    places: RapidHashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn new() -> Self {
        Self { all: Vec::new(), places: RapidHashMap::default() }
    }

    fn place(&mut self, value: T) -> u32 {
        if let Some(place) = self.places.get(&value) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(value.clone());
        self.places.insert(value, place);
        place
    }

    fn get(&self, place: u32) -> &T {
        &self.all[place as usize]
    }
}

thread_local! {
    static STORE: RefCell<Store> = RefCell::new(Store::new());
}

impl Store {
    fn new() -> Self {
        let mut kernels = Interned::new();
        kernels.place(Kernel::True);
        Self { sums: Interned::new(), kernels, names: Vec::new(), variables: RapidHashMap::default() }
    }

    fn constant(&mut self, constant: u32) -> Term {
        Term(self.sums.place(Sum { parts: Vec::new(), constant }))
    }

    fn known(&self, term: Term) -> Option<u32> {
        let sum = self.sums.get(term.0);
        sum.parts.is_empty().then_some(sum.constant)
    }

    /// `a + b × factor`
    fn add(&mut self, a: Term, b: Term, factor: u32) -> Term {
        let (a, b) = (self.sums.get(a.0), self.sums.get(b.0));
        let mut parts = Vec::with_capacity(a.parts.len() + b.parts.len());
        let (mut left, mut right) = (a.parts.iter().peekable(), b.parts.iter().peekable());
        loop {
            let part = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(part), other) if other.is_none_or(|other| part.0 < other.0) => {
                    let part = **part;
                    left.next();
                    part
                }
                (Some((variable, n)), Some((other, m))) if variable == other => {
                    let part = (*variable, n.wrapping_add(m.wrapping_mul(factor)));
                    left.next();
                    right.next();
                    part
                }
                (_, Some((variable, m))) => {
                    let part = (*variable, m.wrapping_mul(factor));
                    right.next();
                    part
                }
                (Some(_), None) => break,
            };
            if part.1 != 0 {
                parts.push(part);
            }
        }
        let constant = a.constant.wrapping_add(b.constant.wrapping_mul(factor));
        Term(self.sums.place(Sum { parts, constant }))
    }

    fn question(&mut self, kernel: Kernel) -> Question {
        if let Some(place) = self.kernels.places.get(&kernel) {
            return Question { kernel: *place, negated: false };
        }
        let variables = match &kernel {
            Kernel::True | Kernel::Fact(_) => Vec::new(),
            Kernel::IsZero(term) | Kernel::Negative(term) => self.variables(*term),
            Kernel::Less(a, b) => union(self.variables(*a), self.variables(*b)),
        };
        let place = self.kernels.place(kernel);
        self.variables.insert(place, variables);
        Question { kernel: place, negated: false }
    }

    fn variables(&self, term: Term) -> Vec<usize> {
        self.sums.get(term.0).parts.iter().map(|(variable, _)| *variable).collect()
    }

    fn value(&self, term: Term, model: &[u32]) -> u32 {
        let sum = self.sums.get(term.0);
        sum.parts.iter().fold(sum.constant, |value, (variable, factor)| {
            let part = model.get(*variable).copied().unwrap_or_default();
            value.wrapping_add(part.wrapping_mul(*factor))
        })
    }

    fn answer(&self, question: Question, model: &[u32]) -> bool {
        let yes = match self.kernels.get(question.kernel) {
            Kernel::True | Kernel::Fact(_) => true,
            Kernel::IsZero(term) => self.value(*term, model) == 0,
            Kernel::Less(a, b) => self.value(*a, model) < self.value(*b, model),
            Kernel::Negative(term) => self.value(*term, model) >> 31 == 1,
        };
        yes != question.negated
    }

    fn term_text(&self, term: Term, text: &mut String) {
        let sum = self.sums.get(term.0);
        let addends = sum.parts.len() + usize::from(sum.constant != 0 || sum.parts.is_empty());
        if addends > 1 {
            text.push_str("(bvadd");
        }
        for (variable, factor) in &sum.parts {
            let _ = match *factor {
                1 => write!(text, " v{variable}"),
                u32::MAX => write!(text, " (bvneg v{variable})"),
                factor => write!(text, " (bvmul #x{factor:08x} v{variable})"),
            };
        }
        if sum.constant != 0 || sum.parts.is_empty() {
            let _ = write!(text, " #x{:08x}", sum.constant);
        }
        if addends > 1 {
            text.push(')');
        }
    }

    fn question_text(&self, question: Question, text: &mut String) {
        if question.negated {
            text.push_str("(not ");
        }
        match self.kernels.get(question.kernel) {
            Kernel::True | Kernel::Fact(_) => text.push_str("true"),
            Kernel::IsZero(term) => {
                text.push_str("(= #x00000000 ");
                self.term_text(*term, text);
                text.push(')');
            }
            Kernel::Less(a, b) => {
                text.push_str("(bvult ");
                self.term_text(*a, text);
                text.push(' ');
                self.term_text(*b, text);
                text.push(')');
            }
            Kernel::Negative(term) => {
                text.push_str("(bvslt ");
                self.term_text(*term, text);
                text.push_str(" #x00000000)");
            }
        }
        if question.negated {
            text.push(')');
        }
    }
}

/// Both lists, in order and without what stands twice.
fn union(mut a: Vec<usize>, b: Vec<usize>) -> Vec<usize> {
    a.extend(b);
    a.sort_unstable();
    a.dedup();
    a
}

fn with<T>(act: impl FnOnce(&mut Store) -> T) -> T {
    STORE.with_borrow_mut(act)
}

/// The variable of this name.
pub(crate) fn variable(name: &'static str) -> Term {
    with(|store| {
        let place = store.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            store.names.push(name);
            store.names.len() - 1
        });
        Term(store.sums.place(Sum { parts: vec![(place, 1)], constant: 0 }))
    })
}

/// The names of all variables so far.
pub(crate) fn names() -> Vec<&'static str> {
    with(|store| store.names.clone())
}

/// A number that is known.
pub(crate) fn constant(value: u32) -> Term {
    with(|store| store.constant(value))
}

/// The term's number, if it depends on nothing.
pub(crate) fn known(term: Term) -> Option<u32> {
    with(|store| store.known(term))
}

/// The sum modulo 2^32.
pub(crate) fn add(a: Term, b: Term) -> Term {
    with(|store| store.add(a, b, 1))
}

/// The difference modulo 2^32.
pub(crate) fn subtract(a: Term, b: Term) -> Term {
    with(|store| store.add(a, b, u32::MAX))
}

/// Whether both are the same number.
pub(crate) fn equal(a: Term, b: Term) -> Question {
    with(|store| {
        // The same question for both directions.
        let difference = store.add(a, b, u32::MAX).min(store.add(b, a, u32::MAX));
        match store.known(difference) {
            Some(0) => Question::TRUE,
            Some(_) => Question::TRUE.not(),
            None => store.question(Kernel::IsZero(difference)),
        }
    })
}

/// Whether the one is less than the other, without sign.
pub(crate) fn less(a: Term, b: Term) -> Question {
    let (left, right) = (known(a), known(b));
    match (left, right) {
        _ if a == b => Question::TRUE.not(),
        (_, Some(0)) | (Some(u32::MAX), _) => Question::TRUE.not(),
        (Some(left), Some(right)) => Question::TRUE.if_not(left < right),
        (Some(0), _) => equal(b, a).not(),
        (_, Some(1)) => equal(a, constant(0)),
        _ => with(|store| store.question(Kernel::Less(a, b))),
    }
}

/// Whether the highest bit is set.
pub(crate) fn negative(term: Term) -> Question {
    match known(term) {
        Some(value) => Question::TRUE.if_not(value >> 31 == 1),
        None => with(|store| store.question(Kernel::Negative(term))),
    }
}

/// A fact that no number decides.
pub(crate) fn fact(name: &'static str) -> Question {
    with(|store| store.question(Kernel::Fact(name)))
}

/// The fact's name, if it is one.
pub(crate) fn fact_name(question: Question) -> Option<&'static str> {
    with(|store| match store.kernels.get(question.kernel) {
        Kernel::Fact(name) => Some(*name),
        _ => None,
    })
}

/// Whether no number decides it.
pub(crate) fn is_fact(question: Question) -> bool {
    with(|store| matches!(store.kernels.get(question.kernel), Kernel::Fact(_)))
}

/// The variables that the answer depends on.
pub(crate) fn variables(question: Question) -> Vec<usize> {
    with(|store| store.variables.get(&question.kernel).cloned().unwrap_or_default())
}

/// The answer where the variables have these values.
pub(crate) fn answer(question: Question, model: &[u32]) -> bool {
    with(|store| store.answer(question, model))
}

/// The question in the language of SMT-LIB.
pub(crate) fn smt(question: Question) -> String {
    with(|store| {
        let mut text = String::new();
        store.question_text(question, &mut text);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sums_are_one_term() {
        let (a, b) = (variable("a"), variable("b"));
        let there = add(subtract(a, b), b);
        assert_eq!(there, a);
        assert_eq!(equal(add(a, constant(1)), add(constant(1), a)), Question::TRUE);
        assert_eq!(equal(a, b), equal(b, a));
        assert_eq!(known(subtract(add(a, constant(7)), a)), Some(7));
        assert_eq!(less(a, a), Question::TRUE.not());
    }

    #[test]
    fn answers_are_those_of_integers() {
        let (a, b) = (variable("a"), variable("b"));
        let model = [5, 0xffff_fffe];
        assert!(answer(less(a, b), &model) && !answer(negative(a), &model) && answer(negative(b), &model));
        // 5 - 2 × (2^32 - 2) = 9
        let difference = subtract(subtract(a, b), b);
        assert!(answer(equal(difference, constant(9)), &model));
        assert_eq!(
            smt(less(difference, constant(7))),
            "(bvult (bvadd v0 (bvmul #xfffffffe v1))  #x00000007)"
        );
    }
}
