//! A regular expression that is compiled when its definition loads.

use std::sync::Arc;

use regex_lite::Regex;
use serde::{Deserialize, Deserializer};

/// A regular expression that must match a part of a string, in the syntax that ECMA 262 and the crate `regex` share.
#[derive(Clone, Debug)]
pub struct Pattern(Arc<Regex>);

impl Pattern {
    /// The pattern of this text, or why it is none.
    ///
    /// # Errors
    /// The text is no regular expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        match Regex::new(text) {
            Ok(regex) => Ok(Self(Arc::new(regex))),
            Err(error) => Err(format!("the pattern {text:?} is no regular expression: {error}")),
        }
    }

    /// The text of the pattern.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a part of the text matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
