//! Ranges and numbers in rules as people write them: `$10,000 - $20,000`, `1980 to 1989`, `between 18 and 65 years`.

use super::{
    fields::FieldType,
    numbers::{Decimal, Range},
    parse::{Value, parse, typed},
    spans::{postal_span, span},
};

/// Maximum bytes of a range, and ways to split it that are tried: a lead can send one for a rule with a template.
const MAX_RANGE: usize = 200;
const MAX_SPLITS: usize = 20;
/// Maximum bytes of a number with its unit.
const MAX_NUMBER: usize = 80;
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2199;

/// What separates the two ends, the clearest first. A hyphen can also belong to a date or be a minus sign.
const SEPARATORS: &[&str] = &[
    " to ",
    " and ",
    " through ",
    " thru ",
    " until ",
    " till ",
    "...",
    "…",
    "..",
    "–",
    "—",
    "‒",
    "‑",
    "−",
    " - ",
    "; ",
    ", ",
    "-",
];
const FROM: &[&str] = &["between ", "from "];
const AT_LEAST: &[&str] = &[
    "+",
    " or more",
    " and more",
    " or over",
    " and over",
    " or above",
    " and above",
    " or higher",
    " and higher",
    " or greater",
    " and greater",
    " and up",
];
const AT_MOST: &[&str] = &[
    " or less",
    " and less",
    " or under",
    " and under",
    " or below",
    " and below",
    " or lower",
    " and lower",
    " or fewer",
    " and fewer",
];
/// Of an age. The older of two people has the lower date of birth, so for dates these could mean either.
const OLDER: &[&str] = &[" or older", " and older"];
const YOUNGER: &[&str] = &[" or younger", " and younger"];
const FROM_LEAST: &[&str] = &["at least "];
const UP_TO: &[&str] = &["up to ", "at most "];

const CURRENCIES: &[&str] = &["us$", "ca$", "c$", "$", "€", "£", "usd", "cad", "eur", "gbp", "dollars", "dollar"];
const UNITS: &[&str] = &[
    "%",
    "percent",
    "years old",
    "years",
    "year",
    "yrs",
    "yr",
    "months",
    "month",
    "weeks",
    "week",
    "days",
    "day",
    "hours",
    "hour",
    "minutes",
    "minute",
    "miles",
    "mile",
    "square feet",
    "sq ft",
    "sqft",
    "acres",
    "acre",
];
const MULTIPLES: &[(&str, usize)] = &[("thousand", 3), ("k", 3), ("million", 6)];

/// The range of a rule, its ends read by the field type. None if it can't be read or its lower end does not come first.
pub fn named_range(text: &str, field_type: FieldType) -> Option<Range> {
    let text = text.trim();
    if text.len() > MAX_RANGE {
        return None;
    }
    let text = strip_any(text, FROM, strip_prefix).unwrap_or(text);
    let closed = |(from, to): (&str, &str)| {
        let (low, high) = (end(from, field_type)?, end(to, field_type)?);
        let is_clear = multiple(from) == multiple(to) || low.max == Decimal::parse("0");
        Range::of(low.min?, high.max?).filter(|_| is_clear)
    };
    open_range(text, field_type).or_else(|| splits(text).into_iter().find_map(closed))
}

/// A range with one end, such as `18+` and `65 or younger`.
fn open_range(text: &str, field_type: FieldType) -> Option<Range> {
    let has_age = !matches!(field_type, FieldType::Date | FieldType::Dob | FieldType::Time);
    let one_end = |after: &[&str], ages: &[&str], before: &[&str]| {
        let of_age = || strip_any(text, ages, strip_suffix).filter(|_| has_age);
        let number = strip_any(text, after, strip_suffix).or_else(of_age);
        end(number.or_else(|| strip_any(text, before, strip_prefix))?, field_type)
    };
    let min = one_end(AT_LEAST, OLDER, FROM_LEAST).and_then(|range| range.min);
    let max = one_end(AT_MOST, YOUNGER, UP_TO).and_then(|range| range.max);
    (min.is_some() || max.is_some()).then_some(Range { min, max })
}

impl FieldType {
    /// True if people write its values in groups, separated as they like. The zeros at the start of such a value count.
    pub const fn is_grouped(self) -> bool {
        matches!(self, Self::PostalCode | Self::Phone | Self::Ssn)
    }
}

/// A value in a rule. What fields do not take but people add to a number in a rule, such as its unit, is left out.
pub fn read(field_type: FieldType, text: &str) -> Value {
    let value = parse(field_type, text);
    if value.valid || field_type.is_grouped() {
        return value;
    }
    let number = number(text).map(|number| parse(field_type, &number.to_string()));
    number.filter(|number| number.valid).unwrap_or(value)
}

/// What a rule compares with. A year or a month is all of its days, and for times a day is all of its seconds.
pub fn compared(text: &str, field_type: FieldType) -> Option<Range> {
    end(text, field_type).or_else(|| span(&read(field_type, text)))
}

