//! Strings and numbers as JSON writes them.

use super::cursor::Cursor;
use super::failure::{LONE_SURROGATE, ReadError};
use crate::json::text;

/// Reads a string that begins here with its quote.
pub(super) fn string(cursor: &mut Cursor<'_>) -> Result<String, ReadError> {
    cursor.at += 1;
    let start = cursor.at;
    let text = cursor.text;
    // Nearly all strings have no escape; they are copied once, without a look at each character.
    plain_run(cursor);
    if cursor.peek() == Some(b'"') {
        let string = text[start..cursor.at].to_owned();
        cursor.at += 1;
        return Ok(string);
    }
    let mut string = text[start..cursor.at].to_owned();
    loop {
        match cursor.peek() {
            Some(b'"') => {
                cursor.at += 1;
                return Ok(string);
            }
            Some(b'\\') => string.push(escape(cursor)?),
            Some(b'\n' | b'\r') => {
                return cursor.fail("a string ends with its line; close its quote, or write a line break as \\n");
            }
            Some(byte) if byte < b' ' => {
                return cursor.fail(format!("a control character must be written as \\u{byte:04x} in a string"));
            }
            Some(_) => {
                let start = cursor.at;
                plain_run(cursor);
                string.push_str(&text[start..cursor.at]);
            }
            None => {
                cursor.at = start - 1;
                return cursor.fail("a string begins here and has no closing quote");
            }
        }
    }
}

/// Goes on to the next byte that is not simply part of a string.
fn plain_run(cursor: &mut Cursor<'_>) {
    cursor.at += text::plain_run(&cursor.bytes[cursor.at..]);
}

fn escape(cursor: &mut Cursor<'_>) -> Result<char, ReadError> {
    let letter = match cursor.bytes.get(cursor.at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(cursor),
        _ => return cursor.fail("this escape is not known in JSON; write a backslash as \\\\"),
    };
    cursor.at += 2;
    Ok(letter)
}

/// `\uXXXX`, or two of them for a character beyond 16 bits.
fn unicode(cursor: &mut Cursor<'_>) -> Result<char, ReadError> {
    let Some(first) = unit(cursor, cursor.at) else {
        return cursor.fail("four hexadecimal digits are expected after \\u");
    };
    let (code, length) = match first {
        // RFC 8259, section 7: characters beyond 16 bits are written as a surrogate pair.
        0xd800..=0xdbff => match unit(cursor, cursor.at + 6) {
            Some(second @ 0xdc00..=0xdfff) => (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12),
            _ => return cursor.fail(LONE_SURROGATE),
        },
        _ => (first, 6),
    };
    let Some(letter) = char::from_u32(code) else { return cursor.fail(LONE_SURROGATE) };
    cursor.at += length;
    Ok(letter)
}

fn unit(cursor: &Cursor<'_>, at: usize) -> Option<u32> {
    let digits = cursor.text.get(at..at + 6)?.strip_prefix("\\u")?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// Passes a number that begins here. Returns whether it is an integer.
pub(super) fn number(cursor: &mut Cursor<'_>) -> Result<bool, ReadError> {
    let start = cursor.at;
    cursor.at += usize::from(cursor.peek() == Some(b'-'));
    let whole = digits(cursor);
    if whole == 0 {
        return cursor.fail("a digit is expected after the minus");
    }
    // RFC 8259, section 6. Other readers take such a number as octal.
    if whole > 1 && cursor.bytes[cursor.at - whole] == b'0' {
        cursor.at = start;
        return cursor.fail("a JSON number has no leading zeros; write it in double quotes if it is text");
    }
    let mut is_integer = true;
    if cursor.peek() == Some(b'.') {
        is_integer = false;
        cursor.at += 1;
        if digits(cursor) == 0 {
            return cursor.fail("a digit is expected after the decimal point");
        }
    }
    if let Some(b'e' | b'E') = cursor.peek() {
        is_integer = false;
        cursor.at += 1;
        cursor.at += usize::from(matches!(cursor.peek(), Some(b'-' | b'+')));
        if digits(cursor) == 0 {
            return cursor.fail("a digit is expected in the exponent");
        }
    }
    Ok(is_integer)
}

fn digits(cursor: &mut Cursor<'_>) -> usize {
    let start = cursor.at;
    while cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        cursor.at += 1;
    }
    cursor.at - start
}
