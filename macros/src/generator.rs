//! The sources that decide what code a table becomes, and which faults a function has: for stamps on documents about that code.

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        /// Names below `src/` and contents.
        pub(crate) const ALL: &[(&str, &str)] = &[$(($name, include_str!($name))),*];
    };
}

sources![
    "ast.rs",
    "bodies/kinds.rs",
    "bodies/mod.rs",
    "bodies/text.rs",
    "bodies/walk.rs",
    "cube.rs",
    "emit/chain.rs",
    "emit/expected.rs",
    "emit/machine.rs",
    "emit/mod.rs",
    "emit/model.rs",
    "emit/mutants.rs",
    "emit/table.rs",
    "emit/types.rs",
    "expand.rs",
    "expect.rs",
    "flow.rs",
    "ir.rs",
    "parse.rs",
    "resolve.rs",
];

/// Their contents, as a slice of literals.
pub(crate) fn texts() -> proc_macro2::TokenStream {
    let texts = ALL.iter().map(|(_, text)| text);
    quote::quote! { &[#(#texts),*] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    /// All sources below a folder.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let all = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
        all.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
    }

    #[test]
    fn no_source_of_the_generator_is_forgotten() {
        // They report, test, or only name the others.
        let others =
            ["bodies/tests.rs", "broken.rs", "check.rs", "errors.rs", "generator.rs", "lib.rs", "tests.rs"];
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for path in files(&sources) {
            let name = path.strip_prefix(&sources).unwrap().to_string_lossy().replace('\\', "/");
            let is_listed = ALL.iter().any(|(known, _)| *known == name);
            assert_ne!(is_listed, others.contains(&&*name), "{name}");
        }
    }
}
