//! Warnings of a store that a command opens by itself, such as files of others in its folder. The server has a log for them.

use tracing::{Level, Metadata};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Shows them on standard error. Errors are not among them: a command ends with its own.
pub(crate) fn show() {
    let is_ours = |metadata: &Metadata<'_>| {
        *metadata.level() == Level::WARN && metadata.target().split("::").next().is_some_and(|name| name == "kindstore")
    };
    let layer = tracing_subscriber::fmt::layer().without_time().with_target(false).with_ansi(false);
    let layer = layer.with_writer(std::io::stderr).with_filter(filter_fn(is_ours));
    // Only the first of a process counts.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}
