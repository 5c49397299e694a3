//! Concurrent requests look as if they had happened one after the other, each between its call and its answer: histories
//! of real threads on memory and on sled, also on a disk that fails, are put in an order that a single resource allows.

mod history;
mod record;
mod search;
