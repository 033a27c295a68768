//! The project's sources, for tests that read them.

use std::io;
use std::path::{Path, PathBuf};

/// All files of a folder that is named from the repository's root, each with its name below that folder and its text.
///
/// # Errors
///
/// One cannot be read.
pub fn all(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let top = root().join(folder);
    let (mut all, mut folders) = (Vec::new(), vec![top.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            all.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(all)
}

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
