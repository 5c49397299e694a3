//! How long ago something was, as kubectl writes it: 5s, 3m, 2h, 4d.

use std::time::{SystemTime, UNIX_EPOCH};

use kindstore::Timestamp;

/// The time of this machine, in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// How long before `now` a time was.
// Clocks of two machines may differ, so a time may lie in the future.
pub(crate) fn age(time: Timestamp, now: i64) -> String {
    let seconds = now.saturating_sub(time.as_micros()).max(0) / 1_000_000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        86_400..63_072_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_the_largest_unit_that_fits() {
        let ago = |seconds: i64| age(Timestamp::from_micros(0), seconds * 1_000_000);
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3599, "59m"),
            (7200, "2h"),
            (345_600, "4d"),
            (94_608_000, "3y"),
            (-5, "0s"),
        ] {
            assert_eq!(ago(seconds), text);
        }
    }
}
