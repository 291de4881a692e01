//! Plain characters instead of their typographic and full-width forms, for values with a fixed form.

use std::borrow::Cow;

/// The zeros of scripts whose digits follow each other in Unicode. Full-width digits are letters with an offset.
const ZEROS: [u32; 15] =
    [0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0x17E0];

/// The distance from a full-width character to its plain form.
const FULL_WIDTH: u32 = 0xFEE0;

/// The text as it would be typed on a plain keyboard: digits of all scripts as 0 to 9, full-width characters, dashes,
/// quotes and spaces in their plain form, without invisible marks and surrounding spaces.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.trim());
    }
    let plain: String = text.chars().filter(|c| !is_invisible(*c)).map(plain).collect();
    match plain.trim() {
        trimmed if trimmed.len() == plain.len() => Cow::Owned(plain),
        trimmed => Cow::Owned(trimmed.to_owned()),
    }
}

/// The text without spaces and invisible marks around it. What is between stays, as in an address of a page.
pub fn without_marks_around(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// Marks that show nothing: joiners, directions, soft hyphens, byte-order marks.
fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0xAD | 0x34F | 0x61C | 0x180B..=0x180E | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F
            | 0xFE00..=0xFE0F | 0xFEFF
    )
}

fn plain(c: char) -> char {
    let code = u32::from(c);
    match code {
        0..=0x7F => c,
        0xFF01..=0xFF5E => char::from_u32(code - FULL_WIDTH).unwrap_or(c),
        0x2010..=0x2015 | 0x2043 | 0x2212 | 0xFE58 | 0xFE63 | 0x30FC => '-',
        0x2018 | 0x2019 | 0x201B | 0x2BC | 0xB4 => '\'',
        0x201C..=0x201F => '"',
        _ if c.is_whitespace() => ' ',
        _ => digit(code).unwrap_or(c),
    }
}

fn digit(code: u32) -> Option<char> {
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_folded_to_plain_characters() {
        for (text, plain) in [
            (" plain ", "plain"),
            ("５１２－５５５", "512-555"),
            ("ＡＢ１２　３ＣＤ", "AB12 3CD"),
            ("٥١٢", "512"),
            ("۵۱۲", "512"),
            ("५१२", "512"),
            ("512–555—0142", "512-555-0142"),
            ("\u{2212}5", "-5"),
            ("512\u{a0}555\u{202f}0142", "512 555 0142"),
            ("\u{feff}5\u{200b}1\u{2060}2\u{200e}", "512"),
            ("\u{202a}+1 512\u{202c}", "+1 512"),
            ("it’s", "it's"),
            ("Québec", "Québec"),
            ("\u{200b}\u{feff}", ""),
        ] {
            assert_eq!(fold(text), plain, "{text:?}");
        }
    }

    #[test]
    fn only_marks_around_an_address_are_removed() {
        assert_eq!(without_marks_around("\u{feff} https://a.b/x–y\u{200b}\n"), "https://a.b/x–y");
    }
}
