//! Turns bytes into text, by the labels of the Encoding Standard.

use super::{InputProblem, Mark};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Maximum characters of an unknown label that the answer repeats.
const MAX_LABEL: usize = 40;
/// ASCII has no letter that could be misread, so these labels say nothing.
const ASCII: [&str; 3] = ["us-ascii", "ascii", "ansi_x3.4-1968"];

/// The charset of a label; None if the label says nothing.
pub fn of_label(label: &str) -> Result<Option<&'static Encoding>, InputProblem> {
    let label = label.trim().trim_matches(['"', '\'']).trim();
    if label.is_empty() || ASCII.iter().any(|name| label.eq_ignore_ascii_case(name)) {
        return Ok(None);
    }
    let unknown = || InputProblem::UnknownCharset(super::shown(label, MAX_LABEL));
    Encoding::for_label_no_replacement(label.as_bytes()).map(Some).ok_or_else(unknown)
}

/// Decodes a document: by its byte-order mark, else by the first label that fits, else as UTF-8, else as windows-1252.
/// A mark says so if no label fits.
pub fn document<'b>(bytes: &'b [u8], labels: &[Option<&'static Encoding>]) -> (Cow<'b, str>, Option<Mark>) {
    let (marked, length) = Encoding::for_bom(bytes).map_or((None, 0), |(encoding, length)| (Some(encoding), length));
    let bytes = &bytes[length..];
    let labels = labels.iter().flatten().copied();
    let candidates = marked.into_iter().chain(unmarked_utf_16(bytes)).chain(labels);
    first_that_fits(bytes, candidates.filter(|encoding| marked.is_some() || can_be(encoding, bytes)))
}

/// Decodes a part of a body, such as the value of a form, which has no byte-order mark of its own.
pub fn part<'b>(bytes: &'b [u8], label: Option<&'static Encoding>) -> (Cow<'b, str>, Option<Mark>) {
    first_that_fits(bytes, label.into_iter().filter(|encoding| can_be(encoding, bytes)))
}

/// True if the structure of a form in this charset can be told from its text only after decoding.
pub fn hides_structure(label: Option<&'static Encoding>, body: &[u8]) -> bool {
    let is_wide = Encoding::for_bom(body).is_some_and(|(encoding, _)| encoding != UTF_8);
    let is_escaped = label == Some(ISO_2022_JP) && body.contains(&0x1b);
    is_wide || is_escaped || unmarked_utf_16(body).is_some()
}

/// UTF-16 without a byte-order mark shows by the empty halves of its first two characters.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(UTF_16LE),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// Programs say UTF-16 of texts that they then send as UTF-8. In UTF-16, each of `{`, `<` and `=` has an empty byte.
fn can_be(encoding: &Encoding, bytes: &[u8]) -> bool {
    (encoding != UTF_16LE && encoding != UTF_16BE) || bytes.contains(&0)
}

fn first_that_fits<'b>(
    bytes: &'b [u8],
    candidates: impl Iterator<Item = &'static Encoding>,
) -> (Cow<'b, str>, Option<Mark>) {
    let mut expected = None;
    for encoding in candidates {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return (text, expected.map(|_| Mark::ReadAs(encoding.name())));
        }
        expected = Some(encoding);
    }
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        let is_expected = expected.is_none_or(|encoding| encoding == UTF_8);
        return (text, (!is_expected).then_some(Mark::ReadAs(UTF_8.name())));
    }
    if let Some(text) = without_surrogates(bytes) {
        return (Cow::Owned(text), Some(Mark::SurrogateReplaced));
    }
    (WINDOWS_1252.decode_without_bom_handling(bytes).0, Some(Mark::ReadAs(WINDOWS_1252.name())))
}

/// The text, if only surrogates, which UTF-8 forbids, keep it from being UTF-8.
fn without_surrogates(bytes: &[u8]) -> Option<String> {
    let (mut replaced, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some(first) = rest.first() {
        if let [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] = rest {
            replaced.extend("\u{fffd}".bytes());
            rest = &rest[3..];
        } else {
            replaced.push(*first);
            rest = &rest[1..];
        }
    }
    String::from_utf8(replaced).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> Option<&'static Encoding> {
        of_label(name).unwrap()
    }

    #[test]
    fn a_text_is_decoded_by_mark_label_or_content() {
        let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let marked = [b"\xff\xfe".to_vec(), utf_16("<é>")].concat();
        for (bytes, labels, text, mark) in [
            (&b"M\xfcller"[..], vec!["windows-1252"], "Müller", None),
            (b"M\xfcller", vec![""], "Müller", Some(Mark::ReadAs("windows-1252"))),
            (b"M\xfcller", vec!["utf-8"], "Müller", Some(Mark::ReadAs("windows-1252"))),
            ("Müller".as_bytes(), vec![], "Müller", None),
            ("Müller".as_bytes(), vec!["us-ascii"], "Müller", None),
            ("Müller".as_bytes(), vec!["iso-8859-1"], "MÃ¼ller", None),
            (b"\xef\xbb\xbfM\xc3\xbcller", vec!["iso-8859-1"], "Müller", None),
            (b"\x8d\xe9", vec!["shift_jis"], "埼", None),
            ("高".as_bytes(), vec!["shift_jis"], "高", Some(Mark::ReadAs("UTF-8"))),
            (b"\xa4", vec!["", "iso-8859-15"], "€", None),
            (&marked, vec!["utf-8"], "<é>", None),
            (&utf_16("{\"é\"}"), vec![], "{\"é\"}", None),
            (b"a\0b", vec![], "a\0b", None),
            (&utf_16("{é}"), vec!["utf-16"], "{é}", None),
            ("{é}".as_bytes(), vec!["utf-16"], "{é}", None),
            (b"a\xed\xa0\x80b", vec![], "a\u{fffd}b", Some(Mark::SurrogateReplaced)),
            (b"", vec!["utf-16"], "", None),
        ] {
            let labels: Vec<_> = labels.iter().map(|name| label(name)).collect();
            let (read, marked) = document(bytes, &labels);
            assert_eq!((read.as_ref(), marked), (text, mark), "{bytes:?}");
        }
    }

    #[test]
    fn an_unknown_label_is_named() {
        for name in ["x-none", "utf-7", "iso-2022-kr", "replacement"] {
            assert_eq!(of_label(name), Err(InputProblem::UnknownCharset(name.to_owned())), "{name}");
        }
        let long = "x".repeat(500);
        assert_eq!(of_label(&long), Err(InputProblem::UnknownCharset("x".repeat(40))));
        for name in ["UTF-8", " \"latin1\" ", "'cp1252'", "Shift_JIS", "koi8-r"] {
            assert!(of_label(name).unwrap().is_some(), "{name}");
        }
    }
}
