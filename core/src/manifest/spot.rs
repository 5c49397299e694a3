//! Finds the exact place of a YAML error, where the parser reports only the start of the text around it.

/// Behind `-`, `?` and `:` a tab indents what comes next in the line.
const INDENT: [char; 4] = [' ', '-', '?', ':'];

/// The first tab that indents a line, from the line of `offset` on.
pub(super) fn tab(text: &str, offset: usize) -> usize {
    let begin = text[..text.floor_char_boundary(offset)].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let mut start = begin;
    for line in text[begin..].split_inclusive(['\n', '\r']) {
        // A tab behind other characters separates words, which YAML allows.
        let indent = line.trim_start_matches(INDENT);
        if indent.starts_with('\t') {
            return start + line.len() - indent.len();
        }
        start += line.len();
    }
    offset
}

/// Whether a tab indents what begins at `offset`.
pub(super) fn is_behind_tab(text: &str, offset: usize) -> bool {
    let before = &text[..text.floor_char_boundary(offset)];
    let begin = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    before[begin..].trim_start_matches(INDENT).starts_with('\t')
}

/// The first escape that is wrong in the double-quoted text that begins at `start`.
pub(super) fn escape(text: &str, start: usize) -> usize {
    let mut at = start + 1;
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.find(['\\', '"']).filter(|next| rest.as_bytes()[*next] == b'\\') else { break };
        at += next;
        match length(&text[at..]) {
            Some(length) => at += length,
            None => return at,
        }
    }
    start
}

/// How long the escape is that begins here, if it stands for a character.
fn length(text: &str) -> Option<usize> {
    let letter = text[1..].chars().next()?;
    let digits = match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '0' | 'a' | 'b' | 't' | '\t' | 'n' | 'v' | 'f' | 'r' | 'e' | ' ' | '"' | '/' | '\\' | 'N' | '_' | 'L' | 'P'
        | '\n' | '\r' => return Some(1 + letter.len_utf8()),
        _ => return None,
    };
    let code = code(&text[2..], digits)?;
    if digits == 4 && (0xd800..0xdc00).contains(&code) {
        let low = code_of_low(&text[6..])?;
        return (0xdc00..0xe000).contains(&low).then_some(12);
    }
    char::from_u32(code).map(|_| 2 + digits)
}

fn code_of_low(text: &str) -> Option<u32> {
    code(text.strip_prefix("\\u")?, 4)
}

fn code(text: &str, digits: usize) -> Option<u32> {
    let digits = text.get(..digits).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_escape_that_is_wrong_is_found() {
        for (text, spot) in [
            (r#""\n \"\\ \x41 \u00e9 \ud83d\ude00 \U0001F600 \q""#, 45),
            (r#""é\x4""#, 3),
            (r#""\ud83d""#, 1),
            (r#""\ud83d\ud83d""#, 1),
            (r#""\\\udc00""#, 3),
            (r#""\U00110000""#, 1),
            ("\"a\\\n  b \\q\"", 8),
            (r#""fine" \q"#, 0),
            (r#""\"#, 1),
            ("", 0),
        ] {
            assert_eq!(escape(text, 0), spot, "{text}");
        }
    }

    #[test]
    fn the_tab_that_indents_is_found() {
        for (text, offset, spot) in [
            ("a:\n\tb: 1\n", 4, 3),
            ("a: x\n \ty", 3, 6),
            ("a:\r\ty", 0, 3),
            ("-\t- a", 2, 1),
            ("a: b\tc\n", 3, 3),
            ("é", 1, 1),
        ] {
            assert_eq!(tab(text, offset), spot, "{text:?}");
        }
    }
}
