//! Joins JavaScript modules into one script. Each module becomes a function, so that names of different modules do not meet.
//!
//! A few forms are known, each on lines of its own: `import {a, b as c} from "./x.js";` at the top, `export function`, `export async function`,
//! `export const` and `export class`. Anything else is an error that names file and line.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display, Formatter, Write};

/// Why modules cannot be joined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    file: String,
    line: usize,
    why: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "explorer/page/{}:{}: {}", self.file, self.line, self.why)
    }
}

impl Error for Fault {}

/// One script that runs these modules in this order, and before each module what it imports. `read` gives the text of a module.
pub(crate) fn join(entries: &[&str], read: impl Fn(&str) -> Option<String>) -> Result<String, Fault> {
    let mut joined = Joined { read, modules: BTreeMap::new(), under_way: Vec::new(), script: String::new() };
    joined.script.push_str("\"use strict\";\n(() => {\nconst modules = {};\n");
    for entry in entries {
        joined.add(entry, &|why| Fault { file: (*entry).to_owned(), line: 1, why })?;
    }
    joined.script.push_str("})();\n");
    Ok(joined.script)
}

struct Joined<R> {
    read: R,
    /// Those that are in the script, with their exports.
    modules: BTreeMap<String, Vec<String>>,
    /// Those that wait for what they import.
    under_way: Vec<String>,
    script: String,
}

impl<R: Fn(&str) -> Option<String>> Joined<R> {
    /// Adds a module, unless it is there. `fault` is where it is asked for.
    fn add(&mut self, name: &str, fault: &dyn Fn(String) -> Fault) -> Result<(), Fault> {
        if self.modules.contains_key(name) {
            return Ok(());
        }
        if self.under_way.iter().any(|other| other == name) {
            return Err(fault(format!("modules import each other: {} → {name}", self.under_way.join(" → "))));
        }
        let text = (self.read)(name).ok_or_else(|| fault(format!("there is no {name}")))?;
        let module = Module::parse(name, &text)?;
        self.under_way.push(name.to_owned());
        for import in &module.imports {
            let fault = |why| Fault { file: name.to_owned(), line: import.line, why };
            self.add(&import.from, &fault)?;
            let exports = &self.modules[&import.from];
            if let Some((missing, _)) = import.names.iter().find(|(name, _)| !exports.contains(name)) {
                return Err(fault(format!("{} does not export {missing}", import.from)));
            }
        }
        self.under_way.pop();
        self.script.push_str(&module.as_function(name));
        self.modules.insert(name.to_owned(), module.exports);
        Ok(())
    }
}

/// A module, taken apart.
#[derive(Debug, Default)]
struct Module {
    imports: Vec<Import>,
    exports: Vec<String>,
    /// Everything else.
    body: String,
}

/// What a module imports from another one.
#[derive(Debug)]
struct Import {
    line: usize,
    from: String,
    /// Its name there, and its name here.
    names: Vec<(String, String)>,
}

impl Module {
    fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let mut module = Self::default();
        let mut lines = text.lines().zip(1..);
        while let Some((first, line)) = lines.next() {
            let fault = |why: String| Fault { file: name.to_owned(), line, why };
            if first.starts_with("import ") {
                if module.body.lines().any(is_code) {
                    return Err(fault("an import stands below other code".into()));
                }
                let mut statement = first.to_owned();
                while !statement.ends_with(';') {
                    let (next, _) = lines.next().ok_or_else(|| fault("an import without its end".into()))?;
                    statement.push_str(next);
                }
                let import = Import::parse(name, &statement, line).ok_or_else(|| {
                    fault("only this form of import is known: import {a, b as c} from \"./x.js\";".into())
                })?;
                module.imports.push(import);
            } else if let Some(rest) = first.strip_prefix("export ") {
                let export = exported(rest).ok_or_else(|| {
                    fault("only functions, classes and constants with one name can be exported".into())
                })?;
                module.exports.push(export.to_owned());
                module.body.push_str(rest);
            } else if is_code(first) && is_foreign(first) {
                return Err(fault("a form of import or export that is not known here".into()));
            } else {
                module.body.push_str(first);
            }
            module.body.push('\n');
        }
        Ok(module)
    }

    fn as_function(&self, name: &str) -> String {
        let mut text = format!("\n// {name}\nmodules[\"{name}\"] = (() => {{\n");
        for Import { from, names, .. } in &self.imports {
            let names = names.iter().map(|(there, here)| match there == here {
                true => there.clone(),
                false => format!("{there}: {here}"),
            });
            let names = names.collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "const {{{names}}} = modules[\"{from}\"];");
        }
        let _ = writeln!(text, "{}\nreturn {{{}}};\n}})();", self.body.trim(), self.exports.join(", "));
        text
    }
}

impl Import {
    /// The statement, if it is of the form that is known.
    fn parse(module: &str, statement: &str, line: usize) -> Option<Self> {
        let (names, from) =
            statement.strip_prefix("import {")?.strip_suffix("\";")?.split_once("} from \"")?;
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| {
            let (there, here) = name.split_once(" as ").unwrap_or((name, name));
            (is_name(there) && is_name(here)).then(|| (there.to_owned(), here.to_owned()))
        });
        Some(Self { line, from: resolved(module, from)?, names: names.collect::<Option<_>>()? })
    }
}

