//! Why the kernel differs where it may: each reason with the differences that it covers.
//!
//! A pattern is a line `states | what | places | acks | ours | the kernel's`. The first four are lists of words, of which one must be
//! that of the difference; `*` stands for any, `-` for none. The last two say what each side did, word for word; alternatives are separated by ` or `,
//! and the kernel may do anything (`*`) where we ignore what it does not.
//! The words are those of [`Class`]. A state is named with `/passive` or `/simultaneous` for the way to SYN-RECEIVED, `/listener` for a TIME-WAIT beside
//! which a listener waits, `/orphan` where the user has gone. `@synchronized` is every synchronized state but TIME-WAIT and an orphan's FIN-WAIT-2, which
//! the kernel keeps as small records with rules of their own.

mod calls;
mod segments;
mod sending;
mod timestamps;

use super::compare::Class;

/// Who is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// RFC 9293 and those that amend it say what we do.
    Letter,
    /// They leave it open, and the two have chosen differently.
    Choice,
}

/// A reason, and the differences that it covers.
#[derive(Debug)]
pub struct Reason {
    /// A heading.
    pub name: &'static str,
    pub kind: Kind,
    /// Where the rule is.
    pub section: &'static str,
    /// What each does, and why.
    pub why: &'static str,
    /// Both sides are where they were, but for what they have said: what follows can be compared.
    pub goes_on: bool,
    /// One a line.
    pub patterns: &'static str,
}

/// All reasons, in the order of the list.
pub fn all() -> impl Iterator<Item = &'static Reason> {
    segments::REASONS.iter().chain(timestamps::REASONS).chain(sending::REASONS).chain(calls::REASONS)
}

const SYNCHRONIZED: [&str; 9] = [
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-1/orphan",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "CLOSING/orphan",
    "LAST-ACK",
    "LAST-ACK/orphan",
];

/// One line of a reason.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub line: &'static str,
    pub states: Vec<&'static str>,
    what: Vec<&'static str>,
    places: Vec<&'static str>,
    acks: Vec<&'static str>,
    ours: Vec<&'static str>,
    kernel: Vec<&'static str>,
}

impl Reason {
    /// Its lines.
    ///
    /// # Panics
    ///
    /// If a line is not well formed.
    pub fn patterns(&self) -> impl Iterator<Item = Pattern> {
        self.patterns.lines().map(str::trim).filter(|line| !line.is_empty()).map(Pattern::parse)
    }
}

impl Pattern {
    fn parse(line: &'static str) -> Self {
        let fields: Vec<_> = line.split('|').map(str::trim).collect();
        let &[states, what, places, acks, ours, kernel] = fields.as_slice() else {
            panic!("a pattern has six fields: {line}");
        };
        let words = |field: &'static str| field.split_whitespace().collect::<Vec<_>>();
        let states = words(states).into_iter().flat_map(|state| match state {
            "@synchronized" => SYNCHRONIZED.to_vec(),
            _ => vec![state],
        });
        Self {
            line,
            states: states.collect(),
            what: words(what),
            places: words(places),
            acks: words(acks),
            ours: ours.split(" or ").collect(),
            kernel: kernel.split(" or ").collect(),
        }
    }

    /// Whether it covers this difference.
    pub fn covers(&self, class: &Class) -> bool {
        let word = |list: &[&str], word: &str| {
            list.iter().any(|one| *one == "*" || *one == word || (*one == "-" && word.is_empty()))
        };
        word(&self.states, &class.state)
            && word(&self.what, &class.what)
            && word(&self.places, class.place)
            && word(&self.acks, class.ack)
            && self.ours.contains(&class.ours.as_str())
            && (self.kernel == ["*"] || self.kernel.contains(&class.kernel.as_str()))
    }
}

/// The reason for this difference, if there is one.
pub fn find(class: &Class) -> Option<&'static Reason> {
    use std::sync::LazyLock;
    static PATTERNS: LazyLock<Vec<(&'static Reason, Pattern)>> = LazyLock::new(|| {
        all().flat_map(|reason| reason.patterns().map(move |line| (reason, line))).collect()
    });
    PATTERNS.iter().find(|(_, pattern)| pattern.covers(class)).map(|(reason, _)| *reason)
}
