//! A bound on how often the same is logged: writers that try again and again would fill the log, on a full disk of all places.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(10);

/// Allows one line in ten seconds.
#[derive(Debug, Default)]
pub(super) struct RateLimit(Mutex<Option<Instant>>);

impl RateLimit {
    /// Whether a line may be written now.
    pub(super) fn allows(&self) -> bool {
        self.allows_at(Instant::now())
    }

    fn allows_at(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_allowed_in_an_interval() {
        let (limit, begin) = (RateLimit::default(), Instant::now());
        let at = |milliseconds: u64| limit.allows_at(begin + Duration::from_millis(milliseconds));
        assert_eq!(
            [at(0), at(1), at(9_999), at(10_000), at(10_001), at(20_000)],
            [true, false, false, true, false, true]
        );
    }
}
