//! `kindstore completion`: the script by which a shell asks this program on TAB.

use clap::{Arg, Args, Command, ValueEnum};
use clap_complete::{ArgValueCompleter, CompleteEnv};

use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::run::Run;
use super::session::Session;
use super::shell;

/// The variable by which the script asks.
const VARIABLE: &str = "KINDSTORE_COMPLETE";

/// A shell that can complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Args)]
pub(crate) struct Completion {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) const EXAMPLES: &str = "\
The script asks this program on every TAB, so that it offers the kinds, the names of resources, the namespaces and the
contexts there are.

Examples:
  source <(kindstore completion bash)                          # in ~/.bashrc
  source <(kindstore completion zsh)                           # in ~/.zshrc, after compinit
  kindstore completion fish > ~/.config/fish/completions/kindstore.fish";

impl Run for Completion {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let name = self.shell.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let shells = shell::SHELLS;
        let completer = shells.completer(&name).ok_or_else(|| Failure::usage(format!("{name} cannot complete")))?;
        let program = std::env::args().next().unwrap_or_else(|| "kindstore".to_owned());
        // A program that was found by its name will be found by it again; any other needs its whole path.
        let program = match program.contains('/') {
            true => std::fs::canonicalize(&program).map_or(program, |path| path.display().to_string()),
            false => program,
        };
        let mut script = Vec::new();
        completer.write_registration(VARIABLE, "kindstore", "kindstore", &program, &mut script)?;
        session.console.print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}

/// Answers a shell that asks, and ends the process then.
pub(crate) fn answer(command: fn() -> Command) {
    CompleteEnv::with_factory(move || completing(command())).var(VARIABLE).shells(shell::SHELLS).complete();
}

/// The command with the words that its global options may have.
// They are added here and not at the options, because finding them needs those options: that would be a circle.
fn completing(command: Command) -> Command {
    let complete = |option: Arg| match option.get_id().as_str() {
        "namespace" => option.add(ArgValueCompleter::new(candidates::namespaces)),
        "context" => option.add(ArgValueCompleter::new(candidates::contexts)),
        _ => option,
    };
    command.mut_args(complete).mut_subcommands(completing)
}
