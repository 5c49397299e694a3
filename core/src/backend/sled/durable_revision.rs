//! A note of the newest durable revision beside the marker, written with every group and never synced.
//!
//! sled repairs a log by cutting it off at the first place that it cannot read. After a kill the system still has what was
//! written, so that this note shows then whether a single acknowledged write was cut off. After a power failure it may
//! be older; then the marker is the proof.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use super::super::Revision;
use super::directory::Directory;

use crate::checksum;

const NAME: &str = "kindstore.durable";

/// The revision and a checksum of it.
const LENGTH: usize = 12;

/// The note of a folder, open.
#[derive(Debug)]
pub(super) struct DurableRevisionFile(File);

impl DurableRevisionFile {
    pub(super) fn open(folder: &Directory) -> io::Result<Self> {
        folder.open_file(NAME).map(Self)
    }

    /// Returns the revision that was noted last; `None` when the note is torn or was never written.
    pub(super) fn read(&self) -> Option<Revision> {
        let (mut file, mut note) = (&self.0, [0; LENGTH]);
        file.rewind().and_then(|()| file.read_exact(&mut note)).ok()?;
        let (revision, checksum) = note.split_first_chunk::<8>()?;
        (*checksum == checksum::hash(revision).to_be_bytes()).then(|| u64::from_be_bytes(*revision))
    }

    /// Notes a revision that is on stable storage.
    pub(super) fn write(&self, revision: Revision) -> io::Result<()> {
        let revision = revision.to_be_bytes();
        let (mut file, mut note) = (&self.0, [0; LENGTH]);
        note[..8].copy_from_slice(&revision);
        note[8..].copy_from_slice(&checksum::hash(&revision).to_be_bytes());
        // Not synced: a sync for each group would double the cost of a commit, and the note only has to survive a kill.
        file.rewind()?;
        file.write_all(&note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_and_a_torn_one_says_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let directory = Directory::open(folder.path()).expect("a folder");
        let open = || DurableRevisionFile::open(&directory).expect("the file opens");
        assert_eq!(open().read(), None);
        open().write(7).expect("writes");
        open().write(8).expect("writes");
        assert_eq!(open().read(), Some(8));
        for place in 0..LENGTH {
            let mut bytes = std::fs::read(folder.path().join(NAME)).expect("reads");
            bytes[place] ^= 1;
            std::fs::write(folder.path().join(NAME), &bytes).expect("writes");
            assert_eq!(open().read(), None, "byte {place}");
            bytes[place] ^= 1;
            std::fs::write(folder.path().join(NAME), &bytes).expect("writes");
        }
    }
}
