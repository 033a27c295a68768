//! The requirements of RFC 9293, as its Appendix B lists them.

/// Appendix B as data; its first lines say how to read it.
const REQUIREMENTS: &str = include_str!("../data/requirements.txt");

/// One line of Appendix B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The heading that it stands under.
    pub heading: &'static str,
    /// Its identifier, such as `MUST-11`; several lines may have the same. None: it only introduces the lines that follow.
    pub id: Option<&'static str>,
    /// The column with the cross, such as `SHOULD NOT`.
    pub strength: &'static str,
    /// The section of the RFC with its text.
    pub sections: &'static str,
    /// The table's words.
    pub words: &'static str,
    /// How far it is indented below the lines before.
    pub depth: usize,
}

/// All lines, in the order of the RFC.
pub fn lines() -> Vec<Line> {
    let mut heading = "";
    let mut lines = Vec::new();
    for text in REQUIREMENTS.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if let Some(title) = text.strip_prefix("## ") {
            heading = title;
            continue;
        }
        let mut fields = text.splitn(4, " | ");
        let mut field = || fields.next().unwrap_or_default();
        let (id, strength, sections, words) = (field(), field(), field(), field());
        let plain = words.trim_start_matches("* ");
        let depth = (words.len() - plain.len()) / 2;
        lines.push(Line { heading, id: (id != "-").then_some(id), strength, sections, words: plain, depth });
    }
    lines
}
