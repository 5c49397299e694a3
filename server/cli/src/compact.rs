//! `kindstore compact`: forgets what is beyond the limits, and gives the disk space of a data folder back.

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kindstore_server::RetentionArguments;

use super::failure::{Exit, Result};
use super::local::Compacted;
use super::run::Run;
use super::session::Session;

#[derive(Args)]
#[command(
    mut_arg("history_versions", |arg| arg.help(
        "Versions that are kept of each resource, beside the newest; versions of the status do not count [default: as remembered]"
    )),
    mut_arg("history_days", |arg| arg.help("Days that old versions and deleted resources are kept [default: as remembered]")),
    mut_arg("keep_revisions", |arg| arg.help("Newest commits that stay readable as a whole [default: 0]")),
    mut_arg("keep_minutes", |arg| arg.hide(true))
)]
pub(crate) struct Compact {
    #[command(flatten)]
    retention: RetentionArguments,
}

pub(crate) const EXAMPLES: &str = "\
A store removes old history by itself, within the limits that the server was started with. But its files never shrink.
This command removes all history beyond the limits at once, and replaces the files by new ones, for which there must be
disk space beside them. Stop the server first. An interrupted run leaves either the old files or the new ones.

The store remembers the limits of its server. A limit that is not given here is the remembered one.

Without --keep-revisions no earlier commit stays readable as a whole: watches cannot resume from one, lists cannot be read
at one.

Examples:
  kindstore compact --store sled:kindstore-data/store
  kindstore compact --store sled:kindstore-data/store --history-versions 3 --history-days 7";

impl Run for Compact {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let bar = if session.console.is_watched() { bar() } else { ProgressBar::hidden() };
        let compacted = session.compact(self.retention, &mut |written, total| {
            bar.set_length(total);
            bar.set_position(written);
        });
        bar.finish_and_clear();
        let Compacted { removed, before, after } = compacted?;
        session.console.line(&format!("removed {removed} old versions; {} became {}", size(before), size(after)))?;
        Ok(Exit::Done)
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent}% of {len} keys, {eta} left");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The template is a constant that is known to be one.
    style.map_or_else(|_| ProgressBar::hidden(), |style| bar.with_style(style))
}

fn size(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / (1 << 20) as f64)
}
