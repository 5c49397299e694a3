//! kindstore
mod backend;
mod diagnostic;
mod error;
mod json;
mod object;

pub use backend::*;
pub use diagnostic::*;
pub use error::*;
pub use json::*;
pub use object::*;
