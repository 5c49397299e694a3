//! Pages of lists and of histories.

use super::history::{History, HistoryOptions};
use super::list::ListOptions;
use super::reader::Reader;
use super::token::{ContinueToken, HistoryToken};
use crate::backend::Revision;
use crate::engine::stored::CollectionRef;
use crate::error::{Error, Result};
use crate::object::Object;

/// How many versions are read at once.
const STEP: usize = 16;

/// A page of a history to read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HistoryPage<'a> {
    /// The most versions on the page.
    pub size: usize,
    /// The token of the previous page; none for the first one.
    pub token: Option<&'a str>,
    /// Leaves out versions that changed the status only.
    pub only_authored: bool,
    /// Ends the page early once it holds about this many bytes of resources; it has at least one version.
    pub bytes: usize,
}

impl<'a> HistoryPage<'a> {
    /// Returns the first page, with at most this many versions and about this many bytes.
    pub fn new(size: usize, bytes: usize) -> Self {
        Self { size, token: None, only_authored: false, bytes }
    }

    /// Sets the token of the previous page.
    #[must_use]
    pub fn token(mut self, token: impl Into<Option<&'a str>>) -> Self {
        self.token = token.into();
        self
    }

    /// Leaves out versions that changed the status only, or not.
    #[must_use]
    pub fn only_authored(mut self, only_authored: bool) -> Self {
        self.only_authored = only_authored;
        self
    }
}

impl ListOptions {
    /// Returns the options of one page: the first one at `revision`, or at `newest` without one; each later one behind its
    /// `token`, at the revision of the first. So all pages show the same revision.
    ///
    /// # Errors
    /// `BadRequest` for an invalid token, one of another list, and for a revision other than that of the list.
    pub(crate) fn page(
        self,
        collection: CollectionRef<'_>,
        newest: Revision,
        revision: Option<Revision>,
        token: Option<&str>,
    ) -> Result<Self> {
        let Some(token) = token else {
            return Ok(Self { revision: Some(revision.unwrap_or(newest)), ..self });
        };
        let (begun, after) = ContinueToken::open(token, collection, &self)?;
        if let Some(asked) = revision.filter(|asked| *asked != begun) {
            let message = format!("the list continues at revision {begun}, not {asked}; leave the revision out");
            return Err(Error::bad_request(message));
        }
        Ok(Self { revision: Some(begun), after: Some(after), ..self })
    }
}

impl Reader {
    /// Returns a page of a history, and the token of the next one.
    ///
    /// # Errors
    /// As [`Reader::history`]; `BadRequest` for an invalid token, or one of another resource.
    pub(crate) fn history_page(
        &self,
        collection: CollectionRef<'_>,
        key: &str,
        asked: HistoryPage<'_>,
    ) -> Result<(History, Option<HistoryToken>)> {
        let open = |text| HistoryToken::open(text, collection, asked.only_authored);
        let token = asked.token.map(open).transpose()?;
        let (begun, mut before) = (token.map(|token| token.id.to_string()), token.map(|token| token.before));
        let is_singleton = key.is_empty();
        // Later pages address the resource by the id in the token: its name may belong to another resource by now.
        let addressed = begun.as_deref().filter(|_| !is_singleton).unwrap_or(key);
        let (mut page, mut bytes) = (History { versions: Vec::new(), next: None, is_deleted: false }, 0);
        loop {
            // In small steps, so that the bound of bytes is looked at before much more than one page is in memory.
            let limit = Some(STEP.min(asked.size - page.versions.len()));
            let options = HistoryOptions { before, limit, only_authored: asked.only_authored };
            let step = self.history(collection, addressed, options)?;
            for version in step.versions {
                check_owner(&version.object, key, token)?;
                bytes += version.object.size();
                page.versions.push(version);
            }
            (page.next, page.is_deleted, before) = (step.next, step.is_deleted, step.next);
            if page.next.is_none() || page.versions.len() >= asked.size || bytes >= asked.bytes {
                let id = page.versions.last().map(|version| version.object.metadata.id);
                let next = page
                    .next
                    .zip(id)
                    .map(|(before, id)| HistoryToken::new(collection, asked.only_authored, id, before));
                return Ok((page, next));
            }
        }
    }
}

/// Whether a token belongs to the resource that is asked for.
fn check_owner(object: &Object, key: &str, token: Option<HistoryToken>) -> Result<()> {
    let metadata = &object.metadata;
    let is_meant = metadata.name.as_deref() == Some(key) || metadata.id.to_string() == key;
    match token {
        Some(token) if token.id != metadata.id || !is_meant && !key.is_empty() => {
            Err(Error::bad_request("the token belongs to the history of another resource; begin without a token"))
        }
        _ => Ok(()),
    }
}
