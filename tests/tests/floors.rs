//! The stack's sources stand on floors, a folder each; `stack/src/lib.rs` declares them from below upward. A file uses only its own floor and those below.
//! The test reads that off the sources, without their comments: every path that begins with `crate`, `super` or `self`, and every `use` of a module of its own.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use tcpspec_tests::sources;

/// A file: where its module is, from the crate's root, and its code.
struct Source {
    file: String,
    module: Vec<String>,
    text: String,
}

/// Something that a file names: in which line, and where that is, from the crate's root.
struct Named {
    line: usize,
    path: Vec<String>,
    /// It is exported again.
    exported: bool,
}

/// The floors, from below upward: the modules of the crate.
fn floors() -> Vec<String> {
    let root = std::fs::read_to_string(sources::stack().join("lib.rs")).unwrap();
    root.lines().filter_map(|line| declared(line).map(String::from)).collect()
}

fn declared(line: &str) -> Option<&str> {
    line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
}

/// All files but the root, which exports what lies on all floors.
fn sources() -> Vec<Source> {
    let files = sources::of_the_stack().unwrap();
    assert!(files.len() > 50, "the sources of the stack were not found");
    let source = |(file, text): (String, String)| {
        let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
        let module = module.split('/').map(String::from).collect();
        Source { file, module, text: code(&text) }
    };
    files.into_iter().filter(|(file, _)| file != "lib.rs").map(source).collect()
}

/// The same lines without comments.
fn code(text: &str) -> String {
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
fn named(source: &Source, modules: &BTreeSet<Vec<String>>) -> Vec<Named> {
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
fn a_file_uses_only_its_own_floor_and_those_below() {
    let (floors, sources) = (floors(), sources());
    let floor = |name: &String| floors.iter().position(|floor| floor == name);
    let modules: BTreeSet<_> = sources.iter().map(|source| source.module.clone()).collect();
    let mut faults = Vec::new();
    for source in &sources {
        let Some(own) = floor(&source.module[0]) else {
            faults.push(format!("{} is on no floor", source.file));
            continue;
        };
        for Named { line, path, .. } in named(source, &modules) {
            let name = path.join("::");
            match path.first().map(|first| (first, floor(first))) {
                Some((_, Some(other))) if other <= own => {}
                Some((other, Some(_))) => faults.push(format!(
                    "{}:{line}: `{}` lies below `{other}`, and names `{name}`",
                    source.file, source.module[0]
                )),
                _ => faults.push(format!(
                    "{}:{line}: `{name}` is an export of the crate's root: name the floor that it is on",
                    source.file
                )),
            }
        }
    }
    assert!(faults.is_empty(), "{}\n\nthe floors, from below: {}", faults.join("\n"), floors.join(", "));
}

/// What stands in a floor's `mod.rs` is everybody's there; it is left out.
#[test]
fn the_modules_of_a_floor_have_no_circles() {
    let sources = sources();
    let modules: BTreeSet<_> = sources.iter().map(|source| source.module.clone()).collect();
    // What a floor's `mod.rs` exports, and from which of its modules.
    let mut exports = BTreeMap::new();
    for source in sources.iter().filter(|source| source.module.len() == 1) {
        for Named { path, exported, .. } in named(source, &modules) {
            if let [floor, module, .., name] = &*path
                && exported
                && *floor == source.module[0]
            {
                exports.insert([floor.clone(), name.clone()], module.clone());
            }
        }
    }
    let mut uses: BTreeMap<[String; 2], BTreeSet<[String; 2]>> = BTreeMap::new();
    for source in &sources {
        let [floor, own, ..] = &*source.module else { continue };
        for Named { path, .. } in named(source, &modules) {
            let [of, name, ..] = &*path else { continue };
            let module = exports.get(&[of.clone(), name.clone()]).unwrap_or(name);
            if of == floor && module != own && modules.contains(&vec![of.clone(), module.clone()]) {
                let used = uses.entry([floor.clone(), own.clone()]).or_default();
                used.insert([floor.clone(), module.clone()]);
            }
        }
    }
    assert!(uses.len() > 20, "only {} modules use another of their floor", uses.len());
    // A module that uses none of those that are left goes, and one that none of them uses, until nothing changes.
    let is_end = |uses: &BTreeMap<_, BTreeSet<_>>, module: &[String; 2]| {
        let uses_none = uses[module].iter().all(|other| !uses.contains_key(other));
        uses_none || !uses.values().any(|used| used.contains(module))
    };
    while let Some(end) = uses.keys().find(|module| is_end(&uses, module)).cloned() {
        uses.remove(&end);
    }
    let circles: Vec<_> = uses
        .iter()
        .map(|(module, used)| {
            let used = used.iter().filter(|other| uses.contains_key(*other));
            format!(
                "{} → {}",
                module.join("::"),
                used.map(|other| other.join("::")).collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    assert!(circles.is_empty(), "in a circle, or between two:\n{}", circles.join("\n"));
}

/// The crate's documentation lists them in the same order.
#[test]
fn the_floors_are_told_of_in_their_order() {
    let root = std::fs::read_to_string(sources::stack().join("lib.rs")).unwrap();
    let (_, table) = root.split_once("//! | floor |").unwrap();
    let (table, _) = table.split_once("//!\n").unwrap();
    let told: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("//! | ")?.split(" |").next())
        .map(|name| name.trim_matches(['[', ']', '`']).to_string())
        .collect();
    assert_eq!(told, floors());
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
