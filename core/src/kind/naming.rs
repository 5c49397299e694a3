//! The two schemes by which names are formed, exactly as the seed words them.

use serde::{Deserialize, Serialize};

/// How the names of a kind are formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Naming {
    /// 1 to 250 characters of `[0-9a-zA-Z-_]`.
    Identifier,
    /// 1 to 63 characters of `[-0-9a-z]`, neither the first nor the last a hyphen.
    Label,
}

impl Naming {
    /// The longest name, in characters.
    pub fn max_length(self) -> usize {
        match self {
            Naming::Identifier => 250,
            Naming::Label => 63,
        }
    }

    /// Whether a name may hold this character.
    pub fn allows(self, character: char) -> bool {
        match self {
            Naming::Identifier => character.is_ascii_alphanumeric() || matches!(character, '-' | '_'),
            Naming::Label => character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-',
        }
    }

    /// The characters of a name, in words.
    pub fn characters(self) -> &'static str {
        match self {
            Naming::Identifier => "letters, digits, hyphens and underscores ([0-9a-zA-Z-_])",
            Naming::Label => "lower-case letters, digits and hyphens ([-0-9a-z])",
        }
    }

    /// Whether a hyphen may be the first or last character.
    pub fn allows_outer_hyphen(self) -> bool {
        self == Naming::Identifier
    }
}
