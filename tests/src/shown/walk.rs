//! The book's walk "Edit one row, see the proof break", in a copy of the project: the edit as it is shown, and what is printed as it is shown.

use super::fenced;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

const HEADING: &str = "## Edit one row, see the proof break\n";
/// The chapter that shows it.
pub const CHAPTER: &str = "docs/book/src/changing-a-rule.md";
const TABLE: &str = "spec/src/table.rs";
/// What cargo ends with where the compiler does not.
const DOES_NOT_COMPILE: i32 = 101;

/// What the section says.
#[derive(Debug)]
pub struct Walk {
    /// The edit: the row before and after.
    rows: (String, String),
    /// The row that is deleted then.
    deleted: String,
    /// The command.
    command: String,
    /// What the compiler says, then what the command prints.
    excerpts: [Vec<String>; 2],
    /// What puts the row back.
    undo: String,
}

impl Walk {
    /// Reads the section.
    ///
    /// # Errors
    ///
    /// What is missing in it.
    pub fn read(chapter: &str) -> Result<Self, String> {
        let section = chapter.split_once(HEADING).ok_or("the chapter has no walk")?.1;
        let section = section.split("\n## ").next().unwrap_or(section);
        let [diff] = &fenced(section, "diff")[..] else { return Err("the walk has not one edit".into()) };
        let line = |sign: char| {
            let found = diff.iter().find_map(|line| line.strip_prefix(sign)).map(str::to_owned);
            found.ok_or_else(|| format!("the edit has no line with {sign}"))
        };
        let excerpts: [Vec<String>; 2] =
            fenced(section, "text").try_into().map_err(|_| "the walk does not show two excerpts")?;
        let code = |before: &str, after: &str| {
            let found = section.split_once(before).and_then(|(_, rest)| rest.split_once(after));
            found
                .map(|(code, _)| code.to_owned())
                .ok_or_else(|| format!("the walk does not say {before}…{after}"))
        };
        Ok(Self {
            rows: (line('-')?, line('+')?),
            deleted: code("Delete `", "` too")?,
            command: code("ask the model: `", "`")?,
            excerpts,
            undo: code("Put the row back (`", "`)")?,
        })
    }

    /// Does what the section says in a copy of the project at `root`, in a folder that is there and empty. `compare` is given each excerpt and what was printed.
    ///
    /// # Errors
    ///
    /// What came out otherwise than it is shown.
    pub fn go(
        &self,
        root: &Path,
        copy: &Path,
        compare: impl Fn(&[String], &str) -> Result<(), String>,
    ) -> Result<(), String> {
        let failed = |error: io::Error| format!("the walk's copy of the project: {error}");
        copied(root, copy).map_err(failed)?;
        // So that what is edited can be taken back as it is shown.
        let begin = "git init --quiet && git add --all && git -c user.name=walk -c user.email=walk commit --quiet -m begin";
        self.run(root, copy, begin, 0)?;

        let table = copy.join(TABLE);
        let text = fs::read_to_string(&table).map_err(failed)?;
        let (before, after) = (format!("{}\n", self.rows.0), format!("{}\n", self.rows.1));
        if text.matches(&before).count() != 1 {
            return Err(format!("{TABLE} does not have this row once: {before}"));
        }
        let text = text.replace(&before, &after);
        fs::write(&table, &text).map_err(failed)?;
        let output = self.run(root, copy, &self.command, DOES_NOT_COMPILE)?;
        compare(&self.excerpts[0], &String::from_utf8_lossy(&output.stderr))?;

        fs::write(&table, without_row(&text, &self.deleted)?).map_err(failed)?;
        let output = self.run(root, copy, &self.command, 1)?;
        compare(&self.excerpts[1], &String::from_utf8_lossy(&output.stdout))?;

        self.run(root, copy, &self.undo, 0)?;
        // All else that CI runs says that what was there before works.
        self.run(root, copy, "git diff --exit-code", 0)?;
        Ok(())
    }

    /// Runs a command in the copy. What is compiled there stays apart from the project's own: cargo would take the edited rows for those of the project, whose files are older.
    /// Cargo does not report its progress: other packages would stand between the lines of an error, or not, as their builds happen to end.
    fn run(&self, root: &Path, copy: &Path, command: &str, status: i32) -> Result<Output, String> {
        // Other people's crates are there already: `.ci/run` builds those of the packages with the same settings.
        let target = root.join("target/packaged");
        let mut shell = Command::new("bash");
        shell
            .args(["-c", command])
            .current_dir(copy)
            .env("CARGO_TARGET_DIR", &target)
            // Built sooner, runs slower: what it runs is small.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            .env("CARGO_TERM_QUIET", "true");
        let output = shell.output().map_err(|error| format!("{command}: {error}"))?;
        if output.status.code() == Some(status) {
            return Ok(output);
        }
        Err(format!(
            "{command}: {} instead of {status}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

/// The table without a row and what is said of it.
fn without_row(text: &str, row: &str) -> Result<String, String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let is_row =
        |line: &str| line.trim_start().strip_prefix(row).is_some_and(|rest| rest.starts_with([' ', ':']));
    let Some(at) = lines.iter().position(|line| is_row(line)) else {
        return Err(format!("there is no row {row}"));
    };
    if !lines[at].ends_with(';') {
        return Err(format!("the row {row} has more than one line"));
    }
    let said = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with("///")).count();
    lines.drain(at - said..=at);
    Ok(lines.join("\n") + "\n")
}

/// Copies a folder, without what is built or belongs to git.
fn copied(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "target" || name == ".git" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copied(&entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_goes_with_its_sentence() {
        let text = "    /// One.\n    one: A => B;\n    /// Two,\n    /// at length.\n    two [MUST-1]: A => C;\n    twofold: C;\n";
        assert_eq!(without_row(text, "two").unwrap(), "    /// One.\n    one: A => B;\n    twofold: C;\n");
        assert!(without_row(text, "three").is_err());
    }

    #[test]
    fn the_walk_can_be_read() {
        let walk = Walk::read(&fs::read_to_string(super::super::root().join(CHAPTER)).unwrap()).unwrap();
        assert!(walk.command.starts_with("cargo run --release -- check "), "{walk:?}");
        assert!(walk.rows.0 != walk.rows.1 && !walk.deleted.is_empty(), "{walk:?}");
        assert!(Walk::read("# A page without it").is_err());
    }
}
