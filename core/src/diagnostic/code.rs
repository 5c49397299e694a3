//! Why something is wrong, in words for programs.

use serde::Serialize;

/// Why a member is wrong, as a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// The text is not YAML or JSON, or asks too much of the reader.
    IsUnreadable,
    /// A required member is not there.
    IsMissing,
    /// The member is not known to the kind.
    IsUnknown,
    /// The value is of another JSON type.
    HasWrongType,
    /// The string does not look as it must.
    HasWrongFormat,
    /// The value is none of those there are.
    IsNotAllowed,
    /// The number or amount is too small.
    IsTooSmall,
    /// The number or amount is too large.
    IsTooLarge,
    /// The string, list or object is too short.
    IsTooShort,
    /// The string, list or object is too long.
    IsTooLong,
    /// The same is there twice.
    IsDuplicate,
    /// Members exclude each other.
    IsAmbiguous,
    /// The name does not follow the scheme of its kind.
    IsBadName,
    /// Nothing is there under the name or id that the member holds.
    RefersToNothing,
    /// The member may not change after creation.
    IsImmutable,
    /// The value that a JSON Patch tests is another one.
    FailsTest,
    /// The value is not what the member allows, for another reason.
    IsInvalid,
}

impl Code {
    /// The word as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::IsUnreadable => "isUnreadable",
            Code::IsMissing => "isMissing",
            Code::IsUnknown => "isUnknown",
            Code::HasWrongType => "hasWrongType",
            Code::HasWrongFormat => "hasWrongFormat",
            Code::IsNotAllowed => "isNotAllowed",
            Code::IsTooSmall => "isTooSmall",
            Code::IsTooLarge => "isTooLarge",
            Code::IsTooShort => "isTooShort",
            Code::IsTooLong => "isTooLong",
            Code::IsDuplicate => "isDuplicate",
            Code::IsAmbiguous => "isAmbiguous",
            Code::IsBadName => "isBadName",
            Code::RefersToNothing => "refersToNothing",
            Code::IsImmutable => "isImmutable",
            Code::FailsTest => "failsTest",
            Code::IsInvalid => "isInvalid",
        }
    }
}
