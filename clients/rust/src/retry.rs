//! The repetition of calls: for which errors, and after which pause.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::error::Error;

/// How often and how soon a call is repeated.
///
/// Only a call that changed nothing is repeated: one that ended with `Unavailable` or `TooManyRequests`. A write with an
/// unknown outcome is never repeated, and neither is a conflict: only the caller knows whether the change still makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The most attempts of a call; 1 never repeats.
    pub attempts: u32,
    /// The longest pause before the second attempt. It doubles with each further one.
    pub first: Duration,
    /// The longest pause at all.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 4, first: Duration::from_millis(100), longest: Duration::from_secs(2) }
    }
}

impl Retry {
    /// Makes every call once. A watch that breaks still asks again, after the usual pauses.
    pub const NONE: Self = Self { attempts: 1, first: Duration::from_millis(100), longest: Duration::from_secs(2) };

    /// Returns the pause after the failure of an attempt, counted from 1; `None` if it was the last one.
    pub(crate) fn pause(&self, attempt: u32, error: &Error) -> Option<Duration> {
        // Such an error says that nothing was changed, so that even a write is safe to repeat.
        (attempt < self.attempts && error.is_unavailable()).then(|| self.backoff(attempt))
    }

    /// Returns the pause after this many failures: a random part of the longest one, so that many clients do not come back
    /// at once.
    pub(crate) fn backoff(&self, failures: u32) -> Duration {
        // The exponent is bounded before it is used: a watch may fail more often than a number has bits.
        let longest = self.longest.min(self.first.saturating_mul(1 << failures.saturating_sub(1).min(20)));
        // The hasher of the standard library has a random seed; nothing here needs better chance than that.
        let chance = RandomState::new().build_hasher().finish() % 1024;
        // At least half of it, or a client could use up its attempts within a few milliseconds.
        longest / 2 + longest / 2 * u32::try_from(chance).unwrap_or_default() / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let (retry, gone) = (Retry::default(), Error::new("Unavailable", ""));
        for (attempt, longest) in [(1, 100), (2, 200), (3, 400)] {
            let pause = retry.pause(attempt, &gone).expect("another attempt");
            assert!(
                pause >= Duration::from_millis(longest / 2) && pause <= Duration::from_millis(longest),
                "{pause:?}"
            );
        }
        assert_eq!(retry.pause(4, &gone), None);
        assert_eq!(retry.pause(1, &Error::new("OutcomeUnknown", "")), None);
        assert!(retry.backoff(u32::MAX) <= retry.longest);
    }
}
