//! Where time and ids come from: handed in, so that a test or a simulation can repeat itself exactly.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::{ContextV7, Uuid};

use crate::object::{ResourceId, Timestamp};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes a new id for a resource that is created at that time. Ids must be unique and should rise.
pub type IdSource = Arc<dyn Fn(Timestamp) -> ResourceId + Send + Sync>;

/// The time of the machine.
pub(crate) fn system_clock() -> Clock {
    Arc::new(|| Timestamp::from_micros(micros_since_1970()))
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn micros_since_1970() -> i64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Browsers and Node tell milliseconds.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
#[expect(clippy::cast_possible_truncation, reason = "a time beyond what fits is the last one that does")]
fn micros_since_1970() -> i64 {
    (js_sys::Date::now() * 1000.0) as i64
}

/// By how much a stored time may be ahead of the clock, in microseconds: clocks are corrected, also by days. Beyond it, the
/// clock was wrong when the time was stored.
const MAX_STEP_BACK: i64 = 366 * 24 * 3_600_000_000;

/// Returns the time of a change. It is not before the last one, so that clients can order what they see by it, unless the
/// last one is more than a year ahead: one wrong clock must not hold `modifiedAt` in the future for good.
pub(crate) fn time_of_change(now: Timestamp, last: Timestamp) -> Timestamp {
    if last.as_micros().saturating_sub(now.as_micros()) <= MAX_STEP_BACK {
        return now.max(last);
    }
    tracing::warn!(%last, %now, "the last change of a resource lies in the future; its time goes back");
    now
}

/// UUIDs of version 7 (RFC 9562): they rise with time, also within a millisecond and when the clock goes back.
pub(crate) fn time_ordered_ids() -> IdSource {
    let context = Mutex::new(ContextV7::new());
    Arc::new(move |now| {
        let context = context.lock().unwrap_or_else(PoisonError::into_inner);
        // UUIDs of version 7 know no time before 1970. That ids rise all the same is the work of the context, which
        // counts on from its last time when the clock goes back.
        let micros = now.as_micros().max(0).unsigned_abs();
        let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1000;
        let time = uuid::Timestamp::from_unix(&*context, micros / 1_000_000, nanos);
        ResourceId::from_bytes(Uuid::new_v7(time).into_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_change_goes_back_after_a_wrong_clock_only() {
        let time = |micros: i64| Timestamp::from_micros(1_700_000_000_000_000 + micros);
        let year = MAX_STEP_BACK;
        for (now, last, expected) in [(5, 0, 5), (0, 5, 5), (0, year, year), (0, year + 1, 0), (7, 100 * year, 7)] {
            assert_eq!(time_of_change(time(now), time(last)), time(expected), "{now} {last}");
        }
        let wrong = Timestamp::from_micros(i64::MIN);
        assert_eq!(time_of_change(wrong, time(0)), wrong);
    }

    #[test]
    fn ids_rise_also_when_the_clock_goes_back() {
        let ids = time_ordered_ids();
        let times = [1_700_000_000_000_000, 1_700_000_000_000_000, 1_600_000_000_000_000, 1_700_000_000_000_001];
        let made: Vec<_> = (0..4000).map(|index| ids(Timestamp::from_micros(times[index % 4]))).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
