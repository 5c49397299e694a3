//! The options that every command has: which store, which namespace, how to print.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::console::Color;

/// The options that every command has. They may stand before the command too, as kubectl takes them.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The namespace [default: the context's, else "default"]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The server to talk to [env: KINDSTORE_SERVER] [default: the context's, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    pub(crate) server: Option<String>,
    /// Work on a data folder of this machine and not with a server: sled:PATH, or memory: for a trial
    #[arg(long, value_name = "ADDRESS", conflicts_with = "server")]
    pub(crate) store: Option<String>,
    /// The context to use instead of the current one
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// The file with the contexts [env: KINDSTORE_CLI_CONFIG] [default: $XDG_CONFIG_HOME/kindstore/config.yaml]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config_file: Option<PathBuf>,
    /// How long to wait for each answer of the server: 500ms, 30s, 2m [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// When to colour [default: auto, which respects NO_COLOR]
    #[arg(long, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) color: Option<Color>,
    /// With --store: keep secret values in clear instead of refusing them
    #[arg(long)]
    pub(crate) plain_secrets: bool,
}

impl Globals {
    /// These options, and where one is not given the one that stood before the command.
    pub(crate) fn or(self, outer: Globals) -> Globals {
        // A store behind the command takes the place of a server before it, and the other way round.
        let is_placed = self.server.is_some() || self.store.is_some();
        let outer = if is_placed { Globals { server: None, store: None, ..outer } } else { outer };
        Globals {
            namespace: self.namespace.or(outer.namespace),
            server: self.server.or(outer.server),
            store: self.store.or(outer.store),
            context: self.context.or(outer.context),
            config_file: self.config_file.or(outer.config_file),
            timeout: self.timeout.or(outer.timeout),
            color: self.color.or(outer.color),
            plain_secrets: self.plain_secrets || outer.plain_secrets,
        }
    }

    /// Whether none is given; `serve` has options of its own and takes none of these.
    pub(crate) fn is_empty(&self) -> bool {
        self.namespace.is_none()
            && self.server.is_none()
            && self.store.is_none()
            && self.context.is_none()
            && self.config_file.is_none()
            && self.timeout.is_none()
            && !self.plain_secrets
    }
}

/// A time to wait: a number with `ms`, `s`, `m` or `h`; seconds without.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" | "" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    // 0 would let every call fail before it is sent.
    let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(millis)).filter(|millis| *millis > 0);
    number.map(Duration::from_millis).ok_or_else(|| "use a number with ms, s, m or h, such as 30s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, millis) in [("30s", 30_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), ("5", 5000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "0", "-1s", "1d", "1.5s", "99999999999999999999s", "18446744073709551615h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_option_behind_the_command_beats_one_before_it() {
        let named = |server: Option<&str>, store: Option<&str>| Globals {
            server: server.map(str::to_owned),
            store: store.map(str::to_owned),
            ..Globals::default()
        };
        let merged = named(None, Some("memory:")).or(named(Some("http://a"), None));
        assert_eq!((merged.server, merged.store.as_deref()), (None, Some("memory:")));
        assert_eq!(named(None, None).or(named(Some("http://a"), None)).server.as_deref(), Some("http://a"));
    }
}
