//! Dates and times as forms send them. There is no clock here: only a rule can reject a date in the future.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The plausible years.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// Parses a date to `yyyy-mm-dd`. If the year is last, the order is American. Two-digit years are invalid.
pub fn date(text: &str) -> Option<String> {
    read_date(text).map(|date| date.to_string())
}

/// Parses a point in time to RFC 3339 in UTC, to the second. A time without an offset is UTC.
pub fn time(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = with_offset(text).or_else(|| since_1970(text)).or_else(|| without_offset(text))?;
    if !YEARS.contains(&moment.year()) {
        return None;
    }
    moment.to_offset(UtcOffset::UTC).replace_nanosecond(0).ok()?.format(&Rfc3339).ok()
}

fn read_date(text: &str) -> Option<Date> {
    let text = text.trim();
    // `2020-01-05T10:00:00Z` and `2020-01-05 10:00` begin with their date.
    let day = match text.char_indices().nth(10) {
        Some((at, 'T' | ' ')) if text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit) => &text[..at],
        _ => text,
    };
    let parts: Vec<&str> = day.split(['-', '/', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [all] if all.len() == 8 && all.is_ascii() => ymd(&all[..4], &all[4..6], &all[6..]),
        [year, month, day] if year.len() == 4 => ymd(year, month, day),
        [first, second, year] if first.starts_with(|c: char| c.is_alphabetic()) => named(year, first, second),
        [first, second, year] if second.starts_with(|c: char| c.is_alphabetic()) => named(year, second, first),
        [month, day, year] => ymd(year, month, day),
        _ => None,
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<Date> {
    let month = Month::try_from(u8::try_from(number(month, 2)?).ok()?).ok()?;
    calendar(year, month, day)
}

fn named(year: &str, month: &str, day: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = month.to_lowercase();
    let at = MONTHS.iter().position(|full| name.len() >= 3 && full.starts_with(&name))?;
    calendar(year, Month::try_from(u8::try_from(at + 1).ok()?).ok()?, day)
}

fn calendar(year: &str, month: Month, day: &str) -> Option<Date> {
    let year = i32::try_from(number(year, 4)?).ok().filter(|year| YEARS.contains(year))?;
    Date::from_calendar_date(year, month, u8::try_from(number(day, 2)?).ok()?).ok()
}

fn number(text: &str, most: usize) -> Option<u32> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn with_offset(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// Seconds or milliseconds since 1970, distinguished by the number of digits.
fn since_1970(text: &str) -> Option<OffsetDateTime> {
    let count: i64 = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()?;
    match text.len() {
        9 | 10 => OffsetDateTime::from_unix_timestamp(count).ok(),
        12 | 13 => OffsetDateTime::from_unix_timestamp(count / 1000).ok(),
        _ => None,
    }
}

fn without_offset(text: &str) -> Option<OffsetDateTime> {
    let (day, clock) = match text.split_once(['T', ' ']) {
        Some((day, clock)) => (day, clock),
        None => (text, "00:00"),
    };
    let mut parts = clock.trim().split(':');
    let mut next = || parts.next().map_or(Some(0), |part| u8::try_from(number(part, 2)?).ok());
    let clock = time::Time::from_hms(next()?, next()?, next()?).ok()?;
    match parts.next() {
        Some(_) => None,
        None => Some(PrimitiveDateTime::new(read_date(day)?, clock).assume_utc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_date_formats_are_parsed() {
        for text in [
            "2020-01-05",
            "2020/1/5",
            "20200105",
            "01/05/2020",
            "1-5-2020",
            "1.5.2020",
            "Jan 5, 2020",
            "5 January 2020",
            "2020-01-05T10:00:00Z",
            "2020-01-05 10:00",
            " 01/05/2020 10:00 ",
        ] {
            assert_eq!(date(text).as_deref(), Some("2020-01-05"), "{text}");
        }
        for text in [
            "",
            "13/01/2020",
            "2/30/2020",
            "2021-02-29",
            "1/5/20",
            "0000-01-01",
            "1899-12-31",
            "2020-01",
            "Ja 5, 2020",
            "2020-01-05x",
            "+2020-01-05",
            "ⅠⅠ/05/2020",
            "éééééééééé 1",
            "2020010é",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_parsed_as_utc() {
        for (text, normal) in [
            ("2020-01-05T10:00:00Z", "2020-01-05T10:00:00Z"),
            ("2020-01-05T10:00:00.123+02:00", "2020-01-05T08:00:00Z"),
            ("2020-01-05 10:00", "2020-01-05T10:00:00Z"),
            ("2020-01-05T10:00:07", "2020-01-05T10:00:07Z"),
            ("1/5/2020 10:00", "2020-01-05T10:00:00Z"),
            ("2020-01-05", "2020-01-05T00:00:00Z"),
            ("1578218400", "2020-01-05T10:00:00Z"),
            ("1578218400000", "2020-01-05T10:00:00Z"),
        ] {
            assert_eq!(time(text).as_deref(), Some(normal), "{text}");
        }
        for text in ["", "noon", "2020-01-05 25:00", "2020-01-05 10:00:00:00", "99999999999999", "1"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
