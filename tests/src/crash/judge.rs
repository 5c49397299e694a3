//! Judges the folder that a killed process left: against what it acknowledged, and against its own change log.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use kindstore::backend::{Backend, SledBackend, SledOptions};
use kindstore::{Object, Revision, Store};

use super::content;
use super::writer::{Ack, JOINT, KIND, TOGETHER};

/// The keys of the records that are written, as ARCHITECTURE.md has them, without the id.
const RECORDS: &[u8] = b"r\0Deployment\0default\0";

/// What the change log says of one resource.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// The commit of each version, from version 1 on.
    pub(crate) puts: Vec<Revision>,
    pub(crate) deleted: Option<Revision>,
}

/// A store that was opened in a copy of a folder.
pub(crate) struct Found {
    pub(crate) backend: Arc<SledBackend>,
    pub(crate) store: Store,
    _copy: tempfile::TempDir,
}

impl Found {
    /// Opens a copy, so that the folder stays as it was left.
    pub(crate) fn open(folder: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(folder, copy.path());
        let mut options = SledOptions::default();
        options.cache_bytes = 16 << 20;
        let backend = Arc::new(SledBackend::open(copy.path(), options).unwrap());
        let store = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).open().unwrap();
        Self { backend, store, _copy: copy }
    }

    /// All resources, in the order of their creation.
    pub(crate) fn list(&self) -> Vec<Object> {
        self.store.kind(KIND).unwrap().namespace("default").list().read().unwrap().items
    }
}

/// Copies the files of a folder and of the folders in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            // sled renames its snapshots while it runs.
            false => drop(std::fs::copy(entry.path(), target)),
        }
    }
}

/// Checks that all that was acknowledged is there, that nothing is there in halves, and that versions and revisions rose
/// by one with each change.
pub(crate) fn judge(folder: &Path, acks: &[Ack]) {
    let found = Found::open(folder);
    let lives = lives(&*found.backend);
    acks.iter().for_each(|ack| check_ack(ack, lives.get(&ack.id)));
    let mut written = HashMap::new();
    for Ack { id, version, token, .. } in acks {
        let earlier = written.insert((id.as_str(), *version, token.is_none()), token);
        assert!(earlier.is_none(), "version {version} of {id} was acknowledged twice: {earlier:?} and {token:?}");
    }
    let report = Store::builder().backend(Arc::clone(&found.backend) as Arc<dyn Backend>).check().unwrap();
    assert!(report.is_sound(), "{:#?}", report.flaws);
    let items = found.list();
    check_together(&items, &lives);
    let alive = lives.values().filter(|life| life.deleted.is_none()).count();
    assert_eq!(items.len(), alive, "what the change log says is there is there, and nothing else");
    for item in &items {
        let id = item.metadata.id.to_string();
        let life = lives.get(&id).unwrap_or_else(|| panic!("{id} is in no change log"));
        assert_eq!(life.puts.len() as u64, item.metadata.resource_version, "each change of {id} is one version");
        let token = content::token_of(&serde_json::from_str(&item.to_json()).unwrap()).unwrap();
        if let Some(sent) = written.get(&(id.as_str(), item.metadata.resource_version, false)) {
            assert_eq!(**sent, Some(token), "{id} is as it was acknowledged");
        }
        for key in [item.metadata.name.as_deref().unwrap(), &id] {
            let got = found.store.kind(KIND).unwrap().namespace("default").get(key);
            assert_eq!(got.as_ref().ok(), Some(item), "{key} leads to the same resource: {got:?}");
        }
    }
}

/// What was created together is there as a whole, under one revision.
fn check_together(items: &[Object], lives: &BTreeMap<String, Life>) {
    let mut groups: BTreeMap<&str, Vec<Revision>> = BTreeMap::new();
    for item in items {
        let name = item.metadata.name.as_deref().unwrap_or_default();
        if let Some((own, _)) = name.rsplit_once(JOINT) {
            groups.entry(own).or_default().push(lives[&item.metadata.id.to_string()].puts[0]);
        }
    }
    for (own, revisions) in groups {
        let is_one = revisions.len() == TOGETHER && revisions.iter().all(|revision| *revision == revisions[0]);
        assert!(is_one, "half of a transaction is there: {own} at {revisions:?}");
    }
}

fn check_ack(ack: &Ack, life: Option<&Life>) {
    let life = life.unwrap_or_else(|| panic!("lost: {ack}"));
    let told = match ack.token {
        Some(_) => life.puts.get(ack.version as usize - 1).copied(),
        None => life.deleted.filter(|_| life.puts.len() as u64 == ack.version),
    };
    let told = told.unwrap_or_else(|| panic!("lost: {ack}, of which there is {life:?}"));
    assert!(ack.revision == 0 || ack.revision == told, "{ack} was committed as {told}");
}

/// The life of every resource from the change log, whose commits must follow each other without a gap.
pub(crate) fn lives(backend: &dyn Backend) -> BTreeMap<String, Life> {
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    let (mut last, mut next_index) = (0, 0);
    loop {
        let changes = backend.changes(last, 4096).unwrap();
        if changes.is_empty() {
            break;
        }
        for change in changes {
            next_index = if change.revision == last { next_index + 1 } else { 0 };
            let is_next = change.revision == last || change.revision == last + 1;
            assert!(is_next && change.index == next_index, "{change:?} follows revision {last}");
            last = change.revision;
            let Some(id) = change.key.strip_prefix(RECORDS) else { continue };
            let id = kindstore::ResourceId::from_bytes(id.try_into().unwrap()).to_string();
            let life = lives.entry(id).or_default();
            assert_eq!(life.deleted, None, "nothing happens to what was deleted: {change:?}");
            match change.deleted {
                true => life.deleted = Some(change.revision),
                false => life.puts.push(change.revision),
            }
        }
    }
    assert_eq!(last, backend.revision(), "the change log ends where the store is");
    lives
}
