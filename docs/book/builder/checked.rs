//! Whether every link of the site leads somewhere: to a file that is there, and a place that it has.

use crate::links::plain;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Pages that repeat the others.
const REPEATED: [&str; 2] = ["print.html", "404.html"];

/// All pages of the site by their place in it.
pub(crate) fn pages(site: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let (mut pages, mut folders) = (BTreeMap::new(), vec![site.to_owned()]);
    while let Some(folder) = folders.pop() {
        let cannot = |error| format!("cannot read {}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let place = path.strip_prefix(site).unwrap_or(&path).to_owned();
            if path.is_dir() {
                // The explorer's page makes its links itself.
                if place != Path::new("explorer") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "html")
                && !REPEATED.iter().any(|name| place == Path::new(name))
            {
                pages.insert(place, std::fs::read_to_string(&path).map_err(cannot)?);
            }
        }
    }
    Ok(pages)
}

/// The links that lead nowhere, a sentence each.
pub(crate) fn faults(site: &Path, pages: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    let anchors: BTreeMap<&PathBuf, BTreeSet<&str>> =
        pages.iter().map(|(place, text)| (place, values(text, " id=\"").collect())).collect();
    let mut faults = BTreeSet::new();
    for (place, text) in pages {
        for address in values(text, " href=\"").chain(values(text, " src=\"")) {
            if address.contains(':') || address.is_empty() {
                continue;
            }
            let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
            let mut target = if path.is_empty() {
                place.clone()
            } else {
                plain(&place.parent().unwrap_or(Path::new("")).join(path))
            };
            if target.as_os_str().is_empty() || site.join(&target).is_dir() {
                target.push("index.html");
            }
            if !site.join(&target).exists() {
                faults.insert(format!("{}: {address} leads nowhere", place.display()));
            } else if let Some(anchors) = anchors.get(&target)
                && !anchor.is_empty()
                && !anchors.contains(anchor)
            {
                faults.insert(format!("{}: {} has no place `{anchor}`", place.display(), target.display()));
            }
        }
    }
    faults
}

/// The values of an attribute, which the renderer writes in one form only.
fn values<'a>(text: &'a str, attribute: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_no_page_and_one_to_no_place_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "index.html",
            "<a href=\"b.html#there\">b</a> <a href=\"b.html#gone\">b</a> <a href=\"c.html\">c</a>",
        );
        write(
            "b.html",
            "<h1 id=\"there\">There</h1><a href=\"#there\">up</a><a href=\"https://example.com\">out</a>",
        );
        let pages = pages(folder.path()).unwrap();
        assert_eq!(
            Vec::from_iter(faults(folder.path(), &pages)),
            ["index.html: b.html has no place `gone`", "index.html: c.html leads nowhere"]
        );
    }
}
