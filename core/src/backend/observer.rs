//! Values kept in memory that derive from what is stored: a backend tells of every change before it shows it.

use std::fmt;
use std::sync::{Arc, PoisonError, Weak};

use super::sync::RwLock;
use super::{Key, Revision, Versioned};

/// A change of a key that is about to be shown to readers.
#[derive(Clone, Copy, Debug)]
pub struct ChangedValue<'a> {
    /// The key.
    pub key: &'a Key,
    /// The value that readers see still; `None` also where the backend does not know it any more.
    pub old: Option<&'a Versioned>,
    /// The value that readers will see; `None` where the key goes.
    pub new: Option<&'a Versioned>,
}

/// Who is told of changes.
///
/// For implementors: a call may come while the backend holds locks, so that it must be short, and must not call the backend.
/// Calls come one after the other, in the order of revisions.
pub trait Observer: Send + Sync {
    /// Called with all changes of whole commits up to a revision, before any reader can see one of them. Of a key that several of
    /// the commits changed, there is the last change only.
    fn about_to_show(&self, revision: Revision, changes: &[ChangedValue<'_>]);
}

/// Those who follow a backend. Each is forgotten once it is dropped. For implementors of backends.
#[derive(Default)]
pub struct Observers(RwLock<Vec<Weak<dyn Observer>>>);

impl Observers {
    /// Tells another one from now on.
    pub fn add(&self, observer: &Arc<dyn Observer>) {
        let mut observers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        observers.retain(|known| known.strong_count() > 0);
        observers.push(Arc::downgrade(observer));
    }

    /// Whether nobody follows.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Tells all of them.
    pub fn about_to_show(&self, revision: Revision, changes: &[ChangedValue<'_>]) {
        let observers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for observer in observers.iter().filter_map(Weak::upgrade) {
            observer.about_to_show(revision, changes);
        }
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observers").finish_non_exhaustive()
    }
}
