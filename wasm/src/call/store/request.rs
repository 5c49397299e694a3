//! A request to a store, read from JSON.

use kindstore::kind::{Kind, Scope};
use kindstore::{Collection, ListOptions, Registry, Store, WriteOptions};
use serde::Deserialize;

use super::super::options::{Fields, FormatWord, expected, given};
use super::super::{Outcome, failure};
use super::MAX_SIZE;

/// The namespace of a request that names none.
const DEFAULT_NAMESPACE: &str = "default";

/// The members of all reads, writes and watches; each takes those that concern it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
// One type for every request: each more that serde reads would make the module, and so every page that loads it,
// larger.
pub(super) struct Request {
    pub(super) verb: String,
    pub(super) kind: String,
    /// Null stands for none; without the member, a kind that lives in namespaces is looked for in `default`.
    #[serde(deserialize_with = "given")]
    namespace: Option<Option<String>>,
    pub(super) key: String,

    label_selector: Option<String>,
    field_selector: Option<String>,
    pub(super) revision: Option<u64>,
    pub(super) reveal: bool,
    // Any number of JavaScript, so that one with a fraction gets a message of its own.
    page_size: Option<f64>,
    page_token: Option<String>,
    pub(super) authored_only: bool,

    /// The version that is read or rolled back to; of a comparison the first one.
    pub(super) version: Option<u64>,
    pub(super) to_version: Option<u64>,

    pub(super) format: Option<FormatWord>,
    pub(super) dry_run: bool,
    field_validation: Fields,
    without_defaults: bool,
    expected_version: Option<u64>,
    expected_id: Option<String>,
    /// Whether the system writes it.
    pub(super) system: bool,

    pub(super) cursor: Option<String>,
    pub(super) list: bool,
    pub(super) bookmarks: bool,
}

impl Request {
    /// The namespace that is meant.
    fn namespace(&self, registry: &Registry) -> Option<&str> {
        match &self.namespace {
            Some(given) => given.as_deref(),
            None => {
                let kind = registry.find(&self.kind);
                kind.filter(|kind| kind.scope == Scope::Namespaced).map(|_| DEFAULT_NAMESPACE)
            }
        }
    }

    /// Returns the version of the request.
    pub(super) fn version(&self) -> Outcome<u64> {
        self.version.ok_or_else(|| failure::bad("name the version, a number from 1"))
    }

    /// Returns the options of a list with these selectors.
    pub(super) fn selected(&self, kind: &Kind) -> Outcome<ListOptions> {
        let text = |selector: &Option<String>| selector.clone().unwrap_or_default();
        ListOptions::selecting(kind, &text(&self.label_selector), &text(&self.field_selector))
            .map_err(|error| failure::bad(error.to_string()))
    }

    /// Returns the token at which a list continues; an empty one counts as none.
    pub(super) fn token(&self) -> Option<&str> {
        self.page_token.as_deref().filter(|token| !token.is_empty())
    }

    /// The collection that is asked for.
    pub(super) fn collection(&self, store: &Store) -> Outcome<Collection> {
        store.collection(&self.kind, self.namespace(store.registry())).map_err(failure::told)
    }

    /// The size of a page: the most unless told, as 0 says too.
    pub(super) fn size(&self) -> Outcome<usize> {
        let size = self.page_size.unwrap_or(0.0);
        if size < 0.0 || size.fract() != 0.0 {
            return Err(failure::bad(format!("pageSize is {size}; it is a whole number, at most {MAX_SIZE}")));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a count")]
        let size = size as usize;
        Ok(if size == 0 { MAX_SIZE } else { size.min(MAX_SIZE) })
    }

    /// Returns the options of a write.
    pub(super) fn options(&self) -> Outcome<WriteOptions> {
        Ok(WriteOptions::default()
            .expected(expected(self.expected_version, self.expected_id.as_deref())?)
            .dry_run(self.dry_run)
            .without_defaults(self.without_defaults)
            .field_validation(self.field_validation.into()))
    }
}
