//! What a process that is killed leaves: all that it acknowledged, and nothing in halves.

mod client;
pub(crate) mod content;
mod damage;
mod embedded;
mod judge;
mod server;
mod writer;

pub(crate) use self::client::{Grpc, Rest};
pub(crate) use self::embedded::example;
pub(crate) use self::server::load_and_kill;
pub(crate) use self::writer::{Answer, Client};
