//! Calls as values: made by the methods of [`Client`](crate::Client), chosen from by methods of their own, and begun by
//! `.await`.

mod get;
mod history;
mod list;
mod request;
mod transaction;
mod write;

pub use self::get::{Compare, Find, Get, GetKind, GetVersion, ListKinds};
pub use self::history::{History, ListHistory, ListHistoryPage};
pub use self::list::{List, ListPage, Page, ResourceStream, StreamList};
pub(crate) use self::request::NAMESPACE;
pub use self::request::{
    Answer, AtRevision, Call, Checks, Expects, FieldValidation, InNamespace, Pages, Request, Selects, Writes,
};
pub use self::transaction::{Commit, Committed, Operation, Outcome, Validate, ValidateCommit, Validation};
pub use self::write::{Create, Delete, Patch, Rollback, Undelete, Upsert, Written};
