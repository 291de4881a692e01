//! Limits, and bodies that would cost far more than their size if a limit were checked late.

use super::super::*;
use crate::leads::input::builder::*;

fn many(count: usize, each: impl Fn(usize) -> String, between: &str) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(between)
}

#[test]
fn the_number_of_fields_is_limited() {
    let form = |count| many(count, |index| format!("a{index}=1"), "&");
    let object = |count| format!("{{{}}}", many(count, |index| format!("\"a{index}\":1"), ","));
    let list = |count| format!("{{\"a\":[{}]}}", many(count, |_| "0".to_owned(), ","));
    let document = |count| format!("<x>{}</x>", many(count, |index| format!("<a{index}>1</a{index}>"), ""));
    for (content_type, enough, more) in [
        (FORM, form(MAX_FIELDS), form(MAX_FIELDS + 1)),
        (JSON, object(MAX_FIELDS), object(MAX_FIELDS + 1)),
        (JSON, list(MAX_FIELDS), list(MAX_FIELDS + 1)),
        (XML, document(MAX_FIELDS), document(MAX_FIELDS + 1)),
    ] {
        assert!(read(content_type, enough).is_ok(), "{content_type}");
        assert_eq!(rejected(content_type, more), TooManyFields, "{content_type}");
    }
    assert_eq!(with_query("one=more", Some(FORM), &form(MAX_FIELDS)).unwrap_err(), TooManyFields);
    assert!(with_query("a1=other", Some(FORM), &form(MAX_FIELDS)).is_ok());
}

#[test]
fn the_depth_is_limited() {
    let form = |depth| format!("{}=1", many(depth, |_| "a".to_owned(), "."));
    let object = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let list = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let document = |depth: usize| format!("<x>{}1{}</x>", "<a>".repeat(depth), "</a>".repeat(depth));
    for deep in [MAX_DEPTH + 1, 50_000] {
        for (content_type, enough, more) in [
            (FORM, form(MAX_DEPTH), form(deep)),
            (JSON, object(MAX_DEPTH), object(deep)),
            (JSON, list(MAX_DEPTH), list(deep)),
            (XML, document(MAX_DEPTH), document(deep)),
        ] {
            assert!(read(content_type, enough).is_ok(), "{content_type}");
            assert_eq!(rejected(content_type, more), TooDeep, "{content_type} {deep}");
        }
    }
    // Dots in nested names add up.
    let name = many(MAX_DEPTH, |_| "a".to_owned(), ".");
    let dots = (0..MAX_DEPTH - 1).fold("1".to_owned(), |inner, _| format!("{{\"{name}\":{inner}}}"));
    assert_eq!(rejected(JSON, dots), TooDeep);
    assert_eq!(read(JSON, format!("{{\"a\":\"{}\"}}", "[{".repeat(100))), Ok(json!({"a": "[{".repeat(100)})));
}

/// About a megabyte of a text that repeats.
fn mega(text: &str) -> String {
    text.repeat(1_020_000 / text.len())
}

