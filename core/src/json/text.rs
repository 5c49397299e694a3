//! Strings and numbers as JSON text.

use std::fmt::Write;

/// Appends the display form of a value.
pub(crate) fn display(value: impl std::fmt::Display, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

/// Appends a string in its quotes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_run(rest.as_bytes()));
        out.push_str(plain);
        let Some(byte) = special.bytes().next() else { break };
        escape(byte, out);
        // What is escaped is ASCII, so that the rest begins with a character.
        rest = &special[1..];
    }
    out.push('"');
}

fn escape(byte: u8, out: &mut String) {
    let letter = match byte {
        b'"' | b'\\' => byte as char,
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0c => 'f',
        b'\r' => 'r',
        _ => return display(format_args!("\\u{byte:04x}"), out),
    };
    out.push('\\');
    out.push(letter);
}

/// How many bytes from the beginning stand for themselves in a JSON string: up to a quote, a backslash or a control
/// character. Eight at a time, for most of a document is in strings.
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let special = specials(u64::from_le_bytes(*chunk));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    // The last eight once more, where there are so many: what comes before is known to be plain.
    if let Some(chunk) = bytes.last_chunk::<8>() {
        let special = specials(u64::from_le_bytes(*chunk));
        return if special == 0 { bytes.len() } else { bytes.len() - 8 + special.trailing_zeros() as usize / 8 };
    }
    bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(bytes.len())
}

/// The high bit of each byte that is special. Above the lowest of them there may be others that are not.
fn specials(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let is_below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH;
    let is_byte = |byte: u8| is_below(word ^ (ONES * u64::from(byte)), 1);
    is_below(word, 0x20) | is_byte(b'"') | is_byte(b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::Json;

    #[test]
    fn every_byte_at_every_place_is_told_apart() {
        for byte in 0..=u8::MAX {
            let is_special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
            for (length, place) in (0..18).flat_map(|length| (0..length).map(move |place| (length, place))) {
                let mut bytes = vec![b'a'; length];
                bytes[place] = byte;
                assert_eq!(plain_run(&bytes), if is_special { place } else { length }, "{byte} at {place} of {length}");
            }
        }
    }

    proptest! {
        #[test]
        fn strings_are_written_as_serde_json_writes_them(text: String) {
            let mut out = String::new();
            write_string(&text, &mut out);
            prop_assert_eq!(out, serde_json::to_string(&text).expect("a string serializes"));
        }

        #[test]
        fn the_run_ends_at_the_first_special_byte(bytes: Vec<u8>) {
            let first = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            prop_assert_eq!(plain_run(&bytes), first.unwrap_or(bytes.len()));
        }
    }

    #[test]
    fn values_are_written_as_serde_json_writes_them() {
        let value = serde_json::json!({
            "b": [1, -2.5, 1e300, 18446744073709551615_u64, 0.1, 1e-7, -0.0], "a": {"": null, "x\n": "\u{7f}\u{1}ü"}, "c": [], "d": {}, "e": true
        });
        assert_eq!(Json::from(value.clone()).to_text(), value.to_string());
    }
}
