//! How far compaction is behind its target.

use std::time::{Duration, Instant};

use crate::backend::Revision;

/// The target that was set last, and since when it has not been reached.
#[derive(Debug, Default)]
pub(super) struct Lag {
    target: Revision,
    since: Option<Instant>,
}

impl Lag {
    /// Records the target of a compaction that begins at a floor.
    pub(super) fn begin(&mut self, target: Revision, floor: Revision, now: Instant) {
        self.target = target;
        self.reached(floor);
        if target > floor {
            self.since.get_or_insert(now);
        }
    }

    /// Records how far the floor has come.
    pub(super) fn reached(&mut self, floor: Revision) {
        if floor >= self.target {
            self.since = None;
        }
    }

    /// Returns how many revisions are overdue at a floor, and for how long there have been some.
    pub(super) fn at(&self, floor: Revision, now: Instant) -> (u64, Option<Duration>) {
        let overdue = self.target.saturating_sub(floor);
        let since = self.since.filter(|_| overdue > 0);
        (overdue, since.map(|since| now.saturating_duration_since(since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_lasts_until_the_target_is_reached() {
        let (mut lag, begin) = (Lag::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        lag.begin(0, 0, at(0));
        assert_eq!(lag.at(0, at(1)), (0, None));
        lag.begin(10, 0, at(1));
        lag.begin(20, 5, at(3));
        assert_eq!(lag.at(5, at(4)), (15, Some(Duration::from_secs(3))));
        lag.reached(20);
        assert_eq!(lag.at(20, at(5)), (0, None));
        lag.begin(30, 20, at(6));
        assert_eq!(lag.at(20, at(7)), (10, Some(Duration::from_secs(1))));
    }
}
