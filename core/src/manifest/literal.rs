//! Strings and numbers as JSON writes them.

use super::failure::{LONE_SURROGATE, ReadError};
use super::json_reader::Reader;
use crate::json::text;

/// Reads a string that begins here with its quote.
pub(super) fn string(reader: &mut Reader<'_>) -> Result<String, ReadError> {
    reader.at += 1;
    let start = reader.at;
    let text = reader.text;
    plain_run(reader);
    if reader.peek() == Some(b'"') {
        let string = text[start..reader.at].to_owned();
        reader.at += 1;
        return Ok(string);
    }
    let mut string = text[start..reader.at].to_owned();
    loop {
        match reader.peek() {
            Some(b'"') => {
                reader.at += 1;
                return Ok(string);
            }
            Some(b'\\') => string.push(escape(reader)?),
            Some(b'\n' | b'\r') => {
                return reader.fail("a string ends with its line; close its quote, or write a line break as \\n");
            }
            Some(byte) if byte < b' ' => {
                return reader.fail(format!("a control character must be written as \\u{byte:04x} in a string"));
            }
            Some(_) => {
                let start = reader.at;
                plain_run(reader);
                string.push_str(&text[start..reader.at]);
            }
            None => {
                reader.at = start - 1;
                return reader.fail("a string begins here and has no closing quote");
            }
        }
    }
}

/// Goes on to the next byte that is not simply part of a string.
fn plain_run(reader: &mut Reader<'_>) {
    reader.at += text::plain_run(&reader.bytes[reader.at..]);
}

fn escape(reader: &mut Reader<'_>) -> Result<char, ReadError> {
    let letter = match reader.bytes.get(reader.at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(reader),
        _ => return reader.fail("this escape is not known in JSON; write a backslash as \\\\"),
    };
    reader.at += 2;
    Ok(letter)
}

/// `\uXXXX`, or two of them for a character beyond 16 bits.
fn unicode(reader: &mut Reader<'_>) -> Result<char, ReadError> {
    let Some(first) = unit(reader, reader.at) else {
        return reader.fail("four hexadecimal digits are expected after \\u");
    };
    let (code, length) = match first {
        0xd800..=0xdbff => match unit(reader, reader.at + 6) {
            Some(second @ 0xdc00..=0xdfff) => (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12),
            _ => return reader.fail(LONE_SURROGATE),
        },
        _ => (first, 6),
    };
    let Some(letter) = char::from_u32(code) else { return reader.fail(LONE_SURROGATE) };
    reader.at += length;
    Ok(letter)
}

fn unit(reader: &Reader<'_>, at: usize) -> Option<u32> {
    let digits = reader.text.get(at..at + 6)?.strip_prefix("\\u")?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// Passes a number that begins here, and says whether it is an integer.
pub(super) fn number(reader: &mut Reader<'_>) -> Result<bool, ReadError> {
    let start = reader.at;
    reader.at += usize::from(reader.peek() == Some(b'-'));
    let whole = digits(reader);
    if whole == 0 {
        return reader.fail("a digit is expected after the minus");
    }
    if whole > 1 && reader.bytes[reader.at - whole] == b'0' {
        reader.at = start;
        return reader.fail("a JSON number has no leading zeros; write it in double quotes if it is text");
    }
    let mut is_integer = true;
    if reader.peek() == Some(b'.') {
        is_integer = false;
        reader.at += 1;
        if digits(reader) == 0 {
            return reader.fail("a digit is expected after the decimal point");
        }
    }
    if let Some(b'e' | b'E') = reader.peek() {
        is_integer = false;
        reader.at += 1;
        reader.at += usize::from(matches!(reader.peek(), Some(b'-' | b'+')));
        if digits(reader) == 0 {
            return reader.fail("a digit is expected in the exponent");
        }
    }
    Ok(is_integer)
}

fn digits(reader: &mut Reader<'_>) -> usize {
    let start = reader.at;
    while reader.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        reader.at += 1;
    }
    reader.at - start
}
