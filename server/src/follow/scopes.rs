//! The watches of a server by what they watch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use kindstore::backend::RevisionNotifier;
use kindstore::store::WatchScope;

/// So many scopes are there before those that nobody watches any more are looked for.
const MIN_SCOPES: usize = 64;

/// The notifiers of watches: one for each scope that somebody watches.
#[derive(Default)]
pub(super) struct Scopes(Mutex<Notifiers>);

#[derive(Default)]
struct Notifiers {
    of_scopes: HashMap<WatchScope, Weak<RevisionNotifier>>,
    /// How many there were after those that nobody watches had gone.
    kept: usize,
}

impl Scopes {
    /// Returns the notifier of the watches of a scope, which each of them has to keep.
    pub(super) fn notifier(&self, scope: &WatchScope) -> Arc<RevisionNotifier> {
        let mut notifiers = self.notifiers();
        if let Some(notifier) = notifiers.of_scopes.get(scope).and_then(Weak::upgrade) {
            return notifier;
        }
        if notifiers.of_scopes.len() >= MIN_SCOPES.max(2 * notifiers.kept) {
            notifiers.forget_unwatched();
        }
        let notifier = Arc::new(RevisionNotifier::default());
        notifiers.of_scopes.insert(scope.clone(), Arc::downgrade(&notifier));
        notifier
    }

    /// Whether nobody watches.
    pub(super) fn is_unwatched(&self) -> bool {
        let mut notifiers = self.notifiers();
        let is_watched = notifiers.of_scopes.values().any(|notifier| notifier.strong_count() > 0);
        if !is_watched {
            notifiers.forget_unwatched();
        }
        !is_watched
    }

    /// Returns the notifiers of some scopes, or of all.
    pub(super) fn of(&self, scopes: Option<&[WatchScope]>) -> Vec<Arc<RevisionNotifier>> {
        let notifiers = self.notifiers();
        match scopes {
            Some(scopes) => scopes.iter().filter_map(|scope| notifiers.of_scopes.get(scope)?.upgrade()).collect(),
            None => notifiers.of_scopes.values().filter_map(Weak::upgrade).collect(),
        }
    }

    fn notifiers(&self) -> MutexGuard<'_, Notifiers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notifiers {
    fn forget_unwatched(&mut self) {
        self.of_scopes.retain(|_, notifier| notifier.strong_count() > 0);
        self.kept = self.of_scopes.len();
    }
}

#[cfg(test)]
mod tests {
    use kindstore::Store;

    use super::*;

    #[test]
    fn a_scope_has_one_notifier_as_long_as_it_is_watched() -> kindstore::Result<()> {
        let store = Store::in_memory()?;
        let scope = |namespace: &str| -> kindstore::Result<WatchScope> {
            store.kind("Namespace")?.create(serde_json::json!({"metadata": {"name": namespace}})).wait()?;
            Ok(store.kind("Deployment")?.namespace(namespace).watch().start()?.scope().clone())
        };
        let scopes = Scopes::default();
        assert!(scopes.is_unwatched());
        let (one, other) = (scope("one")?, scope("other")?);
        let notifier = scopes.notifier(&one);
        assert!(Arc::ptr_eq(&notifier, &scopes.notifier(&one)));
        assert!(!scopes.is_unwatched());
        let kept = scopes.notifier(&other);
        assert_eq!((scopes.of(None).len(), scopes.of(Some(std::slice::from_ref(&one))).len()), (2, 1));
        drop(notifier);
        assert_eq!((scopes.of(None).len(), scopes.of(Some(&[one])).len()), (1, 0));
        drop(kept);
        assert!(scopes.is_unwatched() && scopes.notifiers().of_scopes.is_empty());
        // Many come and go, and do not pile up.
        for number in 0..MIN_SCOPES * 3 {
            drop(scopes.notifier(&scope(&format!("n{number}"))?));
            assert!(scopes.notifiers().of_scopes.len() <= MIN_SCOPES);
        }
        Ok(())
    }
}
