//! Names → [`ir`](crate::ir). Reports what is unknown, written twice, or lacks its sentence or section.

use crate::ast::{self, Doc};
use crate::errors::{Errors, did_you_mean};
use crate::ir::{
    Atom, Choice, Condition, Event, Expected, Ir, Question, Row, Set, State, StateSet, Step, Timer, camel,
};
use proc_macro2::Span;
use std::collections::HashMap;
use syn::{Ident, LitStr};

/// Looks up every name.
pub(crate) fn resolve(table: ast::Table, errors: &mut Errors) -> Ir {
    let before = errors.count();
    let mut names = Names { errors, states: HashMap::new(), steps: HashMap::new(), rows: HashMap::new() };
    let states = names.states(table.states);
    let sets = names.sets(table.sets);
    let options = names.options(table.options);
    let questions = names.questions(table.questions);
    let mut ir =
        Ir { states, sets, options, questions, timers: Vec::new(), events: Vec::new(), broken: table.broken };
    ir.events = names.events(&ir, table.events);
    ir.timers = names.timers(&ir, table.timers);
    if !table.broken {
        if ir.states.is_empty() {
            errors.at(Span::call_site(), "the table has no states");
        }
        if ir.events.is_empty() {
            errors.at(Span::call_site(), "the table has no events");
        }
    }
    ir.broken |= errors.count() > before;
    ir
}

/// Names that later parts refer to, and the errors found on the way.
struct Names<'e> {
    errors: &'e mut Errors,
    /// States and sets: what they stand for.
    states: HashMap<String, (Ident, StateSet)>,
    /// The steps of the current event.
    steps: HashMap<String, Ident>,
    /// The rows of the whole table, by variant.
    rows: HashMap<String, Ident>,
}

/// Names that are the parameters of every generated function.
const RESERVED: [&str; 5] = ["state", "tcb", "input", "options", "host"];

