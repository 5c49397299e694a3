//! How large the messages of each method may be: as large as it needs, and no larger.

use crate::budget::SMALL;
use crate::document::MAX_BODY;
use crate::fault::Fault;

/// How the paths of the methods of resources begin.
pub(super) const RESOURCES: &str = "/kindstore.v1.ResourceService/";

/// The largest message of a transaction.
const MAX_TRANSACTION: usize = 16 << 20;

/// The largest message of a method about one document: the document, and what is said beside it.
// A larger document is refused with its own limit, which is the one that its author knows.
const MAX_WRITE: usize = MAX_BODY + SMALL;

/// The largest message of health and reflection: names.
const MAX_NAME: usize = 4 << 10;

/// The largest message that comes in by any method.
pub(super) const MAX_MESSAGE: usize = MAX_TRANSACTION;

/// The limit of the method of a path, in bytes.
pub(super) fn of(path: &str) -> usize {
    match path.strip_prefix(RESOURCES) {
        Some("Commit" | "Validate") => MAX_TRANSACTION,
        Some("Create" | "Upsert" | "Patch") => MAX_WRITE,
        Some(_) => SMALL,
        None => MAX_NAME,
    }
}

/// The fault of a message that is larger than its limit.
pub(super) fn exceeded(most: usize) -> Fault {
    crate::document::too_large(if most == MAX_WRITE { MAX_BODY } else { most })
}