/// One end of a range.
fn end(text: &str, field_type: FieldType) -> Option<Range> {
    let text = text.trim();
    match field_type {
        FieldType::Date | FieldType::Dob | FieldType::Time => {
            period(text, field_type).or_else(|| span(&parse(field_type, text)))
        }
        _ => {
            let single = span(&read(field_type, text)).filter(|range| range.min == range.max);
            let code = || if field_type == FieldType::PostalCode { foreign_code(text) } else { None };
            single.or_else(code).or_else(|| number(text).map(Range::exactly))
        }
    }
}

/// A postal code of a country that the value of a rule does not name, such as `01310-000` and `1012 AB`.
fn foreign_code(text: &str) -> Option<Range> {
    let text = typed(text);
    let (_, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let rest = rest.strip_prefix([' ', '-']).unwrap_or(rest);
    let is_code = (1..=4).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code { postal_span(&text) } else { None }
}

/// All days of a year or a month or, for a time, all of a day.
fn period(text: &str, field_type: FieldType) -> Option<Range> {
    let is_time = field_type == FieldType::Time;
    let (first, last) = match (is_year(text), month(text)) {
        (true, _) => (format!("{text}0101"), format!("{text}1231")),
        (_, Some(month)) => (format!("{month}01"), format!("{month}31")),
        _ if is_time => {
            let day = day(text)?;
            (day.clone(), day)
        }
        _ => return None,
    };
    let (start, end) = if is_time { ("000000", "235959") } else { ("", "") };
    Range::of(Decimal::parse(&(first + start))?, Decimal::parse(&(last + end))?)
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|year| YEARS.contains(&year))
}

/// The digits of a month: `1980-07`, `7/1980`, `July 1980`.
fn month(text: &str) -> Option<String> {
    let (first, second) = text.split_once(['-', '/', '.', ' '])?;
    let (first, second) = (first.trim_end_matches(','), second.trim());
    let (year, month) = if is_year(first) { (first, second) } else { (second, first) };
    if !is_year(year) || month.contains(|c: char| !c.is_alphanumeric()) {
        return None;
    }
    let is_name = month.starts_with(char::is_alphabetic);
    let day = if is_name { format!("1 {month} {year}") } else { format!("{year}-{month}-1") };
    let value = parse(FieldType::Date, &day);
    value.valid.then(|| value.normal.chars().filter(char::is_ascii_digit).take(6).collect())
}

/// The digits of a day that is written without a time.
fn day(text: &str) -> Option<String> {
    let (day, time) = (parse(FieldType::Date, text), parse(FieldType::Time, text));
    let is_day = day.valid && time.valid && !text.contains(':') && time.normal.contains("T00:00:00");
    is_day.then(|| day.normal.chars().filter(char::is_ascii_digit).collect())
}

/// A number with the signs, units and words for thousands that people add.
pub fn number(text: &str) -> Option<Decimal> {
    if text.len() > MAX_NUMBER {
        return None;
    }
    let lower = text.trim().to_ascii_lowercase();
    let (sign, rest) = lower.strip_prefix('-').map_or(("", lower.as_str()), |rest| ("-", rest));
    let (rest, zeros) = without_multiple(without_unit(rest));
    if rest.starts_with(['-', '+']) {
        return None;
    }
    let digits = Decimal::parse(rest)?.to_string();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let padded = format!("{fraction:0<zeros$}");
    let (more, fraction) = padded.split_at(zeros);
    Decimal::parse(&format!("{sign}{whole}{more}.{fraction}"))
}

fn without_unit(text: &str) -> &str {
    let text = strip_any(text, CURRENCIES, strip_prefix).unwrap_or(text).trim();
    let text = strip_any(text, UNITS, strip_suffix).unwrap_or(text).trim();
    strip_any(text, CURRENCIES, strip_suffix).unwrap_or(text).trim()
}

fn without_multiple(text: &str) -> (&str, usize) {
    let ending = |(word, zeros): &(&str, usize)| Some((text.strip_suffix(word)?.trim_end(), *zeros));
    MULTIPLES.iter().find_map(ending).unwrap_or((text, 0))
}

/// The zeros that the end of a range leaves out. `10-20k` does not say whether it begins at 10 or at 10,000.
fn multiple(text: &str) -> usize {
    let lower = text.trim().to_ascii_lowercase();
    without_multiple(without_unit(&lower)).1
}

/// The ways to split a text into two ends.
fn splits(text: &str) -> Vec<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let places = SEPARATORS.iter().flat_map(|separator| {
        let places = lower.match_indices(separator).map(|(at, _)| at).filter(|at| *at > 0);
        places.filter_map(|at| Some((text.get(..at)?, text.get(at + separator.len()..)?)))
    });
    places.take(MAX_SPLITS).collect()
}

/// The text without the first of these at its start or end, in any case.
fn strip_any<'t>(text: &'t str, parts: &[&str], strip: impl Fn(&'t str, &str) -> Option<&'t str>) -> Option<&'t str> {
    parts.iter().find_map(|part| strip(text, part))
}

fn strip_prefix<'t>(text: &'t str, part: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(part.len())?;
    start.eq_ignore_ascii_case(part).then_some(rest)
}

fn strip_suffix<'t>(text: &'t str, part: &str) -> Option<&'t str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(part.len())?)?;
    end.eq_ignore_ascii_case(part).then_some(rest)
}

#[cfg(test)]
mod tests;
