//! The newest changes of a store as events, read and decoded once for all watchers.
//!
//! A watcher that reaches the end of this ring reads on from the change log, and adds the events for the others. One that has
//! fallen behind the ring reads the change log for itself.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::cursor::Cursor;
use super::event::Event;
use super::scope::{Activity, Changed, WatchScope};
use super::source::{STEP, events_after};
use crate::backend::Revision;
use crate::engine::read::Reader;
use crate::error::Result;

/// The most events that are kept for all, and about how many bytes they have at the most.
const MAX_EVENTS: usize = 8_192;
const MAX_BYTES: usize = 32 << 20;

/// About how many bytes are read from the change log at once for all watchers.
const STEP_BYTES: usize = 8 << 20;

/// About how many bytes a watcher takes at once, but at least one event.
// A watcher keeps what it took until its client reads it, also when the ring has long dropped it.
const MAX_TAKEN: usize = 256 << 10;

/// The newest events.
#[derive(Default)]
pub(crate) struct Feed(Mutex<Recent>);

/// Events in the order of their cursors: all there are after `begin`, up to `end`.
#[derive(Default)]
struct Recent {
    events: VecDeque<Arc<Event>>,
    begin: Revision,
    end: Revision,
    bytes: usize,
    activity: Activity,
}

/// Some events, and the cursor up to which they are complete.
pub(super) struct Events {
    pub(super) events: Vec<Arc<Event>>,
    pub(super) upto: Cursor,
}

impl Feed {
    /// Returns the next events after a cursor, in order, at least those of a scope; none at the newest revision.
    pub(super) fn events(&self, reader: &Reader, after: Cursor, scope: &WatchScope) -> Result<Events> {
        let newest = reader.backend.revision();
        if after.whole() >= newest {
            return Ok(Events { events: Vec::new(), upto: after });
        }
        // The lock is held while the change log is read, so that of the watchers that wait at its end one reads it and
        // the others find the events here.
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if after.whole() < recent.end && recent.activity.is_quiet(scope, after.whole()) {
            return Ok(bounded(std::iter::empty(), recent.end, after));
        }
        if after.whole() < recent.begin {
            drop(recent);
            let (events, upto) = events_after(reader, after.whole(), MAX_TAKEN)?;
            return Ok(bounded(events.into_iter().filter(|event| event.cursor > after), upto, after));
        }
        if after.whole() >= recent.end {
            let events = recent.read_on(reader, after.whole())?;
            if after.whole() < recent.begin {
                // The step was larger than the ring, so its beginning is out of the ring already.
                let upto = recent.end;
                drop(recent);
                return Ok(bounded(events.into_iter().filter(|event| event.cursor > after), upto, after));
            }
        }
        let begin = recent.events.partition_point(|event| event.cursor <= after);
        let some = recent.some(begin);
        let is_all = begin + some.len() == recent.events.len();
        // The commit of the last event may have more of them, so only those before it are complete.
        let upto = if is_all { recent.end } else { some.last().map_or(0, |event| event.cursor.revision - 1) };
        Ok(bounded(some.into_iter(), upto, after))
    }
}

impl Feed {
    /// Returns where resources changed after a revision, up to the newest one or to about so many bytes.
    pub(crate) fn changed(&self, reader: &Reader, after: Revision) -> Result<Changed> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if after >= recent.end && after < reader.backend.revision() {
            recent.read_on(reader, after)?;
        }
        let is_known = after >= recent.begin;
        let begin = recent.events.partition_point(|event| event.cursor.revision <= after);
        let scopes: HashSet<_> = recent.events.range(begin..).map(|event| event.scope()).collect();
        Ok(Changed { scopes: is_known.then(|| scopes.into_iter().collect()), upto: recent.end.max(after) })
    }
}

fn bounded(events: impl Iterator<Item = Arc<Event>>, upto: Revision, after: Cursor) -> Events {
    let events: Vec<_> = events.collect();
    let last = events.last().map_or(after, |event| event.cursor);
    Events { events, upto: last.max(Cursor::after(upto)).max(after) }
}

impl Recent {
    /// Returns the events from a place on, as many as a watcher takes at once.
    fn some(&self, begin: usize) -> Vec<Arc<Event>> {
        let (mut some, mut bytes) = (Vec::new(), 0);
        for event in self.events.range(begin..).take(STEP) {
            bytes += event.size();
            some.push(Arc::clone(event));
            if bytes >= MAX_TAKEN {
                break;
            }
        }
        some
    }

    /// Reads on from the change log at the end of the ring, or at a later revision.
    fn read_on(&mut self, reader: &Reader, after: Revision) -> Result<Vec<Arc<Event>>> {
        if after > self.end {
            // Nobody watched for a while. The ring begins anew at this watcher: it does not read what none of them
            // asks for.
            *self = Self { begin: after, end: after, activity: Activity::since(after), ..Self::default() };
        }
        let (events, upto) = events_after(reader, self.end, STEP_BYTES)?;
        self.add(&events, upto);
        Ok(events)
    }

    /// Adds what comes next. The newest commit is kept however large it is, so that all watchers share it.
    fn add(&mut self, events: &[Arc<Event>], upto: Revision) {
        self.end = upto;
        self.activity.add(events, upto);
        self.bytes += events.iter().map(|event| event.size()).sum::<usize>();
        self.events.extend(events.iter().cloned());
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            // Whole commits go, so that a watcher whose cursor is within one finds the rest of it.
            let revision = |event: Option<&Arc<Event>>| event.map(|event| event.cursor.revision);
            let (oldest, newest) = (revision(self.events.front()), revision(self.events.back()));
            let Some(oldest) = oldest.filter(|_| oldest != newest) else { break };
            while let Some(event) = self.events.pop_front_if(|event| event.cursor.revision == oldest) {
                self.bytes -= event.size();
            }
            self.begin = oldest;
        }
    }
}
