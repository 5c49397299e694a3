//! A bounded memory of the newest puts.

use std::collections::VecDeque;

use super::super::{Key, Revision};

/// How many puts are remembered.
const MAX_PUTS: usize = 65_536;

/// The newest puts, oldest first.
#[derive(Debug)]
pub(super) struct Recent {
    puts: VecDeque<(Revision, Key)>,
    /// Every put after this revision is in `puts`.
    complete_after: Revision,
}

impl Recent {
    /// A memory that begins after a revision.
    pub(super) fn new(complete_after: Revision) -> Self {
        Self { puts: VecDeque::new(), complete_after }
    }

    pub(super) fn push(&mut self, revision: Revision, key: Key) {
        if self.puts.len() == MAX_PUTS
            && let Some((forgotten, _)) = self.puts.pop_front()
        {
            // From now on the memory cannot vouch for revisions up to this one; guarded batches from before it conflict
            // and are retried.
            self.complete_after = forgotten;
        }
        self.puts.push_back((revision, key));
    }

    /// Whether surely no key with this prefix was put after the revision.
    pub(super) fn is_quiet(&self, prefix: &[u8], after: Revision) -> bool {
        let newer = self.puts.iter().rev().take_while(|(revision, _)| *revision > after);
        // In doubt the answer is no: a false conflict costs a retry, a missed put would break a guarded delete.
        after >= self.complete_after && !newer.into_iter().any(|(_, key)| key.starts_with(prefix))
    }

    /// Forgets the puts after a revision: they did not happen.
    pub(super) fn take_back(&mut self, revision: Revision) {
        while self.puts.back().is_some_and(|(put, _)| *put > revision) {
            self.puts.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_memory_is_not_quiet() {
        let mut recent = Recent::new(0);
        for revision in 1..=MAX_PUTS as u64 {
            recent.push(revision, Key::from_static(b"a"));
        }
        assert!(recent.is_quiet(b"b", 0));
        recent.push(MAX_PUTS as u64 + 1, Key::from_static(b"a"));
        assert!(!recent.is_quiet(b"b", 0));
        assert!(recent.is_quiet(b"b", 1));
        assert!(!recent.is_quiet(b"a", MAX_PUTS as u64));
    }

    #[test]
    fn puts_that_did_not_happen_do_not_count() {
        let mut recent = Recent::new(4);
        recent.push(5, Key::from_static(b"a"));
        recent.push(6, Key::from_static(b"a"));
        recent.take_back(5);
        assert!(!recent.is_quiet(b"a", 4));
        assert!(recent.is_quiet(b"a", 5));
        assert!(!recent.is_quiet(b"b", 3));
    }
}
