//! One watcher: an iterator that blocks, and a stream that does not.
//!
//! A watcher has no queue and no thread of its own. It reads on from its cursor when it is polled, so a slow consumer takes
//! no memory and holds back nobody; once the compaction floor has passed its cursor, it gets `Expired`.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
#[cfg(not(target_family = "wasm"))]
use std::time::{Duration, Instant};

use futures_core::Stream;

use super::cursor::Cursor;
use super::event::{ChangeType, ResourceChange, State, WatchEvent};
use super::feed::{Events, Feed};
use super::interest::Interest;
use super::options::{WatchFrom, WatchOptions};
use super::scope::WatchScope;
use crate::backend::{Revision, RevisionListener, RevisionNotifier};
use crate::engine::filter::Filter;
use crate::engine::read::{Reader, STEP, Step, View};
use crate::engine::stored::CollectionRef;
use crate::error::Result;
use crate::kind::Kind;
use crate::object::ResourceId;

/// How many steps a task takes before it lets others go on.
const STEPS: usize = 8;

/// The changes of the resources of a kind, in the order of their commits, each returned once.
///
/// It is an iterator that blocks and a stream that does not. It never ends by itself; after an error it has ended. A watch
/// that is not read takes no memory and holds back nobody; once its next changes are compacted away, it ends with
/// `Expired` and its cursor.
pub struct Watch {
    reader: Arc<Reader>,
    feed: Arc<Feed>,
    interest: Interest,
    scope: WatchScope,
    /// The first list, as long as it is not returned.
    listing: Option<Listing>,
    ready: VecDeque<WatchEvent>,
    /// All up to here is returned or ready.
    read: Cursor,
    /// All up to here is returned.
    returned: Cursor,
    listener: Option<RevisionListener>,
    /// Wakes the task in place of the store.
    notifier: Option<Arc<RevisionNotifier>>,
    has_failed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Listing {
    revision: Revision,
    after: Option<ResourceId>,
}

impl Watch {
    /// Begins to watch a collection.
    ///
    /// # Errors
    /// `NotFound` for an unknown namespace, `BadRequest` for an unknown member and for a cursor that is not reached yet,
    /// `Expired` when the changes after the cursor are not kept any more.
    pub(crate) fn begin(
        reader: Arc<Reader>,
        feed: Arc<Feed>,
        kind: Arc<Kind>,
        namespace: Option<String>,
        options: WatchOptions,
    ) -> Result<Self> {
        let filter = Filter::new(&kind, options.labels, options.fields)?;
        if let WatchFrom::After(cursor) = options.from {
            // The first of the two alone would take a cursor within the next commit, and miss its changes before that. Before
            // the namespace: where reads lag, it may be as new as the cursor.
            reader.require_kept(cursor.revision)?;
            reader.require_kept(cursor.whole())?;
        }
        reader.require_collection(CollectionRef::new(&kind, namespace.as_deref()), View::Durable)?;
        let newest = reader.backend.revision();
        let (read, listing) = match options.from {
            WatchFrom::Now => (Cursor::after(newest), None),
            WatchFrom::List => (Cursor::after(newest), Some(Listing { revision: newest, after: None })),
            WatchFrom::After(cursor) => (cursor, None),
        };
        let scope = WatchScope::new(&kind.name, namespace.as_deref());
        let interest = Interest { kind, namespace, key: options.key, filter };
        let mut ready = VecDeque::new();
        if options.from == WatchFrom::Now {
            // A client that has to reconnect before anything happens needs a cursor to resume from.
            ready.push_back(WatchEvent::Bookmark(read));
        }
        Ok(Self {
            reader,
            feed,
            interest,
            scope,
            listing,
            ready,
            read,
            returned: read,
            listener: None,
            notifier: None,
            has_failed: false,
        })
    }

    /// The next event, if there is one now.
    ///
    /// # Errors
    /// `Expired` when it is not kept any more; `Unavailable` and `Backend` as with reads.
    pub fn try_next(&mut self) -> Result<Option<WatchEvent>> {
        while self.ready.is_empty() {
            if !self.step()? {
                return Ok(None);
            }
        }
        Ok(self.take())
    }

    /// Waits for the next event on this thread, at the longest this long; `None` when there was none.
    ///
    /// # Errors
    /// As [`Watch::try_next`].
    #[cfg(not(target_family = "wasm"))]
    pub fn next_within(&mut self, limit: Duration) -> Result<Option<WatchEvent>> {
        self.next_until(Instant::now().checked_add(limit))
    }

    /// The cursor up to which every change was returned; a watch that begins after it misses none.
    pub fn cursor(&self) -> Cursor {
        self.returned
    }

    /// Returns what this watches.
    pub fn scope(&self) -> &WatchScope {
        &self.scope
    }

