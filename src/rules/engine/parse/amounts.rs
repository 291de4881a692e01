//! Amounts of money, whole numbers, ranges and credit scores.

use super::{
    super::numbers::{Decimal, Range},
    country::Country,
};

/// The symbols and letters that people write before or after an amount.
const CURRENCIES: &[&str] = &[
    "us$", "usd", "ca$", "cad", "c$", "a$", "aud", "nz$", "nzd", "mx$", "mxn", "r$", "brl", "eur", "gbp", "jpy", "chf",
    "sek", "nok", "dkk", "pln", "czk", "inr", "rs.", "kr", "zł", "kč", "$", "€", "£", "¥", "₹", "₽", "₺", "₩",
];

/// The bands of a credit score with their lowest and highest score.
const BANDS: &[(&str, &str)] = &[
    ("excellent", "800-850"),
    ("very good", "740-799"),
    ("good", "670-739"),
    ("fair", "580-669"),
    ("poor", "300-579"),
];

/// What sellers also call a band.
const BAND_NAMES: &[(&str, &str)] = &[
    ("exceptional", "excellent"),
    ("great", "excellent"),
    ("verygood", "very good"),
    ("average", "fair"),
    ("ok", "fair"),
    ("okay", "fair"),
    ("bad", "poor"),
    ("very poor", "poor"),
    ("verypoor", "poor"),
];

/// An amount of money without its currency. `1.234,50` is read only in a country that writes so.
pub fn currency(text: &str, country: Option<Country>) -> Option<String> {
    let lower = text.to_lowercase();
    let (negative, amount) = without_sign(&lower);
    let (also_negative, amount) = without_sign(without_currency(amount));
    if negative && also_negative {
        return None;
    }
    let plain = match country.filter(|country| country.writes_comma()) {
        Some(_) => with_comma(amount)?,
        None => amount.replace('\'', ","),
    };
    // What is left has digits and separators only: no second sign and no second currency.
    let is_plain = plain.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let number = is_plain.then(|| Decimal::parse(&plain)).flatten()?.to_string();
    let zero = number == "0";
    Some(if (negative || also_negative) && !zero { format!("-{number}") } else { number })
}

/// Accountants write a negative amount in parentheses.
fn without_sign(text: &str) -> (bool, &str) {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner.trim());
    }
    match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim()),
    }
}

fn without_currency(text: &str) -> &str {
    let before = CURRENCIES.iter().find_map(|name| text.strip_prefix(name));
    let after = || CURRENCIES.iter().find_map(|name| text.strip_suffix(name));
    before.or_else(after).unwrap_or(text).trim()
}

/// `1.234,50`, `1 234,50` and `1234,5` with a dot before the cents. Forms also send `1234.50` everywhere; a dot before
/// three digits separates thousands.
fn with_comma(text: &str) -> Option<String> {
    let (whole, cents) = text.split_once(',').unwrap_or((text, ""));
    let is_short = |digits: &str| digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = whole.replace([' ', '\''], ".");
    let mut groups = grouped.split('.');
    let first = groups.next()?;
    let are_groups = !first.starts_with('0') && (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    if is_short(cents) && (are_groups || !grouped.contains('.')) {
        return Some(format!("{}.{cents}", grouped.replace('.', "")));
    }
    let (_, fraction) = text.split_once('.')?;
    (!text.contains(',') && is_short(fraction)).then(|| text.to_owned())
}

/// A whole number. `12.0` is one.
pub fn integer(text: &str) -> Option<String> {
    let number = Decimal::parse(text)?.to_string();
    (!number.contains('.')).then_some(number)
}

pub fn range(text: &str) -> Option<String> {
    let number = || Decimal::parse(text).map(|number| number.to_string());
    Range::parse(text).map(|range| range.to_string()).or_else(number)
}

/// A score from 300 to 850, a range of scores, or a band. A band stays a word, because sellers' bands differ.
pub fn credit_score(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    scores(&text).or_else(|| band(&text))
}

/// The scores of a band, as FICO has them. None if the text is not the normal form of a band.
pub fn band_scores(normal: &str) -> Option<Range> {
    BANDS.iter().find(|(name, _)| *name == normal).and_then(|(_, scores)| Range::parse(scores))
}

fn scores(text: &str) -> Option<String> {
    let text = text.trim();
    let strip = |words: &[&str]| words.iter().find_map(|word| text.strip_prefix(word));
    let strip_end = |words: &[&str]| words.iter().find_map(|word| text.strip_suffix(word));
    let (low, high) = if let Some(below) = strip(&["under", "below", "less than", "<"]) {
        (300, score(below)? - 1)
    } else if let Some(above) = strip(&["over", "above", "more than", ">"]) {
        (score(above)? + 1, 850)
    } else if let Some(least) = strip_end(&["+", "and above", "or above", "or higher", "or more", "and up"]) {
        (score(least)?, 850)
    } else if let Some(number) = score(text) {
        return Some(number.to_string());
    } else {
        let Range { min, max } = Range::parse(text)?;
        (score(&min?.to_string())?, score(&max?.to_string())?)
    };
    (low <= high).then(|| format!("{low}-{high}"))
}

fn score(text: &str) -> Option<u16> {
    integer(text.trim())?.parse().ok().filter(|score| (300..=850).contains(score))
}

/// `Good`, `good credit` and `Good (670-739)`.
fn band(text: &str) -> Option<String> {
    let words: String = text.chars().map(|c| if c.is_alphabetic() { c } else { ' ' }).collect();
    let name =
        words.split_whitespace().filter(|word| !matches!(*word, "credit" | "score")).collect::<Vec<_>>().join(" ");
    let name = BAND_NAMES.iter().find(|(other, _)| *other == name).map_or(name.as_str(), |(_, band)| band);
    let (band, _) = BANDS.iter().find(|(band, _)| *band == name)?;
    let rest = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let rest = rest.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '+');
    (rest.is_empty() || scores(rest).is_some()).then(|| (*band).to_owned())
}
