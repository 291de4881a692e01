//! Numbers as people write them, compared digit by digit without rounding, however long they are.

use std::{cmp::Ordering, fmt};

/// Maximum bytes of a number, which bounds the work for hostile values.
const MAX_DIGITS: usize = 64;

/// A decimal number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

impl Decimal {
    /// Parses `9,998.99`, `$12`, `-3` and `+.5`. Commas must separate groups of three digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_DIGITS {
            return None;
        }
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let text = text.strip_prefix('$').unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = without_commas(whole)?;
        if whole.len() + fraction.len() == 0 || !digits(&whole) || !digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_commas(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    if whole.contains(',') && !(1..=3).contains(&first.len()) {
        return None;
    }
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        all.push_str(group);
    }
    Some(all)
}

/// A range of numbers with both ends included. A missing end is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
}

impl Range {
    /// Parses `18.5-101`, `10+` and `1 to 10`. The lower end comes first.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 2 * MAX_DIGITS {
            return None;
        }
        if let Some(min) = text.strip_suffix('+') {
            return Some(Self { min: Some(Decimal::parse(min)?), max: None });
        }
        ends(text).find_map(|(min, max)| Self::of(Decimal::parse(min)?, Decimal::parse(max)?))
    }

    /// None if `min` is greater than `max`.
    pub fn of(min: Decimal, max: Decimal) -> Option<Self> {
        (min <= max).then_some(Self { min: Some(min), max: Some(max) })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.min, &self.max) {
            (Some(min), Some(max)) => write!(f, "{min}-{max}"),
            (Some(min), None) => write!(f, "{min}+"),
            (None, Some(max)) => write!(f, "0-{max}"),
            (None, None) => Ok(()),
        }
    }
}

/// All ways to split a text into two ends. A hyphen can also be a minus sign, so each one is tried.
fn ends(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let word = text.split_once(" to ");
    let dash = text.split_once('–');
    let hyphens = text.match_indices('-').filter(|(at, _)| *at > 0).map(|(at, _)| (&text[..at], &text[at + 1..]));
    word.into_iter().chain(dash).chain(hyphens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_parsed_as_people_write_them() {
        for (text, normal) in [
            ("9,998.99", "9998.99"),
            (" 007 ", "7"),
            ("$1,000,000", "1000000"),
            ("-$3.50", "-3.5"),
            ("+.5", "0.5"),
            ("5.", "5"),
            ("-0.0", "0"),
        ] {
            assert_eq!(decimal(text).to_string(), normal, "{text}");
        }
        for text in ["", "-", ".", "1,2", "1,2345", ",123", "1e5", "12a", "٣", "--1", "1.2.3", &"9".repeat(65)] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_compare_exactly() {
        let order =
            ["-12", "-1.5", "-1.25", "0", "0.05", "0.5", "0.51", "9", "10", "12345678901234567", "12345678901234568"];
        for pair in order.windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
        }
        assert_eq!(decimal("1.50"), decimal("01.5"));
    }

    #[test]
    fn ranges_are_parsed_as_people_write_them() {
        for (text, normal) in [
            ("18.5-101", "18.5-101"),
            ("10+", "10+"),
            ("1 to 10", "1-10"),
            ("$10,000 - $19,999", "10000-19999"),
            ("5–6", "5-6"),
            ("-5--1", "-5--1"),
            ("-5-1", "-5-1"),
        ] {
            assert_eq!(Range::parse(text).unwrap().to_string(), normal, "{text}");
        }
        for text in ["", "10", "-10", "10-", "a-b", "10-5", "1-2-3", "+"] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }
}
