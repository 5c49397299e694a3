//! Preconditions on versions: which version a caller expects, and whether it is the one there is.

use std::fmt;
use std::str::FromStr;

use crate::object::ResourceId;

/// The version that a caller expects before it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any version, but there must be one.
    Exists,
    /// Nothing: the write must create.
    Absent,
    /// One of these versions.
    OneOf(Vec<ETag>),
    /// Anything but these versions; there may be nothing.
    NoneOf(Vec<ETag>),
    /// All of these.
    All(Vec<Expected>),
    /// The same as another one, in the words of the caller, which are those of errors.
    Spelled {
        /// The other one.
        expected: Box<Expected>,
        /// The caller's words.
        text: String,
    },
}

/// A version of a resource. With an id it names one version of one resource for ever; without, a version of the resource that
/// the request addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag {
    /// The resource, if the caller names it.
    pub id: Option<ResourceId>,
    /// Its resource version.
    pub version: u64,
}

impl Expected {
    /// This version of the resource that the request addresses.
    ///
    /// ```
    /// use kindstore::{ETag, Expected};
    /// assert_eq!(Expected::version(3), Expected::OneOf(vec![ETag { id: None, version: 3 }]));
    /// assert_eq!(Expected::Absent.to_string(), "no such resource");
    /// ```
    pub fn version(version: u64) -> Self {
        Expected::OneOf(vec![ETag { id: None, version }])
    }

    /// Whether the resource is in the expected state.
    pub(crate) fn holds(&self, actual: Option<(ResourceId, u64)>) -> bool {
        match (self, actual) {
            (Expected::Exists, actual) => actual.is_some(),
            (Expected::Absent, actual) => actual.is_none(),
            (Expected::OneOf(tags), actual) => actual.is_some_and(|actual| tags.iter().any(|tag| tag.is_of(actual))),
            (Expected::NoneOf(tags), actual) => actual.is_none_or(|actual| !tags.iter().any(|tag| tag.is_of(actual))),
            (Expected::All(all), actual) => all.iter().all(|expected| expected.holds(actual)),
            (Expected::Spelled { expected, .. }, actual) => expected.holds(actual),
        }
    }
}

impl ETag {
    /// Whether this is the version of that resource.
    fn is_of(&self, (id, version): (ResourceId, u64)) -> bool {
        self.version == version && self.id.is_none_or(|expected| expected == id)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Exists => f.write_str("any version"),
            Expected::Absent => f.write_str("no such resource"),
            Expected::OneOf(tags) => write!(f, "version {}", list(tags, " or ")),
            Expected::NoneOf(tags) => write!(f, "a version other than {}", list(tags, " and ")),
            Expected::All(all) => f.write_str(&list(all, " and ")),
            Expected::Spelled { text, .. } => f.write_str(text),
        }
    }
}

fn list(items: &[impl fmt::Display], between: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{id}.{}", self.version),
            None => write!(f, "{}", self.version),
        }
    }
}

/// The text is neither `<id>.<version>` nor a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version tag such as 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11.3")]
pub struct ParseETagError;

impl FromStr for ETag {
    type Err = ParseETagError;

    /// Reads `<id>.<version>` or a bare version.
    ///
    /// ```
    /// use kindstore::ETag;
    /// let tag: ETag = "5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11.3".parse()?;
    /// assert_eq!((tag.id.is_some(), tag.version), (true, 3));
    /// assert_eq!("3".parse::<ETag>()?.id, None);
    /// # Ok::<(), kindstore::store::ParseETagError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseETagError> {
        let (id, version) = match text.rsplit_once('.') {
            Some((id, version)) => (Some(id.parse().map_err(|_| ParseETagError)?), version),
            None => (None, text),
        };
        let is_plain = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        let version = version.parse().ok().filter(|_| is_plain).ok_or(ParseETagError)?;
        Ok(Self { id, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_reads_as_it_is_written() {
        for text in ["3", "5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11.12"] {
            assert_eq!(text.parse::<ETag>().map(|tag| tag.to_string()).as_deref(), Ok(text));
        }
        for text in
            ["", "x", "-1", "+1", "1.2", "5b0c0bd4.1", "5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11.", "99999999999999999999"]
        {
            assert_eq!(text.parse::<ETag>(), Err(ParseETagError), "{text}");
        }
    }

    #[test]
    fn a_bare_version_fits_any_resource_and_a_tag_only_its_own() {
        let (one, other) = (ResourceId::from_bytes([1; 16]), ResourceId::from_bytes([2; 16]));
        let tagged = Expected::OneOf(vec![ETag { id: Some(one), version: 3 }]);
        assert!(tagged.holds(Some((one, 3))));
        assert!(!tagged.holds(Some((other, 3))));
        assert!(!tagged.holds(Some((one, 4))));
        assert!(!tagged.holds(None));
        assert!(Expected::version(3).holds(Some((other, 3))));
        assert!(Expected::Absent.holds(None) && !Expected::Absent.holds(Some((one, 1))));
        assert!(Expected::Exists.holds(Some((one, 1))) && !Expected::Exists.holds(None));
        let other_than = Expected::NoneOf(vec![ETag { id: Some(one), version: 3 }]);
        assert!(other_than.holds(None) && other_than.holds(Some((other, 3))) && !other_than.holds(Some((one, 3))));
        let both = Expected::All(vec![Expected::Exists, other_than]);
        assert!(!both.holds(None) && both.holds(Some((one, 4))) && !both.holds(Some((one, 3))));
        assert_eq!(both.to_string(), format!("any version and a version other than {one}.3"));
        let spelled = Expected::Spelled { expected: Box::new(both), text: "words".to_owned() };
        assert!(!spelled.holds(None) && spelled.holds(Some((one, 4))));
        assert_eq!(spelled.to_string(), "words");
    }
}
