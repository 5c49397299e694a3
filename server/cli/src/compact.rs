//! `kindstore compact`: forgets what is beyond the limits, and gives the disk space of a data folder back.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kindstore::backend::{CompactionProgress, CompactionSpace};
use kindstore_server::RetentionArguments;

use super::failure::{Exit, Result};
use super::run::Run;
use super::session::Session;
use super::shrink::{Compacted, Compaction, Step, compact};

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
    /// An empty folder for the compacted store, on another disk for example; the store itself stays as it is
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,

    #[command(flatten)]
    retention: RetentionArguments,
}

pub(crate) const EXAMPLES: &str = "\
A store removes old history by itself, within the limits that the server was started with. But its files never shrink.
This command removes all history beyond the limits at once, and replaces the files by new ones, for which there must be
disk space beside them. It says first how much it needs, and changes nothing if that is not free. Stop the server first.
An interrupted run leaves either the old files or the new ones.

With --to the compacted store is written into another folder, which may be on another disk; the store itself stays as it
is. An interrupted run leaves a folder that is no store; remove it.

The store remembers the limits of its server. A limit that is not given here is the remembered one.

Without --keep-revisions no earlier commit stays readable as a whole: watches cannot resume from one, lists cannot be read
at one.

Examples:
  kindstore compact --store sled:kindstore-data/store
  kindstore compact --store sled:kindstore-data/store --history-versions 3 --history-days 7
  kindstore compact --store sled:kindstore-data/store --to /mnt/other/store";

impl Run for Compact {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let bar = if session.console.is_watched() { bar() } else { ProgressBar::hidden() };
        let wanted = Compaction { retention: self.retention, to: self.to };
        let (opening, console, mut printed) = (session.compacting()?, &mut session.console, Ok(()));
        let compacted = compact(&opening, wanted, &mut |step| match step {
            Step::Space(CompactionSpace { needed, free, .. }) => {
                printed = console.line(&format!("the new files need up to {}; {} are free", size(needed), size(free)));
            }
            Step::Copied(CompactionProgress { written, total }) => {
                bar.set_length(total);
                bar.set_position(written);
            }
        });
        bar.finish_and_clear();
        printed?;
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
