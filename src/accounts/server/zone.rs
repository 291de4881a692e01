//! Time zones by IANA name, from the database built into the program.

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use time::{Date, Month, OffsetDateTime};

/// The areas that current zone names start with. Other names are older aliases of the same zones.
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

/// The canonical spelling of a zone's name, if it exists.
pub fn parse(name: &str) -> Option<String> {
    let zone = TimeZoneDatabase::bundled().get(name.trim()).ok()?;
    zone.iana_name().map(str::to_owned)
}

/// The local date in a zone. An unknown zone counts as UTC.
pub fn day(name: &str, at: OffsetDateTime) -> Date {
    let zone = TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC);
    let local = Timestamp::from_second(at.unix_timestamp()).map(|at| at.to_zoned(zone).date());
    let date = local.ok().and_then(|date| {
        let month = Month::try_from(u8::try_from(date.month()).ok()?).ok()?;
        Date::from_calendar_date(date.year().into(), month, u8::try_from(date.day()).ok()?).ok()
    });
    date.unwrap_or_else(|| at.to_offset(time::UtcOffset::UTC).date())
}

/// The first moment of a day in a zone. Dates outside the supported range start at midnight UTC.
pub fn midnight(name: &str, day: Date) -> OffsetDateTime {
    let zone = TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC);
    let local = || {
        let date = jiff::civil::Date::new(
            i16::try_from(day.year()).ok()?,
            u8::from(day.month()).try_into().ok()?,
            day.day().try_into().ok()?,
        );
        let begins = date.ok()?.to_zoned(zone).ok()?.timestamp();
        OffsetDateTime::from_unix_timestamp(begins.as_second()).ok()
    };
    local().unwrap_or_else(|| day.midnight().assume_utc())
}

/// A moment as the clocks of a zone show it: `2026-11-25 09:30:00`. An unknown zone counts as UTC.
pub fn local_time(name: &str, at: OffsetDateTime) -> String {
    let zone = TimeZoneDatabase::bundled().get(name).unwrap_or(TimeZone::UTC);
    let local = Timestamp::from_second(at.unix_timestamp()).map(|at| at.to_zoned(zone));
    local.map(|local| local.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// The zone names to choose from.
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
    fn a_day_starts_at_midnight_in_its_time_zone() {
        let at = time::macros::datetime!(2026-03-08 04:30 UTC);
        for (zone, day) in [("UTC", 8), ("America/New_York", 7), ("Asia/Kathmandu", 8), ("Mars/Olympus", 8)] {
            assert_eq!(super::day(zone, at).day(), day, "{zone}");
        }
    }

    #[test]
    fn a_local_time_has_no_zone_and_no_fraction() {
        let at = time::macros::datetime!(2026-03-08 04:30:05.7 UTC);
        for (zone, local) in [
            ("UTC", "2026-03-08 04:30:05"),
            ("America/New_York", "2026-03-07 23:30:05"),
            ("Asia/Kathmandu", "2026-03-08 10:15:05"),
            ("Mars/Olympus", "2026-03-08 04:30:05"),
        ] {
            assert_eq!(local_time(zone, at), local);
        }
    }

    #[test]
    fn time_zone_names_are_parsed_ignoring_case_and_spaces() {
        assert_eq!(parse(" america/new_york ").as_deref(), Some("America/New_York"));
        assert_eq!(parse("UTC").as_deref(), Some("UTC"));
        for bad in ["", "Mars/Olympus", "UTC+3", "../etc/passwd"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let names = names();
        assert!(names.len() > 300 && names.contains(&"Europe/Berlin".to_owned()));
    }
}
