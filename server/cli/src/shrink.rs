//! The compaction of a store in a folder, in place or into another folder.

use std::path::{Path, PathBuf};

use kindstore::backend::{CompactionProgress, CompactionReport, CompactionSpace, SledBackend, SledOptions};
use kindstore::{Error, Retention, Store};
use kindstore_server::{RetentionArguments, StoreAddress};

use super::failure::{Failure, Result};
use super::local::{Opening, backend, explained};

/// What is to be compacted, and how.
pub(crate) struct Compaction {
    pub(crate) retention: RetentionArguments,
    /// The folder of the compacted store; in place without one.
    pub(crate) to: Option<PathBuf>,
}

/// What a compaction reports on its way.
pub(crate) enum Step {
    /// The space that it takes, before it begins.
    Space(CompactionSpace),
    /// How far it has come.
    Copied(CompactionProgress),
}

/// The result of compacting a store.
pub(crate) struct Compacted {
    /// How many old versions were removed.
    pub(crate) removed: u64,
    /// How many bytes the files had and have.
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Removes versions beyond the limits, and rewrites the files. Begins only if there is space for that.
pub(crate) fn compact(opening: &Opening, wanted: Compaction, report: &mut dyn FnMut(Step)) -> Result<Compacted> {
    let StoreAddress::Sled(folder) = &opening.address else {
        return Err(Failure::usage("a store in memory has no files"));
    };
    let kept = wanted.retention.keep_revisions.unwrap_or(0);
    let files = backend(opening, folder)?;
    let builder = Store::builder().plain_secrets(opening.plain_secrets).backend(files.clone());
    let limits = wanted.retention.over(builder.remembered_retention()?);
    let store = builder.retention(limits).background(false).open()?;
    let removable = store.removable_bytes(kept)?;
    let Some(target) = &wanted.to else {
        check(files.rewrite_space(folder, removable)?, report)?;
        let removed = store.compact(kept)?.removed;
        // The files are replaced as a whole, which nothing else may have open.
        drop((store, files));
        let CompactionReport { before, after } = rewrite(folder, report)?;
        return Ok(Compacted { removed, before, after });
    };
    // Everything is copied first, so that the store itself stays as it is.
    let mut space = files.rewrite_space(target, 0)?;
    if removable > 0 {
        space.needed += files.rewrite_space(target, removable)?.needed;
    }
    check(space, report)?;
    drop((store, files));
    let progress = |at| report(Step::Copied(at));
    let copied = SledBackend::rewrite_to(folder, target, &SledOptions::default(), progress);
    let CompactionReport { before, after } = copied.map_err(|error| explained(error, folder))?;
    if removable == 0 {
        return Ok(Compacted { removed: 0, before, after });
    }
    let removed = removed(target, limits, kept)?;
    Ok(Compacted { removed, before, after: rewrite(target, report)?.after })
}

/// Removes the versions beyond the limits from a copy.
fn removed(target: &Path, limits: Retention, kept: u64) -> Result<u64> {
    let files = SledBackend::open(target, SledOptions::default()).map_err(|error| explained(error, target))?;
    let builder = Store::builder().backend(std::sync::Arc::new(files)).retention(limits);
    Ok(builder.background(false).open()?.compact(kept)?.removed)
}

fn rewrite(folder: &Path, report: &mut dyn FnMut(Step)) -> Result<CompactionReport> {
    let rewritten = SledBackend::rewrite(folder, &SledOptions::default(), |at| report(Step::Copied(at)));
    rewritten.map_err(|error| explained(error, folder))
}

fn check(space: CompactionSpace, report: &mut dyn FnMut(Step)) -> Result<()> {
    report(Step::Space(space));
    if space.needed <= space.free {
        return Ok(());
    }
    let why = "there is too little space for the compacted files; nothing was changed".to_owned();
    Err(Failure::from(Error::Unavailable { why }).hint("`--to DIR` writes them to another disk"))
}
