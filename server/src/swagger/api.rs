//! The two APIs that are described, and the forms of a description.

use kindstore::kind::Kind;

/// One of the two APIs under one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// Resources in the envelope of kind, apiVersion, metadata, spec and status.
    AppManager,
    /// Resources in the flat form.
    Platform,
}

/// The form of a description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    OpenApi31,
    Swagger20,
}

impl Api {
    pub(super) fn title(self) -> &'static str {
        match self {
            Api::AppManager => "Application Manager",
            Api::Platform => "Ververica Platform",
        }
    }

    pub(super) fn holds(self, kind: &Kind) -> bool {
        kind.flat.is_some() == (self == Api::Platform)
    }
}
