//! The locks, atomics and threads of the backends: std's, or shuttle's, which explores how they interleave.

#[cfg(not(shuttle))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(all(not(shuttle), feature = "sled"))]
pub(super) use std::{sync::atomic::AtomicBool, thread};

#[cfg(shuttle)]
pub(super) use shuttle::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(all(shuttle, feature = "sled"))]
pub(super) use shuttle::{sync::atomic::AtomicBool, thread};
