//! The time of day and the zone after a date.

use jiff::{civil, tz::TimeZone};
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// The names of zones in emails and in what programs print, in hours from UTC (RFC 5322 and North America's others).
const ZONES: &[(&str, i8)] = &[
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("akst", -9),
    ("akdt", -8),
    ("hst", -10),
];

/// The moment that a day and the text after it name. No text means midnight UTC. None if the text is no time.
pub fn after_day(rest: &str, day: Date) -> Option<OffsetDateTime> {
    let after_t = rest.strip_prefix('t').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_apart = rest.is_empty() || after_t.is_some() || rest.starts_with([' ', ',']);
    let text = after_t.unwrap_or(rest).trim_start_matches([' ', ',']);
    let text = text.strip_prefix("at ").unwrap_or(text).trim_start_matches(['-', ' ']);
    if text.is_empty() && is_apart {
        return Some(day.midnight().assume_utc());
    }
    // A date of XML can have a zone but no time: `2020-01-05Z`, `2020-01-05-06:00`.
    if rest == "z" || (rest.len() == 6 && rest.contains(':') && offset(rest).is_some()) {
        return in_zone(day.midnight(), rest);
    }
    let (clock, zone) = time_of_day(text, after_t.is_some()).filter(|_| is_apart)?;
    in_zone(PrimitiveDateTime::new(day, clock), zone)
}

/// `13:53`, `1:53:07.5 PM`, `1 pm`, and after a `T` also `135307`. The second part is the text of the zone.
fn time_of_day(text: &str, after_t: bool) -> Option<(Time, &str)> {
    let (first, rest) = digits(text)?;
    let (parts, rest) = match (first.len(), after_t) {
        (4 | 6, true) => {
            let second = if first.len() == 6 { &first[4..] } else { "0" };
            ([&first[..2], &first[2..4], second], fraction(rest))
        }
        _ => with_colons(first, rest)?,
    };
    let has_minutes = first.len() > 2 || text[first.len()..].starts_with(':');
    let [hour, minute, second] = parts.map(|part| part.parse::<u8>().ok().filter(|_| part.len() <= 2));
    let (half, rest) = match half_of_day(rest.trim_start()) {
        Some((half, rest)) => (Some(half), rest),
        None => (None, rest),
    };
    let hour = match (half, hour?) {
        (None, hour) if has_minutes => hour,
        (Some(half), hour @ 1..=12) => hour % 12 + half,
        // Programs also print `13:53 PM` and `00:30 AM`.
        (Some(12), hour @ 13..=23) | (Some(0), hour @ 0) => hour,
        _ => return None,
    };
    // A leap second is the last second of its minute.
    Some((Time::from_hms(hour, minute?, second?.min(59)).ok()?, rest)).filter(|_| second <= Some(60))
}

fn with_colons<'t>(hour: &'t str, rest: &'t str) -> Option<([&'t str; 3], &'t str)> {
    let Some(rest) = rest.strip_prefix(':') else { return Some(([hour, "0", "0"], rest)) };
    let (minute, rest) = digits(rest)?;
    let Some(rest) = rest.strip_prefix(':') else { return Some(([hour, minute, "0"], rest)) };
    let (second, rest) = digits(rest)?;
    Some(([hour, minute, second], fraction(rest)))
}

/// What follows the fraction of a second.
fn fraction(text: &str) -> &str {
    text.strip_prefix(['.', ',']).and_then(digits).map_or(text, |(_, rest)| rest)
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (length > 0).then(|| text.split_at(length))
}

/// The hours that `am` or `pm` adds, and what follows.
fn half_of_day(text: &str) -> Option<(u8, &str)> {
    let ends = |rest: &&str| !rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let strip = |names: [&str; 2]| names.into_iter().find_map(|name| text.strip_prefix(name).filter(ends));
    let morning = strip(["am", "a.m."]).map(|rest| (0, rest));
    morning.or_else(|| strip(["pm", "p.m."]).map(|rest| (12, rest)))
}

/// A local time in the zone that a text names; UTC if it names none.
fn in_zone(local: PrimitiveDateTime, text: &str) -> Option<OffsetDateTime> {
    // Programs add the zone's name as a comment: `gmt-0600 (mountain daylight time)`, `-05:00[america/chicago]`.
    let zone = text.split(['(', '[']).next()?.trim();
    let zone = if zone.is_empty() { text.trim().trim_matches(['(', ')', '[', ']']) } else { zone };
    if zone.is_empty() {
        return Some(local.assume_utc());
    }
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == zone) {
        return Some(local.assume_offset(UtcOffset::from_hms(*hours, 0, 0).ok()?));
    }
    let numbers = zone.strip_prefix("utc").or_else(|| zone.strip_prefix("gmt")).unwrap_or(zone).trim_start();
    // A form that does not encode its values turns `+00:00` into ` 00:00`.
    let has_lost_plus = text.starts_with(' ') && zone.len() >= 4 && zone.starts_with(|c: char| c.is_ascii_digit());
    let written = if has_lost_plus { offset(&format!("+{zone}")) } else { offset(numbers) };
    match written {
        Some(offset) => Some(local.assume_offset(offset)),
        None => in_place(local, zone),
    }
}

/// `+02`, `+0200` and `+02:00`.
fn offset(text: &str) -> Option<UtcOffset> {
    let (negative, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (false, digits),
        ("-", digits) => (true, digits),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), 4..=5) => parts,
        (None, 4) => digits.split_at_checked(2)?,
        (None, 1..=2) => (digits, "00"),
        _ => return None,
    };
    let part = |text: &str, most: i8| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten().filter(|number| *number <= most)
    };
    let (hours, minutes) = (part(hours, 15)?, part(minutes, 59).filter(|_| minutes.len() == 2)?);
    let offset = UtcOffset::from_hms(hours, minutes, 0).ok()?;
    UtcOffset::from_whole_seconds(if negative { -offset.whole_seconds() } else { offset.whole_seconds() }).ok()
}

/// A zone by the name of its place, such as `america/chicago`.
fn in_place(local: PrimitiveDateTime, place: &str) -> Option<OffsetDateTime> {
    let zone = place.contains('/').then(|| TimeZone::get(place).ok()).flatten()?;
    let number = |value: u8| i8::try_from(value).ok();
    let date = civil::date(i16::try_from(local.year()).ok()?, number(local.month().into())?, number(local.day())?);
    let civil = date.at(number(local.hour())?, number(local.minute())?, number(local.second())?, 0);
    let moment = civil.to_zoned(zone).ok()?.timestamp();
    OffsetDateTime::from_unix_timestamp(moment.as_second()).ok()
}
