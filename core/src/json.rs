//! A JSON value that remembers how its numbers were written, with sorted members.
//!
//! A user writes `1.10` where a string is declared. Only a value that keeps the spelling can return the string `"1.10"`.

pub(crate) mod text;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The members of a JSON object, sorted by name.
pub type Members = BTreeMap<String, Json>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number with its spelling.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Members),
}

impl Json {
    /// An object without members.
    pub fn object() -> Self {
        Json::Object(Members::new())
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Members> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// The member of that name, if this is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }

    /// The member of that name to change, if this is an object that has one.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        match self {
            Json::Object(members) => members.get_mut(name),
            _ => None,
        }
    }

    /// The value at a JSON pointer (RFC 6901), if there is one.
    ///
    /// ```
    /// use kindstore::Json;
    /// let value = Json::from(serde_json::json!({"spec": {"a/b": [1, 2]}}));
    /// assert_eq!(value.at("/spec/a~1b/1"), Some(&Json::from(serde_json::json!(2))));
    /// assert_eq!(value.at("/spec/nothing"), None);
    /// ```
    pub fn at(&self, pointer: &str) -> Option<&Json> {
        segments(pointer).try_fold(self, |value, segment| match value {
            Json::Object(members) => members.get(&*segment),
            Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The value at a JSON pointer, to be changed.
    pub(crate) fn at_mut(&mut self, pointer: &str) -> Option<&mut Json> {
        segments(pointer).try_fold(self, |value, segment| match value {
            Json::Object(members) => members.get_mut(&*segment),
            Json::Array(items) => items.get_mut(segment.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Whether collections are nested deeper than a limit. Without recursion: it is asked of values that may be very deep.
    pub(crate) fn is_deeper_than(&self, limit: usize) -> bool {
        let mut waiting = vec![(self, 1)];
        while let Some((value, depth)) = waiting.pop() {
            let children: &mut dyn Iterator<Item = &Json> = match value {
                Json::Array(items) => &mut items.iter(),
                Json::Object(members) => &mut members.values(),
                _ => continue,
            };
            if depth > limit {
                return true;
            }
            waiting.extend(children.map(|child| (child, depth + 1)));
        }
        false
    }

    /// Returns the name of the type for a message: `null`, `a boolean`, `a number`, `a string`, `an array`, `an object`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// The value as people write it in a sentence: a string without quotes, all else as JSON.
    pub fn to_word(&self) -> String {
        self.as_str().map_or_else(|| self.to_text(), str::to_owned)
    }

    /// The value as JSON text without spaces, members sorted, numbers in their shortest form.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(512);
        write(self, &mut text);
        text
    }
}

/// The value of text that this crate wrote. Its depth was bounded when it came in, plus what an envelope adds, which
/// may be just beyond what serde_json reads by default.
pub(crate) fn read_own(text: &[u8]) -> Option<Json> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    deserializer.disable_recursion_limit();
    Json::deserialize(&mut deserializer).ok()
}

/// The segments of a JSON pointer, unescaped.
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(|segment| match segment.contains('~') {
        true => Cow::Owned(segment.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(segment),
    })
}

/// Returns the rest of a JSON pointer behind another one; `None` when it does not lead to or below that one.
pub(crate) fn below<'p>(pointer: &'p str, other: &str) -> Option<&'p str> {
    pointer.strip_prefix(other).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `pointer` with one more segment, escaped.
pub(crate) fn join(pointer: &str, segment: &str) -> String {
    format!("{pointer}/{}", segment.replace('~', "~0").replace('/', "~1"))
}

/// A JSON number: an integer within i64 or u64, or a finite double.
#[derive(Clone, Debug)]
pub struct Number {
    value: serde_json::Number,
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

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::String(text)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(flag) => Json::Bool(flag),
            serde_json::Value::Number(number) => Json::Number(number.into()),
            serde_json::Value::String(text) => Json::String(text),
            serde_json::Value::Array(items) => Json::Array(items.into_iter().map(Json::from).collect()),
            serde_json::Value::Object(members) => {
                Json::Object(members.into_iter().map(|(name, value)| (name, Json::from(value))).collect())
            }
        }
    }
}

impl From<Json> for serde_json::Value {
    fn from(value: Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(flag),
            Json::Number(number) => Self::Number(number.value),
            Json::String(text) => Self::String(text),
            Json::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Number::deserialize(deserializer).map(Number::from)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(flag) => serializer.serialize_bool(*flag),
            Json::Number(number) => number.value.serialize(serializer),
            Json::String(text) => serializer.serialize_str(text),
            Json::Array(items) => serializer.collect_seq(items),
            Json::Object(members) => serializer.collect_map(members),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Json, E> {
        Ok(Json::Number(serde_json::Number::from(integer).into()))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Json, E> {
        Ok(Json::Number(serde_json::Number::from(integer).into()))
    }

    fn visit_f64<E: serde::de::Error>(self, double: f64) -> Result<Json, E> {
        let number = serde_json::Number::from_f64(double).ok_or_else(|| E::custom("a number that is not finite"))?;
        Ok(Json::Number(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut members = Members::new();
        while let Some((name, value)) = access.next_entry()? {
            members.insert(name, value);
        }
        Ok(Json::Object(members))
    }
}

/// Appends the text of a value: without spaces, members sorted, numbers in their shortest form.
pub(crate) fn write(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Json::Number(number) => text::display(number, out),
        Json::String(text) => text::write_string(text, out),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                text::write_string(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
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
