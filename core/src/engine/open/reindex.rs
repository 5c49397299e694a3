//! Brings the values stored beside documents up to the definitions of their kinds: references and selected values.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use crate::backend::{Batch, Operation, Precondition, Scan, settled};
use crate::engine::filter::Filter;
use crate::engine::read::{STEP, Step, Walked};
use crate::engine::stored::document::selected_of;
use crate::engine::stored::record::{self, Targets};
use crate::engine::stored::{CollectionRef, Record, Stored, key, reference, version};
use crate::engine::write::{Links, Lookups, Writer};
use crate::error::Result;
use crate::kind::Kind;
use crate::rules::reference::links;

/// Brings the stored references and selected values up to the definitions, when those have changed since the last opening.
/// Commits another batch as well; in a new store, where it has no preconditions, together with the mark of that.
pub(crate) fn reindex(writer: &Writer, mut other: Batch) -> Result<()> {
    let (backend, definitions) = (writer.backend(), definitions(writer));
    let mark = key::reference_mark();
    if backend.get(&mark)?.is_some_and(|stored| stored.value.as_ref() == definitions.as_bytes()) {
        commit_if_possible(writer, other);
        return Ok(());
    }
    if !other.preconditions.is_empty() {
        commit_if_possible(writer, std::mem::take(&mut other));
    }
    let has_more = |kind: &&Arc<Kind>| !kind.references.is_empty() || !kind.selectable.is_empty();
    let mut is_changed = false;
    for kind in writer.reader.registry.namespaced().filter(has_more) {
        for namespace in namespaces(writer)? {
            is_changed |= reindex_collection(writer, CollectionRef::new(kind, Some(&namespace)))?;
        }
    }
    // The mark comes last: a crash before it repeats the work, which then finds less to do.
    other.operations.push(Operation::Put(mark, Bytes::from(definitions)));
    settled(writer.commit(other)?)?;
    // A rewritten record is not a version of its own, so watchers could not be told its older state: history ends here.
    if is_changed { backend.compact(backend.revision()) } else { Ok(()) }
}

/// Commits a batch that can wait: a store that takes no writes now must still open for reading.
fn commit_if_possible(writer: &Writer, batch: Batch) {
    if !batch.operations.is_empty()
        && let Err(error) = writer.commit(batch).and_then(settled)
    {
        tracing::warn!(%error, "the deleted resources of an older store cannot be indexed by name now");
    }
}

/// Returns the references and selectable members of all kinds, as text that changes with them.
fn definitions(writer: &Writer) -> String {
    let mut text = String::new();
    for kind in writer.reader.registry.kinds() {
        for reference in &kind.references {
            let (target, by, on_delete) = (&reference.kind, reference.by, reference.on_delete);
            let _ = writeln!(text, "{} {} {target} {by:?} {on_delete:?}", kind.name, reference.pointer);
        }
        if !kind.selectable.is_empty() {
            let _ = writeln!(text, "{} {}", kind.name, kind.selectable.join(" "));
        }
    }
    text
}

fn namespaces(writer: &Writer) -> Result<Vec<String>> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let step = Step { collection: writer.reader.namespaces(), filter: &Filter::default(), after, limit: STEP };
        let Walked { records, last, more, .. } = writer.reader.step(step)?;
        after = last.or(after);
        names.extend(records.into_iter().filter_map(|record| record.object.metadata.name));
        if !more {
            return Ok(names);
        }
    }
}

/// Rewrites the records of a collection where needed; returns whether any was.
fn reindex_collection(writer: &Writer, collection: CollectionRef<'_>) -> Result<bool> {
    let (mut after, mut is_changed) = (None, false);
    loop {
        let page = writer.backend().scan(&Scan { prefix: collection.records(), after, limit: STEP })?;
        for (key, entry) in &page.entries {
            let stored = Stored::read(collection, key.clone(), entry.clone())?;
            let record = &stored.record;
            let targets = targets_of(writer, collection, record)?;
            let selected = selected_of(collection.kind, &record.object);
            if targets == record.targets && selected == record.selected {
                continue;
            }
            let id = record.object.metadata.id;
            let mut operations = reference::operations(collection, id, &record.targets, &targets);
            let bytes = record::encode(&Record { targets, selected, ..record.clone() });
            operations.extend(predecessor(writer, collection, &stored, &bytes)?);
            operations.push(Operation::Put(key.clone(), bytes));
            let preconditions = vec![Precondition::At(key.clone(), entry.modified)];
            settled(writer.commit(Batch { preconditions, operations })?)?;
            is_changed = true;
        }
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return Ok(is_changed);
        }
    }
}

/// Returns the operation that makes the newest superseded version a difference from the rewritten record, where it is one
/// from the record as it was.
fn predecessor(
    writer: &Writer,
    collection: CollectionRef<'_>,
    stored: &Stored,
    rewritten: &[u8],
) -> Result<Option<Operation>> {
    let metadata = &stored.record.object.metadata;
    let version = metadata.resource_version;
    let page = writer.reader.superseded(collection, metadata.id, None, 1)?;
    let newest = page.versions.into_iter().next().filter(|(_, newest)| newest.base() == Some(version));
    let Some((key, newest)) = newest else { return Ok(None) };
    let successor = version::Successor { version, bytes: rewritten };
    Ok(Some(Operation::Put(key, newest.restored(&stored.bytes)?.value(Some(successor)))))
}

/// Returns the existing targets of a stored resource.
fn targets_of(writer: &Writer, collection: CollectionRef<'_>, record: &Record) -> Result<Targets> {
    let links = links(collection.kind, &record.object.to_value());
    let links = Links { new: &links, old: &[] };
    Ok(writer.follow(collection, links, Lookups::Fresh)?.targets)
}
