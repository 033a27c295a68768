//! Excerpts: whether something was printed as it is shown.

use std::fmt;

/// In an excerpt, a line that stands for any lines that are left out there.
const LEFT_OUT: &str = "…";

/// How an excerpt differs from what was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The first run of lines that was not printed.
    missing: String,
    /// What was printed.
    printed: String,
    /// The excerpt with the numbers that were printed, if nothing else differs.
    pub anew: Option<Vec<String>>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "this was not printed (or not there):\n{}", self.missing)?;
        match &self.anew {
            Some(anew) => write!(
                f,
                "only numbers are others (`--write` writes them); this was printed:\n{}",
                anew.join("\n")
            ),
            None => write!(f, "but this was:\n{}", self.printed),
        }
    }
}

/// Compares an excerpt with what was printed: each run of its lines must be there, line by line, one run after the other. Only the seconds that something took may
/// be others.
///
/// # Errors
///
/// How they differ.
pub fn compare(excerpt: &[String], printed: &str) -> Result<(), Difference> {
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let is_same = |shown: &str, line: &str| without_times(shown) == without_times(line);
    let Err(missing) = places(excerpt, &printed, is_same) else { return Ok(()) };
    Err(Difference { missing, anew: anew(excerpt, &printed), printed: printed.join("\n") })
}

/// Where each line of the excerpt was printed; none for what stands for others. The error is the first run of lines that was not.
fn places(
    excerpt: &[String],
    printed: &[&str],
    is_same: impl Fn(&str, &str) -> bool,
) -> Result<Vec<Option<usize>>, String> {
    let mut places = Vec::new();
    let mut from = 0;
    for part in excerpt.split(|line| line.trim() == LEFT_OUT) {
        let part: Vec<&str> = part.iter().map(|line| line.trim_end()).collect();
        if !part.is_empty() {
            let is_here = |at: &usize| {
                let lines = printed[*at..].iter().take(part.len());
                lines.len() == part.len() && lines.zip(&part).all(|(line, shown)| is_same(shown, line))
            };
            let at = (from..printed.len()).find(is_here).ok_or_else(|| part.join("\n"))?;
            from = at + part.len();
            places.extend((at..from).map(Some));
        }
        places.push(None);
    }
    places.pop();
    Ok(places)
}

/// A line with the same figure for all times in seconds, and none of the spaces before it.
fn without_times(line: &str) -> String {
    let is_number = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let words: Vec<&str> = line.split(' ').collect();
    let mut kept: Vec<&str> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if is_number(word) && words.get(at + 1) == Some(&"s") {
            while kept.last().is_some_and(|word| word.is_empty()) {
                kept.pop();
            }
            kept.push("0");
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// The excerpt as it was printed, where it differs in numbers alone.
fn anew(excerpt: &[String], printed: &[&str]) -> Option<Vec<String>> {
    let is_same = |shown: &str, line: &str| without_numbers(shown) == without_numbers(line);
    let places = places(excerpt, printed, is_same).ok()?;
    Some(places.iter().map(|place| place.map_or(LEFT_OUT, |at| printed[at]).to_owned()).collect())
}

/// A line with one digit for each number, and none of the spaces that a longer number moves.
fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    for c in line.trim().chars() {
        match c {
            '0'..='9' if text.ends_with('0') => {}
            '0'..='9' => text.push('0'),
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_excerpt_is_printed_line_by_line() {
        let printed = "one\ntwo  \nthree\n\nfour\nfive\n";
        assert_eq!(compare(&lines("two\nthree\n\nfour"), printed), Ok(()));
        assert_eq!(compare(&lines("one\n…\nfour\nfive"), printed), Ok(()));
        // A line is missing, another one stands there, the order is another, or it is indented otherwise.
        for wrong in ["one\nthree", "two\nthree!", "four\n…\none", "  two", "five\nsix"] {
            assert!(compare(&lines(wrong), printed).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_may_be_others() {
        let printed = "✓ reset ×3    2,186,967    6.7 s  66 hold\n\n✓ 66 claims hold: 2,186,967 states, 7 s";
        assert_eq!(
            compare(
                &lines(
                    "✓ reset ×3    2,186,967   12.7 s  66 hold\n…\n✓ 66 claims hold: 2,186,967 states, 13 s"
                ),
                printed
            ),
            Ok(())
        );
        for wrong in
            ["✓ reset ×3    2,186,968    6.7 s  66 hold", "✓ reset ×3    2,186,967    6.7 s  67 hold"]
        {
            assert!(compare(&lines(wrong), printed).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_excerpt_with_old_numbers_fails_and_is_shown_anew() {
        let printed = "error: row `x`\n    --> table.rs:1376:13\n     |\n1376 |    x [MUST-11]\n\nother\nerror: 7 errors";
        let old = "error: row `x`\n   --> table.rs:331:13\n    |\n331 |    x [MUST-11]\n…\nerror: 6 errors";
        let new = printed.replace("\n\nother\n", "\n…\n");
        assert_eq!(compare(&lines(&new), printed), Ok(()));
        let why = compare(&lines(old), printed).unwrap_err();
        assert_eq!(why.anew, Some(lines(&new)), "{why}");
        // Where more differs than numbers, nothing can be said.
        let why = compare(&lines(&old.replace("`x`", "`y`")), printed).unwrap_err();
        assert_eq!(why.anew, None, "{why}");
    }
}
