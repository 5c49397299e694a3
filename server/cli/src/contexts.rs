//! `kindstore config`: which stores there are to talk to, and which one is meant.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;

use super::candidates;
use super::config::{self, Config, Context};
use super::failure::{Exit, Failure, Result};
use super::run::Run;
use super::session::Session;
use super::table::Table;

#[derive(Args)]
pub(crate) struct Contexts {
    #[command(subcommand)]
    command: Command,
    /// The file with the contexts [env: KINDSTORE_CLI_CONFIG] [default: $XDG_CONFIG_HOME/kindstore/config.yaml]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// List the contexts
    GetContexts,
    /// Print the name of the current context
    CurrentContext,
    /// Make a context the current one
    UseContext {
        /// The context
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(candidates::contexts))]
        name: String,
    },
    /// Make a context, or change one
    SetContext(SetContext),
    /// Remove a context
    DeleteContext {
        /// The context
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(candidates::contexts))]
        name: String,
    },
    /// Print the file
    View,
}

#[derive(Args)]
struct SetContext {
    /// The context
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(candidates::contexts))]
    name: String,
    /// Its server: http://HOST:PORT
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Its store on this machine: sled:PATH
    #[arg(long, value_name = "ADDRESS", conflicts_with = "server")]
    store: Option<String>,
    /// The namespace that is meant when none is named
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// Make it the current one
    #[arg(long)]
    current: bool,
}

pub(crate) const EXAMPLES: &str = "\
The contexts are kept in $XDG_CONFIG_HOME/kindstore/config.yaml, or where KINDSTORE_CLI_CONFIG or --config-file say.
--server, --store and KINDSTORE_SERVER beat the current context.

Examples:
  kindstore config set-context local --server http://127.0.0.1:8080 -n shop --current
  kindstore config set-context trial --store sled:/tmp/trial
  kindstore config use-context trial
  kindstore config get-contexts";

impl Run for Contexts {
    fn run(self, session: &mut Session) -> Result<Exit> {
        session.globals.config_file = self.config_file.or(session.globals.config_file.take());
        let mut config = session.config()?;
        match self.command {
            Command::GetContexts => session.console.print(&table(&config).render(session.console.width()))?,
            Command::View => session.console.print(&config::to_yaml(&config))?,
            Command::CurrentContext => match &config.current_context {
                Some(name) => session.console.line(name)?,
                None => {
                    return Err(Failure::refused("no context is the current one")
                        .hint("choose one with `kindstore config use-context NAME`"));
                }
            },
            Command::UseContext { name } => {
                config.context(&name)?;
                config.current_context = Some(name.clone());
                keep(session, &config)?;
                session.console.line(&format!("context {name} is the current one"))?;
            }
            Command::SetContext(set) => {
                let name = set.name.clone();
                let word = set.put(&mut config)?;
                keep(session, &config)?;
                session.console.line(&format!("context {name} {word}"))?;
            }
            Command::DeleteContext { name } => {
                config.context(&name)?;
                config.contexts.retain(|context| context.name != name);
                config.current_context = config.current_context.filter(|current| *current != name);
                keep(session, &config)?;
                session.console.line(&format!("context {name} deleted"))?;
            }
        }
        Ok(Exit::Done)
    }
}

fn keep(session: &Session, config: &Config) -> Result<()> {
    let nowhere = || Failure::usage("there is no file for contexts").hint("name a file with --config-file");
    config::write(&session.config_path().ok_or_else(nowhere)?, config)
}

impl SetContext {
    /// Changes the context, and says whether there was one.
    fn put(self, config: &mut Config) -> Result<&'static str> {
        if let Some(store) = &self.store {
            store.parse::<kindstore_server::StoreAddress>().map_err(|error| Failure::usage(error.to_string()))?;
        }
        let found = config.contexts.iter_mut().find(|context| context.name == self.name);
        let word = if found.is_some() { "modified" } else { "created" };
        let context = match found {
            Some(context) => context,
            None => {
                config.contexts.push(Context { name: self.name.clone(), ..Context::default() });
                // It was pushed just now.
                let last = config.contexts.len() - 1;
                &mut config.contexts[last]
            }
        };
        if self.server.is_some() || self.store.is_some() {
            // Together: a context has one way to its store, and setting one takes the other away.
            (context.server, context.store) = (self.server, self.store);
        }
        context.namespace = self.namespace.or(context.namespace.take());
        if self.current {
            config.current_context = Some(self.name);
        }
        Ok(word)
    }
}

fn table(config: &Config) -> Table {
    let mut table = Table::new(&["CURRENT", "NAME", "STORE", "NAMESPACE"]);
    for context in &config.contexts {
        let is_current = config.current_context.as_ref() == Some(&context.name);
        let store = context.server.clone().or(context.store.clone());
        table.push(vec![
            if is_current { "*" } else { "" }.to_owned(),
            context.name.clone(),
            store.unwrap_or_else(|| "-".to_owned()),
            context.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        ]);
    }
    table
}
