//! Dates and times as people and programs write them. There is no clock here: the day of the lead comes with the call.
//!
//! Libraries that guess dates do not know our rules: month first when both readings fit, day first when only that fits
//! or dots separate, and two-digit years by the kind of date.

mod clock;
mod scan;

use scan::Scan;
use time::{Date, Month, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// The plausible years.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;
/// Maximum bytes of a date with its time and the name of its zone.
const MAX_TEXT: usize = 100;

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
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// How a two-digit year is meant.
#[derive(Clone, Copy)]
enum Century {
    /// 1970 to 2069.
    Usual,
    /// The last such year that is not in the future. Unknown without the present day.
    Past(Option<Date>),
}

/// Parses a date to `yyyy-mm-dd`. A time after it is ignored.
pub fn date(text: &str) -> Option<String> {
    day_of(text, Century::Usual).map(|date| date.to_string())
}

/// Parses a date of birth, which is not after today. Without today only dates with four-digit years are read.
pub fn dob(text: &str, today: Option<Date>) -> Option<String> {
    let date = day_of(text, Century::Past(today))?;
    today.is_none_or(|today| date <= today).then(|| date.to_string())
}

/// Parses a point in time to RFC 3339 in UTC, to the second. A time without a zone is UTC.
pub fn time(text: &str) -> Option<String> {
    let text = lower(text)?;
    let text = match text.len() {
        // `yyyymmddhhmmss`, as databases print it.
        14 if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("{}t{}", &text[..8], &text[8..]),
        _ => text,
    };
    let moment = since_1970(&text).or_else(|| written(&text))?.to_offset(UtcOffset::UTC);
    if !YEARS.contains(&moment.year()) {
        return None;
    }
    moment.replace_nanosecond(0).ok()?.format(&Rfc3339).ok()
}

fn lower(text: &str) -> Option<String> {
    let fits = text.len() <= MAX_TEXT && text.is_ascii();
    fits.then(|| text.to_ascii_lowercase())
}

fn written(text: &str) -> Option<OffsetDateTime> {
    let mut scan = Scan::new(text);
    let day = read_day(&mut scan, Century::Usual)?;
    clock::after_day(scan.rest(), day)
}

fn day_of(text: &str, century: Century) -> Option<Date> {
    let text = lower(text)?;
    let mut scan = Scan::new(&text);
    let day = read_day(&mut scan, century)?;
    clock::after_day(scan.rest(), day).map(|_| day)
}

/// Seconds, with or without a fraction, or milliseconds since 1970, distinguished by the number of digits.
fn since_1970(text: &str) -> Option<OffsetDateTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    let count: i64 = plain.then(|| whole.parse().ok()).flatten()?;
    match whole.len() {
        9 | 10 => OffsetDateTime::from_unix_timestamp(count).ok(),
        12 | 13 if fraction.is_empty() => OffsetDateTime::from_unix_timestamp(count / 1000).ok(),
        _ => None,
    }
}

/// Reads the date at the beginning.
fn read_day(scan: &mut Scan, century: Century) -> Option<Date> {
    if scan.takes_word_of(&WEEKDAYS, 3) {
        scan.separators();
    }
    if scan.at_letter() {
        let month = scan.word_of(&MONTHS, 3)?;
        scan.separators();
        let day = scan.digits()?;
        scan.ordinal();
        scan.separators();
        return named(scan.year()?, month, day, century);
    }
    let first = scan.digits()?;
    if first.len() == 8 {
        return compact(first, century);
    }
    scan.ordinal();
    let before = scan.separators();
    if scan.at_letter() {
        let month = scan.word_of(&MONTHS, 3)?;
        scan.separators();
        let last = scan.year()?;
        scan.ordinal();
        return match first.len() {
            4 => named(first, month, last, century),
            _ => named(last, month, first, century),
        };
    }
    let second = scan.digits().filter(|_| !before.is_empty())?;
    let after = scan.separators();
    let third = scan.year().filter(|_| !after.is_empty())?;
    match first.len() {
        4 => calendar(first, second, third, century),
        _ => by_order(first, second, third, (before.trim(), after.trim()) == (".", "."), century),
    }
}

/// Month first, or day first with dots; the other order if only that fits.
fn by_order(first: &str, second: &str, year: &str, dotted: bool, century: Century) -> Option<Date> {
    let month_first = || calendar(year, first, second, century);
    let day_first = || calendar(year, second, first, century);
    if dotted { day_first().or_else(month_first) } else { month_first().or_else(day_first) }
}

/// Eight digits: `yyyymmdd`, otherwise with the year last. No date fits both, because no year begins with a month.
fn compact(digits: &str, century: Century) -> Option<Date> {
    let year_first = calendar(&digits[..4], &digits[4..6], &digits[6..], century);
    year_first.or_else(|| by_order(&digits[..2], &digits[2..4], &digits[4..], false, century))
}

fn named(year: &str, month: usize, day: &str, century: Century) -> Option<Date> {
    calendar(year, &(month + 1).to_string(), day, century)
}

fn calendar(year: &str, month: &str, day: &str, century: Century) -> Option<Date> {
    let month = Month::try_from(number(month, 2)?).ok()?;
    let day = number(day, 2)?;
    let of = |year: i32| Date::from_calendar_date(year, month, day).ok();
    let digits: i32 = year.parse().ok()?;
    match (year.len(), century) {
        (4, _) if YEARS.contains(&digits) => of(digits),
        (2, Century::Usual) => of(if digits < 70 { 2000 + digits } else { 1900 + digits }),
        (2, Century::Past(Some(today))) => {
            [2100, 2000, 1900].into_iter().filter_map(|century| of(century + digits)).find(|date| *date <= today)
        }
        _ => None,
    }
}

fn number(text: &str, most: usize) -> Option<u8> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