    /// Leaves it to the caller to wake the task of this watch, once something has changed in its scope. Otherwise the writer
    /// of a revision wakes every watch: a program with thousands of them wakes those that are concerned, in groups of its
    /// own and on its own time. [`Store::revision_changed`] says when, and [`Store::changed_since`] which.
    ///
    /// [`Store::revision_changed`]: crate::Store::revision_changed
    /// [`Store::changed_since`]: crate::Store::changed_since
    #[must_use]
    pub fn wake_by(mut self, notifier: Arc<RevisionNotifier>) -> Self {
        self.notifier = Some(notifier);
        self
    }

    /// Keeps the next change from waking the task until it polls again, for callers that poll at times of their own.
    pub fn rest(&mut self) {
        self.listener = None;
    }

    /// Returns a bookmark at the newest revision that was read, unless events are left to be returned. So the cursor moves
    /// on while nothing happens that concerns the watcher.
    pub fn bookmark(&mut self) -> Option<WatchEvent> {
        if self.listing.is_some() || !self.ready.is_empty() {
            return None;
        }
        self.returned = self.read;
        Some(WatchEvent::Bookmark(self.returned))
    }

    #[cfg(not(target_family = "wasm"))]
    fn next_until(&mut self, deadline: Option<Instant>) -> Result<Option<WatchEvent>> {
        loop {
            // In this order: what comes between the look and the wait ends the wait.
            let listener = self.reader.backend.revision_changed();
            if let Some(event) = self.try_next()? {
                return Ok(Some(event));
            }
            if !listener.wait(deadline) {
                return Ok(None);
            }
        }
    }

    fn take(&mut self) -> Option<WatchEvent> {
        let event = self.ready.pop_front()?;
        // The cursor stays where it was until the whole list is returned: a watch that resumed within it would lack the
        // rest. Behind the last event it moves on to all that was read, so that changes of others are not read again.
        if self.listing.is_none() {
            self.returned = if self.ready.is_empty() { self.read } else { event.cursor() };
        }
        Some(event)
    }

    /// Reads on. Returns whether there was anything to read.
    fn step(&mut self) -> Result<bool> {
        if let Some(listing) = self.listing {
            return self.list(listing).map(|()| true);
        }
        let Events { events, upto } = self.feed.events(&self.reader, self.read, &self.scope)?;
        let has_come_on = upto > self.read;
        self.ready.extend(events.iter().filter_map(|event| self.interest.change(event)).map(WatchEvent::Change));
        self.read = upto;
        Ok(has_come_on)
    }

    /// Reads a step of the first list; a bookmark follows the last one.
    fn list(&mut self, Listing { revision, after }: Listing) -> Result<()> {
        let Interest { kind, namespace, filter, .. } = &self.interest;
        let collection = CollectionRef::new(kind, namespace.as_deref());
        let walked = self.reader.step_at(Step { collection, filter, after, limit: STEP }, revision)?;
        let cursor = Cursor::after(revision);
        let records = walked.records.into_iter().filter(|record| self.interest.is_named(&record.object.metadata));
        let added = records.map(|record| {
            let (change_type, state) = (ChangeType::Added, Arc::new(State::new(record)));
            WatchEvent::Change(ResourceChange { change_type, cursor, state })
        });
        self.ready.extend(added);
        self.listing = walked.more.then_some(Listing { revision, after: walked.last });
        if self.listing.is_none() {
            self.ready.push_back(WatchEvent::Bookmark(cursor));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("interest", &self.interest)
            .field("returned", &self.returned)
            .finish_non_exhaustive()
    }
}

#[cfg(not(target_family = "wasm"))]
impl Iterator for Watch {
    type Item = Result<WatchEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let next = self.next_until(None);
        self.has_failed = next.is_err();
        next.transpose()
    }
}

impl Stream for Watch {
    type Item = Result<WatchEvent>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = &mut *self;
        if watch.has_failed {
            return Poll::Ready(None);
        }
        for _ in 0..STEPS {
            if let Some(event) = watch.take() {
                return Poll::Ready(Some(Ok(event)));
            }
            // In this order: what comes between the look and the wait ends the wait.
            let listener = watch.listener.get_or_insert_with(|| match &watch.notifier {
                Some(notifier) => notifier.listen(),
                None => watch.reader.backend.revision_changed(),
            });
            match Pin::new(listener).poll(context) {
                Poll::Ready(()) => watch.listener = None,
                Poll::Pending => {}
            }
            match watch.step() {
                Ok(true) => {}
                Ok(false) if watch.listener.is_some() => return Poll::Pending,
                Ok(false) => {}
                Err(error) => {
                    watch.has_failed = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        // A watcher with much to read gives its thread to other tasks from time to time.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
