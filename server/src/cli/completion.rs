//! `kindstore completion`: the script by which a shell asks this program on TAB.

use clap::{Args, Command, ValueEnum};
use clap_complete::CompleteEnv;

use super::Run;
use super::failure::{Exit, Failure, Result};
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
    CompleteEnv::with_factory(command).var(VARIABLE).shells(shell::SHELLS).complete();
}
