//! Checks that every key is as new as its last change in the log. This finds keys that left no trace among the entries.

use std::collections::BTreeMap;

use super::flaw::why;
use super::{Check, Entry, Flaw};
use crate::backend::{Change, Key, Revision};
use crate::error::Error;

/// How many changes are read at a time.
const STEP: usize = 1_024;

/// How far behind an unreadable place of the log it is tried again.
const SKIP: Revision = 64;

/// Keys that are not as their last change left them, as far as the log was read.
type Suspects = BTreeMap<Key, (Revision, bool)>;

impl Check<'_> {
    /// Reads the change log as far as it is kept, and looks at each key in it.
    pub(super) fn history(&mut self) {
        let (mut after, mut suspects, mut is_broken) = (0, Suspects::new(), false);
        while !self.is_given_up {
            match self.patiently(|backend| backend.changes(after, STEP)) {
                Ok(changes) => {
                    let Some(last) = changes.last() else { break };
                    after = last.revision;
                    is_broken = false;
                    changes.iter().for_each(|change| self.change(change, &mut suspects));
                }
                Err(Error::Expired { oldest, .. }) if oldest > after => after = oldest,
                Err(error) => {
                    if !is_broken {
                        let message = format!("the change log cannot be read after revision {after}: {}", why(&error));
                        self.report.add(Flaw { message, ..Flaw::of_all(&error) });
                    }
                    is_broken = true;
                    after += SKIP;
                    if after >= self.backend.revision() {
                        break;
                    }
                }
            }
        }
        self.confirm(suspects);
    }

    fn change(&mut self, change: &Change, suspects: &mut Suspects) {
        match self.get(&change.key) {
            Ok(found) => {
                if let Some(found) = &found
                    && found.modified == change.revision
                    && self.is_in_gap(&change.key)
                {
                    self.entry(Entry { key: &change.key, value: &found.value });
                }
                let modified = found.map(|found| found.modified);
                // A key may be changed while it is looked at, and only its last change counts: suspicion ends with a
                // later one that fits.
                match is_as_left(modified, change.revision, change.deleted) {
                    true => drop(suspects.remove(&change.key)),
                    false => drop(suspects.insert(change.key.clone(), (change.revision, change.deleted))),
                }
            }
            Err(error) => self.flag(&change.key, why(&error)),
        }
    }

    fn is_in_gap(&self, key: &Key) -> bool {
        self.gaps.iter().any(|(begin, end)| key > begin && end.as_ref().is_none_or(|end| key <= end))
    }

    /// Looks again at what was not as its last change left it.
    fn confirm(&mut self, suspects: Suspects) {
        for (key, (revision, deleted)) in suspects {
            let Ok(found) = self.get(&key) else { continue };
            let modified = found.map(|found| found.modified);
            if is_as_left(modified, revision, deleted) {
                continue;
            }
            match (modified, deleted) {
                (None, _) => self.flag(&key, format!("is lost; revision {revision} wrote it")),
                (Some(_), true) => self.flag(&key, format!("is there again; revision {revision} deleted it")),
                (Some(found), false) => {
                    self.flag(&key, format!("is as revision {found} wrote it; revision {revision} changed it"));
                }
            }
        }
    }
}

/// Whether a key that was last put at `modified` can be what a change left, or a later one.
fn is_as_left(modified: Option<Revision>, revision: Revision, deleted: bool) -> bool {
    match modified {
        None => deleted,
        Some(modified) => modified > revision || (modified == revision && !deleted),
    }
}
