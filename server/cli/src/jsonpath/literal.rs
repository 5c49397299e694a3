//! Texts in quotes, as Go writes them.

/// Where a text in quotes ends, its quotes included; none if it does not.
pub(super) fn closing_quote(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            letter if letter == quote => return Some(at + letter.len_utf8()),
            _ => {}
        }
    }
    None
}

/// The text that a text in quotes stands for.
pub(super) fn unquoted(text: &str) -> Result<String, String> {
    let wrong = |what: &str| Err(format!("{text} is no text in quotes: {what}"));
    let (mut out, mut letters) = (String::new(), text[1..text.len() - 1].chars());
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        out.push(match letters.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('u') => {
                let digits: String = letters.by_ref().take(4).collect();
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(letter) => letter,
                    None => return wrong("\\u takes four digits"),
                }
            }
            Some(letter @ ('\\' | '"' | '\'' | '/')) => letter,
            _ => return wrong("an escape is not known"),
        });
    }
    Ok(out)
}
