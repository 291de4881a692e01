//! Properties of all readers, on inputs that proptest makes up. An input that fails is kept in
//! `proptest-regressions/`, and tried first from then on.

use super::super::*;
use crate::leads::input::builder::{MAX_DEPTH, MAX_FIELDS, MAX_LEAD, MAX_NAME, MAX_VALUE};
use proptest::{collection::vec, prelude::*, sample::select};

const TYPES: [&str; 12] = [
    FORM,
    JSON,
    XML,
    "",
    "text/plain",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "text/xml; charset=shift_jis",
    "application/x-www-form-urlencoded; charset=iso-2022-jp",
    "application/x-www-form-urlencoded; charset=gb18030",
    "text/plain; charset=big5",
];

/// Pieces that mean something to one of the readers.
const PIECES: [&str; 58] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\\u",
    "\\ud83d",
    "\\udc00",
    "\\u0000",
    "d800",
    "null",
    "true",
    "1.10",
    "-0e5",
    "a",
    "b.c",
    "a[b]",
    "[]",
    "[0]",
    "=",
    "&",
    "%",
    "%00",
    "%fc",
    "%C3%BC",
    "+",
    "<",
    ">",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<a b='c'>",
    "<b/>",
    "&amp;",
    "&#0;",
    "&#xD800;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml encoding='latin1'?>",
    "<?",
    "?>",
    "--b",
    "--b--",
    "\r\n",
    "\n",
    "\r\n\r\n",
    "Content-Disposition: form-data; name=\"x\"",
    "; filename=\"y\"",
    "é",
    "\u{feff}",
    "\0",
    "\t",
];

fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<String>().prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..20),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// What holds of every input that is accepted.
fn assert_within_limits(input: &Input) {
    let texts = || input.values().iter().flat_map(|(name, value)| value.texts().iter().map(move |text| (name, text)));
    assert!(texts().count() <= MAX_FIELDS);
    assert!(texts().map(|(name, text)| name.len() + text.len()).sum::<usize>() <= MAX_LEAD);
    for (name, text) in texts() {
        assert!(name.len() <= MAX_NAME && text.len() <= MAX_VALUE, "{name:?}");
        assert!(!name.contains('\0') && !text.contains('\0') && !name.starts_with('\u{feff}'), "{name:?}");
        assert!(
            name.contains("..") || name.split('.').count() <= MAX_DEPTH || name.split('.').any(str::is_empty),
            "{name:?}"
        );
        assert!(input.text(name, false).is_some() && input.text(name, true).is_some());
    }
    let json = serde_json::to_string(input.values()).unwrap();
    let again: BTreeMap<String, InputValue> = serde_json::from_str(&json).unwrap();
    assert_eq!(&again, input.values(), "what is stored is what was read");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_body_makes_a_reader_panic_or_exceed_a_limit(
        body in body(),
        content_type in select(TYPES.to_vec()),
        encoding in select(vec!["", "", "", "gzip", "deflate", "br", "br, deflate"]),
        query in "[a-c=&%\\[\\].]{0,12}",
    ) {
        let content = Content {
            query: Some(&query),
            content_type: Some(content_type),
            content_encoding: Some(encoding),
            body: &body,
        };
        match Input::read(content) {
            Ok(input) => assert_within_limits(&input),
            Err(problem) => prop_assert!([400, 413, 415, 422].contains(&problem.status()) && !problem.sentence().is_empty()),
        }
        prop_assert!(excerpt(content).len() <= 16 * 1024 && !excerpt(content).contains('\0'));
    }

    #[test]
    fn a_flat_lead_is_read_alike_in_every_format(
        pairs in vec(("[a-z_]{1,8}(\\.[a-z0-9]{1,4}){0,3}", "[^\0\r]{0,12}"), 0..12),
    ) {
        // XML has no white space around a text.
        let pairs: Vec<(String, String)> = pairs.into_iter().map(|(name, text)| (name, text.trim().to_owned())).collect();
        let form = serde_urlencoded::to_string(&pairs).unwrap();
        let members = pairs.iter().map(|(name, text)| format!("{}:{}", json!(name), json!(text)));
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let elements = pairs.iter().map(|(name, text)| format!("<{name}>{}</{name}>", escape(text)));
        let parts = pairs.iter().map(|(name, text)| {
            format!("--b0u1n2d\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        });
        let mut expected = BTreeMap::<String, Vec<String>>::new();
        pairs.iter().for_each(|(name, text)| expected.entry(name.clone()).or_default().push(text.clone()));
        let expected = expected.into_iter().map(|(name, texts)| (name, InputValue::of(texts))).collect::<BTreeMap<_, _>>();
        for (content_type, body) in [
            (FORM, form.clone()),
            (JSON, format!("{{{}}}", members.collect::<Vec<_>>().join(","))),
            (XML, format!("<lead>{}</lead>", elements.collect::<String>())),
            ("multipart/form-data; boundary=b0u1n2d", format!("{}--b0u1n2d--\r\n", parts.collect::<String>())),
        ] {
            let read = input(content_type, &body).unwrap();
            prop_assert_eq!(read.values(), &expected, "{} {}", content_type, body);
            prop_assert_eq!(read.marks().count(), 0, "{}", content_type);
        }
        let query = with_query(&form, None, "").unwrap();
        prop_assert_eq!(query.values(), &expected);
    }

    #[test]
    fn every_text_survives_json_whatever_is_escaped(text in any::<String>(), is_raw in any::<bool>()) {
        let written = if is_raw {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            text.encode_utf16().fold("\"".to_owned(), |all, unit| all + &format!("\\u{unit:04x}")) + "\""
        };
        let is_allowed = |c: char| c >= ' ' || matches!(c, '\t' | '\r' | '\n' | '\0');
        let kept = text.replace('\0', "");
        match input(JSON, format!("{{\"a\":{written}}}")) {
            Ok(read) => prop_assert_eq!(read.text("a", false), Some(kept.as_str())),
            Err(problem) => prop_assert!(is_raw && !text.chars().all(is_allowed), "{}", problem),
        }
    }

    #[test]
    fn a_form_keeps_every_pair_whatever_its_bytes(name in vec(any::<u8>(), 1..20), value in vec(any::<u8>(), 0..20)) {
        let escape = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02x}")).collect::<String>();
        let read = input(FORM, format!("{}={}&z.z=1", escape(&name), escape(&value))).unwrap();
        let count: usize = read.values().values().map(|value| value.texts().len()).sum();
        prop_assert_eq!(count, 2);
        prop_assert_eq!(read.text("z.z", false).map(str::len) >= Some(1), true);
    }
}
