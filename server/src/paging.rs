//! Pages of lists and of histories: where one begins, how much is on it, and where the next one begins.

use kindstore::{ContinueToken, History, HistoryOptions, HistoryToken, List, ListOptions, Object, Revision, Store};

use crate::fault::Fault;

/// The most resources or versions on a page.
pub(crate) const MAX_SIZE: usize = 1000;

/// How many versions are read at once.
const STEP: usize = 16;

/// The revision and the place at which a list begins or goes on. A list that says none begins now, and stays there.
pub(crate) fn begin(
    store: &Store,
    selected: ListOptions,
    revision: Option<Revision>,
    token: Option<&str>,
) -> Result<ListOptions, Fault> {
    let Some(token) = token else {
        return Ok(ListOptions { revision: Some(revision.unwrap_or_else(|| store.revision())), ..selected });
    };
    let ContinueToken { revision: begun, after } = token.parse().map_err(Fault::from)?;
    if let Some(asked) = revision.filter(|asked| *asked != begun) {
        let message = format!("the list goes on at revision {begun} and not at {asked}; leave the revision out");
        return Err(Fault::new("BadRequest", message));
    }
    Ok(ListOptions { revision: Some(begun), after: Some(after), ..selected })
}

/// Where the page behind this one begins.
pub(crate) fn next(list: &List) -> Option<String> {
    list.next.map(|after| ContinueToken { revision: list.revision, after }.to_string())
}

/// The fault for a list that cannot be read. Who goes on too late learns what to do.
pub(crate) fn fault(error: kindstore::Error, goes_on: bool) -> Fault {
    let is_expired = matches!(error, kindstore::Error::Expired { .. });
    let mut fault = Fault::from(error);
    if goes_on && is_expired {
        fault.message.push_str("; begin the list anew");
    }
    fault
}

/// Which versions of a resource are asked for.
pub(crate) struct Versions<'a> {
    pub(crate) kind: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) key: &'a str,
    /// The most on the page; all without a limit, as far as they fit.
    pub(crate) size: usize,
    pub(crate) token: Option<&'a str>,
    pub(crate) only_authored: bool,
    /// About how many bytes of resources the page ends at; at least one is on it.
    pub(crate) bytes: usize,
}

/// A page of a history, and where the next one begins.
pub(crate) fn versions(store: &Store, asked: &Versions<'_>) -> Result<(History, Option<String>), Fault> {
    let token: Option<HistoryToken> = asked.token.map(str::parse).transpose().map_err(Fault::from)?;
    let (begun, mut before) = (token.map(|token| token.id.to_string()), token.map(|token| token.before));
    let is_singleton = asked.key.is_empty();
    // The name may be another resource's by now.
    let key = begun.as_deref().filter(|_| !is_singleton).unwrap_or(asked.key);
    let (mut page, mut bytes) = (History { versions: Vec::new(), next: None, is_deleted: false }, 0);
    loop {
        let limit = Some(STEP.min(asked.size - page.versions.len()));
        let options = HistoryOptions { before, limit, only_authored: asked.only_authored };
        let step = store.history(asked.kind, asked.namespace, key, options)?;
        for version in step.versions {
            check_owner(&version.object, asked, token)?;
            bytes += version.object.size();
            page.versions.push(version);
        }
        (page.next, page.is_deleted, before) = (step.next, step.is_deleted, step.next);
        if page.next.is_none() || page.versions.len() >= asked.size || bytes >= asked.bytes {
            let id = page.versions.last().map(|version| version.object.metadata.id);
            let next = page.next.zip(id).map(|(before, id)| HistoryToken { id, before }.to_string());
            return Ok((page, next));
        }
    }
}

/// Whether a token belongs to the resource that is asked for.
fn check_owner(object: &Object, asked: &Versions<'_>, token: Option<HistoryToken>) -> Result<(), Fault> {
    let metadata = &object.metadata;
    let is_meant = metadata.name.as_deref() == Some(asked.key) || metadata.id.to_string() == asked.key;
    match token {
        Some(token) if token.id != metadata.id || !is_meant && !asked.key.is_empty() => {
            Err(Fault::new("BadRequest", "the versions of another resource would go on there; begin anew"))
        }
        _ => Ok(()),
    }
}
