//! What a source file names of its own crate: every path that begins with `crate`, `super` or `self`, and every `use` of a module of its own.

use std::collections::BTreeSet;

/// A file: where its module is, from the crate's root, and its code without comments.
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
}

/// Something that a file names: in which line, and where that is, from the crate's root.
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// It is exported again.
    pub(crate) exported: bool,
}

/// The same lines without comments.
pub(crate) fn code(text: &str) -> String {
    let line = |line: &str| match line.trim_start().starts_with("//") {
        true => String::new(),
        false => line.split(" // ").next().unwrap_or_default().to_string(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// All paths of a tree such as `a::{b, c::{self, d as e}}` at the beginning of this text.
fn tree(text: &str) -> Vec<Vec<String>> {
    let mut rest = text.trim_start();
    let mut begin = Vec::new();
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        if !name.is_empty() {
            begin.push(name.to_string());
        }
        let group = if begin.is_empty() { Some(behind) } else { behind.strip_prefix("::") };
        match group.and_then(|group| group.strip_prefix('{')) {
            Some(group) => {
                let branches = branches(group).into_iter().flat_map(tree);
                return branches.map(|branch| [&*begin, &*branch].concat()).collect();
            }
            None => match behind.strip_prefix("::") {
                Some(behind) if !name.is_empty() => rest = behind,
                _ => return vec![begin],
            },
        }
    }
}

/// What stands between braces, up to the one that closes them, cut at its commas.
fn branches(group: &str) -> Vec<&str> {
    let (mut all, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                all.push(group[start..at].trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    all.retain(|branch| !branch.is_empty());
    all
}

/// Everything of the crate that a file names. `modules`: all that there are.
pub(crate) fn named(source: &Source, modules: &BTreeSet<Vec<String>>) -> Vec<Named> {
    let (mut all, mut at) = (Vec::new(), 0);
    // Modules within the file: their names, and how far the brace stands to the right that ends them.
    let mut inside: Vec<(String, String)> = Vec::new();
    for (line, text) in source.text.lines().enumerate() {
        let trimmed = text.trim_start();
        let indent = &text[..text.len() - trimmed.len()];
        let (exported, plain) = match trimmed.split_once(' ') {
            Some((public, plain)) if public.starts_with("pub") => (true, plain),
            _ => (false, trimmed),
        };
        if let Some(name) = plain.strip_prefix("mod ").and_then(|name| name.strip_suffix(" {")) {
            inside.push((name.to_string(), format!("{indent}}}")));
        } else if inside.last().is_some_and(|(_, end)| text == end) {
            inside.pop();
        }
        let mut here = source.module.clone();
        here.extend(inside.iter().map(|(name, _)| name.clone()));
        let mut note = |from: usize| {
            for path in tree(&source.text[at + from..]) {
                all.extend(absolute(&here, &path, modules).map(|path| Named {
                    line: line + 1,
                    path,
                    exported,
                }));
            }
        };
        if let Some(used) = plain.strip_prefix("use ") {
            note(text.len() - used.len());
        } else {
            for word in ["crate::", "super::", "self::"] {
                let whole = |from: &usize| {
                    !text[..*from].ends_with([':', '_']) && !text[..*from].ends_with(char::is_alphanumeric)
                };
                text.match_indices(word).map(|(from, _)| from).filter(whole).for_each(&mut note);
            }
        }
        at += text.len() + 1;
    }
    all
}

/// Where this is from the crate's root; `None` if it belongs to another crate.
fn absolute(here: &[String], path: &[String], modules: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    let (first, behind) = path.split_first()?;
    let rest = |from: &[String]| Some([from, behind].concat());
    match first.as_str() {
        "crate" => rest(&[]),
        "self" => rest(here),
        "super" => {
            let ups = path.iter().take_while(|name| *name == "super").count();
            Some([&here[..here.len() - ups], &path[ups..]].concat())
        }
        child => {
            let child = [here, &[child.to_string()]].concat();
            if modules.contains(&child) { rest(&child) } else { None }
        }
    }
}

#[test]
fn trees_of_names_are_taken_apart() {
    let paths = |text| tree(text).iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(paths("a::b;"), ["a::b"]);
    assert_eq!(
        paths("a::{self, b::{c, d as e},\n    f};\nuse g;"),
        ["a::self", "a::b::c", "a::b::d", "a::f"]
    );
    assert_eq!(paths("crate::a::b::<u8>()"), ["crate::a::b"]);
    assert_eq!(paths("super::*;"), ["super"]);
}
