//! Named formats of strings: their description, their check, and the equivalent pattern for other validators.

use serde::{Deserialize, Serialize};

/// The formats of strings that definitions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StringFormat {
    /// A hyphenated UUID.
    Uuid,
    /// A time in RFC 3339.
    DateTime,
    /// An absolute URI: a scheme, a colon and anything without spaces. It may begin with a `${placeholder}`.
    Uri,
    /// A number, alone (milliseconds) or with a unit such as `ms`, `s`, `min`, `h` or `d`; or a duration as in ISO 8601.
    Duration,
    /// A decimal number, alone (bytes) or with one of the units k, m and g in any case, each a thousand of the last.
    ByteSize,
}

impl StringFormat {
    /// Describes a string of this format, with an example.
    pub fn name(self) -> &'static str {
        match self {
            StringFormat::Uuid => "a UUID such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11",
            StringFormat::DateTime => "a time such as 2024-05-01T08:00:00Z",
            StringFormat::Uri => "a URI such as s3://apps/clicks.jar",
            StringFormat::Duration => "a duration such as 10 min, 30s or PT1H",
            StringFormat::ByteSize => "an amount of memory such as 500m, 1.5g or 1073741824",
        }
    }

    /// Whether a text is of this format.
    pub fn holds(self, text: &str) -> bool {
        match self {
            StringFormat::Uuid => crate::object::is_id(text),
            StringFormat::DateTime => text.parse::<jiff::Timestamp>().is_ok(),
            StringFormat::Uri => is_uri(text),
            StringFormat::Duration => is_duration(text),
            StringFormat::ByteSize => byte_count(text).is_some(),
        }
    }

    /// The text of this format that a text in the notation of other tools means: `1Gi` of Kubernetes, `512 MB`.
    pub(crate) fn meant(self, text: &str) -> Option<String> {
        let StringFormat::ByteSize = self else { return None };
        let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim().to_ascii_lowercase();
        byte_count(number)?;
        if let Some(unit) = unit.strip_suffix("ib").or_else(|| unit.strip_suffix('i')) {
            let factor: u64 = 1 << (10 * (1 + ["k", "m", "g", "t"].iter().position(|known| *known == unit)?));
            let bytes = number.parse::<f64>().ok()? * factor as f64;
            return (bytes < 9e15).then(|| format!("{bytes:.0}"));
        }
        let unit = unit.strip_suffix('b').unwrap_or(&unit);
        matches!(unit, "" | "k" | "m" | "g").then(|| format!("{number}{unit}"))
    }

    /// The format as a regular expression, where other validators have no word for it.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            StringFormat::Uuid | StringFormat::DateTime => None,
            StringFormat::Uri => Some(r"^([A-Za-z][A-Za-z0-9+.-]*:|\$\{)[^\s]+$"),
            StringFormat::Duration => Some(
                r"^(\d+ *(ns|us|ms|s|sec|m|min|h|d)?|P(\d+D)?T(\d+H(\d+M)?(\d+(\.\d+)?S)?|\d+M(\d+(\.\d+)?S)?|\d+(\.\d+)?S)|P\d+D)$",
            ),
            StringFormat::ByteSize => Some(r"^\d+(\.\d+)?[kKmMgG]?$"),
        }
    }
}

/// Parses a text of the format `byte-size` to bytes; `None` when it does not have that format.
pub(crate) fn byte_count(text: &str) -> Option<f64> {
    let (number, factor) = match text.as_bytes().last()?.to_ascii_lowercase() {
        b'k' => (&text[..text.len() - 1], 1e3),
        b'm' => (&text[..text.len() - 1], 1e6),
        b'g' => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    (is_digits(whole) && is_digits(fraction)).then(|| number.parse::<f64>().ok().map(|number| number * factor))?
}

fn is_uri(text: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
    };
    let begins = match text.strip_prefix("${") {
        Some(rest) => !rest.is_empty(),
        None => text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty()),
    };
    // Most are ASCII, and then bytes tell.
    let has_space = match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == 0x0b),
        false => text.chars().any(char::is_whitespace),
    };
    begins && !has_space
}

fn is_duration(text: &str) -> bool {
    if let Some(text) = text.strip_prefix('P') {
        return is_iso_duration(text);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = text[digits..].trim_start_matches(' ');
    digits > 0 && matches!(unit, "" | "ns" | "us" | "ms" | "s" | "sec" | "m" | "min" | "h" | "d")
}

/// Days, hours, minutes and seconds as ISO 8601 writes them behind the `P`.
fn is_iso_duration(text: &str) -> bool {
    let (days, time) = text.split_once('T').map_or((text, None), |(days, time)| (days, Some(time)));
    let is_days = |text: &str| text.strip_suffix('D').is_some_and(is_digits);
    match time {
        None => is_days(days),
        Some(time) => (days.is_empty() || is_days(days)) && is_iso_time(time),
    }
}

fn is_iso_time(mut text: &str) -> bool {
    let is_empty = text.is_empty();
    for unit in ['H', 'M'] {
        if let Some((number, rest)) = text.split_once(unit) {
            if !is_digits(number) {
                return false;
            }
            text = rest;
        }
    }
    let is_seconds = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        is_digits(whole) && is_digits(fraction)
    };
    !is_empty && (text.is_empty() || text.strip_suffix('S').is_some_and(is_seconds))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: StringFormat, good: &[&str], bad: &[&str]) {
        for (texts, expected) in [(good, true), (bad, false)] {
            for text in texts {
                assert_eq!(format.holds(text), expected, "{text:?} as {format:?}");
                if let Some(pattern) = format.pattern() {
                    let pattern = regex_lite::Regex::new(pattern).expect("a pattern");
                    assert_eq!(pattern.is_match(text), expected, "{text:?} by the pattern of {format:?}");
                }
            }
        }
    }

    #[test]
    fn a_format_and_its_pattern_take_the_same_texts() {
        check(
            StringFormat::Uri,
            &[
                "s3://a/b.jar",
                "file:/x",
                "https://x.example/a?b=c#d",
                "${BUCKET}/x.jar",
                "wasbs://c@a/b",
                "s3://a/${X}",
            ],
            &["", "a.jar", "://x", "1x:y", "s3://a b", "s3:", "${"],
        );
        check(
            StringFormat::Duration,
            &["0", "10", "10s", "10 s", "5 min", "500ms", "PT10M", "P1D", "PT1H30M", "PT0.5S", "2h", "7d"],
            &["", "s", "1.5s", "10 weeks", "-5s", "P", "PT", "ten"],
        );
        check(
            StringFormat::ByteSize,
            &["1g", "1G", "500m", "2048m", "1.5g", "1073741824", "0", "64k"],
            &["", "g", "1 g", "1Gi", "1gb", ".5g", "1.g", "-1g", "1e9"],
        );
        check(
            StringFormat::Uuid,
            &["5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11"],
            &["", "x", "5b0c0bd44d8b4f8e9d1c5a0f3d2f7c11"],
        );
    }

    #[test]
    fn an_amount_of_memory_counts_in_thousands() {
        for (text, expected) in [("1g", 1e9), ("500M", 5e8), ("1.5k", 1500.0), ("42", 42.0)] {
            assert_eq!(byte_count(text), Some(expected), "{text}");
        }
    }
}
