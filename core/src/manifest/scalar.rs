//! Resolves plain scalars by the core schema of YAML 1.2 (section 10.3), and the tags of its types.

use crate::json::{Boolean, Json, Number};

/// The type and value of a scalar.
#[derive(Debug, PartialEq)]
pub(crate) enum Scalar {
    /// A value to keep.
    Value(Json),
    /// A number that cannot be kept, with why and the way out.
    Unkept(&'static str),
}

pub(crate) const TOO_LARGE_INTEGER: &str = "is beyond 64 bits; write it in quotes if it is text, or make it smaller";
pub(crate) const TOO_LARGE_DOUBLE: &str =
    "is too large for a double; write it in quotes if it is text, or make it smaller";
const NOT_FINITE: &str = "is not finite, and JSON has no such number; write it in quotes if it is text";

/// The types of the core schema that a scalar can have.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    Null,
    Bool(Boolean),
    Integer,
    Float,
    NotFinite,
    Text,
}

/// The value of a plain scalar without a tag.
pub(crate) fn plain(text: &str) -> Scalar {
    value(type_of(text), text)
}

/// The value of a scalar with a tag of the core schema, or `None` when its text is not of that type.
pub(crate) fn tagged(tag: &str, text: &str) -> Option<Scalar> {
    let found = type_of(text);
    let fits = match tag {
        "str" => return Some(Scalar::Value(Json::from(text))),
        "null" => found == Type::Null,
        "bool" => matches!(found, Type::Bool(_)),
        "int" => found == Type::Integer,
        "float" => matches!(found, Type::Integer | Type::Float | Type::NotFinite),
        _ => false,
    };
    fits.then(|| value(found, text))
}

fn value(found: Type, text: &str) -> Scalar {
    match found {
        Type::Null => Scalar::Value(Json::Null),
        Type::Bool(flag) => Scalar::Value(Json::Bool(flag)),
        Type::Integer => integer(text).map_or(Scalar::Unkept(TOO_LARGE_INTEGER), number),
        Type::Float => Number::parse(text).map_or(Scalar::Unkept(TOO_LARGE_DOUBLE), number),
        Type::NotFinite => Scalar::Unkept(NOT_FINITE),
        Type::Text => Scalar::Value(Json::from(text)),
    }
}

fn number(number: Number) -> Scalar {
    Scalar::Value(Json::Number(number))
}

fn integer(text: &str) -> Option<Number> {
    let radix = match text.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        _ => return Number::parse(text),
    };
    let value = u64::from_str_radix(&text[2..], radix).ok()?;
    Some(Number::spelled(value.into(), text))
}

fn type_of(text: &str) -> Type {
    match text.as_bytes() {
        [] => Type::Null,
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => type_of_number(text),
        // Three spellings of each word and no others: `yes`, `no`, `on` and `off` are text since YAML 1.2.
        [b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F', ..] => match text {
            "~" | "null" | "Null" | "NULL" => Type::Null,
            _ => Boolean::parse(text).map_or(Type::Text, Type::Bool),
        },
        _ => Type::Text,
    }
}

fn type_of_number(text: &str) -> Type {
    if let Some(digits) = text.strip_prefix("0x") {
        return integer_if(is_all(digits, u8::is_ascii_hexdigit));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return integer_if(is_all(digits, |digit| (b'0'..=b'7').contains(digit)));
    }
    // The core schema has no sign before 0x and 0o, and no sign before .nan.
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if is_all(unsigned, u8::is_ascii_digit) {
        return Type::Integer;
    }
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Type::NotFinite,
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == text.len() => return Type::NotFinite,
        _ => {}
    }
    if is_float(unsigned) { Type::Float } else { Type::Text }
}

fn integer_if(condition: bool) -> Type {
    if condition { Type::Integer } else { Type::Text }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_exponent = |text: &str| is_all(text.strip_prefix(['-', '+']).unwrap_or(text), u8::is_ascii_digit);
    let is_mantissa = match mantissa.split_once('.') {
        None => is_all(mantissa, u8::is_ascii_digit),
        Some(("", fraction)) => is_all(fraction, u8::is_ascii_digit),
        Some((whole, fraction)) => {
            is_all(whole, u8::is_ascii_digit) && (fraction.is_empty() || is_all(fraction, u8::is_ascii_digit))
        }
    };
    is_mantissa && exponent.is_none_or(is_exponent)
}

fn is_all(text: &str, test: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.as_bytes().iter().all(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match plain(text) {
            Scalar::Value(Json::Number(number)) => format!("number {number} as {}", number.text()),
            Scalar::Value(value) => value.to_text(),
            Scalar::Unkept(_) => "unkept".to_owned(),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            check(text, "null");
        }
        for text in ["true", "True", "TRUE"] {
            check(text, "true");
        }
        for text in ["false", "False", "FALSE"] {
            check(text, "false");
        }
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "nULL",
            "tRUE",
            "1_000",
            "0b1",
            "-0x1",
            "0xg",
            "0o8",
            "0x",
            "0o",
            ".",
            "-",
            "+",
            "1e",
            "1e+",
            ".e1",
            "1.2.3",
            "12:30:45",
            "2024-01-01",
            "0X1F",
            "+.nan",
            "-.nan",
            ".iNF",
            "--1",
            "1 2",
            "e1",
        ] {
            check(text, &format!("{text:?}"));
        }
        for (text, value) in [
            ("0", "0"),
            ("-1", "-1"),
            ("+1", "1"),
            ("017", "17"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.10", "1.1"),
            ("1e3", "1000.0"),
            ("1.e2", "100.0"),
            ("+1.5E-2", "0.015"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            check(text, &format!("number {value} as {text}"));
        }
        for text in [
            "18446744073709551616",
            "-9223372036854775809",
            "1e999",
            "-1e999",
            ".inf",
            "-.Inf",
            "+.INF",
            ".nan",
            ".NaN",
            "0xffffffffffffffff0",
            "0o7777777777777777777777",
        ] {
            check(text, "unkept");
        }
    }

    #[test]
    fn tags_ask_for_a_type() {
        for (tag, text, fits) in [
            ("str", "1", true),
            ("int", "1", true),
            ("int", "1.5", false),
            ("int", "", false),
            ("float", "1", true),
            ("float", "x", false),
            ("bool", "true", true),
            ("bool", "yes", false),
            ("null", "", true),
            ("null", "x", false),
            ("map", "x", false),
        ] {
            assert_eq!(tagged(tag, text).is_some(), fits, "!!{tag} {text}");
        }
    }
}
