//! Texts in the form in which they are compared, where neither case nor the spelling of accents matters.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// The dot above that remains of `İ` in lower case.
const DOT_ABOVE: char = '\u{307}';

/// The text without the difference between upper and lower case. `ß` is `ss`, every kind of `i` is `i`, and a letter
/// with an accent is the same whether it is one character or two.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut before = '\0';
    let lower = text.nfd().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let same = lower.filter(|c| {
        let is_dot_of_i = *c == DOT_ABOVE && before == 'i';
        if !is_dot_of_i {
            before = *c;
        }
        !is_dot_of_i
    });
    same.nfc().collect()
}

/// The text with each accent joined to its letter, as patterns expect it.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_or_spelling_of_accents_are_the_same() {
        for (one, other) in [
            ("Austin", "AUSTIN"),
            ("École", "ÉCOLE"),
            ("caf\u{e9}", "CAFE\u{301}"),
            ("Straße", "STRASSE"),
            ("Straße", "STRAẞE"),
            ("İstanbul", "istanbul"),
            ("ISTANBUL", "ıstanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁx", "FIX"),
            ("Å", "\u{212b}"),
            ("\u{1e9b}\u{323}", "\u{1e9b}\u{323}"),
            ("Жанна", "ЖАННА"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
            assert_eq!(fold(&fold(one)), fold(one), "{one}");
        }
        for (one, other) in [("é", "e"), ("o", "ö"), ("n", "ñ"), ("1", "١")] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn any_text_can_be_folded() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            let text = String::from_iter(['a', c, DOT_ABOVE]);
            assert_eq!(fold(&fold(&text)), fold(&text), "{c:?}");
            assert_eq!(composed(&composed(&text)), composed(&text), "{c:?}");
        }
    }
}
