//! Errors, one variant for each thing that the caller can do about one.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;

/// The result of an operation on a store.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation was refused or failed. Display is for people, [`Error::reason`] for programs.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing of that kind has that id or name.
    #[error("no {kind} {key:?} {}", place(.namespace))]
    NotFound {
        /// The kind that was asked for.
        kind: String,
        /// The namespace that was asked in, if the kind lives in one.
        namespace: Option<String>,
        /// The id or name that was asked for.
        key: String,
    },
    /// The resource has no such version, or it is not kept any more.
    #[error("{kind} {key:?} has no version {version}; {oldest} to {newest} are kept")]
    NoVersion {
        /// The kind that was asked for.
        kind: String,
        /// The id or name that was asked for.
        key: String,
        /// The version that was asked for.
        version: u64,
        /// The oldest version that is kept.
        oldest: u64,
        /// The newest version.
        newest: u64,
    },
    /// The name is taken.
    #[error("{kind} {name:?} already exists {}", place(.namespace))]
    AlreadyExists {
        /// The kind of both.
        kind: String,
        /// The namespace of both, if the kind lives in one.
        namespace: Option<String>,
        /// The name that is taken.
        name: String,
    },
    /// Other writers changed the same resource again and again. Nothing was changed; try again.
    #[error("{kind} {key:?} was changed by others at the same time; nothing was stored, try again")]
    Conflict {
        /// The kind that was written.
        kind: String,
        /// The id or name that was written.
        key: String,
    },
    /// The resource is not at the version that the caller expected.
    #[error("{kind} {key:?}: expected {expected}, found {}; read it again and repeat the change", present(.actual))]
    PreconditionFailed {
        /// The kind that was written.
        kind: String,
        /// The id or name that was written.
        key: String,
        /// The state that the caller expected, in the caller's words.
        expected: String,
        /// The version there is, or `None` when there is no such resource.
        actual: Option<u64>,
    },
    /// A readable document breaks the rules of its kind; every problem is listed.
    #[error("the {kind} is not valid: {}", list(.problems))]
    Invalid {
        /// The kind of the document.
        kind: String,
        /// Every problem that was found, at least one.
        problems: Vec<Diagnostic>,
    },
    /// The text is not one readable object, or the request is malformed.
    #[error("{message}")]
    BadRequest {
        /// The problem and the fix.
        message: String,
    },
    /// The state of a resource does not allow the operation now.
    #[error("{kind} {key:?} {why}")]
    Blocked {
        /// The kind that was to be changed.
        kind: String,
        /// The id or name that was to be changed.
        key: String,
        /// The reason and the fix, as the end of a sentence.
        why: String,
        /// The resources that stand in the way, as `KIND NAME`; at most twenty.
        referenced_by: Vec<String>,
    },
    /// One operation of a transaction was refused, so nothing of the transaction was stored. The inner error gives the reason
    /// and the context.
    #[error("operations[{index}] ({subject}): {error}")]
    InTransaction {
        /// Which one, from 0.
        index: usize,
        /// The resource that it is about, as `KIND "NAME"`.
        subject: String,
        /// Why.
        error: Box<Error>,
    },
    /// The requested revision is older than the compaction floor.
    #[error("revision {asked} is no longer kept; the oldest is {oldest}")]
    Expired {
        /// The revision that was asked for.
        asked: u64,
        /// The oldest one that is kept.
        oldest: u64,
    },
    /// The kind does not offer this operation.
    #[error("{kind} does not support {verb}; it supports {}", .supported.join(", "))]
    Unsupported {
        /// The kind that was addressed.
        kind: String,
        /// The verb that was asked for.
        verb: String,
        /// The verbs the kind has.
        supported: Vec<String>,
    },
    /// The operation needs something that this store was not configured with.
    #[error("{what}")]
    NotConfigured {
        /// The missing setting, and how to configure it.
        what: String,
    },
    /// The store cannot take this now; nothing was changed. Try again later.
    #[error("the store is not available: {why}")]
    Unavailable {
        /// Why, in words that are fit for a client.
        why: String,
    },
    /// The write may or may not have happened. Read before trying again.
    #[error("the outcome of the write is unknown; read the resource before trying again")]
    OutcomeUnknown,
    /// The store cannot be opened with this folder or these settings.
    #[error("{0}")]
    Open(OpenError),
    /// Something inside failed. The source is for the log and never for a client.
    #[error("the store failed inside; the log says why")]
    Backend(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// Why a folder cannot be opened as a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error("the folder {path} is in use by {}", holder(.process))]
    InUse {
        /// The folder.
        path: String,
        /// The process that holds it, if it left its number.
        process: Option<u32>,
    },
    /// It holds files that are not a store's.
    #[error("the folder {path} is not empty and not a kindstore folder; choose an empty or a new one")]
    Foreign {
        /// The folder.
        path: String,
    },
    /// A newer version of this program wrote it.
    #[error("the folder {path} has format {found}, this program reads formats up to {known}; use a newer kindstore")]
    NewerFormat {
        /// The folder.
        path: String,
        /// The format it has.
        found: u32,
        /// The newest format that this program reads.
        known: u32,
    },
    /// Its content cannot be read.
    #[error("the folder {path} is damaged: {why}; restore it from a copy")]
    Damaged {
        /// The folder.
        path: String,
        /// The damage that was found.
        why: String,
    },
    /// The operating system refused.
    #[error("the folder {path} cannot be used: {why}")]
    Io {
        /// The folder.
        path: String,
        /// The message of the operating system.
        why: String,
    },
    /// Bytes that are to be imported are not an export of a store.
    #[error("what is to be imported is not an export of a store")]
    ForeignExport,
    /// A newer version of this program exported it.
    #[error("the export has format {found}, this program reads formats up to {known}; use a newer kindstore")]
    NewerExport {
        /// The format it has.
        found: u32,
        /// The newest format that this program reads.
        known: u32,
    },
    /// The content of an export cannot be read.
    #[error("the export is damaged: {why}; import another copy")]
    DamagedExport {
        /// The damage that was found.
        why: String,
    },
    /// The store's address or a definition is invalid.
    #[error("{0}")]
    Settings(String),
}

