//! Several writes as one: all or nothing, under one revision.

mod faults;
mod operation;
mod staging;
#[cfg(test)]
mod tests;

pub use self::operation::MAX_COMMIT;
pub(crate) use self::operation::{Requested, requests};
pub(crate) use self::staging::TransactionWrite;
