//! Tokens → [`ast`](crate::ast).
//!
//! After a syntax error the parser goes on behind the next `;`, `,` or `{ … }`, or at the next doc comment, so that one build
//! reports several. This recovery has to consume every token of a group: otherwise syn reports the rest.

use crate::ast::{
    Answer, Body, Choice, Condition, Doc, Effect, Event, Expected, Outcome, Question, Row, Set, State, Step,
    Table, Timer, Verb,
};
use crate::errors::Errors;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Expr, Ident, Lit, LitBool, LitInt, LitStr, Meta, Path, Result, Token, braced, bracketed,
    parenthesized, token,
};

/// Parses the whole table.
pub(crate) fn table(input: TokenStream, errors: &mut Errors) -> Table {
    let parsed = (|input: ParseStream<'_>| Ok(items(input, errors))).parse2(input);
    parsed.unwrap_or_else(|error| {
        errors.push(error);
        Table { broken: true, ..Table::default() }
    })
}

fn items(input: ParseStream<'_>, errors: &mut Errors) -> Table {
    let mut table = Table::default();
    while !input.is_empty() {
        if let Err(error) = item(input, &mut table, errors) {
            errors.push(error);
            table.broken = true;
            skip_past_braces(input, "event");
        }
    }
    table
}

fn item(input: ParseStream<'_>, table: &mut Table, errors: &mut Errors) -> Result<()> {
    let doc = doc(input)?;
    let keyword: Ident = input.parse()?;
    let broken = &mut table.broken;
    match keyword.to_string().as_str() {
        "states" => table.states.extend(block(input, ',', state, broken, errors)?),
        "sets" => table.sets.extend(block(input, ';', set, broken, errors)?),
        "options" => table.options.extend(block(input, ';', choice, broken, errors)?),
        "questions" => table.questions.extend(block(input, ';', question, broken, errors)?),
        "timers" => table.timers.extend(block(input, ';', timer, broken, errors)?),
        "event" => {
            let event = event(input, doc, errors)?;
            *broken |= event.broken;
            table.events.push(event);
        }
        _ => {
            let message = "expected `states`, `sets`, `options`, `questions`, `timers` or `event`";
            return Err(syn::Error::new(keyword.span(), message));
        }
    }
    Ok(())
}

// --- The blocks before the events ---

fn state(input: ParseStream<'_>, _: &mut Errors) -> Result<State> {
    Ok(State { doc: doc(input)?, ident: name(input)?, name: input.parse()? })
}

fn set(input: ParseStream<'_>, _: &mut Errors) -> Result<Set> {
    let doc = doc(input)?;
    let ident = name(input)?;
    input.parse::<Token![=]>()?;
    Ok(Set { doc, ident, members: idents(input)? })
}

fn choice(input: ParseStream<'_>, _: &mut Errors) -> Result<Choice> {
    let doc = doc(input)?;
    let ident = name(input)?;
    input.parse::<Token![=]>()?;
    let default = input.parse::<LitBool>()?.value;
    input.parse::<Token![,]>()?;
    Ok(Choice { doc, ident, default, source: input.parse()? })
}

fn question(input: ParseStream<'_>, errors: &mut Errors) -> Result<Question> {
    let doc = doc(input)?;
    let ident = name(input)?;
    input.parse::<Token![->]>()?;
    let answer_type = name(input)?;
    let mut broken = false;
    let answers = block(input, ',', answer, &mut broken, errors)?;
    Ok(Question { doc, ident, answer: answer_type, answers })
}

fn answer(input: ParseStream<'_>, _: &mut Errors) -> Result<Answer> {
    Ok(Answer { doc: doc(input)?, ident: name(input)? })
}

fn timer(input: ParseStream<'_>, _: &mut Errors) -> Result<Timer> {
    let doc = doc(input)?;
    let ident = name(input)?;
    input.parse::<Token![=>]>()?;
    Ok(Timer { doc, ident, event: input.parse()? })
}

// --- Events, steps, rows ---

fn event(input: ParseStream<'_>, doc: Doc, errors: &mut Errors) -> Result<Event> {
    let ident = name(input)?;
    let content;
    parenthesized!(content in input);
    let parsed = content.parse();
    drain(&content);
    let parsed = parsed?;
    let section = section(input)?;
    let content;
    braced!(content in input);
    let mut event =
        Event { doc, ident, input: parsed, section, expected: None, steps: Vec::new(), broken: false };
    if is_expected(&content) {
        match expected(&content) {
            Ok(expected) => event.expected = Some(expected),
            Err(error) => {
                errors.push(error);
                event.broken = true;
                skip_to(&content, ';');
                content.parse::<Option<Token![;]>>()?;
            }
        }
    }
    while !content.is_empty() {
        match step(&content, errors) {
            Ok(step) => {
                event.broken |= step.broken;
                event.steps.push(step);
            }
            Err(error) => {
                errors.push(error);
                event.broken = true;
                skip_past_braces(&content, "step");
            }
        }
    }
    Ok(event)
}

/// Whether `expected` comes next, after its sentence.
fn is_expected(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    doc(&ahead).is_ok() && peek_keyword(&ahead, "expected")
}

fn expected(input: ParseStream<'_>) -> Result<Expected> {
    let doc = doc(input)?;
    keyword(input, "expected")?;
    let state = name(input)?;
    input.parse::<Token![=]>()?;
    let rows = idents(input)?;
    input.parse::<Token![;]>()?;
    Ok(Expected { doc, state, rows })
}

fn step(input: ParseStream<'_>, errors: &mut Errors) -> Result<Step> {
    let doc = doc(input)?;
    keyword(input, "step")?;
    let ident = name(input)?;
    let section = section(input)?;
    let states = if input.parse::<Option<Token![in]>>()?.is_some() { Some(idents(input)?) } else { None };
    let when = if peek_keyword(input, "when") {
        keyword(input, "when")?;
        conditions(input)?
    } else {
        Vec::new()
    };
    let mut broken = false;
    let rows = block(input, ';', row, &mut broken, errors)?;
    broken |= rows.iter().any(|row| row.body.is_none());
    Ok(Step { doc, ident, section, states, when, rows, broken })
}

fn row(input: ParseStream<'_>, errors: &mut Errors) -> Result<Row> {
    let doc = doc(input)?;
    let ident = name(input)?;
    let mut row = Row { doc, ident, section: None, requirements: Vec::new(), body: None };
    match rest_of_row(input, &mut row) {
        Ok(body) => row.body = Some(body),
        Err(error) => {
            errors.push(error);
            skip_to(input, ';');
        }
    }
    Ok(row)
}

const NO_CATCH_ALL: &str = "a row names its states; there is no catch-all";

fn rest_of_row(input: ParseStream<'_>, row: &mut Row) -> Result<Body> {
    row.section = section(input)?;
    if input.peek(token::Bracket) {
        row.requirements = requirements(input)?;
    }
    input.parse::<Token![:]>()?;
    let mut states = Vec::new();
    while !input.peek(Token![if]) && !input.peek(Token![=>]) {
        if input.peek(Token![_]) {
            return Err(input.error(NO_CATCH_ALL));
        }
        states.push(input.parse()?);
        if input.parse::<Option<Token![,]>>()?.is_none() {
            break;
        }
    }
    if states.is_empty() {
        return Err(input.error(NO_CATCH_ALL));
    }
    let condition =
        if input.parse::<Option<Token![if]>>()?.is_some() { conditions(input)? } else { Vec::new() };
    if !input.peek(Token![=>]) {
        let expected =
            if condition.is_empty() { "expected `,`, `if` or `=>`" } else { "expected `&&` or `=>`" };
        return Err(input.error(expected));
    }
    input.parse::<Token![=>]>()?;
    Ok(Body { states, condition, outcome: outcome(input)? })
}

/// `[MUST-11, SHLD-31]`
fn requirements(input: ParseStream<'_>) -> Result<Vec<String>> {
    let content;
    bracketed!(content in input);
    let mut all = Vec::new();
    let mut one = || {
        while !content.is_empty() {
            let word: Ident = content.parse()?;
            content.parse::<Token![-]>()?;
            let number: LitInt = content.parse()?;
            all.push(format!("{word}-{number}"));
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let result = one();
    drain(&content);
    result.map(|()| all)
}

fn outcome(input: ParseStream<'_>) -> Result<Outcome> {
    let first: Ident = input.parse()?;
    let (next, word) = match first.to_string().as_str() {
        "next" | "stop" | "drop" | "skip" | "error" => (None, first),
        _ => {
            let expected = format!("expected `next` or `stop` after the next state `{first}`");
            let word: Ident = input.parse().map_err(|error| syn::Error::new(error.span(), &expected))?;
            match word.to_string().as_str() {
                "next" | "stop" => (Some(first), word),
                quiet @ ("drop" | "skip" | "error") => {
                    let verb = if quiet == "skip" { "next" } else { "stop" };
                    let message =
                        format!("`{quiet}` changes nothing, so it has no next state; write `{first} {verb}`");
                    return Err(syn::Error::new(first.span(), message));
                }
                _ => return Err(syn::Error::new(word.span(), expected)),
            }
        }
    };
    let verb = match word.to_string().as_str() {
        "next" => Verb::Next,
        "stop" => Verb::Stop,
        "drop" => Verb::Drop,
        "skip" => Verb::Skip,
        _ => Verb::Error(input.parse()?),
    };
    let quiet = !matches!(verb, Verb::Next | Verb::Stop);
    if quiet && input.peek(token::Brace) {
        let instead = if matches!(verb, Verb::Skip) { "next" } else { "stop" };
        return Err(
            input.error(format!("`{word}` does nothing, so it has no effects; write `{instead} {{ … }}`"))
        );
    }
    let effects = if input.peek(token::Brace) { effects(input)? } else { Vec::new() };
    Ok(Outcome { next, verb, effects })
}

fn effects(input: ParseStream<'_>) -> Result<Vec<Effect>> {
    let content;
    braced!(content in input);
    let mut all = Vec::new();
    let mut each = || {
        while !content.is_empty() {
            all.push(effect(&content)?);
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let result = each();
    drain(&content);
    result.map(|()| all)
}

fn effect(input: ParseStream<'_>) -> Result<Effect> {
    let ident = input.parse()?;
    let mut argument = None;
    if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        let error =
            content.error("an effect takes one path, such as `Timer::TimeWait`; rows contain no expressions");
        let path = content.call(Path::parse_mod_style).ok().filter(|_| content.is_empty());
        drain(&content);
        argument = Some(path.ok_or(error)?);
    }
    Ok(Effect { ident, argument })
}

// --- Conditions ---

fn conditions(input: ParseStream<'_>) -> Result<Vec<Condition>> {
    let mut all = vec![condition(input)?];
    while input.parse::<Option<Token![&&]>>()?.is_some() {
        all.push(condition(input)?);
    }
    if input.peek(Token![||]) {
        return Err(
            input.error("conditions are joined by `&&`; for `||` write a row for each, or ask a question")
        );
    }
    Ok(all)
}

fn condition(input: ParseStream<'_>) -> Result<Condition> {
    let negated = input.parse::<Option<Token![!]>>()?.is_some();
    let ident: Ident = input.parse()?;
    if ident == "option" && input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        let option = content.parse();
        drain(&content);
        return Ok(Condition::Choice { ident: option?, negated });
    }
    if !peek_keyword(input, "is") {
        return Ok(Condition::Guard { ident, negated });
    }
    if negated {
        let message = format!("a question is negated by `is not`; write `{ident} is not …`");
        return Err(syn::Error::new(ident.span(), message));
    }
    keyword(input, "is")?;
    let negated = peek_keyword(input, "not");
    if negated {
        keyword(input, "not")?;
    }
    let mut answers = vec![input.parse()?];
    while input.peek(Token![|]) && !input.peek(Token![||]) {
        input.parse::<Token![|]>()?;
        answers.push(input.parse()?);
    }
    Ok(Condition::Question { ident, answers, negated })
}

// --- Small things ---

/// The lines of a doc comment, joined.
fn doc(input: ParseStream<'_>) -> Result<Doc> {
    let mut lines = Vec::new();
    for attribute in input.call(Attribute::parse_outer)? {
        let text = match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        let Some(text) = text else {
            return Err(syn::Error::new_spanned(&attribute, "only doc comments can stand here"));
        };
        lines.push(text.trim().to_owned());
    }
    Ok(lines.join(" ").trim().to_owned())
}

fn section(input: ParseStream<'_>) -> Result<Option<LitStr>> {
    if input.peek(LitStr) { input.parse().map(Some) } else { Ok(None) }
}

/// A name that the table gives. Documents show it and the code derives others from it, so it is not raw.
fn name(input: ParseStream<'_>) -> Result<Ident> {
    let ident: Ident = input.parse()?;
    if ident.to_string().starts_with("r#") {
        return Err(syn::Error::new(ident.span(), format!("`{ident}` cannot be a name here: it is raw")));
    }
    Ok(ident)
}

/// `[A, B]`
fn idents(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let content;
    bracketed!(content in input);
    let all = content.parse_terminated(<Ident as syn::parse::Parse>::parse, Token![,]);
    drain(&content);
    Ok(all?.into_iter().collect())
}

fn peek_keyword(input: ParseStream<'_>, word: &str) -> bool {
    input.cursor().ident().is_some_and(|(ident, _)| ident == word)
}

fn keyword(input: ParseStream<'_>, word: &str) -> Result<()> {
    if !peek_keyword(input, word) {
        return Err(input.error(format!("expected `{word}`")));
    }
    input.parse::<Ident>().map(|_| ())
}

/// `{ item separator item separator? }`; goes on after an error.
fn block<T>(
    input: ParseStream<'_>,
    separator: char,
    item: fn(ParseStream<'_>, &mut Errors) -> Result<T>,
    broken: &mut bool,
    errors: &mut Errors,
) -> Result<Vec<T>> {
    let content;
    braced!(content in input);
    let mut all = Vec::new();
    while !content.is_empty() {
        let (before, known) = (content.cursor(), errors.count());
        match item(&content, errors) {
            Ok(item) => all.push(item),
            Err(error) => {
                errors.push(error);
                *broken = true;
                skip_to(&content, separator);
            }
        }
        if !content.is_empty() && !take_punct(&content, separator) {
            if errors.count() == known {
                errors.push(content.error(format!("expected `{separator}`")));
            }
            *broken = true;
            skip_to(&content, separator);
            take_punct(&content, separator);
        }
        if content.cursor() == before {
            take(&content);
        }
    }
    Ok(all)
}

/// Goes to the next separator, to the next doc comment, or to the end.
fn skip_to(input: ParseStream<'_>, separator: char) {
    let at_end = |input: ParseStream<'_>| {
        input
            .cursor()
            .punct()
            .is_some_and(|(punct, _)| punct.as_char() == separator || punct.as_char() == '#')
    };
    while !input.is_empty() && !at_end(input) {
        take(input);
    }
}

/// Goes behind the next `{ … }`, or to the next doc comment or item.
fn skip_past_braces(input: ParseStream<'_>, item: &str) {
    while let Some(tree) = take(input) {
        let braces =
            matches!(&tree, TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace);
        if braces || input.peek(Token![#]) || peek_keyword(input, item) {
            return;
        }
    }
}

fn take_punct(input: ParseStream<'_>, wanted: char) -> bool {
    let found = input.cursor().punct().is_some_and(|(punct, _)| punct.as_char() == wanted);
    if found {
        take(input);
    }
    found
}

fn take(input: ParseStream<'_>) -> Option<TokenTree> {
    input.parse().ok()
}

/// Consumes what an error has left.
fn drain(input: ParseStream<'_>) {
    while take(input).is_some() {}
}
