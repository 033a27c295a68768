//! Whether what will be written can be, and whether this is the place for it: asked before anything that takes long.

use std::fs::OpenOptions;
use std::path::Path;

/// The file without which a folder is not this project.
const TABLE: &str = "spec/src/table.rs";

/// Whether a file can be written, without changing what it says; else an error that names it.
pub(crate) fn writable(file: &Path) -> Result<(), String> {
    let is_new = !file.exists();
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    if is_new {
        // Nobody has written anything into it yet.
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}

/// Writes a file, all or nothing: under another name first, so that an interruption leaves what was there.
pub(crate) fn replace(file: &Path, text: &str) -> Result<(), String> {
    let cannot = |error| format!("cannot write {}: {error}", file.display());
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).map_err(cannot)?;
    }
    let partial = file.with_extension("partial");
    std::fs::write(&partial, text).map_err(cannot)?;
    std::fs::rename(&partial, file).map_err(cannot)
}

/// Whether this folder of documents stands in a checkout of the project; else an error that says what to do.
pub(crate) fn has_documents(dir: &Path) -> Result<(), String> {
    // The folder itself may not be there yet.
    let beside = [Some(dir.join("..")), dir.parent().map(Path::to_owned)];
    if beside.iter().flatten().any(|parent| parent.join(TABLE).exists()) {
        return Ok(());
    }
    Err(format!(
        "{} is not in a checkout of tcpspec: there is no {TABLE} beside it; run this in the checkout, or say with --dir where the documents are",
        dir.display()
    ))
}

/// Whether the working directory is a checkout of the project.
pub(crate) fn is_checkout() -> bool {
    Path::new(TABLE).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_changes_nothing() {
        let file = std::env::temp_dir().join(format!("tcpspec-writable-{}", std::process::id()));
        writable(&file).unwrap();
        assert!(!file.exists());
        std::fs::write(&file, "text").unwrap();
        writable(&file).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "text");
        std::fs::remove_file(&file).unwrap();
        assert!(writable(&file.join("below")).unwrap_err().starts_with("cannot write "));
    }
}
