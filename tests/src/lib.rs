//! What holds across the crates: the cases, the shape of the tree, the running server. There is nothing here but tests.
#![cfg(test)]
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

mod batch;
mod bounds;
mod case;
mod chance;
mod cli;
mod crash;
mod dialect;
mod embed;
mod exchange;
mod fault;
mod folders;
mod grpc;
mod hostile;
mod http;
mod kinds;
mod linear;
mod load;
mod low_memory;
mod model;
mod namespaces;
mod odd;
mod pages;
mod probe;
mod proc;
mod process;
mod reference;
mod soak;
mod stall;
mod sync;
mod target;
mod trace;
mod transaction;
mod tree;
mod watch;
