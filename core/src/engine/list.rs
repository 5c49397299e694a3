//! Lists of resources, in the order of their ids, which is the order of their creation.

use super::read::{STEP, View};
use super::store::{Store, check_scope};
use crate::backend::Revision;
use crate::error::Result;
use crate::kind::{Kind, Verb};
use crate::object::{Object, ResourceId};

/// What a caller may choose for a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOptions {
    /// Only resources that were created after the one with this id.
    pub after: Option<ResourceId>,
    /// At most this many; without a limit the list is complete.
    pub limit: Option<usize>,
    /// Ends the list early, with [`List::next`], once it holds about this many bytes; at least one resource is in it.
    pub bytes: Option<usize>,
}

/// Resources of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The resources, in the order of their creation.
    pub items: Vec<Object>,
    /// Where to go on with [`ListOptions::after`], when there may be more.
    pub next: Option<ResourceId>,
    /// The revision that the beginning of the list was current at. What changed after it may be in the list or not, so
    /// that whoever follows the changes after it misses none.
    pub revision: Revision,
}

impl Store {
    /// The resources of a kind in a namespace, read in steps of 64.
    pub fn list(&self, kind: &str, namespace: Option<&str>, options: ListOptions) -> Result<List> {
        let kind = self.inner.registry.require(kind)?;
        kind.require(Verb::List)?;
        check_scope(kind, namespace)?;
        if let Some(name) = namespace {
            self.inner.open_namespace(name, View::Durable)?;
        }
        let mut list = List { items: Vec::new(), next: options.after, revision: 0 };
        if options.limit == Some(0) {
            return Ok(List { revision: self.revision(), ..list });
        }
        let mut bytes = 0;
        loop {
            let limit = options.limit.map_or(STEP, |limit| limit - list.items.len());
            let begin = list.items.len();
            let more = self.extend(kind, namespace, limit, &mut list)?;
            bytes += list.items[begin..].iter().map(Object::size).sum::<usize>();
            let is_full = options.limit.is_some_and(|limit| list.items.len() >= limit)
                || options.bytes.is_some_and(|most| bytes >= most);
            if !more || is_full {
                list.next = list.next.filter(|_| more);
                return Ok(list);
            }
        }
    }

    /// Adds the next step to a list and says whether there may be more.
    fn extend(&self, kind: &Kind, namespace: Option<&str>, limit: usize, list: &mut List) -> Result<bool> {
        let (mut items, more, revision) = self.inner.step(kind, namespace, list.next, limit)?;
        list.next = items.last().map(|item| item.metadata.id).or(list.next);
        list.items.append(&mut items);
        if list.revision == 0 {
            list.revision = revision;
        }
        Ok(more)
    }
}
