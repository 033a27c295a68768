//! The words of RFC 9293 behind each row.

/// Lines of `row | section | words`; the file's first lines say how to read it.
const QUOTATIONS: &str = include_str!("quotations.txt");

/// The words of RFC 9293; `…` stands for what is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quotation {
    /// The row that does it.
    pub row: &'static str,
    /// The section, as in `§3.10.7.4`.
    pub section: &'static str,
    /// The RFC's words.
    pub words: &'static str,
}

/// All of them, in the table's order.
pub fn quotations() -> impl Iterator<Item = Quotation> {
    QUOTATIONS.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).filter_map(|line| {
        let (row, rest) = line.split_once(" | ")?;
        let (section, words) = rest.split_once(" | ")?;
        Some(Quotation { row, section, words })
    })
}

/// The words behind the row of this name. None where the row comes from another RFC, or from none.
///
/// ```
/// let asked = tcpspec::quotation("time_wait_over").expect("RFC 9293 asks for it");
/// assert_eq!(asked.section, "§3.10.8");
/// ```
pub fn quotation(row: &str) -> Option<Quotation> {
    quotations().find(|quotation| quotation.row == row)
}
