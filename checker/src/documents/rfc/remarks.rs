//! What is said about requirements by hand: why one is not met, or how far.

use std::fmt;

/// What kind of remark it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is met, and this is how.
    Note,
    /// It is met in part.
    Partly,
    /// It speaks of something that is not there.
    NotApplicable,
    /// Whoever uses the stack meets it, or not.
    Application,
    /// It is not met.
    NotDone,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Note, Self::Partly, Self::NotApplicable, Self::Application, Self::NotDone];

    const fn words(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Partly => "partly",
            Self::NotApplicable => "not applicable",
            Self::Application => "left to the application",
            Self::NotDone => "not done",
        }
    }

    /// Rows or tests meet the requirement.
    pub(super) const fn is_met(self) -> bool {
        matches!(self, Self::Note | Self::Partly)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) id: String,
    /// Which of the lines with this identifier it concerns, counted from 1; all of them if none is given.
    pub(super) nth: Option<usize>,
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            None => f.write_str(&self.id),
            Some(nth) => write!(f, "{}/{nth}", self.id),
        }
    }
}

/// Reads lines like `MUST-20/1: not applicable: why`.
pub(super) fn parse(text: &str, problems: &mut Vec<String>) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match remark(line) {
            None => problems.push(format!("remarks.txt: what kind of remark is this? {line}")),
            Some(new) if remarks.iter().any(|old| old.id == new.id && (old.nth == new.nth)) => {
                problems.push(format!("remarks.txt has two remarks on {new}"));
            }
            Some(new) => remarks.push(new),
        }
    }
    remarks
}

fn remark(line: &str) -> Option<Remark> {
    let (whom, rest) = line.split_once(": ")?;
    let (kind, text) = rest.split_once(": ")?;
    let (id, nth) = match whom.split_once('/') {
        None => (whom, None),
        Some((id, nth)) => (id, Some(nth.parse().ok()?)),
    };
    let kind = Kind::ALL.into_iter().find(|k| k.words() == kind)?;
    Some(Remark { id: id.to_owned(), nth, kind, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_read_or_refused() {
        let mut problems = Vec::new();
        let all = parse(
            "# About.\n\nMUST-20/1: not applicable: why: because\nSHLD-8: not done: later\n",
            &mut problems,
        );
        assert_eq!((all.len(), problems.len()), (2, 0));
        assert_eq!((all[0].nth, all[0].kind, &*all[0].text), (Some(1), Kind::NotApplicable, "why: because"));
        for wrong in ["MUST-1: whatever: why", "MUST-1 not done", "MUST-1/a: not done: why"] {
            parse(wrong, &mut problems);
        }
        parse("MAY-1: note: a\nMAY-1: note: b", &mut problems);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
}
