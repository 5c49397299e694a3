//! Reads text from users to values with positions, and writes values as YAML. It knows no kind and validates no member.
//!
//! The readers of YAML and JSON feed one builder, so that limits, duplicate keys, positions and numbers work alike in both.

mod alias;
mod builder;
mod cursor;
mod document;
mod failure;
#[cfg(feature = "format")]
mod form;
mod habit;
mod json_reader;
mod json_text;
mod language;
mod limits;
mod literal;
mod mark;
mod order;
mod plain;
mod read;
mod scalar;
mod spot;
mod tree;
mod yaml_reader;
mod yaml_scalar;
mod yaml_text;
mod yaml_writer;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;

pub use document::{Document, Place};
pub use failure::{ReadError, locate};
#[cfg(feature = "format")]
pub use form::{FormatError, format};
pub use json_text::{json_items, json_members};
pub use language::Format;
pub use limits::Limits;
pub use order::{is_json_number, write_compact_json, write_json};
#[cfg(feature = "editor")]
pub(crate) use plain::is_plain;
pub use read::{read, read_all, read_any};
pub use tree::Tree;
pub use yaml_writer::{append_yaml_item, to_yaml, write_yaml};

pub use crate::json::{Boolean, Members, Number};
