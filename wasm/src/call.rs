//! The calls as functions on strings, without JavaScript.

pub mod editor;
pub mod judge;
pub mod kinds;
pub mod patch;
pub mod simulate;
pub mod store;
pub mod text;

mod failure;
mod options;
mod spelling;
mod write;

/// An answer, or a failure as the text of a JSON object: `reason`, `message`, `context` and `problems`.
pub type Outcome<T> = Result<T, String>;
