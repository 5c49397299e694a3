//! Concurrent requests look as if they had happened one after the other, each between its call and its answer: histories
//! of real threads on memory and on sled, also on a disk that fails and over kills of a server, are put in an order that a single
//! resource allows, and that is the one that a watch reports.

mod history;
mod killed;
mod record;
mod search;
