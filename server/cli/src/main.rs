//! The command `kindstore`.

mod access;
mod age;
mod allocator;
mod annotation;
mod apply;
mod atomic;
mod batch;
mod candidates;
mod check;
mod columns;
mod command;
mod compact;
mod completion;
mod config;
mod console;
mod contexts;
mod create;
mod delete;
mod describe;
mod diff;
mod edit;
mod effective;
mod explain;
mod failure;
mod fetch;
mod folder;
mod format;
mod get;
mod globals;
mod guard;
mod hidden;
mod history;
mod jsonpath;
mod kind;
mod local;
mod manifest;
mod members;
mod message;
mod output;
mod patch;
mod present;
mod rehearsal;
mod remote;
mod replace;
mod resources;
mod rollback;
mod run;
mod safe;
mod sarif;
mod schema;
mod selector;
mod serve;
mod session;
mod shell;
mod shrink;
mod snippet;
mod source;
mod table;
mod undelete;
mod validate;
mod verdict;
mod warnings;
mod watch;
mod words;

use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use kindstore_server::ServeArguments;

// Documents are many small pieces of memory that are made on one thread and freed on another; the allocator of the system
// takes half as much time again for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A store for declarative resources: kind, apiVersion, metadata, spec, status.
#[derive(Parser)]
#[command(name = "kindstore", version, long_about = None, arg_required_else_help = true)]
#[command(about = "A store for declarative resources: its server and its command line")]
#[command(after_long_help = command::EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    globals: globals::Globals,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a store: REST and gRPC on one port.
    ///
    /// Every flag has an environment variable; both beat the settings file of --config. Without access control the
    /// server listens on loopback only. SIGTERM and Ctrl-C finish the requests that were accepted, then stop. Logs go to standard
    /// error: KINDSTORE_LOG sets the level (info), KINDSTORE_LOG_FORMAT=json their form.
    Serve(ServeArguments),
    #[command(flatten)]
    Client(command::Client),
}

fn main() -> ExitCode {
    completion::answer(Arguments::command);
    let arguments = Arguments::try_parse().unwrap_or_else(|error| refuse(error));
    match arguments.command {
        Command::Client(client) => {
            warnings::show();
            client.run(arguments.globals)
        }
        // `--store` before `serve` would otherwise be dropped, and another store served.
        Command::Serve(_) if !arguments.globals.is_empty() => {
            let message = "options before `serve` belong to the other commands; put those of serve after it";
            Arguments::command().error(ErrorKind::ArgumentConflict, message).exit()
        }
        Command::Serve(arguments) => serve::start(arguments),
    }
}

/// Ends with an error about the arguments. It quotes them, so they are parsed again without what steers a terminal.
fn refuse(error: clap::Error) -> ! {
    let safe: Vec<String> = std::env::args_os().map(|argument| safe::shown(&argument.to_string_lossy())).collect();
    match Arguments::try_parse_from(safe) {
        Err(same) if same.kind() == error.kind() => same.exit(),
        // The escapes made another text of it, which the parser takes.
        _ => {
            let _ = write!(std::io::stderr(), "{}", safe::lines(&error.to_string()));
            std::process::exit(error.exit_code())
        }
    }
}
