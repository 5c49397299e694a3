//! The revision up to which history may be compacted, as time goes by.

use std::collections::VecDeque;
use std::time::Instant;

use super::policy::Retention;
use crate::backend::Revision;

/// The newest revision at each of the last times that matter.
#[derive(Debug, Default)]
pub(crate) struct CompactionTarget(VecDeque<(Instant, Revision)>);

/// How many times are remembered.
const MAX: u32 = 256;

impl CompactionTarget {
    /// Records the newest revision, and returns the revision up to which history may be compacted.
    pub(crate) fn target(&mut self, retention: &Retention, now: Instant, newest: Revision) -> Revision {
        // So many times are enough for a target that is late by a 256th of the time at the most.
        let pause = retention.time / MAX;
        if self.0.back().is_none_or(|(last, _)| now.duration_since(*last) >= pause) {
            self.0.push_back((now, newest));
        }
        // Of the times that are old enough the newest stays: it gives the target.
        while let Some((next, _)) = self.0.get(1)
            && now.duration_since(*next) >= retention.time
        {
            self.0.pop_front();
        }
        let by_time = self.0.front().filter(|(then, _)| now.duration_since(*then) >= retention.time);
        by_time.map_or(0, |(_, revision)| *revision).max(newest.saturating_sub(retention.revisions))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_too_old_or_too_much_may_be_forgotten() {
        let retention = Retention { revisions: 100, time: Duration::from_secs(256), ..Retention::default() };
        let (mut targets, begin) = (CompactionTarget::default(), Instant::now());
        let mut target = |second, newest| targets.target(&retention, begin + Duration::from_secs(second), newest);
        assert_eq!(target(0, 10), 0);
        assert_eq!(target(1, 110), 10, "too many commits");
        assert_eq!(target(2, 120), 20);
        assert_eq!(target(200, 120), 20);
        assert_eq!(target(256, 120), 20, "ten is old enough, and twenty is more");
        assert_eq!(target(257, 120), 110);
        assert_eq!(target(300, 120), 120);
        assert_eq!(target(100_000, 130), 120);
    }
}
