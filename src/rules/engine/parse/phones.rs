//! Phone numbers by the numbering plans of the world.
//!
//! A number of North America becomes its ten digits, any other one `+` and the full number; an extension follows `x`.

use super::country::Country;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

/// Maximum bytes of a phone number with all that people write around it.
const MAX_TEXT: usize = 80;
/// Maximum digits of an extension.
const MAX_EXTENSION: usize = 7;
/// From this length on, digits without a `+` can begin with a country code. Shorter ones would often be mistyped
/// numbers of North America.
const WITH_COUNTRY_CODE: usize = 12;

/// What can stand before a number, such as `p:` in exports of ad platforms.
const LABELS: &[&str] = &[
    "callto",
    "cell phone",
    "cell",
    "fax",
    "home",
    "main",
    "mobile",
    "mob",
    "number",
    "office",
    "phone",
    "ph",
    "sms",
    "telephone",
    "tel",
    "whatsapp",
    "work",
];
/// What begins an extension. A longer one comes before a shorter one that it contains.
const EXTENSIONS: &[&str] = &[";ext=", "extension", "extn", "ext", "x", "#", ",", ";"];
/// The area codes of toll-free numbers, the only ones whose letters are read as digits.
const TOLL_FREE: &[&str] = &["800", "822", "833", "844", "855", "866", "877", "888"];

/// Parses a folded text.
pub fn phone(text: &str, country: Option<Country>) -> Option<String> {
    if text.len() > MAX_TEXT || !text.is_ascii() {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let text = without_label(&text);
    extended(text, country).or_else(|| number(text, country)).or_else(|| vanity(text))
}

fn without_label(text: &str) -> &str {
    // `p:+1512…` of Meta, and `tel://…`: any single letter with a colon, or a word with or without one.
    let rest = match text.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_lowercase() => &text[2..],
        _ => LABELS.iter().find_map(|label| text.strip_prefix(label)).unwrap_or(text),
    };
    let rest = rest.trim_start_matches([' ', '.', ':', '=']);
    rest.strip_prefix("//").unwrap_or(rest).trim_start()
}

/// A number with an extension, which may be empty, as forms join it.
fn extended(text: &str, country: Option<Country>) -> Option<String> {
    let text = text.trim_end_matches([')', ' ', '#', ';']);
    EXTENSIONS.iter().find_map(|mark| {
        let (before, after) = text.rsplit_once(mark)?;
        let extension = after.trim_start_matches([' ', '.', ':', '-', '=']);
        let fits = extension.len() <= MAX_EXTENSION && extension.bytes().all(|byte| byte.is_ascii_digit());
        let before = before.trim_end_matches([' ', ',', ';', '(', '-', '.']);
        let number = if fits { number(before, country)? } else { return None };
        Some(if extension.is_empty() { number } else { format!("{number}x{extension}") })
    })
}

fn number(text: &str, country: Option<Country>) -> Option<String> {
    let text = text.trim_start_matches([' ', '(', '[']);
    let (has_plus, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let is_written = |c: char| c.is_ascii_digit() || matches!(c, '(' | ')' | '[' | ']' | '-' | '.' | '/' | ' ');
    if !text.chars().all(is_written) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !(4..=20).contains(&digits.len()) {
        return None;
    }
    let at_home = country.is_none_or(in_north_america);
    if has_plus {
        return international(&digits);
    }
    if let Some(abroad) = digits.strip_prefix("00") {
        return international(abroad);
    }
    if let Some(abroad) = digits.strip_prefix("011").filter(|_| at_home) {
        return international(abroad);
    }
    let national = if at_home { None } else { country.and_then(Country::region).and_then(|at| foreign(&digits, at)) };
    let with_code = || (digits.len() >= WITH_COUNTRY_CODE).then(|| international(&digits)).flatten();
    national.or_else(|| american(&digits)).or_else(with_code)
}

/// A number that begins with its country code.
fn international(digits: &str) -> Option<String> {
    // Until 2019, mobile numbers of Mexico had a 1 after the country code, and many lists still do.
    let digits = match digits.strip_prefix("521") {
        Some(rest) if rest.len() == 10 => format!("52{rest}"),
        _ => digits.to_owned(),
    };
    match digits.strip_prefix('1') {
        Some(rest) => (rest.len() == 10).then(|| american(rest)).flatten(),
        None => valid(&PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok()?),
    }
}

/// A number as it is dialled within a country outside of North America.
fn foreign(digits: &str, region: Region) -> Option<String> {
    valid(&PHONE_NUMBER_UTIL.parse(digits, Some(region)).ok()?)
}

fn valid(number: &PhoneNumber) -> Option<String> {
    let valid = PHONE_NUMBER_UTIL.is_valid_number(number);
    valid.then(|| PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned())
}

/// Ten digits of North America, with or without the 1 before them. Needs no parsing, only the numbering plan.
fn american(digits: &str) -> Option<String> {
    let ten = digits.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(digits);
    if ten.len() != 10 || ten.starts_with(['0', '1']) {
        return None;
    }
    let number = PhoneNumber { country_code: 1, national_number: ten.parse().ok()?, ..PhoneNumber::default() };
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| ten.to_owned())
}

pub fn in_north_america(country: Country) -> bool {
    country.region().is_some_and(|region| PHONE_NUMBER_UTIL.is_nanpa_country(region))
}

/// A toll-free number with letters, such as `1-800-FLOWERS`.
fn vanity(text: &str) -> Option<String> {
    let key = |c: char| match c {
        '0'..='9' => Some(c),
        'a'..='c' => Some('2'),
        'd'..='f' => Some('3'),
        'g'..='i' => Some('4'),
        'j'..='l' => Some('5'),
        'm'..='o' => Some('6'),
        'p'..='s' => Some('7'),
        't'..='v' => Some('8'),
        'w'..='z' => Some('9'),
        _ => None,
    };
    let text = text.strip_prefix('+').unwrap_or(text);
    let typed: String = text.chars().filter(|c| !matches!(c, '(' | ')' | '-' | '.' | ' ')).collect();
    let typed = typed.strip_prefix('1').unwrap_or(&typed);
    let is_toll_free = TOLL_FREE.iter().any(|area| typed.starts_with(area));
    let digits: Option<String> = typed.chars().map(key).collect();
    digits.filter(|digits| is_toll_free && digits.len() == 10).and_then(|digits| american(&digits))
}
