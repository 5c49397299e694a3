//! Makes text safe for a terminal: characters that steer one, or that change the order in which it shows others, are shown
//! as escapes. Everything that is no faithful document goes through here.

/// Whether a character does something to a terminal instead of showing: control characters, marks of direction, separators
/// of lines, a byte order mark.
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text on one line, such as a cell of a table.
pub(crate) fn shown(text: &str) -> String {
    escaped(text, |_| false)
}

/// A text of several lines.
pub(crate) fn lines(text: &str) -> String {
    escaped(text, |letter| matches!(letter, '\n' | '\t'))
}

/// A message in one line, whatever white space it has.
pub(crate) fn sentence(text: &str) -> String {
    let blank = |letter: char| if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter };
    shown(&text.chars().map(blank).collect::<String>())
}

/// JSON, whose strings may have every character as an escape.
pub(crate) fn json(text: &str) -> String {
    // Between its strings JSON has white space only.
    escaped(text, |letter| matches!(letter, '\n' | '\t' | '\r'))
}

/// A line in which every character keeps its length in bytes, so that places in it stay right.
pub(crate) fn in_place(line: &str) -> String {
    let plain = |letter: char| match letter {
        '\t' => '\t',
        letter if !steers(letter) => letter,
        letter => mask(letter, ' '),
    };
    line.chars().map(plain).collect()
}

/// A character of the same length in bytes that says nothing; `single` where that is one byte.
pub(crate) fn mask(letter: char, single: char) -> char {
    match letter.len_utf8() {
        1 => single,
        2 => '\u{b7}',
        3 => '\u{2022}',
        _ => '\u{1f512}',
    }
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> String {
    if !text.contains(steers) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            letter if !steers(letter) || stays(letter) => out.push(letter),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // All of these characters have four digits at most.
            letter => out.push_str(&format!("\\u{:04x}", letter as u32)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_an_escape() {
        let text = "a\u{1b}[2J\u{9b}1m\u{202e}b\u{2066}\u{7f}\r\n\té\u{200d}\u{1f44d}";
        let rest = "a\\u001b[2J\\u009b1m\\u202eb\\u2066\\u007f";
        assert_eq!(shown(text), format!("{rest}\\r\\n\\té\u{200d}\u{1f44d}"));
        assert_eq!(lines(text), format!("{rest}\\r\n\té\u{200d}\u{1f44d}"));
        assert_eq!(sentence("a\n b\u{1b}"), "a  b\\u001b");
        assert_eq!(shown("plain é"), "plain é");
    }

    #[test]
    fn json_says_the_same_with_escapes() {
        let value = serde_json::json!({"a": "\u{9b}\u{202e}\u{7f}\n\t\u{1b}é"});
        let text = json(&serde_json::to_string_pretty(&value).expect("JSON"));
        assert!(!text.contains(|letter: char| steers(letter) && letter != '\n'), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn places_in_a_line_stay_right() {
        let line = "a\u{1b}\u{9b}\u{202e}é\tb";
        let safe = in_place(line);
        assert_eq!(safe.len(), line.len());
        assert_eq!(safe, "a \u{b7}\u{2022}é\tb");
    }
}
