//! Lists the files of the page, so that a new file is served and need not be named anywhere else.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What a browser asks for, or a licence that goes with it. All else in the folder is for those who write the page.
const SERVED: [&str; 6] = ["html", "css", "js", "svg", "png", "txt"];
/// Its tests and benchmarks, and what a package manager may have left there.
const PASSED_OVER: [&str; 3] = ["tests", "benches", "node_modules"];

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let folder = variable("CARGO_MANIFEST_DIR")?.join("page");
    println!("cargo::rerun-if-changed=page");
    let mut found = Vec::new();
    files(&folder, "", &mut found)?;
    found.sort();
    let mut list = String::from("&[\n");
    for name in found {
        let path = folder.join(&name);
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    list.push(']');
    fs::write(variable("OUT_DIR")?.join("page.rs"), list)
}

/// The names of all files that are served, with `/` between folders.
fn files(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let extension = Path::new(&name).extension().and_then(|extension| extension.to_str());
        if entry.file_type()?.is_dir() {
            if !PASSED_OVER.contains(&name.as_str()) {
                files(&entry.path(), &format!("{prefix}{name}/"), found)?;
            }
        } else if extension.is_some_and(|extension| SERVED.contains(&extension)) {
            found.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
