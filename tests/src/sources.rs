//! The project's sources, for tests that read them.

use std::io;
use std::path::{Path, PathBuf};

/// All source files of the stack, each with its name below [`stack`] and its text.
///
/// # Errors
///
/// One cannot be read.
pub fn of_the_stack() -> io::Result<Vec<(String, String)>> {
    let root = stack();
    let (mut all, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            all.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(all)
}

/// The folder of the stack's sources.
#[must_use]
pub fn stack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../stack/src")
}
