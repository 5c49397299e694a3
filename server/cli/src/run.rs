//! The interface of a command: it runs, and ends with an exit code.

use super::failure::{Exit, Result};
use super::session::Session;

/// A command.
pub(crate) trait Run {
    /// Runs the command and returns how it ended.
    fn run(self, session: &mut Session) -> Result<Exit>;
}
