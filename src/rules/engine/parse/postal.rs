//! Postal codes: of the United States, Canada and the United Kingdom by their own form, of others by their country.

use super::country::Country;

/// Maximum bytes of a postal code with its separators.
const MAX_TEXT: usize = 16;

/// The countries whose pattern allows a separator that nobody writes.
const JOINED: [&str; 2] = ["BN", "FR"];

/// Parses a folded text. A country other than the three, if the lead names one, decides alone.
pub fn postal_code(text: &str, country: Option<Country>) -> Option<String> {
    if text.len() > MAX_TEXT || !text.is_ascii() {
        return None;
    }
    let code: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    match country {
        Some(country) if !(country.is_american() || matches!(country.code(), "CA" | "GB")) => foreign(&code, country),
        _ => american(&code).or_else(|| canadian(&code)).or_else(|| british(&code)),
    }
}

/// The letters and digits of a code as a pattern: `A` for a letter, `9` for a digit.
fn pattern(code: &str) -> String {
    let class = |c: char| match c {
        'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    code.chars().map(class).collect()
}

fn american(code: &str) -> Option<String> {
    match pattern(code).as_str() {
        "99999" => Some(code.to_owned()),
        "999999999" => Some(format!("{}-{}", &code[..5], &code[5..])),
        _ => None,
    }
}

/// Canada never uses D, F, I, O, Q and U, nor W and Z as the first letter.
fn canadian(code: &str) -> Option<String> {
    let used = !code.contains(['D', 'F', 'I', 'O', 'Q', 'U']) && !code.starts_with(['W', 'Z']);
    (used && pattern(code) == "A9A9A9").then(|| format!("{} {}", &code[..3], &code[3..]))
}

/// The last two letters of a British code are never C, I, K, M, O or V.
fn british(code: &str) -> Option<String> {
    let pattern = pattern(code);
    let known = matches!(pattern.as_str(), "A99AA" | "A999AA" | "AA99AA" | "AA999AA" | "A9A9AA" | "AA9A9AA");
    let is_giro = code == "GIR0AA";
    if !known && !is_giro {
        return None;
    }
    let (outward, inward) = code.split_at(code.len() - 3);
    (!inward.contains(['C', 'I', 'K', 'M', 'O', 'V'])).then(|| format!("{outward} {inward}"))
}

/// The spelling that fits the country's pattern. The patterns mark where a separator can be, so each place is tried.
fn foreign(code: &str, country: Country) -> Option<String> {
    let pattern = country.postal()?;
    let spelled = |code: &str| {
        if JOINED.contains(&country.code()) && pattern.is_match(code) {
            return Some(code.to_owned());
        }
        let places = 1..code.len();
        let with = |mark: char| places.clone().map(move |at| (at, mark));
        let separated = with('-').chain(with(' ')).map(|(at, mark)| format!("{}{mark}{}", &code[..at], &code[at..]));
        separated.chain([code.to_owned()]).find(|spelling| pattern.is_match(spelling))
    };
    // Neighbours write `D-10115` and `CH-8001`, so the country's letters can stand before the code.
    let bare = || {
        let letters = code.strip_prefix(country.code()).or_else(|| code.strip_prefix(&country.code()[..1]))?;
        letters.starts_with(|c: char| c.is_ascii_digit()).then(|| spelled(letters)).flatten()
    };
    spelled(code).or_else(bare)
}
