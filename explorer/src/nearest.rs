//! Suggestions: the known name that was perhaps meant.

/// The known name that is most like this one, if its likeness reaches the least one asked for: from 0 (anything) to 1 (the same).
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, least: f64) -> Option<&'a str> {
    let likely = known.into_iter().map(|known| (strsim::jaro_winkler(name, known), known));
    likely
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > least)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_alike_enough_is_meant() {
        let known = ["reset", "release"];
        assert_eq!(nearest("rest", known, 0.6), Some("reset"));
        assert_eq!(nearest("moon", known, 0.6), None);
        assert_eq!(nearest("", known, 0.0), None);
    }
}
