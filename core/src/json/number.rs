//! Numbers that remember how they were written.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer};

/// A JSON number: an integer within i64 or u64, or a finite double.
#[derive(Clone, Debug)]
pub struct Number {
    pub(super) value: serde_json::Number,
    /// The text as the user wrote it, kept only where it differs from the shortest form.
    spelling: Option<Box<str>>,
}

impl Number {
    /// The number that `text` spells in JSON or in YAML's core schema without prefix, or `None` when neither an integer
    /// within i64 or u64 nor a finite double holds it.
    pub fn parse(text: &str) -> Option<Self> {
        let value = if let Ok(integer) = text.parse::<i64>() {
            serde_json::Number::from(integer)
        } else if let Ok(integer) = text.parse::<u64>() {
            serde_json::Number::from(integer)
        } else if is_integer(text) {
            return None;
        } else {
            serde_json::Number::from_f64(text.parse().ok()?)?
        };
        Some(Self::spelled(value, text))
    }

    /// A number with the text it was written as.
    pub fn spelled(value: serde_json::Number, text: &str) -> Self {
        let spelling = (value.to_string() != text).then(|| text.into());
        Self { value, spelling }
    }

    /// The text as it was written.
    pub fn text(&self) -> String {
        self.spelling().into_owned()
    }

    /// The text as it was written, without a copy where it is kept.
    pub(crate) fn spelling(&self) -> Cow<'_, str> {
        self.spelling.as_deref().map_or_else(|| self.value.to_string().into(), Cow::Borrowed)
    }

    /// Whether the text as it was written differs from the normal form.
    pub fn is_spelled(&self) -> bool {
        self.spelling.is_some()
    }

    /// The value as a signed integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        self.value.as_i64()
    }

    /// Whether the value has no fraction and fits i64 or u64.
    pub fn is_integer(&self) -> bool {
        self.value.is_i64() || self.value.is_u64()
    }

    /// Which of two numbers is greater, exactly, also where a double would round.
    pub(crate) fn compare(&self, other: &Number) -> Ordering {
        let whole = |number: &Number| {
            let value = &number.value;
            let whole = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
            // A double without a fraction beside an integer: what rounds is the integer. Beyond this all doubles are larger.
            whole.or_else(|| value.as_f64().filter(|x| x.fract() == 0.0 && x.abs() < 1e30).map(|double| double as i128))
        };
        match (whole(self), whole(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            // Both are finite, so that there is an order; minus zero is zero in it.
            _ => self.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
        }
    }

    /// The value as a double, rounded where a double cannot hold it.
    pub fn as_f64(&self) -> f64 {
        self.value.as_f64().unwrap_or(f64::NAN)
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers are equal when their values are: the spelling does not count.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl From<serde_json::Number> for Number {
    fn from(value: serde_json::Number) -> Self {
        Self { value, spelling: None }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Number::deserialize(deserializer).map(Number::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_spelling_and_equals_by_value() {
        let spelled = Number::parse("1.10").expect("a number");
        assert_eq!(spelled.text(), "1.10");
        assert_eq!(spelled.to_string(), "1.1");
        assert_eq!(spelled, Number::parse("1.1").expect("a number"));
    }

    #[test]
    fn integers_survive_to_the_edge_of_u64_and_no_further() {
        for text in ["9007199254740993", "18446744073709551615", "-9223372036854775808"] {
            assert_eq!(Number::parse(text).expect("fits").to_string(), text);
        }
        assert!(Number::parse("18446744073709551616").is_none());
        assert!(Number::parse("-9223372036854775809").is_none());
        assert!(Number::parse("1e999").is_none());
    }
}
