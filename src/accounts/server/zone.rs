//! Time zones by their IANA names, from the database that is built into the program.

use jiff::tz::TimeZoneDatabase;

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
