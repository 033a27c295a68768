//! Tables with faults in them: whatever is left out, doubled, exchanged or moved, the macro says what is wrong and where, and never panics. A fuzz target of `tests/fuzz` has this file, too.

use crate::expand::expand;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Words that no table has, or not there.
const STRANGE: [&str; 16] = [
    "_",
    "'a",
    "0",
    "\"\"",
    "r#fn",
    "r#\"x\"#",
    "..",
    "=>",
    "::",
    "#",
    "b\"x\"",
    "1.5",
    "struct",
    "Self",
    "é",
    "99999999999999999999",
];
/// Edits of one table at most.
const EDITS: usize = 8;

/// The words of a table: names, marks (`=>` is one), texts, and the brackets that open and close.
fn words(tokens: TokenStream, into: &mut Vec<String>) {
    let mut is_joint = false;
    for token in tokens {
        let TokenTree::Group(group) = token else {
            let word = token.to_string();
            match into.last_mut().filter(|_| is_joint) {
                Some(begun) => begun.push_str(&word),
                None => into.push(word),
            }
            is_joint = matches!(&token, TokenTree::Punct(mark) if mark.spacing() == Spacing::Joint);
            continue;
        };
        is_joint = false;
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        into.push(open.to_owned());
        words(group.stream(), into);
        into.push(close.to_owned());
    }
}

/// The table with edits, five octets for each: which edit, two words that it is about.
pub(crate) fn edited(table: &str, octets: &[u8]) -> String {
    let mut all = Vec::new();
    words(table.parse().expect("a table is tokens"), &mut all);
    for edit in octets.chunks_exact(5).take(EDITS) {
        let place = |at: usize| usize::from(u16::from_le_bytes([edit[at], edit[at + 1]])) % all.len();
        if all.is_empty() {
            break;
        }
        let (one, other) = (place(1), place(3));
        match edit[0] % 6 {
            0 => drop(all.remove(one)),
            1 => all.insert(one, all[other].clone()),
            2 => all.swap(one, other),
            3 => all[one] = all[other].clone(),
            4 => drop(all.drain(one..(one + usize::from(edit[3] % 32)).min(all.len()))),
            _ => STRANGE[usize::from(edit[3]) % STRANGE.len()].clone_into(&mut all[one]),
        }
    }
    all.join(" ")
}

/// Whether the table is wrong. Then each error has words and a place in the table; a table that is right becomes items.
pub(crate) fn judge(table: &str) -> bool {
    // What is no tokens never comes to a macro.
    let Ok(tokens) = table.parse::<TokenStream>() else { return false };
    let code = expand(tokens, true);
    let file: syn::File = syn::parse2(code).unwrap_or_else(|error| panic!("{error}: {table}"));
    let mut is_wrong = false;
    for item in &file.items {
        let syn::Item::Macro(item) = item else { continue };
        let Some(name) = item.mac.path.segments.last().filter(|name| name.ident == "compile_error") else {
            continue;
        };
        is_wrong = true;
        let message: syn::LitStr = item.mac.parse_body().expect("an error has a message");
        let message = message.value();
        let place = name.ident.span().byte_range();
        // What is not there has no place: the compiler shows the whole call of the macro.
        let is_nowhere =
            ["the table has no", "unexpected end of input"].iter().any(|what| message.starts_with(what));
        assert!(!message.is_empty(), "an error says nothing: {table}");
        assert!(
            is_nowhere || (place.start < place.end && place.end <= table.len()),
            "`{message}` has no place: {table}"
        );
    }
    // Else the text of each table would be kept.
    proc_macro2::extra::invalidate_current_thread_spans();
    is_wrong
}