impl Error {
    /// An internal failure with its cause, which is for the log only.
    pub fn backend(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Error::Backend(Arc::new(source))
    }

    /// A malformed request, with the problem and the fix.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Error::BadRequest { message: message.into() }
    }

    /// Whether the resource, or its namespace, does not exist.
    pub fn is_not_found(&self) -> bool {
        match self {
            Error::InTransaction { error, .. } => error.is_not_found(),
            _ => matches!(self, Error::NotFound { .. }),
        }
    }

    /// Whether the resource is not in the state that the caller expected, or others kept changing it: read it again.
    pub fn is_conflict(&self) -> bool {
        match self {
            Error::InTransaction { error, .. } => error.is_conflict(),
            _ => {
                matches!(self, Error::Conflict { .. } | Error::PreconditionFailed { .. })
            }
        }
    }

    /// Whether the name is taken already.
    pub fn is_already_exists(&self) -> bool {
        self.reason() == "AlreadyExists"
    }

    /// Whether the document has problems; [`Error::Invalid`] lists them.
    pub fn is_invalid(&self) -> bool {
        self.reason() == "Invalid"
    }

    /// Whether the revision is no longer kept: list or watch from the newest one.
    pub fn is_expired(&self) -> bool {
        self.reason() == "Expired"
    }

    /// Whether the write may have happened or not: read the resource before trying again.
    pub fn is_outcome_unknown(&self) -> bool {
        self.reason() == "OutcomeUnknown"
    }

    /// The stable word for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Error::NotFound { .. } | Error::NoVersion { .. } => "NotFound",
            Error::AlreadyExists { .. } => "AlreadyExists",
            Error::Conflict { .. } => "Conflict",
            Error::PreconditionFailed { .. } => "PreconditionFailed",
            Error::Invalid { .. } => "Invalid",
            Error::BadRequest { .. } => "BadRequest",
            Error::Blocked { .. } => "Blocked",
            Error::InTransaction { error, .. } => error.reason(),
            Error::Expired { .. } => "Expired",
            Error::Unsupported { .. } => "MethodNotAllowed",
            Error::NotConfigured { .. } => "NotImplemented",
            Error::Unavailable { .. } => "Unavailable",
            Error::OutcomeUnknown => "OutcomeUnknown",
            Error::Open(_) | Error::Backend(_) => "Internal",
        }
    }

    /// Returns the context of the error as pairs for programs: kind, namespace, and the id or name.
    pub fn context(&self) -> Vec<(&'static str, String)> {
        let pairs = |kind: &str, namespace: Option<&String>, key: Option<&String>| {
            let mut pairs = vec![("kind", kind.to_owned())];
            pairs.extend(namespace.map(|namespace| ("namespace", namespace.clone())));
            pairs.extend(key.map(|key| (if crate::object::is_id(key) { "id" } else { "name" }, key.clone())));
            pairs
        };
        match self {
            Error::NotFound { kind, namespace, key } => pairs(kind, namespace.as_ref(), Some(key)),
            Error::AlreadyExists { kind, namespace, name } => pairs(kind, namespace.as_ref(), Some(name)),
            Error::NoVersion { kind, key, .. } => pairs(kind, None, Some(key)),
            Error::Conflict { kind, key } | Error::PreconditionFailed { kind, key, .. } => pairs(kind, None, Some(key)),
            Error::Blocked { kind, key, referenced_by, .. } => {
                let mut pairs = pairs(kind, None, Some(key));
                if !referenced_by.is_empty() {
                    pairs.push(("referencedBy", referenced_by.join(", ")));
                }
                pairs
            }
            Error::InTransaction { index, error, .. } => {
                let mut pairs = error.context();
                pairs.push(("operation", index.to_string()));
                pairs
            }
            Error::Invalid { kind, .. } | Error::Unsupported { kind, .. } => pairs(kind, None, None),
            _ => Vec::new(),
        }
    }
}

/// How many problems a message lists; the error itself has all of them.
const MAX_IN_MESSAGE: usize = 10;

fn place(namespace: &Option<String>) -> String {
    namespace.as_ref().map_or_else(|| "in this store".to_owned(), |namespace| format!("in namespace {namespace:?}"))
}

fn present(version: &Option<u64>) -> String {
    version.map_or_else(|| "no such resource".to_owned(), |version| format!("version {version}"))
}

fn list(problems: &[Diagnostic]) -> String {
    let mut list: Vec<_> = problems.iter().take(MAX_IN_MESSAGE).map(Diagnostic::to_string).collect();
    if problems.len() > list.len() {
        list.push(format!("and {} more", problems.len() - list.len()));
    }
    list.join("; ")
}

fn holder(process: &Option<u32>) -> String {
    let other = "; stop that process or choose another folder";
    match process {
        // A `Watch` or a `Write` that is kept holds the store as well.
        Some(process) if *process == std::process::id() => {
            "a store in this process; use a clone of that store, or drop it first with all that came from it".to_owned()
        }
        Some(process) => format!("another process (process {process}){other}"),
        None => format!("another process{other}"),
    }
}
