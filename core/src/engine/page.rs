//! Pages of lists and of histories: where one begins, how much is on it, and where the next one begins.

use super::history::{History, HistoryOptions};
use super::list::{List, ListOptions};
use super::store::Store;
use super::token::{ContinueToken, HistoryToken};
use crate::backend::Revision;
use crate::error::{Error, Result};
use crate::object::Object;

/// How many versions are read at once.
const STEP: usize = 16;

/// Which versions of a resource are asked for, page by page.
#[derive(Clone, Copy, Debug)]
pub struct HistoryPage<'a> {
    /// The most on the page.
    pub size: usize,
    /// Where it goes on: the token of the page before.
    pub token: Option<&'a str>,
    /// Leaves out versions that changed the status only.
    pub only_authored: bool,
    /// About how many bytes of resources the page ends at; at least one is on it.
    pub bytes: usize,
}

impl List {
    /// The token of the page behind this one, if there may be one. The list was read at a revision.
    pub fn token(&self) -> Option<ContinueToken> {
        self.next.map(|after| ContinueToken { revision: self.revision, after })
    }
}

impl Store {
    /// The options of a list that is read page by page: one that goes on does so behind its last page, all others begin at
    /// this revision, or else now. All pages tell what there was at one revision.
    ///
    /// # Errors
    /// `BadRequest` for a token that is none, and for a revision that is not that of the list.
    pub fn page(&self, selected: ListOptions, revision: Option<Revision>, token: Option<&str>) -> Result<ListOptions> {
        let Some(token) = token else {
            return Ok(ListOptions { revision: Some(revision.unwrap_or_else(|| self.revision())), ..selected });
        };
        let ContinueToken { revision: begun, after } = token.parse()?;
        if let Some(asked) = revision.filter(|asked| *asked != begun) {
            let message = format!("the list goes on at revision {begun} and not at {asked}; leave the revision out");
            return Err(Error::bad_request(message));
        }
        Ok(ListOptions { revision: Some(begun), after: Some(after), ..selected })
    }

    /// A page of a history, and where the next one begins.
    ///
    /// # Errors
    /// As [`Store::history`]; `BadRequest` for a token that is none, or that is of another resource.
    pub fn history_page(
        &self,
        kind: &str,
        namespace: Option<&str>,
        key: &str,
        asked: HistoryPage<'_>,
    ) -> Result<(History, Option<HistoryToken>)> {
        let token: Option<HistoryToken> = asked.token.map(str::parse).transpose()?;
        let (begun, mut before) = (token.map(|token| token.id.to_string()), token.map(|token| token.before));
        let is_singleton = key.is_empty();
        // The name may be another resource's by now.
        let addressed = begun.as_deref().filter(|_| !is_singleton).unwrap_or(key);
        let (mut page, mut bytes) = (History { versions: Vec::new(), next: None, is_deleted: false }, 0);
        loop {
            let limit = Some(STEP.min(asked.size - page.versions.len()));
            let options = HistoryOptions { before, limit, only_authored: asked.only_authored };
            let step = self.history(kind, namespace, addressed, options)?;
            for version in step.versions {
                check_owner(&version.object, key, token)?;
                bytes += version.object.size();
                page.versions.push(version);
            }
            (page.next, page.is_deleted, before) = (step.next, step.is_deleted, step.next);
            if page.next.is_none() || page.versions.len() >= asked.size || bytes >= asked.bytes {
                let id = page.versions.last().map(|version| version.object.metadata.id);
                let next = page.next.zip(id).map(|(before, id)| HistoryToken { id, before });
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
            Err(Error::bad_request("the versions of another resource would go on there; begin anew"))
        }
        _ => Ok(()),
    }
}
