//! Values of a few known words or digits.

use super::fold::fold;

/// The spellings of yes and no that forms send.
pub fn boolean(text: &str) -> Option<bool> {
    match fold(text).to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" | "on" | "checked" => Some(true),
        "false" | "f" | "0" | "no" | "n" | "off" | "unchecked" => Some(false),
        _ => None,
    }
}

pub fn gender(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "male" | "m" | "man" => Some("male"),
        "female" | "f" | "woman" => Some("female"),
        "other" | "o" | "x" | "non-binary" | "non binary" | "nonbinary" => Some("other"),
        _ => None,
    }
}

pub fn ssn(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    (digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}
