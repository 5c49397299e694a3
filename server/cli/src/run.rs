//! What all commands have in common: they are run.

use super::failure::{Exit, Result};
use super::session::Session;

/// What a command does when it is run.
pub(crate) trait Run {
    /// Runs the command and says how it ended.
    fn run(self, session: &mut Session) -> Result<Exit>;
}
