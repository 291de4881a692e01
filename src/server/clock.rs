//! The time comes from the database, read once per request or job, plus an offset that only tests change.

use crate::base::DisplayTime;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// The offset of the test clock, in seconds; zero outside tests.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// The time to use, given the database's time.
    pub fn shift(&self, database_now: OffsetDateTime) -> OffsetDateTime {
        database_now + Duration::seconds(self.0.load(Ordering::Relaxed))
    }

    /// How far this process's clock is ahead of the database.
    pub fn offset(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.load(Ordering::Relaxed).try_into().unwrap_or(0))
    }

    /// Moves this process's clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::Relaxed);
    }
}

/// A point in time as pages show it, in UTC with the zone named.
pub fn display_time(at: OffsetDateTime, now: OffsetDateTime) -> DisplayTime {
    let at = at.to_offset(time::UtcOffset::UTC);
    let absolute = at.format(format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC"));
    DisplayTime {
        iso: at.format(&Rfc3339).unwrap_or_default(),
        relative: relative(at - now),
        absolute: absolute.unwrap_or_default(),
    }
}

fn relative(distance: Duration) -> String {
    let seconds = distance.whole_seconds().unsigned_abs();
    let (count, unit) = match seconds {
        0..45 => return "just now".to_owned(),
        45..5_400 => (seconds.div_ceil(60).max(1), "minute"),
        5_400..129_600 => ((seconds + 1_800) / 3_600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if distance.is_negative() { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

/// A date for emails and pages: `25 November 2026`.
pub fn day(at: OffsetDateTime) -> String {
    let form = format_description!("[day padding:none] [month repr:long] [year]");
    at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default()
}

/// A date for file names: `2026-11-25`.
pub fn iso_day(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_times_read_naturally() {
        for (seconds, text) in [
            (0, "just now"),
            (-60, "1 minute ago"),
            (-3_600, "60 minutes ago"),
            (-7_200, "2 hours ago"),
            (14 * 86_400, "in 14 days"),
        ] {
            assert_eq!(relative(Duration::seconds(seconds)), text);
        }
    }
}