/// The module that `path` names in `module`.
fn resolved(module: &str, path: &str) -> Option<String> {
    let mut folders: Vec<_> = module.split('/').collect();
    folders.pop();
    let mut rest = path;
    if let Some(below) = path.strip_prefix("./") {
        rest = below;
    } else if !path.starts_with("../") {
        return None;
    }
    while let Some(above) = rest.strip_prefix("../") {
        folders.pop()?;
        rest = above;
    }
    folders.push(rest);
    Some(folders.join("/"))
}

/// The name that this declaration exports, if it exports one.
fn exported(declaration: &str) -> Option<&str> {
    const FORMS: [&str; 4] = ["function ", "async function ", "const ", "class "];
    let rest = FORMS.iter().find_map(|form| declaration.strip_prefix(form))?;
    let name = &rest[..rest.find(|c: char| !is_part(c)).unwrap_or(rest.len())];
    is_name(name).then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// The line is not empty and no comment.
fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark)) && line != "*"
}

/// Something of modules is in this line of code.
fn is_foreign(line: &str) -> bool {
    let begins = |word: &str| {
        line.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '{', '*', '"', '\'']))
    };
    // Types in comments import, too.
    let outside: String = line.split("/*").enumerate().fold(String::new(), |text, (n, part)| {
        text + if n == 0 { part } else { part.split_once("*/").map_or("", |(_, after)| after) }
    });
    let calls = |word: &str| {
        outside.match_indices(word).any(|(at, _)| !outside[..at].ends_with(|c: char| is_part(c) || c == '.'))
    };
    begins("import") || begins("export") || calls("import(") || calls("import.meta")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins from `main.js`.
    fn joined(files: &[(&str, &str)]) -> Result<String, String> {
        let read = |name: &str| files.iter().find(|file| file.0 == name).map(|file| file.1.to_owned());
        join(&["main.js"], read).map_err(|fault| fault.to_string())
    }

    #[test]
    fn what_is_imported_comes_first_and_once() {
        let script = joined(&[
            (
                "main.js",
                "// All.\n\nimport {a, b as c} from \"./x/one.js\";\nimport {\n    d,\n} from \"./two.js\";\n\na(c, d);\n",
            ),
            ("x/one.js", "import {d} from \"../two.js\";\nexport function a() {}\nexport const b = d;\n"),
            ("two.js", "export class d {}\n"),
        ]);
        let expected = r#""use strict";
(() => {
const modules = {};

// two.js
modules["two.js"] = (() => {
class d {}
return {d};
})();

// x/one.js
modules["x/one.js"] = (() => {
const {d} = modules["two.js"];
function a() {}
const b = d;
return {a, b};
})();

// main.js
modules["main.js"] = (() => {
const {a, b: c} = modules["x/one.js"];
const {d} = modules["two.js"];
// All.




a(c, d);
return {};
})();
})();
"#;
        assert_eq!(script.as_deref(), Ok(expected));
    }

    #[test]
    fn other_forms_are_refused_with_their_place() {
        for (line, why) in [
            ("import * as x from \"./x.js\";", "only this form"),
            ("import x from \"./x.js\";", "only this form"),
            ("import \"./x.js\";", "only this form"),
            ("import {x} from \"x\";", "only this form"),
            ("import {x} from \"../x.js\";", "only this form"),
            ("import {x} from \"./y.js\";", "there is no y.js"),
            ("import {y} from \"./x.js\";", "x.js does not export y"),
            ("import {x} from \"./x.js\"", "an import without its end"),
            ("f();\nimport {x} from \"./x.js\";", "below other code"),
            ("export default 1;", "only functions"),
            ("export {x};", "only functions"),
            ("export const {x} = y;", "only functions"),
            ("export * from \"./x.js\";", "only functions"),
            ("export{x};", "not known here"),
            ("    f(await import(\"./x.js\"));", "not known here"),
            ("f(import.meta.url);", "not known here"),
        ] {
            let text = format!("// One.\n{line}\n");
            let fault = joined(&[("main.js", &text), ("x.js", "export const x = 1;")]).unwrap_err();
            let place = format!("explorer/page/main.js:{}: ", 1 + line.lines().count());
            assert!(fault.starts_with(&place) && fault.contains(why), "{line}: {fault}");
        }
        let types =
            "/** @type {import(\"./x.js\").X} */\nconst x = /** @type {import(\"./x.js\").X} */ (1);\n";
        assert!(joined(&[("main.js", types)]).is_ok());
    }

    #[test]
    fn modules_that_import_each_other_are_refused() {
        let fault = joined(&[
            ("main.js", "import {a} from \"./a.js\";\n"),
            ("a.js", "\nimport {b} from \"./b.js\";\nexport const a = 1;\n"),
            ("b.js", "import {a} from \"./a.js\";\nexport const b = 1;\n"),
        ]);
        assert_eq!(
            fault.unwrap_err(),
            "explorer/page/b.js:1: modules import each other: main.js → a.js → b.js → a.js"
        );
    }
}
