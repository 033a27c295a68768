//! Excerpts: whether something was printed as it is shown.

/// In an excerpt, a line that stands for any lines that are left out there.
const LEFT_OUT: &str = "…";

/// Compares an excerpt with what was printed: each run of its lines must be there, line by line, one run after the other.
///
/// # Errors
///
/// The first run of lines that is not there.
pub fn compare(excerpt: &[String], printed: &str) -> Result<(), String> {
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let mut from = 0;
    for part in excerpt.split(|line| line.trim() == LEFT_OUT).filter(|part| !part.is_empty()) {
        let part: Vec<&str> = part.iter().map(|line| line.trim_end()).collect();
        let rest = printed.get(from..).unwrap_or_default();
        let Some(at) = rest.windows(part.len()).position(|lines| lines == part.as_slice()) else {
            return Err(format!(
                "this was not printed (or not there):\n{}\nbut this was:\n{}",
                part.join("\n"),
                printed.join("\n")
            ));
        };
        from += at + part.len();
    }
    Ok(())
}

/// A message of the compiler without what every edit further above changes: the numbers of its lines.
#[must_use]
pub fn without_line_numbers(message: &str) -> String {
    let mut text = String::new();
    for line in message.lines() {
        let line = match (line.trim_start().strip_prefix("--> "), line.split_once(" |")) {
            (Some(place), _) => {
                let place = place.split(':').next().unwrap_or(place);
                format!("--> {place}:N")
            }
            (None, Some((number, source))) if number.chars().all(|c| c.is_ascii_digit()) => {
                format!("N |{source}")
            }
            _ => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
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
    fn only_the_numbers_of_lines_are_left_out() {
        let message =
            "error: row `x`\n   --> spec/src/table.rs:331:13\n    |\n331 |      x: Closed\n    |      ^";
        let expected = "error: row `x`\n--> spec/src/table.rs:N\n    |\nN |      x: Closed\n    |      ^\n";
        assert_eq!(without_line_numbers(message), expected);
    }
}
