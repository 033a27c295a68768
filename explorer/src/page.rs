//! The files of the page, as they were when this program was built.

/// Names, with `/` between folders, and contents; in the order of the names.
pub const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The file of this name.
pub fn file(name: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(FILES[at].1)
}

/// What the file is, by its name, as HTTP says it.
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_name() {
        for (name, text) in FILES {
            assert_eq!(file(name), Some(*text), "{name}");
        }
        assert_eq!(file("api.d.ts"), None);
        assert_eq!(file("../Cargo.toml"), None);
    }
}