impl Names<'_> {
    // --- The blocks before the events ---

    fn states(&mut self, states: Vec<ast::State>) -> Vec<State> {
        let mut all = Vec::new();
        for ast::State { doc, ident, name } in states {
            self.sentence(&doc, "state", &ident);
            if all.len() == StateSet::MAX {
                self.errors.at(ident.span(), format!("more than {} states", StateSet::MAX));
                break;
            }
            let this = StateSet::only(all.len());
            if self.new_state(&ident, this) {
                all.push(State { ident, name: name.value(), doc });
            }
        }
        all
    }

    fn sets(&mut self, sets: Vec<ast::Set>) -> Vec<Set> {
        let mut all = Vec::new();
        for ast::Set { doc, ident, members } in sets {
            self.sentence(&doc, "set", &ident);
            let states =
                members.iter().filter_map(|member| self.term(member)).fold(StateSet::default(), StateSet::or);
            if self.new_state(&ident, states) {
                all.push(Set { ident, doc, states });
            }
        }
        all
    }

    fn new_state(&mut self, ident: &Ident, states: StateSet) -> bool {
        let first = self.states.get(&ident.to_string());
        let new = first.is_none();
        match first {
            Some((first, _)) => twice(self.errors, "state or set", ident, first),
            None => {
                self.states.insert(ident.to_string(), (ident.clone(), states));
            }
        }
        new
    }

    fn options(&mut self, options: Vec<ast::Choice>) -> Vec<Choice> {
        let mut seen = HashMap::new();
        let mut all = Vec::new();
        for ast::Choice { doc, ident, default, source } in options {
            self.sentence(&doc, "option", &ident);
            if is_new(self.errors, &mut seen, "option", &ident) {
                all.push(Choice { ident, doc, default, source: source.value() });
            }
        }
        all
    }

    fn questions(&mut self, questions: Vec<ast::Question>) -> Vec<Question> {
        let (mut seen, mut seen_types) = (HashMap::new(), HashMap::new());
        let mut all = Vec::new();
        for ast::Question { doc, ident, answer, answers } in questions {
            self.sentence(&doc, "question", &ident);
            if RESERVED.contains(&ident.to_string().as_str()) {
                self.errors.at(
                    ident.span(),
                    format!("no question can be called `{ident}`: the machine's functions use that name"),
                );
            }
            if answers.is_empty() || answers.len() > 64 {
                self.errors.at(ident.span(), format!("question `{ident}` needs 1 to 64 answers"));
            }
            let mut seen_answers = HashMap::new();
            let mut kept = Vec::new();
            for ast::Answer { doc, ident } in answers {
                self.sentence(&doc, "answer", &ident);
                if is_new(self.errors, &mut seen_answers, "answer", &ident) {
                    kept.push((ident, doc));
                }
            }
            kept.truncate(64);
            let new = is_new(self.errors, &mut seen, "question", &ident);
            if is_new(self.errors, &mut seen_types, "answer type", &answer) && new {
                all.push(Question { ident, doc, answer, answers: kept });
            }
        }
        all
    }

    fn timers(&mut self, ir: &Ir, timers: Vec<ast::Timer>) -> Vec<Timer> {
        let mut seen = HashMap::new();
        let mut all = Vec::new();
        for ast::Timer { doc, ident, event } in timers {
            self.sentence(&doc, "timer", &ident);
            let index = ir.events.iter().position(|candidate| candidate.ident == event);
            if index.is_none() {
                let candidates: Vec<_> =
                    ir.events.iter().map(|candidate| candidate.ident.to_string()).collect();
                self.unknown("event", &event, &candidates);
            }
            if is_new(self.errors, &mut seen, "timer", &ident) {
                all.push(Timer { ident, doc, event: index });
            }
        }
        all
    }

    // --- Events, steps, rows ---

    fn events(&mut self, ir: &Ir, events: Vec<ast::Event>) -> Vec<Event> {
        let mut seen = HashMap::new();
        let mut all = Vec::new();
        for ast::Event { doc, ident, input, section, expected, steps, broken } in events {
            self.sentence(&doc, "event", &ident);
            let before = self.errors.count();
            let variant = camel(&ident);
            let new = is_new_as(self.errors, &mut seen, "event", &ident, variant.to_string());
            self.steps.clear();
            let mut guards = Vec::new();
            let steps = steps
                .into_iter()
                .filter_map(|step| self.step(ir, step, section.as_ref(), &mut guards))
                .collect::<Vec<_>>();
            let expected = expected.and_then(|expected| self.expected(ir, expected, &steps));
            if new {
                let broken = broken || self.errors.count() > before;
                all.push(Event {
                    ident,
                    variant,
                    doc,
                    input,
                    section: text(section.as_ref()),
                    expected,
                    steps,
                    broken,
                });
            }
        }
        all
    }

    /// The usual case of an event. Its rows exist, apply in its state and leave the state as it is.
    fn expected(&mut self, ir: &Ir, expected: ast::Expected, steps: &[Step]) -> Option<Expected> {
        let ast::Expected { doc, state, rows } = expected;
        self.sentence(&doc, "expected case of", &state);
        let span = state.span();
        let state = self.state(ir, &state)?;
        let known: Vec<&Row> = steps.iter().flat_map(|step| &step.rows).collect();
        for (i, name) in rows.iter().enumerate() {
            match known.iter().find(|row| row.ident == *name) {
                None => {
                    let candidates: Vec<_> = known.iter().map(|row| row.ident.to_string()).collect();
                    self.unknown("row of this event", name, &candidates);
                }
                Some(row) if !row.states.has(state) => {
                    let state = &ir.states[state].name;
                    self.errors.at(name.span(), format!("row `{name}` does not apply in {state}"));
                }
                Some(row) if !row.stays() => {
                    let why = "what is expected goes on to the last step in the same state";
                    self.errors
                        .at(name.span(), format!("row `{name}` ends the event or leaves the state; {why}"));
                }
                Some(_) if rows[..i].contains(name) => {
                    self.errors.at(name.span(), format!("row `{name}` is named twice"));
                }
                Some(_) => {}
            }
        }
        Some(Expected { span, doc, state, rows })
    }

    fn step(
        &mut self,
        ir: &Ir,
        step: ast::Step,
        outer: Option<&LitStr>,
        guards: &mut Vec<String>,
    ) -> Option<Step> {
        let ast::Step { doc, ident, section, states, when, rows, broken: _ } = step;
        let states = match states {
            None => ir.all_states(),
            Some(names) => {
                names.iter().filter_map(|name| self.term(name)).fold(StateSet::default(), StateSet::or)
            }
        };
        let when = self.conditions(ir, when, guards);
        let section = section.as_ref().or(outer);
        let rows = rows.into_iter().filter_map(|row| self.row(ir, row, section, guards)).collect();
        let new = is_new(self.errors, &mut self.steps, "step of this event", &ident);
        new.then(|| Step { ident, doc, section: text(section), states, when, rows })
    }

    fn row(
        &mut self,
        ir: &Ir,
        row: ast::Row,
        outer: Option<&LitStr>,
        guards: &mut Vec<String>,
    ) -> Option<Row> {
        let ast::Row { doc, ident, section, requirements, body } = row;
        self.sentence(&doc, "row", &ident);
        let section = section.as_ref().or(outer);
        if section.is_none() {
            self.errors
                .at(ident.span(), format!("row `{ident}` has no section, and neither has its step or event"));
        }
        let variant = camel(&ident);
        let new = is_new_as(self.errors, &mut self.rows, "row", &ident, variant.to_string());
        let row = Row {
            ident,
            variant,
            sentence: doc,
            section: text(section),
            requirements,
            terms: Vec::new(),
            states: StateSet::default(),
            condition: Vec::new(),
            next: None,
            verb: ast::Verb::Drop,
            effects: Vec::new(),
        };
        let row = match body {
            Some(body) => self.body(ir, row, body, guards),
            None => row,
        };
        new.then_some(row)
    }

    fn body(&mut self, ir: &Ir, row: Row, body: ast::Body, guards: &mut Vec<String>) -> Row {
        let ast::Body { states, condition, outcome } = body;
        let ast::Outcome { next, verb, effects } = outcome;
        let terms: Vec<_> =
            states.into_iter().filter_map(|name| self.term(&name).map(|states| (name, states))).collect();
        let states = terms.iter().map(|(_, states)| *states).fold(StateSet::default(), StateSet::or);
        for (i, effect) in effects.iter().enumerate() {
            if effects[..i].iter().any(|earlier| earlier.text() == effect.text()) {
                self.errors
                    .at(effect.span(), format!("effect `{}` is written twice in this row", effect.text()));
            }
        }
        let condition = self.conditions(ir, condition, guards);
        let next = next.and_then(|name| self.state(ir, &name));
        Row { terms, states, condition, next, verb, effects, ..row }
    }

    /// A state or set, by name.
    fn term(&mut self, ident: &Ident) -> Option<StateSet> {
        let found = self.states.get(&ident.to_string()).map(|(_, states)| *states);
        if found.is_none() {
            let mut candidates: Vec<_> = self.states.keys().cloned().collect();
            candidates.sort();
            self.unknown("state or set", ident, &candidates);
        }
        found
    }

    /// A single state, by name.
    fn state(&mut self, ir: &Ir, ident: &Ident) -> Option<usize> {
        let found = ir.states.iter().position(|state| state.ident == *ident);
        if found.is_none() && ir.sets.iter().any(|set| set.ident == *ident) {
            self.errors.at(ident.span(), format!("`{ident}` is a set; the next state is a single state"));
        } else if found.is_none() {
            let candidates: Vec<_> = ir.states.iter().map(|state| state.ident.to_string()).collect();
            self.unknown("state", ident, &candidates);
        }
        found
    }

    fn conditions(
        &mut self,
        ir: &Ir,
        conditions: Vec<ast::Condition>,
        guards: &mut Vec<String>,
    ) -> Vec<Condition> {
        conditions.into_iter().filter_map(|condition| self.condition(ir, condition, guards)).collect()
    }

    fn condition(
        &mut self,
        ir: &Ir,
        condition: ast::Condition,
        guards: &mut Vec<String>,
    ) -> Option<Condition> {
        match condition {
            ast::Condition::Guard { ident, negated } => {
                if ir.questions.iter().any(|question| question.ident == ident) {
                    self.errors.at(ident.span(), format!("`{ident}` is a question; write `{ident} is …`"));
                    return None;
                }
                let name = ident.to_string();
                let number = guards.iter().position(|guard| *guard == name).unwrap_or_else(|| {
                    guards.push(name);
                    guards.len() - 1
                });
                let text = if negated { format!("!{ident}") } else { ident.to_string() };
                Some(Condition {
                    ident,
                    atom: Atom::Guard(number),
                    values: 2 >> u64::from(negated),
                    domain: 3,
                    text,
                })
            }
            ast::Condition::Choice { ident, negated } => {
                let Some(index) = ir.options.iter().position(|option| option.ident == ident) else {
                    let candidates: Vec<_> =
                        ir.options.iter().map(|option| option.ident.to_string()).collect();
                    self.unknown("option", &ident, &candidates);
                    return None;
                };
                let text = if negated { format!("!option({ident})") } else { format!("option({ident})") };
                Some(Condition {
                    ident,
                    atom: Atom::Choice(index),
                    values: 2 >> u64::from(negated),
                    domain: 3,
                    text,
                })
            }
            ast::Condition::Question { ident, answers, negated } => self.asks(ir, ident, &answers, negated),
        }
    }

    fn asks(&mut self, ir: &Ir, ident: Ident, answers: &[Ident], negated: bool) -> Option<Condition> {
        let Some(index) = ir.questions.iter().position(|question| question.ident == ident) else {
            let candidates: Vec<_> = ir.questions.iter().map(|question| question.ident.to_string()).collect();
            self.unknown("question", &ident, &candidates);
            return None;
        };
        let question = &ir.questions[index];
        let domain = u64::MAX.checked_shr(64 - question.answers.len() as u32).unwrap_or(0);
        let mut values = 0;
        for answer in answers {
            match question.answers.iter().position(|(known, _)| known == answer) {
                Some(i) => values |= 1 << i,
                None => {
                    let candidates: Vec<_> =
                        question.answers.iter().map(|(known, _)| known.to_string()).collect();
                    self.unknown(&format!("answer to `{ident}`"), answer, &candidates);
                }
            }
        }
        let named: Vec<_> = answers.iter().map(Ident::to_string).collect();
        let text = format!("{ident} is {}{}", if negated { "not " } else { "" }, named.join(" | "));
        let values = if negated { domain & !values } else { values };
        Some(Condition { ident, atom: Atom::Question(index), values, domain, text })
    }

    // --- Errors ---

    fn sentence(&mut self, doc: &Doc, what: &str, ident: &Ident) {
        if doc.is_empty() {
            self.errors.at(
                ident.span(),
                format!("{what} `{ident}` has no sentence; write one above it after `///`"),
            );
        }
    }

    fn unknown(&mut self, what: &str, ident: &Ident, candidates: &[String]) {
        let hint = did_you_mean(&ident.to_string(), candidates.iter().map(String::as_str));
        self.errors.at(ident.span(), format!("no {what} is called `{ident}`{hint}"));
    }
}

/// Whether a name is used for the first time; otherwise it is an error.
fn is_new(errors: &mut Errors, seen: &mut HashMap<String, Ident>, what: &str, ident: &Ident) -> bool {
    is_new_as(errors, seen, what, ident, ident.to_string())
}

/// The same for a name that is used in the generated code in another form.
fn is_new_as(
    errors: &mut Errors,
    seen: &mut HashMap<String, Ident>,
    what: &str,
    ident: &Ident,
    used: String,
) -> bool {
    if let Some(first) = seen.get(&used) {
        twice(errors, what, ident, first);
        return false;
    }
    seen.insert(used, ident.clone());
    true
}

fn twice(errors: &mut Errors, what: &str, ident: &Ident, first: &Ident) {
    let message = if ident == first {
        format!("an earlier {what} is called `{ident}` too")
    } else {
        format!("an earlier {what} is called `{first}`: both become `{}`", camel(ident))
    };
    errors.at(ident.span(), message);
    errors.at(first.span(), format!("the first `{first}` is here"));
}

fn text(section: Option<&LitStr>) -> String {
    section.map(LitStr::value).unwrap_or_default()
}
