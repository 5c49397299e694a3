//! Strings, numbers and booleans: the declared type, bounds, formats and enumerations.

use super::validation::{Path, Validation};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::json::{Json, Number};
use crate::kind::{JsonType, Schema, byte_count};
use crate::rules::suggestion::suggestion;

/// The greatest double up to which every integer is one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Brings a scalar into the declared type, where nothing is lost by it. A string takes the text of a number as it was
/// written.
pub(super) fn coerce(expected: JsonType, value: &mut Json) {
    let coerced = match (expected, &*value) {
        // The spelling is kept: the version 1.20 must not become 1.2.
        (JsonType::String, Json::Number(number)) => Some(Json::String(number.text())),
        (JsonType::String, Json::Bool(flag)) => Some(Json::from(flag.text())),
        (JsonType::Boolean, Json::String(text)) => text.parse::<bool>().ok().map(Json::from),
        (JsonType::Number, Json::String(text)) => json_number(text).map(Json::Number),
        (JsonType::Integer, Json::String(text)) => json_number(text).map(|number| Json::Number(whole(number))),
        (JsonType::Integer, Json::Number(number)) if !number.is_integer() => Some(Json::Number(whole(number.clone()))),
        _ => None,
    };
    if let Some(coerced) = coerced {
        *value = coerced;
    }
}

/// The number, when the text is exactly one in JSON.
fn json_number(text: &str) -> Option<Number> {
    serde_json::from_str::<serde_json::Number>(text).ok().and_then(|_| Number::parse(text))
}

/// `2.0` is the integer 2.
fn whole(number: Number) -> Number {
    let double = number.as_f64();
    // Beyond 2^53 a double without a fraction may be another integer than the text.
    if number.is_integer() || double.fract() != 0.0 || double.abs() > EXACT {
        return number;
    }
    serde_json::Number::from(double as i64).into()
}

pub(super) fn is_type(expected: JsonType, value: &Json) -> bool {
    match (expected, value) {
        (JsonType::Boolean, Json::Bool(_))
        | (JsonType::Number, Json::Number(_))
        | (JsonType::String, Json::String(_))
        | (JsonType::Array, Json::Array(_))
        | (JsonType::Object, Json::Object(_)) => true,
        (JsonType::Integer, Json::Number(number)) => number.is_integer() || is_whole(number),
        _ => false,
    }
}

/// JSON Schema counts a number without fraction as an integer, however it is written.
fn is_whole(number: &Number) -> bool {
    number.as_f64().fract() == 0.0 && number.as_f64().abs() <= EXACT
}

pub(super) fn wrong_type(expected: JsonType, value: &Json) -> String {
    let found = match value {
        Json::Number(number) => format!("the number {}", number.text()),
        Json::String(text) if text.len() <= 80 => format!("the string {text:?}"),
        other => other.type_name().to_owned(),
    };
    let message = format!("must be {}, not {found}", expected.name());
    match meant(expected, value) {
        Some(meant) => format!("{message}; write {meant}"),
        None => message,
    }
}

/// Suggests a spelling for values in YAML 1.1, with a decimal comma, or in Kubernetes' thousandths.
fn meant(expected: JsonType, value: &Json) -> Option<String> {
    let text = value.as_str().map_or_else(|| value.to_text(), str::to_owned).to_ascii_lowercase();
    match expected {
        JsonType::Boolean => match text.as_str() {
            "yes" | "y" | "on" | "1" | "true" => Some("true".to_owned()),
            "no" | "n" | "off" | "0" | "false" => Some("false".to_owned()),
            _ => None,
        },
        JsonType::Number => {
            let thousandths = text.strip_suffix('m').and_then(|digits| digits.parse::<u32>().ok());
            thousandths.map(|count| (f64::from(count) / 1000.0).to_string()).or_else(|| {
                let point = text.replacen(',', ".", 1);
                (point != text && json_number(&point).is_some()).then_some(point)
            })
        }
        _ => None,
    }
}

