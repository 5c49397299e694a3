//! Lists: a short one is answered at once, a long one flows while it is read and written, so that it takes no more memory
//! than a few steps of it.

use std::sync::Arc;
use std::vec::IntoIter;

use http::StatusCode;
use kindstore::kind::Kind;
use kindstore::store::SelectorError;
use kindstore::{List, ListOptions, Object, ResourceId, Selector, Store};

use super::accept::Media;
use super::address::Collection;
use super::answer::{Answer, Outcome};
use super::flow;
use super::form::{Form, Item, Pieces};
use super::input::Input;
use super::query::Query;
use crate::fault::Fault;
use crate::paging;
use crate::shared::Shared;

/// How many resources are read on the task itself; what is behind them goes to a thread that may block.
const INLINE: usize = 64;
const INLINE_BYTES: usize = 1 << 20;

/// How many bytes of resources are written on the task itself; YAML takes several times as long as JSON.
const INLINE_JSON: usize = 1 << 20;
const INLINE_YAML: usize = 64 << 10;

/// At about how many bytes a page ends, which then has less resources than were asked for.
const PAGE_BYTES: usize = 4 << 20;

/// How many resources are read at once after that, and at about how many bytes a step ends.
const STEP: usize = 128;
const STEP_BYTES: usize = 256 << 10;

pub(super) async fn answer(input: Input<'_>, collection: &Collection) -> Outcome {
    let (kind, Input { shared, query, media, .. }) = (&collection.kind, input);
    if kind.flat.is_some() && (query.limit.is_some() || query.token.is_some()) {
        let message = format!("a list of {} has no pages here; leave out limit and continue", kind.plural);
        return Err(Fault::new("BadRequest", message));
    }
    let selected = match query.is_of_revision() {
        true => collection.of(&shared.store)?.page(selected(kind, query)?, query.revision, query.token.as_deref())?,
        false => selected(kind, query)?,
    };
    let limit = query.limit.unwrap_or(INLINE);
    let bytes = if query.limit.is_some() { PAGE_BYTES } else { INLINE_BYTES };
    let first = selected.clone().limit(limit).bytes(bytes);
    let list = read(input, collection, first).await?;
    let form = Form { kind: Arc::clone(kind), media };
    if query.limit.is_some() {
        let at = collection.of(&shared.store)?;
        let next = list.next.map(|after| at.token(&selected, list.revision, after).to_string());
        let begin = form.begin(list.revision, next.as_deref());
        return written(shared, form, begin, list.items);
    }
    let begin = form.begin(list.revision, None);
    if list.next.is_none() {
        return written(shared, form, begin, list.items);
    }
    let rest = Rest::behind(list, shared.store.clone(), collection.clone(), selected);
    Ok(Answer::flowing(flow::body(shared.workers.clone(), Pieces::new(form, begin, rest)))
        .of_type(media.content_type()))
}

/// Reads the first step of a list, or a page.
async fn read(input: Input<'_>, collection: &Collection, first: ListOptions) -> Result<List, Fault> {
    let Input { shared, query, .. } = input;
    let is_short = query.limit.is_none_or(|limit| limit <= INLINE);
    let read = match is_short && !query.selects() && !query.is_of_revision() {
        true => collection.of(&shared.store)?.list_with(first),
        false => {
            // Few of many resources may match, and an earlier revision is searched: both can take longer than a task may.
            let (store, all) = (shared.store.clone(), collection.clone());
            let read = tokio::task::spawn_blocking(move || all.of(&store)?.list_with(first));
            read.await.map_err(|_| Fault::new("Internal", "the list could not be read"))?
        }
    };
    read.map_err(|error| paging::fault(error, query.token.is_some()))
}

/// The answer with a list of these items: at once when they are few, and else as they are written.
pub(super) fn written<T: Item + Sized + Send + 'static>(
    shared: &Shared,
    form: Form,
    begin: String,
    items: Vec<T>,
) -> Outcome {
    let size: usize = items.iter().map(T::size).sum();
    let media = form.media;
    let most = if media == Media::Json { INLINE_JSON } else { INLINE_YAML };
    let pieces = Pieces::new(form, begin, items.into_iter().map(Ok));
    if size > most {
        return Ok(Answer::flowing(flow::body(shared.workers.clone(), pieces)).of_type(media.content_type()));
    }
    Ok(Answer::text(StatusCode::OK, pieces.whole()?, media.content_type()))
}

/// The resources of a list, read step by step.
struct Rest {
    store: Store,
    collection: Collection,
    selected: ListOptions,
    read: IntoIter<Object>,
    /// Behind which resource the next step begins, while there is one.
    next: Option<ResourceId>,
}

/// The options of a list that a query selects by labels, by members, and by the filters of the published API, which are
/// selectable members of metadata by their names.
pub(super) fn selected(kind: &Kind, query: &Query) -> Result<ListOptions, Fault> {
    let wrong = |error: SelectorError| Fault::new("BadRequest", error.to_string());
    let mut selected = ListOptions::selecting(kind, &query.label_selector, &query.field_selector).map_err(wrong)?;
    for (name, id) in &query.filters {
        let pointer = format!("/metadata/{name}");
        if !kind.selectable.contains(&pointer) {
            return Err(Fault::new("BadRequest", format!("a list of {} cannot be filtered by {name:?}", kind.plural)));
        }
        selected.fields = selected.fields.and(Selector::equal(&format!("metadata.{name}"), &id.to_string()));
    }
    Ok(selected)
}

impl Rest {
    /// The resources of this step and all behind it.
    fn behind(first: List, store: Store, collection: Collection, selected: ListOptions) -> Self {
        Self { store, collection, selected, read: first.items.into_iter(), next: first.next }
    }

    fn step(&mut self, after: ResourceId) -> kindstore::Result<()> {
        let options = self.selected.clone().after(after).limit(STEP).bytes(STEP_BYTES);
        let list = self.collection.of(&self.store)?.list_with(options)?;
        (self.read, self.next) = (list.items.into_iter(), list.next);
        Ok(())
    }
}

impl Iterator for Rest {
    type Item = kindstore::Result<Object>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(object) = self.read.next() {
                return Some(Ok(object));
            }
            let after = self.next.take()?;
            if let Err(error) = self.step(after) {
                return Some(Err(error));
            }
        }
    }
}
