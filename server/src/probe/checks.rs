//! The checks of the probes, from the health of a store.

use std::time::Duration;

use kindstore::Store;
use kindstore::store::{Health, IndexState};

/// For how long history may wait for its compaction, which runs each minute or so.
const MAX_LAG: Duration = Duration::from_secs(600);

/// One check of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// The reason of a failure, in words that are fit for a client.
    pub(crate) result: Result<(), String>,
}

impl Check {
    pub(crate) fn passed(name: &'static str) -> Self {
        Self { name, result: Ok(()) }
    }

    fn failed(name: &'static str, why: impl Into<String>) -> Self {
        Self { name, result: Err(why.into()) }
    }
}

/// Returns the names of the checks that failed.
pub(crate) fn failing(checks: &[Check]) -> Vec<&'static str> {
    checks.iter().filter(|check| check.result.is_err()).map(|check| check.name).collect()
}

/// Whether a store is open and has its index.
pub(super) fn started(store: Option<&Store>) -> Vec<Check> {
    let Some(store) = store else { return vec![not_open()] };
    vec![Check::passed("store"), index(store.health().index)]
}

/// Whether a store does all that it should.
pub(super) fn ready(store: Option<&Store>) -> Vec<Check> {
    let Some(store) = store else { return vec![not_open()] };
    of_health(store.health())
}

fn of_health(health: Health) -> Vec<Check> {
    let space = match health.space {
        Some(space) if space.free < space.reserve => {
            let why = format!("{} bytes are free, and {} are kept in reserve", space.free, space.reserve);
            Check::failed("space", why)
        }
        _ => Check::passed("space"),
    };
    let lag = match health.history.overdue_for {
        Some(lag) if lag > MAX_LAG => {
            let why =
                format!("{} revisions wait for their compaction since {} s", health.history.overdue, lag.as_secs());
            Check::failed("lag", why)
        }
        _ => Check::passed("lag"),
    };
    let (reads, writes) = (health.reads, health.writes);
    vec![
        Check::passed("store"),
        Check { name: "reads", result: reads },
        Check { name: "writes", result: writes },
        space,
        index(health.index),
        lag,
    ]
}

fn index(state: IndexState) -> Check {
    match state {
        // Without one lists are complete, too, and only take longer.
        IndexState::Building => Check::failed("index", "it is being built; until then lists with selectors scan"),
        _ => Check::passed("index"),
    }
}

fn not_open() -> Check {
    Check::failed("store", "it is being opened")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_store_cannot_do_fails_the_check_of_that_name() {
        let health = || Store::in_memory().expect("it opens").health();
        let failing = |change: fn(&mut Health)| {
            let mut health = health();
            health.index = IndexState::Ready;
            change(&mut health);
            super::failing(&of_health(health))
        };
        assert_eq!(failing(|_| {}), Vec::<&str>::new());
        assert_eq!(failing(|health| health.reads = Err("closed".to_owned())), ["reads"]);
        assert_eq!(failing(|health| health.writes = Err("full".to_owned())), ["writes"]);
        assert_eq!(failing(|health| health.index = IndexState::Building), ["index"]);
        assert_eq!(failing(|health| health.history.overdue_for = Some(MAX_LAG * 2)), ["lag"]);
        assert_eq!(super::failing(&ready(None)), ["store"]);
        assert_eq!(super::failing(&started(None)), ["store"]);
    }
}