impl Validation<'_> {
    pub(super) fn scalar(&mut self, schema: &Schema, value: &Json, path: &Path<'_>) {
        match value {
            Json::String(text) => self.string(schema, text, path),
            Json::Number(number) => self.number(schema, number, path),
            _ => {}
        }
    }

    fn string(&mut self, schema: &Schema, text: &str, path: &Path<'_>) {
        if schema.min_length.or(schema.max_length).is_some() {
            let length = text.chars().count() as u64;
            self.count("characters", length, (schema.min_length, schema.max_length), path);
        }
        if let Some(format) = schema.format.filter(|format| !format.holds(text)) {
            let message = format!("{:?} is not {}", shown(text), format.name());
            let problem = Diagnostic::error(path.pointer(), Code::HasWrongFormat, message);
            let meant = format.meant(text).map(|meant| format!("write {meant}"));
            return self.push(Diagnostic { hint: meant, ..problem });
        }
        if let Some(least) = schema.minimum_bytes
            && byte_count(text).is_some_and(|bytes| bytes < least as f64)
        {
            self.report(path, Code::IsTooSmall, format!("must be at least {}, not {text}", amount(least)));
        }
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            let message = format!("{:?} does not match {}", shown(text), pattern.as_str());
            self.report(path, Code::HasWrongFormat, message);
        }
    }

    fn number(&mut self, schema: &Schema, number: &Number, path: &Path<'_>) {
        self.octal(number, path);
        let bounds = [
            (&schema.minimum, Code::IsTooSmall, "at least", false),
            (&schema.maximum, Code::IsTooLarge, "at most", false),
            (&schema.exclusive_minimum, Code::IsTooSmall, "greater than", true),
            (&schema.exclusive_maximum, Code::IsTooLarge, "less than", true),
        ];
        for (bound, code, words, is_exclusive) in bounds {
            let Some(bound) = bound else { continue };
            let order = number.compare(bound);
            let is_beyond = if code == Code::IsTooSmall { order.is_lt() } else { order.is_gt() };
            if is_beyond || (is_exclusive && order.is_eq()) {
                self.report(path, code, format!("must be {words} {}, not {}", bound.text(), number.text()));
            }
        }
    }

    /// Checks a value against an enumeration, and replaces it by the declared spelling.
    pub(super) fn one_of(&mut self, schema: &Schema, value: &mut Json, path: &Path<'_>) {
        let is_lenient = self.mode.is_lenient;
        let found = schema.allowed.iter().find(|allowed| equals(allowed, value, is_lenient));
        match found {
            // A value that is there already needs no other copy.
            Some(allowed) if allowed != value => *value = allowed.clone(),
            Some(_) => {}
            None => {
                let problem = not_allowed(value, schema.allowed.iter().filter_map(Json::as_str));
                let all: Vec<_> = schema.allowed.iter().map(plain).collect();
                let message = format!("{} is not one of {}", shown(&value.to_text()), all.join(", "));
                self.push(Diagnostic { pointer: path.pointer(), message, ..problem });
            }
        }
    }
}

/// The problem of a value that is none of these words.
pub(super) fn not_allowed<'w>(value: &Json, words: impl Iterator<Item = &'w str> + Clone) -> Diagnostic {
    let all: Vec<_> = words.clone().collect();
    let message = format!("{} is not one of {}", shown(&value.to_text()), all.join(", "));
    let problem = Diagnostic::error("", Code::IsNotAllowed, message);
    problem.with_suggestion(value.as_str().and_then(|text| suggestion(text, words)))
}

/// The first two items that are equal.
pub(super) fn twins(items: &[Json]) -> Option<(usize, usize)> {
    let mut seen = std::collections::HashMap::with_capacity(items.len());
    items.iter().enumerate().find_map(|(index, item)| {
        let first = *seen.entry(canonical(item)).or_insert(index);
        (first != index).then_some((first, index))
    })
}

/// A text that is equal for values that are equal in JSON Schema.
fn canonical(value: &Json) -> String {
    let mut value = value.clone();
    // JSON Schema compares numbers by value: 1 and 1.0 are equal, and their texts are not.
    settle_numbers(&mut value);
    value.to_text()
}

fn settle_numbers(value: &mut Json) {
    match value {
        Json::Number(number) => *number = whole(number.clone()),
        Json::Array(items) => items.iter_mut().for_each(settle_numbers),
        Json::Object(members) => members.values_mut().for_each(settle_numbers),
        _ => {}
    }
}

fn equals(allowed: &Json, value: &Json, is_lenient: bool) -> bool {
    match (allowed, value) {
        (Json::String(allowed), Json::String(text)) if is_lenient => allowed.eq_ignore_ascii_case(text),
        (Json::Number(allowed), Json::Number(number)) => allowed.compare(number).is_eq(),
        (Json::Array(_) | Json::Object(_), _) => canonical(allowed) == canonical(value),
        _ => allowed == value,
    }
}

/// Bytes in the largest unit that they are a whole number of.
fn amount(bytes: u64) -> String {
    let units = [(1_000_000_000, "g"), (1_000_000, "m"), (1000, "k")];
    match units.iter().find(|(factor, _)| bytes >= *factor && bytes.is_multiple_of(*factor)) {
        Some((factor, unit)) => format!("{}{unit}", bytes / factor),
        None => format!("{bytes} bytes"),
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_text(), str::to_owned)
}
