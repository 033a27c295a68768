//! The sources stand on floors, a folder each, which the root of each declares from below upward. A file uses only its own floor and those below. The test reads
//! that off the sources.

mod paths;

use paths::{Named, Source, code, named};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tcpspec_tests::sources;

/// Sources that stand on floors.
struct House {
    /// The folder, from the repository's root.
    folder: &'static str,
    /// The module whose folder it is, from the crate's root.
    module: &'static [&'static str],
    /// The file that declares the floors.
    root: &'static str,
    /// What that file defines itself.
    own: &'static [&'static str],
    /// How many modules use another one of their floor, at least: else the test has not read them.
    least: usize,
}

const HOUSES: [House; 3] = [
    House { folder: "stack/src", module: &[], root: "lib.rs", own: &[], least: 20 },
    House { folder: "spec/src/model", module: &["model"], root: "mod.rs", own: &["Space16"], least: 9 },
    House { folder: "checker/src", module: &[], root: "lib.rs", own: &[], least: 15 },
];

impl House {
    fn text(&self) -> String {
        std::fs::read_to_string(sources::root().join(self.folder).join(self.root)).unwrap()
    }

    /// The floors, from below upward: the modules that the root declares.
    fn floors(&self) -> Vec<String> {
        self.text().lines().filter_map(|line| declared(line).map(String::from)).collect()
    }

    /// All files but the root, which exports what lies on all floors.
    fn sources(&self) -> Vec<Source> {
        let files = sources::all(Path::new(self.folder)).unwrap();
        assert!(files.len() > 20, "the sources of {} were not found", self.folder);
        let source = |(file, text): (String, String)| {
            let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
            let above = self.module.iter().map(|name| (*name).to_string());
            let module = above.chain(module.split('/').map(String::from)).collect();
            Source { file: format!("{}/{file}", self.folder), module, text: code(&text) }
        };
        // A program beside the library only calls it.
        let is_rust = |file: &str| file.ends_with(".rs") && file != self.root && file != "main.rs";
        files.into_iter().filter(|(file, _)| is_rust(file)).map(source).collect()
    }

    /// A path from the house's root; `None` if it leads out of the house.
    fn within<'a>(&self, path: &'a [String]) -> Option<&'a [String]> {
        let leads_in = path.len() > self.module.len() && path.iter().zip(self.module).all(|(a, b)| a == b);
        leads_in.then(|| &path[self.module.len()..])
    }
}

fn declared(line: &str) -> Option<&str> {
    line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
}

#[test]
fn a_file_uses_only_its_own_floor_and_those_below() {
    let mut faults = Vec::new();
    for house in &HOUSES {
        let (floors, sources) = (house.floors(), house.sources());
        let floor = |name: &String| floors.iter().position(|floor| floor == name);
        let modules: BTreeSet<_> = sources.iter().map(|source| source.module.clone()).collect();
        for source in &sources {
            let Some(on) = house.within(&source.module).and_then(|module| module.first()) else { continue };
            let Some(own) = floor(on) else {
                faults.push(format!("{} is on no floor", source.file));
                continue;
            };
            for Named { line, path, .. } in named(source, &modules) {
                let Some(first) = house.within(&path).and_then(|path| path.first()) else { continue };
                let (file, name) = (&source.file, path.join("::"));
                match floor(first) {
                    Some(other) if other <= own => {}
                    Some(_) => {
                        faults.push(format!("{file}:{line}: `{on}` lies below `{first}`, and names `{name}`"))
                    }
                    None if house.own.contains(&first.as_str()) => {}
                    None => faults.push(format!(
                        "{file}:{line}: `{name}` is an export of the root: name the floor that it is on"
                    )),
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What stands in a floor's `mod.rs` is everybody's there; it is left out.
#[test]
fn the_modules_of_a_floor_have_no_circles() {
    let circles: Vec<_> = HOUSES.iter().flat_map(circles).collect();
    assert!(circles.is_empty(), "in a circle, or between two:\n{}", circles.join("\n"));
}

fn circles(house: &House) -> Vec<String> {
    let sources = house.sources();
    let modules: BTreeSet<_> = sources.iter().map(|source| source.module.clone()).collect();
    let is_module = |floor: &String, name: &String| {
        let above = house.module.iter().map(|name| (*name).to_string());
        modules.contains(&above.chain([floor.clone(), name.clone()]).collect::<Vec<_>>())
    };
    // What a floor's `mod.rs` exports, and from which of its modules.
    let mut exports = BTreeMap::new();
    for source in &sources {
        let Some([own]) = house.within(&source.module) else { continue };
        for Named { path, exported, .. } in named(source, &modules) {
            if let Some([floor, module, .., name]) = house.within(&path)
                && exported
                && floor == own
            {
                exports.insert([floor.clone(), name.clone()], module.clone());
            }
        }
    }
    let mut uses: BTreeMap<[String; 2], BTreeSet<[String; 2]>> = BTreeMap::new();
    for source in &sources {
        let Some([floor, own, ..]) = house.within(&source.module) else { continue };
        for Named { path, .. } in named(source, &modules) {
            let Some([of, name, ..]) = house.within(&path) else { continue };
            let module = exports.get(&[of.clone(), name.clone()]).unwrap_or(name);
            if of == floor && module != own && is_module(of, module) {
                let used = uses.entry([floor.clone(), own.clone()]).or_default();
                used.insert([floor.clone(), module.clone()]);
            }
        }
    }
    let (folder, least) = (house.folder, house.least);
    assert!(uses.len() >= least, "{folder}: only {} modules use another of their floor", uses.len());
    // A module that uses none of those that are left goes, and one that none of them uses, until nothing changes.
    let is_end = |uses: &BTreeMap<_, BTreeSet<_>>, module: &[String; 2]| {
        let uses_none = uses[module].iter().all(|other| !uses.contains_key(other));
        uses_none || !uses.values().any(|used| used.contains(module))
    };
    while let Some(end) = uses.keys().find(|module| is_end(&uses, module)).cloned() {
        uses.remove(&end);
    }
    let line = |(module, used): (&[String; 2], &BTreeSet<[String; 2]>)| {
        let used = used.iter().filter(|other| uses.contains_key(*other));
        let used: Vec<_> = used.map(|other| other.join("::")).collect();
        format!("{folder}: {} → {}", module.join("::"), used.join(", "))
    };
    uses.iter().map(line).collect()
}

/// Each root lists them in the same order.
#[test]
fn the_floors_are_told_of_in_their_order() {
    for house in &HOUSES {
        let text = house.text();
        let (_, table) =
            text.split_once("//! | floor |").unwrap_or_else(|| panic!("{} has no table", house.folder));
        let told: Vec<_> = table
            .lines()
            .skip(2)
            .map_while(|line| line.strip_prefix("//! | ")?.split(" |").next())
            .map(|name| name.trim_matches(['[', ']', '`']).to_string())
            .collect();
        assert_eq!(told, house.floors(), "{}", house.folder);
    }
}
