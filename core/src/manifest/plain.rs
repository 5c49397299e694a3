//! Which strings may be written without quotes: those that no reader of YAML 1.1 or 1.2 takes for anything else.
//!
//! Where readers differ or a rule would be long, a string is quoted: quotes are never wrong.

/// Words that some reader takes for null, a boolean, or a special key.
const WORDS: [&str; 12] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "=", "<<"];

/// Whether a string can stand without quotes as a key or a value of a block collection.
pub(crate) fn is_plain(text: &str) -> bool {
    is_begun(text)
        && !text.ends_with([' ', ':'])
        && has_plain_letters(text)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        && !is_number(text)
        && !is_date(text)
}

/// Whether all characters are printable, and none makes a key or a comment. Once over the bytes, since most of what is
/// written passes here.
fn has_plain_letters(text: &str) -> bool {
    let (mut before, mut is_ascii) = (0, true);
    for byte in text.bytes() {
        match byte {
            0..=0x1f | 0x7f => return false,
            // A colon before a blank makes a key, a number sign behind one a comment.
            b' ' if before == b':' => return false,
            b'#' if before == b' ' => return false,
            _ => is_ascii &= byte.is_ascii(),
        }
        before = byte;
    }
    is_ascii || text.chars().all(is_printable)
}

/// Whether a character can stand in any YAML text as itself, and shows as itself; a line break cannot.
pub(super) fn is_printable(letter: char) -> bool {
    // Marks of direction are allowed, but an editor or a terminal that follows them shows another text than is there.
    !matches!(letter, '\0'..='\u{8}' | '\n'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn is_begun(text: &str) -> bool {
    let mut letters = text.chars();
    match letters.next() {
        // `---` is a document marker and `- ` an item; a flag such as `-Xmx1g` is neither.
        Some('-') => letters.next().is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '.'),
        Some(
            ' ' | '?' | ':' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`',
        ) => false,
        // `...` ends a document.
        Some('.') => !text.starts_with("..."),
        Some(_) => true,
        None => false,
    }
}

/// Integers in any base, floats, sexagesimals, and all that looks like them: versions, dates, addresses.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_digits =
        |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'_' | b'.' | b',' | b':' | b'-' | b'+'));
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return is_digits(unsigned);
    }
    // YAML 1.1 has binary and octal integers, and sexagesimals such as `1:30`.
    let is_based = unsigned.starts_with('0')
        && matches!(unsigned.as_bytes().get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
    let is_special = [".inf", ".nan"].iter().any(|word| word.eq_ignore_ascii_case(unsigned));
    let is_scientific =
        unsigned.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| is_digits(mantissa) && is_digits(exponent));
    is_based || is_special || is_scientific || is_digits(unsigned)
}

/// `2024-01-01` with or without a time behind it.
fn is_date(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, c, d, b'-', e, ..] if [a, b, c, d, e].iter().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unmistakable_strings_go_without_quotes() {
        for text in [
            "a",
            "default",
            "a b",
            "a:b",
            "a#b",
            "-Xmx1g",
            "s3://bucket/key",
            "5m",
            "1Gi",
            "~/x",
            "v1.2",
            ".hidden",
            "019a2b3c-0000-7000-8000-000000000000",
            "nothing",
            "truely",
            "é",
            "日本",
            "🦀",
            "a'b\"c",
            "a, b",
            "x]",
            "=x",
            "<a>",
            "a\\b",
            "com.example.Job",
            "file:/x",
            "10MB",
            "1d",
        ] {
            assert!(is_plain(text), "{text:?}");
        }
        for text in [
            "",
            " ",
            " a",
            "a ",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "- a",
            "-",
            "---",
            "--- a",
            "--flag",
            "...",
            "?",
            "? a",
            ":a",
            ",",
            "[a",
            "]",
            "{a",
            "}",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a",
            "\"a",
            "%a",
            "@a",
            "`a",
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "N",
            "True",
            "FALSE",
            "null",
            "Null",
            "~",
            "=",
            "<<",
            "0",
            "-1",
            "+1",
            "017",
            "0o17",
            "0x1f",
            "0X1F",
            "0b11",
            "1_000",
            "1.",
            ".5",
            "1.10",
            "1e3",
            "1E+3",
            "1.5e-3",
            ".inf",
            "-.INF",
            "+.Inf",
            ".nan",
            ".NaN",
            "12:30:45",
            "190:20:30.15",
            "2024-01-01",
            "2024-1-1",
            "2024-01-01T00:00:00Z",
            "2001-12-14 21:59:43.10 -5",
            "1.2.3",
            "10.0.0.1",
            "-0x1f",
            "a\tb",
            "a\nb",
            "a\rb",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{feff}a",
            "a\u{0}b",
            "a\u{7f}",
            "_",
            "1,000",
            "0_7",
            "-_1",
            "+",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }
}
