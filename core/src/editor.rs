//! Completion and hover for editors, while a manifest is typed: from the definitions of the kinds alone.
//! A text that is being typed seldom parses, so it is read by a scan that forgives. Nothing here asks a store.

mod block;
mod complete;
mod field;
mod flow;
mod hover;
mod insert;
mod read;
mod scan;
mod token;
mod value;

#[cfg(test)]
mod tests;

pub use complete::{Category, CompletionItem, Completions, complete};
pub use hover::{Hover, hover};
