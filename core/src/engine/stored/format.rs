//! The format of a store: which program can read all that is in it.

use super::key::{self, Place};
use super::version;
use crate::backend::{Backend, Operation};
use crate::error::Result;

/// From this format on, superseded versions may be differences, and tombstones have a second key under their names.
const SECOND: u32 = 2;

/// Whether a store is of a format from which on programs that know the first one only do not open it.
pub(crate) fn is_raised(backend: &dyn Backend) -> bool {
    backend.format() >= SECOND
}

/// Raises the format of a store before the first operation that programs which know the first format only do not read.
///
/// # Errors
/// `Unavailable` when the backend cannot record it; then nothing may be committed.
pub(crate) fn raise(backend: &dyn Backend, operations: &[Operation]) -> Result<()> {
    match operations.iter().any(is_of_second) {
        true => backend.raise_format(SECOND),
        false => Ok(()),
    }
}

fn is_of_second(operation: &Operation) -> bool {
    let Operation::Put(key, value) = operation else { return false };
    match key::place(key) {
        Some(Place::Version { .. }) => version::is_difference(value),
        Some(Place::DeletedName { .. }) => true,
        _ => false,
    }
}
