//! JSON texts indented by two spaces; names keep their order, values their spelling. Each document ends its line.

/// A JSON text that was read without fault, with a line for each value.
pub(super) fn indented(text: &str) -> String {
    let source = text.trim_start_matches('\u{feff}');
    let (mut out, mut depth, mut rest) = (String::new(), 0_usize, source.char_indices().peekable());
    while let Some((at, letter)) = rest.next() {
        match letter {
            '"' => {
                let length = string_length(&source[at..]);
                out.push_str(&source[at..at + length]);
                // Strings are copied as they are: brackets and commas in them are text.
                while rest.next_if(|(next, _)| *next < at + length).is_some() {}
            }
            '{' | '[' => {
                out.push(letter);
                let close = if letter == '{' { '}' } else { ']' };
                while rest.next_if(|(_, next)| next.is_ascii_whitespace()).is_some() {}
                if rest.next_if(|(_, next)| *next == close).is_some() {
                    out.push(close);
                    end(&mut out, depth);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(letter);
                end(&mut out, depth);
            }
            ',' => {
                out.push(letter);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// Ends the line of a document.
fn end(out: &mut String, depth: usize) {
    if depth == 0 {
        out.push('\n');
    }
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// How long the string is with which a JSON text begins, quotes included.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
