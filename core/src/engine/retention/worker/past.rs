//! Up to where the past may be forgotten, as time goes by.

use std::collections::VecDeque;
use std::time::Instant;

use super::super::Retention;
use crate::backend::Revision;

/// Which revision was the newest at which time, for as long as that matters.
#[derive(Debug, Default)]
pub(super) struct Past(VecDeque<(Instant, Revision)>);

/// How many times are remembered.
const MOST: u32 = 256;

impl Past {
    /// Notes the newest revision, and says up to where the past may be forgotten.
    pub(super) fn target(&mut self, retention: &Retention, now: Instant, newest: Revision) -> Revision {
        let pause = retention.time / MOST;
        if self.0.back().is_none_or(|(last, _)| now.duration_since(*last) >= pause) {
            self.0.push_back((now, newest));
        }
        // The newest of those that are old enough stays.
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
        let (mut past, begin) = (Past::default(), Instant::now());
        let mut target = |second, newest| past.target(&retention, begin + Duration::from_secs(second), newest);
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
