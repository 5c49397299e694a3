//! The table of the commands, and how each is run and ends.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::globals::Globals;
use super::run::Run;
use super::session::Session;
use super::{
    apply, check, compact, completion, contexts, create, delete, describe, diff, edit, explain, format, get, history,
    patch, replace, resources, rollback, schema, undelete, validate, watch,
};

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
    /// Show resources
    #[command(after_long_help = get::EXAMPLES)]
    Get(With<get::Get>),
    /// Show changes as they happen
    #[command(after_long_help = watch::EXAMPLES)]
    Watch(With<watch::Watch>),
    /// Show resources in detail
    #[command(after_long_help = describe::EXAMPLES)]
    Describe(With<describe::Describe>),
    /// Create or update resources from files
    #[command(after_long_help = apply::EXAMPLES)]
    Apply(With<apply::Apply>),
    /// Show what apply would change, or what differs between two versions of a resource
    #[command(after_long_help = diff::EXAMPLES)]
    Diff(With<diff::Diff>),
    /// Create resources from files
    #[command(after_long_help = create::EXAMPLES)]
    Create(With<create::Create>),
    /// Replace resources from files
    #[command(after_long_help = replace::EXAMPLES)]
    Replace(With<replace::Replace>),
    /// Change parts of a resource by a merge patch or a JSON Patch
    #[command(after_long_help = patch::EXAMPLES)]
    Patch(With<patch::Patch>),
    /// Change a resource in the editor
    #[command(after_long_help = edit::EXAMPLES)]
    Edit(With<edit::Edit>),
    /// Delete resources by name, by label, or by the files that made them
    #[command(after_long_help = delete::EXAMPLES)]
    Delete(With<delete::Delete>),
    /// Show the versions of a resource, also of a deleted one
    #[command(after_long_help = history::EXAMPLES)]
    History(With<history::Show>),
    /// Restore an older version of a resource
    #[command(after_long_help = rollback::EXAMPLES)]
    Rollback(With<rollback::Rollback>),
    /// Restore a deleted resource
    #[command(after_long_help = undelete::EXAMPLES)]
    Undelete(With<undelete::Undelete>),
    /// Check the documents of files, without a server
    #[command(after_long_help = validate::EXAMPLES)]
    Validate(With<validate::Validate>),
    /// Check a data folder for damage
    #[command(after_long_help = check::EXAMPLES)]
    Check(With<check::Check>),
    /// Remove history beyond the limits and give the disk space of a data folder back
    #[command(after_long_help = compact::EXAMPLES)]
    Compact(With<compact::Compact>),
    /// List the kinds with their short names
    #[command(after_long_help = resources::EXAMPLES)]
    ApiResources(With<resources::Resources>),
    /// Explain a kind and its members
    #[command(after_long_help = explain::EXAMPLES)]
    Explain(With<explain::Explain>),
    /// Print the JSON Schema of a kind's documents
    #[command(after_long_help = schema::EXAMPLES)]
    Schema(With<schema::Schema>),
    /// Format files of manifests
    #[command(after_long_help = format::EXAMPLES)]
    Fmt(With<format::Fmt>),
    /// Choose between stores, by contexts
    #[command(after_long_help = contexts::EXAMPLES)]
    Config(contexts::Contexts),
    /// Print the script that makes a shell complete kinds and names
    #[command(after_long_help = completion::EXAMPLES)]
    Completion(With<completion::Completion>),
}

/// The exit codes, for `kindstore --help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes of all commands but serve:
  0  done; for diff: nothing differs
  1  refused, or not found; for diff: something differs; for check: something is damaged
  2  invalid usage; for diff: also refused
  3  the server cannot be reached, or cannot take this now; nothing was changed
  4  the outcome of a write is unknown: read the resource before trying again";

impl Client {
    /// Runs the command. `outer` are the options that stood before it.
    pub(crate) fn run(self, outer: Globals) -> ExitCode {
        match self {
            Client::Get(it) => it.run(outer),
            Client::Watch(it) => it.run(outer),
            Client::Describe(it) => it.run(outer),
            Client::Apply(it) => it.run(outer),
            Client::Diff(it) => it.run(outer),
            Client::Create(it) => it.run(outer),
            Client::Replace(it) => it.run(outer),
            Client::Patch(it) => it.run(outer),
            Client::Edit(it) => it.run(outer),
            Client::Delete(it) => it.run(outer),
            Client::History(it) => it.run(outer),
            Client::Rollback(it) => it.run(outer),
            Client::Undelete(it) => it.run(outer),
            Client::Validate(it) => it.run(outer),
            Client::Check(it) => it.run(outer),
            Client::Compact(it) => it.run(outer),
            Client::ApiResources(it) => it.run(outer),
            Client::Explain(it) => it.run(outer),
            Client::Schema(it) => it.run(outer),
            Client::Fmt(it) => it.run(outer),
            Client::Config(it) => finish(it, outer),
            Client::Completion(it) => it.run(outer),
        }
    }
}

impl<Command: Args + Run> With<Command> {
    fn run(self, outer: Globals) -> ExitCode {
        finish(self.command, self.globals.or(outer))
    }
}

/// Runs a command with its options, and prints its failure.
fn finish(command: impl Run, globals: Globals) -> ExitCode {
    let mut session = Session::new(globals);
    let exit = command.run(&mut session).unwrap_or_else(|failure| {
        let failure = with_command(failure);
        session.console.failure(&failure);
        failure.exit
    });
    exit.into()
}

/// A refusal that lists the verbs of a kind, with the command for the one that is none.
fn with_command(failure: Failure) -> Failure {
    if failure.is("MethodNotAllowed") && failure.hint.is_none() && failure.message.contains("upsert") {
        return failure.hint("upsert is `kindstore apply -f FILE`, with the whole document");
    }
    failure
}
