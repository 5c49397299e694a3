//! The one table from a reason to the HTTP status and the gRPC code that carry it.

use http::StatusCode;
use tonic::Code;

/// Why a request failed, as the word that every binding answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason(usize);

// The contract with clients (docs/rest.md, docs/grpc.md): rows may be added, and none may change.
const TABLE: [(&str, u16, Code); 20] = [
    ("NotFound", 404, Code::NotFound),
    ("AlreadyExists", 409, Code::AlreadyExists),
    ("Conflict", 409, Code::Aborted),
    ("Blocked", 409, Code::FailedPrecondition),
    ("PreconditionFailed", 412, Code::Aborted),
    ("Invalid", 400, Code::InvalidArgument),
    ("BadRequest", 400, Code::InvalidArgument),
    ("Expired", 410, Code::OutOfRange),
    ("OutcomeUnknown", 500, Code::Unknown),
    ("Unauthorized", 401, Code::Unauthenticated),
    ("Forbidden", 403, Code::PermissionDenied),
    ("MethodNotAllowed", 405, Code::Unimplemented),
    ("NotAcceptable", 406, Code::InvalidArgument),
    ("UnsupportedMediaType", 415, Code::InvalidArgument),
    ("PayloadTooLarge", 413, Code::ResourceExhausted),
    ("TooManyRequests", 429, Code::ResourceExhausted),
    ("NotImplemented", 501, Code::Unimplemented),
    ("Internal", 500, Code::Internal),
    ("Unavailable", 503, Code::Unavailable),
    ("Unavailable", 503, Code::ResourceExhausted),
];

// The place of `Internal` in the table. A row above it moves it, which a test below would show.
const INTERNAL: usize = 17;

// The last row: what the server has no memory or place for. Clients know the word, and that nothing was changed; the code is
// the one that gRPC has for it.
const EXHAUSTED: usize = 19;

impl Reason {
    /// The reason of that word; a word that is not in the table is a bug, and the answer says `Internal`.
    pub(crate) fn of(word: &str) -> Self {
        Self(TABLE.iter().position(|row| row.0 == word).unwrap_or(INTERNAL))
    }

    /// The reason of a request that the server has no memory or place for.
    pub(crate) fn exhausted() -> Self {
        Self(EXHAUSTED)
    }

    pub(crate) fn word(self) -> &'static str {
        TABLE[self.0].0
    }

    pub(crate) fn http(self) -> StatusCode {
        StatusCode::from_u16(TABLE[self.0].1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn grpc(self) -> Code {
        TABLE[self.0].2
    }

    /// The code's name in capitals, as the Platform API writes it: `NOT_FOUND`.
    pub(crate) fn platform_code(self) -> String {
        let mut name = String::new();
        for (index, character) in format!("{:?}", self.grpc()).chars().enumerate() {
            if index > 0 && character.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(character.to_ascii_uppercase());
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_for_an_unknown_word_is_internal() {
        assert_eq!(Reason::of("nothing of the kind").word(), "Internal");
        assert_eq!(Reason::of("NotFound").http(), StatusCode::NOT_FOUND);
        let (usual, exhausted) = (Reason::of("Unavailable"), Reason::exhausted());
        assert_eq!((usual.word(), usual.http()), (exhausted.word(), exhausted.http()));
        assert_eq!((usual.grpc(), exhausted.grpc()), (Code::Unavailable, Code::ResourceExhausted));
    }

    #[test]
    fn platform_codes_are_the_names_of_grpc_codes() {
        assert_eq!(Reason::of("NotFound").platform_code(), "NOT_FOUND");
        assert_eq!(Reason::of("Invalid").platform_code(), "INVALID_ARGUMENT");
    }
}
