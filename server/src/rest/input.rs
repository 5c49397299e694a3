//! A request as its handlers read it.

use http::request::Parts;

use super::accept::Media;
use super::query::Query;
use crate::shared::Shared;

/// The request without its body, which is read once, and the state of the server.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) shared: &'a Shared,
    pub(super) query: &'a Query,
    pub(super) parts: &'a Parts,
    /// The form of the answer.
    pub(super) media: Media,
}
