//! The reasons of diagnostics, as stable words for programs.

use serde::Serialize;

/// The reason of a diagnostic, as a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// The text is not YAML or JSON, or exceeds a parser limit.
    IsUnreadable,
    /// A required member is not there.
    IsMissing,
    /// The member is not known to the kind.
    IsUnknown,
    /// The value is of another JSON type.
    HasWrongType,
    /// The string does not have the declared format.
    HasWrongFormat,
    /// The value is not one of the allowed ones.
    IsNotAllowed,
    /// The number or amount is too small.
    IsTooSmall,
    /// The number or amount is too large.
    IsTooLarge,
    /// The string, list or object is too short.
    IsTooShort,
    /// The string, list or object is too long.
    IsTooLong,
    /// The item or key is a duplicate.
    IsDuplicate,
    /// Members exclude each other, or other tools read the value differently.
    IsAmbiguous,
    /// The name does not follow the scheme of its kind.
    IsBadName,
    /// The resource that the member refers to does not exist.
    RefersToNothing,
    /// The member may not change after creation.
    IsImmutable,
    /// The `test` operation of a JSON Patch found a different value.
    FailsTest,
    /// The value is invalid for any other reason.
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
