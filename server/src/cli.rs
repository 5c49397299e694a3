//! The commands for users: what is given on the command line, and how a command is run and ends.

mod access;
mod age;
mod apply;
mod batch;
mod candidates;
mod columns;
mod completion;
mod config;
mod console;
mod create;
mod delete;
mod explain;
mod failure;
mod fetch;
mod get;
mod globals;
mod jsonpath;
mod kind;
mod local;
mod manifest;
mod message;
mod output;
mod remote;
mod replace;
mod selector;
mod session;
mod shell;
mod source;
mod table;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

pub(crate) use self::completion::answer;
pub(crate) use self::globals::Globals;

use self::failure::{Exit, Result};
use self::session::Session;

/// What a command does when it is run.
trait Run {
    /// Runs the command and says how it ended.
    fn run(self, session: &mut Session) -> Result<Exit>;
}

/// A command with the options that every command has.
#[derive(Args)]
pub(crate) struct With<Command: Args> {
    #[command(flatten)]
    command: Command,
    #[command(flatten)]
    globals: Globals,
}

#[derive(Subcommand)]
pub(crate) enum Client {
    /// Make resources be as files say, whether they are there or not
    #[command(after_long_help = apply::EXAMPLES)]
    Apply(With<apply::Apply>),
    /// Show resources
    #[command(after_long_help = get::EXAMPLES)]
    Get(With<get::Get>),
    /// Create resources from files
    #[command(after_long_help = create::EXAMPLES)]
    Create(With<create::Create>),
    /// Replace resources by what files say
    #[command(after_long_help = replace::EXAMPLES)]
    Replace(With<replace::Replace>),
    /// Delete resources by name, by label, or by the files that made them
    #[command(after_long_help = delete::EXAMPLES)]
    Delete(With<delete::Delete>),
    /// Print the script by which a shell completes kinds and names
    #[command(after_long_help = completion::EXAMPLES)]
    Completion(With<completion::Completion>),
}

/// What `kindstore --help` says about how commands end.
pub(crate) const EXIT_CODES: &str = "\
Exit codes of all commands but serve:
  0  done; for diff: nothing differs
  1  refused, or not found; for diff: something differs
  2  the command makes no sense; for diff: also refused
  3  the server cannot be reached, or cannot take this now; nothing was changed
  4  the outcome of a write is unknown: read the resource before trying again";

impl Client {
    /// Runs the command. `outer` are the options that stood before it.
    pub(crate) fn run(self, outer: Globals) -> ExitCode {
        match self {
            Client::Apply(it) => it.run(outer),
            Client::Get(it) => it.run(outer),
            Client::Create(it) => it.run(outer),
            Client::Replace(it) => it.run(outer),
            Client::Delete(it) => it.run(outer),
            Client::Completion(it) => it.run(outer),
        }
    }
}

impl<Command: Args + Run> With<Command> {
    fn run(self, outer: Globals) -> ExitCode {
        let mut session = Session::new(self.globals.or(outer));
        let exit = self.command.run(&mut session).unwrap_or_else(|failure| {
            session.console.failure(&failure);
            failure.exit
        });
        exit.into()
    }
}
