//! The whole content of a store in memory as bytes, and back: a head with magic, format, length and checksum; then revision,
//! compaction floor, entries and change log. It knows no resource.

use std::collections::{BTreeMap, HashMap, VecDeque};

use bytes::{Buf, BufMut};

use super::state::State;
use crate::backend::ledger::Ledger;
use crate::backend::{Change, Key, Revision, Versioned, is_user_key};
use crate::checksum;
use crate::error::{Error, OpenError, Result};

#[cfg(test)]
mod tests;

/// The first bytes of an export.
const MAGIC: &[u8; 8] = b"kindmem\n";

/// The format of a store without differences between versions.
pub(super) const FIRST_FORMAT: u8 = 1;

/// The newest format, which a store has once a value needs it. Every older one stays readable.
const FORMAT: u8 = 2;

/// Length of the head: magic, format, length of the body, checksum of all but itself.
const HEAD: usize = 8 + 1 + 8 + 4;

/// Where the checksum is.
const CHECKSUM: std::ops::Range<usize> = HEAD - 4..HEAD;

/// The highest revision that is taken; no store comes near it, and counting on does not overflow.
const MAX_REVISION: Revision = 1 << 62;

/// All of a state as bytes.
pub(super) fn write(state: &State) -> Vec<u8> {
    let entries = state.entries.iter().map(|(key, entry)| 2 + key.len() + 24 + entry.value.len());
    let changes = state.log.iter().map(|change| 13 + 2 + change.key.len());
    // The size is known, so the buffer never grows: a copy of a large store would double the peak of memory.
    let size: usize = entries.chain(changes).sum();
    let mut out = Vec::with_capacity(HEAD + 32 + size);
    out.put_bytes(0, HEAD);
    out.put_u64(state.revision);
    out.put_u64(state.floor);
    out.put_u64(state.entries.len() as u64);
    for (key, entry) in &state.entries {
        put_key(&mut out, key);
        out.put_u64(entry.created);
        out.put_u64(entry.modified);
        out.put_u64(entry.value.len() as u64);
        out.put_slice(&entry.value);
    }
    out.put_u64(state.log.len() as u64);
    for change in &state.log {
        out.put_u64(change.revision);
        out.put_u32(change.index);
        out.put_u8(u8::from(change.deleted));
        put_key(&mut out, &change.key);
    }
    seal(&mut out, state.format);
    out
}

/// Writes the head for the body behind it.
fn seal(out: &mut [u8], format: u8) {
    let length = (out.len() - HEAD) as u64;
    let mut head = &mut out[..HEAD];
    head.put_slice(MAGIC);
    head.put_u8(format);
    head.put_u64(length);
    let checksum = checksum(out);
    out[CHECKSUM].copy_from_slice(&checksum.to_be_bytes());
}

/// Keys are within their bound, which the ledger saw to.
fn put_key(out: &mut Vec<u8>, key: &Key) {
    out.put_u16(u16::try_from(key.len()).expect("a key is within MAX_KEY"));
    out.put_slice(key);
}

/// Of all bytes but the checksum.
fn checksum(bytes: &[u8]) -> u32 {
    let mut hasher = checksum::Hasher::new();
    hasher.update(&bytes[..CHECKSUM.start]);
    hasher.update(&bytes[CHECKSUM.end..]);
    hasher.finalize()
}

/// The state that an export holds. Nothing is taken on trust but the checksum of values.
pub(super) fn read(bytes: &[u8]) -> Result<State> {
    let (format, body) = body(bytes)?;
    let state = parse(format, body).ok_or_else(|| damaged("it ends too early"))?.map_err(damaged)?;
    check(&state).map_err(damaged)?;
    Ok(state)
}

fn damaged(why: &str) -> Error {
    Error::Open(OpenError::DamagedExport { why: why.to_owned() })
}

/// Returns the format and the body, if the head matches it.
fn body(bytes: &[u8]) -> Result<(u8, &[u8])> {
    let start = &bytes[..bytes.len().min(MAGIC.len())];
    // A short beginning of the magic is a damaged export rather than a foreign file.
    if bytes.is_empty() || !MAGIC.starts_with(start) {
        return Err(Error::Open(OpenError::ForeignExport));
    }
    let Some(mut head) = bytes.get(MAGIC.len()..HEAD) else { return Err(damaged("it ends too early")) };
    let format = head.get_u8();
    if format > FORMAT {
        return Err(Error::Open(OpenError::NewerExport { found: format.into(), known: FORMAT.into() }));
    }
    let body = &bytes[HEAD..];
    if head.get_u64() != body.len() as u64 {
        return Err(damaged("it has another length than it says"));
    }
    if head.get_u32() != checksum(bytes) {
        return Err(damaged("it fails its checksum"));
    }
    if format >= FIRST_FORMAT { Ok((format, body)) } else { Err(damaged("there is no such format")) }
}

