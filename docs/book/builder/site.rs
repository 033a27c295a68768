//! The site: mdBook with the book's links, then a look at every link of what came of it.

use crate::checked;
use crate::documents;
use crate::links::{Links, Origin};
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::errors::Result as BookResult;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The folder of the chapters, from the repository's root.
const CHAPTERS: &str = "docs/book/src";
/// Where the explorer's page lies in the site.
pub(crate) const EXPLORER: &str = "explorer/index.html";

/// Builds the site into a folder; how many pages it has.
///
/// # Errors
///
/// Something cannot be read or written, or a link leads nowhere: a sentence each.
pub(crate) fn build(repository: &Path, out: &Path, explorer: Option<&Path>) -> Result<usize, Vec<String>> {
    let one = |fault: String| vec![fault];
    let repository = repository
        .canonicalize()
        .map_err(|error| one(format!("cannot read {}: {error}", repository.display())))?;
    // mdBook takes a folder within the book's for granted.
    std::fs::create_dir_all(out).map_err(|error| one(format!("cannot write {}: {error}", out.display())))?;
    let out = out.canonicalize().map_err(|error| one(format!("cannot read {}: {error}", out.display())))?;
    let mut book = MDBook::load(repository.join("docs/book"))
        .map_err(|error| one(format!("cannot read the book: {error:#}")))?;
    book.config.build.build_dir.clone_from(&out);
    let found = Arc::new(Mutex::new(Found::default()));
    let preprocessor = Rewritten {
        repository: repository.clone(),
        has_explorer: explorer.is_some(),
        found: Arc::clone(&found),
    };
    book.with_preprocessor(preprocessor);
    book.build().map_err(|error| one(format!("cannot build the book: {error:#}")))?;
    let Ok(Found { mut faults, files }) = found.lock().map(|found| found.clone()) else {
        return Err(one("the book's chapters were not read".to_owned()));
    };
    let copied = files.iter().map(|file| (repository.join(file), out.join(file)));
    let explorer = explorer.map(|file| (file.to_owned(), out.join(EXPLORER)));
    // What the chapters say wrongly would be wrong once more in each page.
    for (from, to) in copied.chain(explorer) {
        faults.extend(copy(&from, &to).err());
    }
    let pages = checked::pages(&out).map_err(one)?;
    if faults.is_empty() {
        faults = checked::faults(&out, &pages);
    }
    if faults.is_empty() { Ok(pages.len()) } else { Err(faults.into_iter().collect()) }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let cannot = |error| format!("cannot copy {} to {}: {error}", from.display(), to.display());
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).map_err(cannot)?;
    }
    std::fs::copy(from, to).map_err(cannot)?;
    Ok(())
}

/// What the chapters need besides text, and what is wrong with them.
#[derive(Clone, Debug, Default)]
struct Found {
    faults: BTreeSet<String>,
    /// Pictures, from the repository's root.
    files: BTreeSet<PathBuf>,
}

/// The chapters with the documents behind them, all links as they are in the site.
struct Rewritten {
    repository: PathBuf,
    has_explorer: bool,
    found: Arc<Mutex<Found>>,
}

impl Preprocessor for Rewritten {
    fn name(&self) -> &str {
        "tcpspec"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> BookResult<Book> {
        let mut found = Found::default();
        let mut chapters = BTreeSet::new();
        book.for_each_chapter_mut(|chapter| chapters.extend(chapter.source_path.clone()));
        let documents = documents::all(&self.repository, &mut found.faults);
        let links = Links {
            repository: &self.repository,
            chapters: chapters.iter().map(|path| Path::new(CHAPTERS).join(path)).collect(),
            documents: documents.iter().flat_map(|document| document.files().cloned()).collect(),
            has_explorer: self.has_explorer,
        };
        let mut rewrite = |text: &str, origin: &Origin| {
            let rewritten = links.rewritten(text, origin);
            found.files.extend(rewritten.files);
            found.faults.extend(rewritten.faults);
            rewritten.text
        };
        book.for_each_chapter_mut(|chapter| {
            let Some(path) = chapter.source_path.clone() else { return };
            let origin = Origin { file: Path::new(CHAPTERS).join(&path), page: path };
            chapter.content = rewrite(&chapter.content, &origin);
        });
        book.items.push(BookItem::PartTitle("Documents".to_owned()));
        book.items.extend(documents::chapters(&documents, &[], &mut rewrite));
        if let Ok(mut shared) = self.found.lock() {
            *shared = found;
        }
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a page for the explorer, whose content does not matter here.
    #[test]
    fn the_book_builds_and_no_link_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let explorer = folder.path().join("page.html");
        std::fs::write(&explorer, "<!doctype html>").unwrap();
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let out = folder.path().join("site");
        let pages = build(&repository, &out, Some(&explorer))
            .unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
        assert!(pages > 40, "{pages} pages");
        let ladders = std::fs::read_to_string(out.join("ladders.html")).unwrap();
        assert!(ladders.contains("href=\"explorer/index.html#/run?scenario="), "no run is a link");
        assert!(out.join("docs/figures/open-close.svg").exists());
        assert!(out.join(EXPLORER).exists());
    }
}
