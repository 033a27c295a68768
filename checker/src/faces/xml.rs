//! The little of XML that pictures need.

/// Text as it may stand between tags and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Style rules that only concern what is inside of this class: several pictures can share a page.
pub(crate) fn scoped(class: &str, rules: &str) -> String {
    rules.split_inclusive('}').map(|rule| format!(".{class} {rule}")).collect()
}

/// Panics unless tags balance and nothing but tags uses `<` or a bare `&`.
#[cfg(test)]
pub(crate) fn assert_well_formed(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    for piece in text.split('<').skip(1) {
        let (tag, between) = piece.split_once('>').expect("a tag ends");
        assert!(!between.contains('>'), "bare > in {between}");
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            roots += usize::from(open.is_empty());
            open.push(tag.split_whitespace().next().expect("a name"));
        }
    }
    for piece in text.split('&').skip(1) {
        let entity = piece.split_once(';').expect("an entity ends").0;
        assert!(["amp", "lt", "gt", "quot"].contains(&entity), "{entity}");
    }
    assert!(open.is_empty(), "left open: {open:?}");
    assert_eq!(roots, 1);
}