/// The state; none when the bytes end too early. Each entry takes some of them, so that a count alone makes nothing large.
fn parse(format: u8, mut bytes: &[u8]) -> Option<std::result::Result<State, &'static str>> {
    let bytes = &mut bytes;
    let (revision, floor) = (bytes.try_get_u64().ok()?, bytes.try_get_u64().ok()?);
    if revision > MAX_REVISION {
        return Some(Err("its revision is too high"));
    }
    let mut entries = BTreeMap::new();
    for _ in 0..bytes.try_get_u64().ok()? {
        let key = take_key(bytes)?;
        let (created, modified) = (bytes.try_get_u64().ok()?, bytes.try_get_u64().ok()?);
        let length = usize::try_from(bytes.try_get_u64().ok()?).ok()?;
        let entry = Versioned { value: take(bytes, length)?, created, modified };
        // Ascending order makes the bytes of a content unique, and excludes duplicates.
        if entries.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Some(Err("its keys are not in order"));
        }
        entries.insert(key, entry);
    }
    let mut log = VecDeque::new();
    for _ in 0..bytes.try_get_u64().ok()? {
        let (revision, index) = (bytes.try_get_u64().ok()?, bytes.try_get_u32().ok()?);
        let deleted = match bytes.try_get_u8().ok()? {
            0 => false,
            1 => true,
            _ => return Some(Err("a change is neither a put nor a removal")),
        };
        log.push_back(Change { revision, index, key: take_key(bytes)?, deleted });
    }
    if !bytes.is_empty() {
        return Some(Err("it goes on after its end"));
    }
    // The ledger is derived state; exporting it would allow it to contradict the log.
    let mut ledger = Ledger::new(revision, 0);
    ledger.recall(floor, log.iter().cloned());
    Some(Ok(State { ledger, entries, log, revision, floor, format }))
}

fn take_key(bytes: &mut &[u8]) -> Option<Key> {
    let length = bytes.try_get_u16().ok()?;
    take(bytes, length.into())
}

/// A copy, so that an entry that is removed later frees its memory.
fn take(bytes: &mut &[u8], length: usize) -> Option<Key> {
    Some(Key::copy_from_slice(bytes.split_off(..length)?))
}

/// Checks the invariants of every state that commits can produce.
fn check(state: &State) -> std::result::Result<(), &'static str> {
    let State { entries, log, revision, floor, .. } = state;
    if floor > revision {
        return Err("its floor is above its revision");
    }
    let is_stamped =
        |entry: &Versioned| 1 <= entry.created && entry.created <= entry.modified && entry.modified <= *revision;
    if !entries.iter().all(|(key, entry)| is_user_key(key) && is_stamped(entry)) {
        return Err("an entry cannot have been stored");
    }
    // Every commit has a revision, and its operations are numbered from 0: the log above the floor has no gap.
    let mut place = (*floor, 0);
    for change in log {
        let is_next = [(place.0, place.1), (place.0 + 1, 0)].contains(&(change.revision, change.index));
        if !is_next || change.revision == *floor || !is_user_key(&change.key) {
            return Err("its change log has a gap");
        }
        place = (change.revision, change.index.saturating_add(1));
    }
    if place.0 != *revision {
        return Err("its change log has a gap");
    }
    // The log and the entries describe the same keys; each proves the other.
    let newest: HashMap<&Key, &Change> = log.iter().map(|change| (&change.key, change)).collect();
    let is_told = |(key, entry): (&Key, &Versioned)| {
        let put = newest.get(key).filter(|change| !change.deleted).map(|change| change.revision);
        put == Some(entry.modified).filter(|modified| modified > floor)
    };
    let is_gone = |change: &&Change| !change.deleted || !entries.contains_key(&change.key);
    let is_there = |change: &&Change| change.deleted || entries.contains_key(&change.key);
    if entries.iter().all(is_told) && newest.values().all(|change| is_gone(change) && is_there(change)) {
        Ok(())
    } else {
        Err("its entries and its change log do not fit each other")
    }
}

/// A body behind a matching head is refused, or is written again byte by byte as it was read.
#[cfg(feature = "__fuzzing")]
pub fn fuzz_export(body: &[u8]) {
    let mut bytes = vec![0; HEAD];
    bytes.extend_from_slice(body);
    seal(&mut bytes, FORMAT);
    if let Ok(state) = read(&bytes) {
        assert_eq!(write(&state), bytes);
    }
}
