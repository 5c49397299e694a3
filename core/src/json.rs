//! A JSON value that remembers how its numbers and booleans were written, with sorted members.
//!
//! A user writes `1.10` where a string is declared. Only a value that keeps the spelling can return the string `"1.10"`.

mod boolean;
mod members;
mod number;
pub(crate) mod text;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

pub use self::boolean::Boolean;
pub use self::number::Number;

/// The members of a JSON object, sorted by name.
pub type Members = members::Sorted<Json>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`, with its spelling.
    Bool(Boolean),
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
            Json::Object(members) => members.get(&segment),
            Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The value at a JSON pointer, to be changed.
    pub(crate) fn at_mut(&mut self, pointer: &str) -> Option<&mut Json> {
        segments(pointer).try_fold(self, |value, segment| match value {
            Json::Object(members) => members.get_mut(&segment),
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
    // From bytes each string would be checked by itself, which takes longer.
    let mut deserializer = serde_json::Deserializer::from_str(std::str::from_utf8(text).ok()?);
    deserializer.disable_recursion_limit();
    Json::deserialize(&mut deserializer).ok()
}

/// The segments of a JSON pointer, unescaped.
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    // Byte by byte: they are short, and every write looks at dozens of pointers.
    let is_escaped = pointer.bytes().any(|byte| byte == b'~');
    let mut rest = pointer.bytes().position(|byte| byte == b'/').map(|at| &pointer[at + 1..]);
    std::iter::from_fn(move || {
        let here = rest?;
        let end = here.bytes().position(|byte| byte == b'/');
        rest = end.map(|end| &here[end + 1..]);
        let segment = &here[..end.unwrap_or(here.len())];
        Some(match is_escaped {
            true => Cow::Owned(segment.replace("~1", "/").replace("~0", "~")),
            false => Cow::Borrowed(segment),
        })
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

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Json::Bool(flag.into())
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
            serde_json::Value::Bool(flag) => Json::from(flag),
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
            Json::Bool(flag) => Self::Bool(flag.value()),
            Json::Number(number) => Self::Number(number.value),
            Json::String(text) => Self::String(text),
            Json::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(flag) => serializer.serialize_bool(flag.value()),
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
        Ok(Json::from(flag))
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
        // Most objects of specs have a few members, and to grow a list one by one takes as long as to read them.
        let mut members = Members::with_capacity(8);
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
        Json::Bool(flag) => out.push_str(if flag.value() { "true" } else { "false" }),
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
