//! How long history is kept, and the compaction that removes the rest, in small steps beside the writers.
//!
//! The compaction floor rises first: below it no revision is readable as a whole. Then the versions of each resource that was
//! changed or deleted in between are pruned to the limits of its kind.

mod compactor;
#[cfg(not(target_family = "wasm"))]
mod lag;
mod policy;
mod prune;
mod remembered;
mod removals;
#[cfg(not(target_family = "wasm"))]
mod target;
#[cfg(test)]
mod tests;

pub use self::compactor::Compaction;
pub(crate) use self::compactor::Compactor;
pub use self::policy::Retention;
pub(crate) use self::remembered::{remember, remembered};
#[cfg(not(target_family = "wasm"))]
pub(crate) use self::target::CompactionTarget;