/// An inner text within as many opened and closed ones.
fn deep(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// A dotted name near the limit, with 999 names below it, each between these texts.
fn branch_and_leaves(open: &str, close: &str) -> (String, String) {
    (["q"; 4].map(|part| part.repeat(120)).join("."), many(999, |index| format!("{open}{index}{close}"), ""))
}

#[track_caller]
fn assert_rejected<const N: usize>(cases: [(&str, String, InputProblem); N]) {
    for (content_type, body, problem) in cases {
        assert_eq!(rejected(content_type, &body), problem, "{content_type} {:.40}", body);
    }
}

#[test]
fn hostile_json_stops_at_the_limit_that_it_exceeds() {
    let long = "n".repeat(1_040_000);
    let children = many(999, |index| format!("\"{index}\":1"), ",");
    let parts = ["p"; 5].map(|part| part.repeat(110)).join(".");
    let (branch, leaves) = branch_and_leaves("\"", &format!("\":\"{}\",", "v".repeat(600)));
    assert_rejected([
        (JSON, format!("{{\"{long}\":{{{children}}}}}"), NameTooLong),
        (JSON, format!("{{\"{}\":{{{children}}}}}", mega("\\u0061")), NameTooLong),
        (JSON, format!("{{\"{parts}\":1}}"), NameTooLong),
        (JSON, deep(&format!("{{\"{}\":", "n".repeat(100)), "1", "}", 6), NameTooLong),
        (JSON, format!("{{\"{}\":1}}", mega("a.")), TooDeep),
        (JSON, format!("{{\"a\":[{}0]}}", mega("0,")), TooManyFields),
        (JSON, format!("{{\"a\":[{}[]]}}", mega("[],")), TooManyFields),
        (JSON, format!("{{\"a\":[{}{{}}]}}", mega("{},")), TooManyFields),
        (JSON, format!("{{\"a\":[{}[[]]]}}", mega("[[],[]],")), TooManyFields),
        (JSON, format!("{{\"a\":[{}null]}}", mega("null,")), TooManyFields),
        (JSON, format!("{{{}\"b\":1}}", mega("\"a\":1,")), TooManyFields),
        (JSON, format!("{{\"a\":{}", mega("[")), TooDeep),
        (JSON, mega("{\"a\":"), TooDeep),
        (JSON, format!("{{\"a\":\"{}\"}}", mega("v")), ValueTooLarge),
        (JSON, format!("{{\"a\":\"{}\"}}", mega("\n")), ValueTooLarge),
        (JSON, format!("{{\"a\":{}}}", mega("9")), ValueTooLarge),
        (JSON, format!("{{\"a\":[{}0]}}", mega("\"\",")), TooManyFields),
        (JSON, format!("{{\"a\":[{{}},{}0]}}", mega("0,")), TooManyFields),
        (JSON, format!("{{\"a\":[{},{{}}]}}", many(990, |_| "0".into(), ",") + &",\"\"".repeat(20)), TooManyFields),
        (JSON, format!("{{\"{branch}\":{{{}\"z\":0}}}}", leaves), LeadTooLarge),
        (JSON, mega("["), NotOneLead),
        (JSON, format!("[{}0]", mega("0,")), NotOneLead),
        (JSON, "x".repeat(MAX_BODY + 1), BodyTooLarge),
    ]);
}

#[test]
fn hostile_xml_stops_at_the_limit_that_it_exceeds() {
    let long = "n".repeat(1_040_000);
    let (branch, leaves) = branch_and_leaves("<a", &format!("/><b>{}</b>", "v".repeat(900)));
    assert_rejected([
        (XML, format!("<x><{long}>1"), NameTooLong),
        (XML, deep(&format!("<{}>", "n".repeat(100)), "1", "", 7), NameTooLong),
        (XML, format!("<x>{}</x>", mega("<a/>")), TooManyFields),
        (XML, format!("<x>{}</x>", mega("<a><b/></a>")), TooManyFields),
        (XML, mega("<a>"), TooDeep),
        (XML, format!("<x><a>{long}</a></x>"), ValueTooLarge),
        (XML, format!("<x><a>{}</a></x>", mega("&amp;")), ValueTooLarge),
        (XML, format!("<x><a>{}</a></x>", mega("<![CDATA[v]]>")), ValueTooLarge),
        (XML, format!("<x><{branch}>{}</{branch}></x>", leaves), TooManyFields),
        (XML, format!("<x><a {}>1</a></x>", mega("b='' ")), TooManyFields),
        (XML, format!("<x><a b='{long}'>1</a></x>"), ValueTooLarge),
        (XML, format!("<x><a {long}='1'>1</a></x>"), NameTooLong),
    ]);
}

#[test]
fn hostile_forms_stop_at_the_limit_that_they_exceed() {
    let long = "n".repeat(1_040_000);
    assert_rejected([
        (FORM, format!("{long}=1"), NameTooLong),
        (FORM, format!("{}=1", mega("%61")), NameTooLong),
        (FORM, format!("{}=1", mega("a.")), TooDeep),
        (FORM, mega("a&"), TooManyFields),
        (FORM, mega("=&"), TooManyFields),
        (FORM, format!("a={long}"), ValueTooLarge),
        (FORM, many(7, |index| format!("{index}={}", "\u{1}".repeat(60_000)), "&"), LeadTooLarge),
        (FORM, format!("{}=1", mega("a[b]")), TooDeep),
        (FORM, format!("{}=1", mega("\u{feff}")), NameTooLong),
        (FORM, format!("{}=1", mega("%00")), NameTooLong),
        ("text/plain", mega("a=1\n"), TooManyFields),
        ("multipart/form-data; boundary=b", mega("--b\r\n\r\n\r\n"), TooManyFields),
    ]);
}

#[test]
fn harmless_bulk_is_read() {
    for (content_type, body, expected) in [
        (FORM, format!("{}a=1", mega("&")), json!({"a": "1"})),
        (JSON, format!("{}{{\"a\":1}}", mega(" ")), json!({"a": "1"})),
        (XML, format!("<x>{}<a>1</a></x>", mega(" ")), json!({"a": "1"})),
        (XML, format!("<x>{}<a>1</a></x>", mega("<!---->")), json!({"a": "1"})),
        (XML, format!("<x>{}<a>1</a></x>", mega("<?p?>")), json!({"a": "1"})),
        (XML, format!("<x {}><a>1</a></x>", mega("b='' ")), json!({"a": "1"})),
    ] {
        assert_eq!(read(content_type, &body), Ok(expected), "{content_type} {:.40}", body);
    }
}
