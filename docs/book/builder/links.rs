//! Links as they are in the site. In a chapter's file they lead into the repository, so that they work where its files are read: to other chapters, documents,
//! pictures and sources.

use crate::site::EXPLORER;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// Where the sources are for a reader of the book.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main");
/// The command that opens a run.
const OPENS: &str = "tcpspec explore --open '";

/// What links can lead to.
pub(crate) struct Links<'a> {
    /// The root of the repository.
    pub(crate) repository: &'a Path,
    /// Chapters, from the root.
    pub(crate) chapters: Vec<PathBuf>,
    /// Documents that are a part of the site, from the root.
    pub(crate) documents: Vec<PathBuf>,
    /// The explorer's page is a part of the site.
    pub(crate) has_explorer: bool,
}

/// Where a text stands.
pub(crate) struct Origin {
    /// In the repository.
    pub(crate) file: PathBuf,
    /// In the site, with its old extension.
    pub(crate) page: PathBuf,
}

/// A text for the site.
pub(crate) struct Rewritten {
    pub(crate) text: String,
    /// Pictures that it shows, from the repository's root.
    pub(crate) files: Vec<PathBuf>,
    /// Links that lead nowhere.
    pub(crate) faults: Vec<String>,
}

impl Links<'_> {
    /// A text with its links as they are in the site.
    pub(crate) fn rewritten(&self, text: &str, origin: &Origin) -> Rewritten {
        let mut all =
            Rewritten { text: String::with_capacity(text.len()), files: Vec::new(), faults: Vec::new() };
        let mut from = 0;
        for (range, new) in self.changes(text, origin, &mut all) {
            all.text.push_str(&text[from..range.start]);
            all.text.push_str(&new);
            from = range.end;
        }
        all.text.push_str(&text[from..]);
        all
    }

    /// Which parts of the text become others.
    fn changes(&self, text: &str, origin: &Origin, all: &mut Rewritten) -> Vec<(Range<usize>, String)> {
        let mut changes = Vec::new();
        // Within the words of a link there is no other one.
        let mut within = 0;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    within += 1;
                    changes.extend(self.changed(text, &range, &dest_url, false, origin, all));
                }
                Event::End(TagEnd::Link) => within -= 1,
                Event::Start(Tag::Image { dest_url, .. }) => {
                    changes.extend(self.changed(text, &range, &dest_url, true, origin, all));
                }
                Event::Code(code) if within == 0 && self.has_explorer => {
                    if let Some(link) = code.strip_prefix(OPENS).and_then(|rest| rest.strip_suffix('\'')) {
                        let page = relative(&origin.page, Path::new(EXPLORER));
                        // It may hold what ends a link in Markdown.
                        changes.push((
                            range.clone(),
                            format!("{} ([open](<{page}#/run?{link}>))", &text[range]),
                        ));
                    }
                }
                _ => {}
            }
        }
        changes.sort_by_key(|(range, _)| range.start);
        changes
    }

    /// A link's address in the site, and where it stands in the text.
    fn changed(
        &self,
        text: &str,
        range: &Range<usize>,
        address: &str,
        is_picture: bool,
        origin: &Origin,
        all: &mut Rewritten,
    ) -> Option<(Range<usize>, String)> {
        if address.contains("://") || address.starts_with(['#', '<']) || address.starts_with("mailto:") {
            return None;
        }
        let (path, anchor) = address.split_once('#').map_or((address, ""), |(path, anchor)| (path, anchor));
        let target = plain(&origin.file.parent().unwrap_or(Path::new("")).join(path));
        if !self.repository.join(&target).exists() {
            all.faults.push(format!("{}: {address} leads nowhere", origin.file.display()));
            return None;
        }
        let place = if is_picture {
            all.files.push(target.clone());
            relative(&origin.page, &target)
        } else if let Some(chapter) =
            self.chapters.contains(&target).then(|| target.strip_prefix("docs/book/src"))
        {
            relative(&origin.page, chapter.unwrap_or(&target))
        } else if self.documents.contains(&target) {
            relative(&origin.page, &target)
        } else {
            format!("{REPOSITORY}/{}", target.display())
        };
        let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        // The address comes last in a link; its words may hold the same.
        let at = range.start + text[range.clone()].rfind(address)?;
        Some((at..at + address.len(), place + &anchor))
    }
}

/// A path without `.` and `..`.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The way from one page of the site to a file of it.
fn relative(page: &Path, file: &Path) -> String {
    let ups = page.parent().map_or(0, |folder| folder.components().count());
    "../".repeat(ups) + &file.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_chapters_documents_pictures_and_sources() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let links = Links {
            repository: &repository,
            chapters: vec!["docs/book/src/getting-started.md".into()],
            documents: vec!["docs/hazards.md".into()],
            has_explorer: true,
        };
        let origin = Origin { file: "docs/book/src/zh/x.md".into(), page: "zh/x.md".into() };
        let rewritten = links.rewritten(
            "[a](../getting-started.md#x) [b](../../../hazards.md) [c](../../../../Cargo.toml) ![d](../../../figures/states.svg)\n\
             [e](https://example.com/) [f](#g) [h](nowhere.md)\n\n`tcpspec explore --open 'scenario=reset&path=ao'`",
            &origin,
        );
        assert_eq!(
            rewritten.text,
            "[a](../getting-started.md#x) [b](../docs/hazards.md) [c](https://github.com/tcpspec/tcpspec/blob/main/Cargo.toml) \
             ![d](../docs/figures/states.svg)\n[e](https://example.com/) [f](#g) [h](nowhere.md)\n\n\
             `tcpspec explore --open 'scenario=reset&path=ao'` ([open](<../explorer/index.html#/run?scenario=reset&path=ao>))"
        );
        assert_eq!(rewritten.files, [PathBuf::from("docs/figures/states.svg")]);
        assert_eq!(rewritten.faults, ["docs/book/src/zh/x.md: nowhere.md leads nowhere"]);
    }
}
