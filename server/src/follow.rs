//! Watches on behalf of clients: when they are woken, how long they are quiet, and the bytes that each client is sent.

mod body;
mod following;
mod pieces;
mod scopes;
mod wakes;

pub(crate) use self::body::{EventBody, Form};
pub(crate) use self::following::{Closing, begin};
pub(crate) use self::pieces::Pieces;
pub(crate) use self::wakes::Wakes;

/// Marks the response of a watch.
#[derive(Clone, Copy)]
pub(crate) struct IsWatch;
