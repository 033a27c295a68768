//! Expressions as people write them.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The longest text that a fault's name shows.
const LONGEST: usize = 90;

/// The text of this code, on one line, shortened if it is long.
pub(super) fn text(code: &impl ToTokens) -> String {
    let mut writer = Writer::default();
    writer.all(code.to_token_stream());
    let text = writer.out;
    if text.chars().count() <= LONGEST {
        return text;
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}

#[derive(Default)]
struct Writer {
    out: String,
    last: String,
    /// Between `::<` and `>`.
    in_types: bool,
}

impl Writer {
    fn all(&mut self, tokens: TokenStream) {
        let mut joined = String::new();
        for token in tokens {
            match token {
                TokenTree::Punct(punct) => {
                    joined.push(punct.as_char());
                    if punct.spacing() == Spacing::Alone {
                        self.piece(&std::mem::take(&mut joined));
                    }
                }
                TokenTree::Group(group) => {
                    self.rest(&mut joined);
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    self.piece(open);
                    self.all(group.stream());
                    self.piece(close);
                }
                other => {
                    self.rest(&mut joined);
                    self.piece(&other.to_string());
                }
            }
        }
        self.rest(&mut joined);
    }

    fn rest(&mut self, joined: &mut String) {
        if !joined.is_empty() {
            self.piece(&std::mem::take(joined));
        }
    }

    fn piece(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        let follows_word = self.last == ")" || self.last.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let tight_before = matches!(piece, "." | "," | ";" | ":" | "?" | ")" | "]" | "::")
            || (piece == "(" && (follows_word || self.last == ">" && self.out.contains("::<")))
            || (piece == "<" && self.last == "::")
            || (piece == ">" && self.in_types);
        let tight_after = matches!(self.last.as_str(), "" | "." | "(" | "[" | "::" | "!" | ".." | "&")
            || (self.last == "*" && self.out == "*")
            || (self.last == "<" && self.in_types);
        if !(tight_before || tight_after) {
            self.out.push(' ');
        }
        self.in_types = (piece == "<" && self.last == "::") || (self.in_types && piece != ">");
        self.out.push_str(piece);
        self.last = piece.to_owned();
    }
}
