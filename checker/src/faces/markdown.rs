//! What Markdown asks of text.

/// A bar would end the cell.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
