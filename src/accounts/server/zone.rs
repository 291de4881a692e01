//! Time zones by their IANA names, from the database that is built into the program.

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use time::{Date, Month, OffsetDateTime};

/// The parts of the world that zones are named after; other names are older ones for the same zones.
const AREAS: &[&str] = &[
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// The name as the database writes it, if it is one.
pub fn parse(name: &str) -> Option<String> {
    let zone = TimeZoneDatabase::bundled().get(name.trim()).ok()?;
    zone.iana_name().map(str::to_owned)
}

/// The day it is in a zone. A zone that is not known any more counts as UTC.
pub fn day(name: &str, at: OffsetDateTime) -> Date {
    let zone = TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC);
    let there = Timestamp::from_second(at.unix_timestamp()).map(|at| at.to_zoned(zone).date());
    let date = there.ok().and_then(|date| {
        let month = Month::try_from(u8::try_from(date.month()).ok()?).ok()?;
        Date::from_calendar_date(date.year().into(), month, u8::try_from(date.day()).ok()?).ok()
    });
    date.unwrap_or_else(|| at.to_offset(time::UtcOffset::UTC).date())
}

/// The first moment of a day in a zone. Days at the ends of time, where zones have no rules, begin as in UTC.
pub fn midnight(name: &str, day: Date) -> OffsetDateTime {
    let zone = TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC);
    let there = || {
        let date = jiff::civil::Date::new(
            i16::try_from(day.year()).ok()?,
            u8::from(day.month()).try_into().ok()?,
            day.day().try_into().ok()?,
        );
        let begins = date.ok()?.to_zoned(zone).ok()?.timestamp();
        OffsetDateTime::from_unix_timestamp(begins.as_second()).ok()
    };
    there().unwrap_or_else(|| day.midnight().assume_utc())
}

/// The names to choose from.
pub fn names() -> Vec<String> {
    let all = TimeZoneDatabase::bundled();
    let named = all.available().map(|name| name.to_string());
    let mut names: Vec<String> = named.filter(|name| AREAS.iter().any(|area| name.starts_with(area))).collect();
    names.sort();
    names.insert(0, "UTC".to_owned());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_of_its_zone() {
        let at = time::macros::datetime!(2026-03-08 04:30 UTC);
        for (zone, day) in [("UTC", 8), ("America/New_York", 7), ("Asia/Kathmandu", 8), ("Mars/Olympus", 8)] {
            assert_eq!(super::day(zone, at).day(), day, "{zone}");
        }
    }

    #[test]
    fn zones_are_known_by_their_names_however_typed() {
        assert_eq!(parse(" america/new_york ").as_deref(), Some("America/New_York"));
        assert_eq!(parse("UTC").as_deref(), Some("UTC"));
        for bad in ["", "Mars/Olympus", "UTC+3", "../etc/passwd"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let names = names();
        assert!(names.len() > 300 && names.contains(&"Europe/Berlin".to_owned()));
    }
}
