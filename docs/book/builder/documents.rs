//! The generated documents, which stand behind the chapters, so that a reader of the book can look things up.

use crate::links::Origin;
use mdbook_preprocessor::book::{BookItem, Chapter, SectionNumber};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// They lie in this folder of the repository, and of the site.
const FOLDER: &str = "docs";
/// In the order in which they are listed. What lies in the folder of the same name comes below each.
const NAMES: [&str; 11] = [
    "table",
    "states",
    "ladders",
    "ladders.zh",
    "verdicts",
    "hazards",
    "proofs",
    "mutants",
    "rfc",
    "kernel-differences",
    "benchmarks",
];

/// A document.
pub(crate) struct Document {
    /// Where it is, from the repository's root.
    pub(crate) file: PathBuf,
    title: String,
    text: String,
    below: Vec<Document>,
}

/// All documents in their order, those below others behind them.
pub(crate) fn all(repository: &Path, faults: &mut BTreeSet<String>) -> Vec<Document> {
    let mut all = Vec::new();
    for name in NAMES {
        let file = Path::new(FOLDER).join(format!("{name}.md"));
        let mut below: Vec<PathBuf> = std::fs::read_dir(repository.join(FOLDER).join(name))
            .map(|entries| entries.flatten().map(|entry| entry.file_name().into()).collect())
            .unwrap_or_default();
        below.sort();
        let below = below.iter().map(|page: &PathBuf| Path::new(FOLDER).join(name).join(page));
        let below: Vec<_> = below.filter_map(|file| read(repository, file, Vec::new(), faults)).collect();
        all.extend(read(repository, file, below, faults));
    }
    all
}

fn read(
    repository: &Path,
    file: PathBuf,
    below: Vec<Document>,
    faults: &mut BTreeSet<String>,
) -> Option<Document> {
    match std::fs::read_to_string(repository.join(&file)) {
        Ok(text) => {
            let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("?").to_owned();
            Some(Document { file, title, text, below })
        }
        Err(error) => {
            faults.insert(format!("cannot read {}: {error}", file.display()));
            None
        }
    }
}

impl Document {
    /// Its own file, and those of all below.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.file).chain(self.below.iter().map(|document| &document.file))
    }
}

/// The documents as chapters below the one with this number, their text rewritten.
pub(crate) fn chapters(
    documents: &[Document],
    above: &[u32],
    rewrite: &mut impl FnMut(&str, &Origin) -> String,
) -> Vec<BookItem> {
    (1..)
        .zip(documents)
        .map(|(place, document)| {
            let origin = Origin { file: document.file.clone(), page: document.file.clone() };
            let text = rewrite(&document.text, &origin);
            let mut chapter = Chapter::new(&document.title, text, &document.file, Vec::new());
            // Numbers are not shown. Without them what lies below would not be folded.
            let number = [above, &[place]].concat();
            chapter.sub_items = chapters(&document.below, &number, rewrite);
            chapter.number = Some(SectionNumber::new(number));
            for item in &mut chapter.sub_items {
                if let BookItem::Chapter(below) = item {
                    below.parent_names = vec![document.title.clone()];
                }
            }
            BookItem::Chapter(chapter)
        })
        .collect()
}
