//! The project's sources, for tests that read them.

use std::io;
use std::path::{Path, PathBuf};

/// All text files of a folder that is named from the repository's root, each with its name below that folder and its text. Those that are no UTF-8 are left out.
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
            match std::fs::read_to_string(&path) {
                Ok(text) => all.push((name, text)),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(all)
}

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
