use super::{InputProblem::*, builder::*, *};
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const XML: &str = "application/xml";

type Values = BTreeMap<String, String>;

fn read(content_type: &str, body: impl AsRef<[u8]>) -> Result<Values, InputProblem> {
    Input::read(None, Some(content_type), body.as_ref()).map(|input| input.0)
}

/// The values of nested objects and lists by dotted names.
fn flatten(name: &str, value: &Value, flat: &mut Values) {
    let under = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Null => {}
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| flatten(&under(&index.to_string()), item, flat));
        }
        Value::Object(members) => members.iter().for_each(|(part, value)| flatten(&under(part), value, flat)),
        plain => {
            flat.insert(name.to_owned(), plain.as_str().map_or_else(|| plain.to_string(), str::to_owned));
        }
    }
}

macro_rules! flat {
    ($($json:tt)+) => {{
        let mut flat = Values::new();
        flatten("", &json!($($json)+), &mut flat);
        flat
    }};
}

fn rejected(content_type: &str, body: impl AsRef<[u8]>) -> InputProblem {
    read(content_type, body).unwrap_err()
}

#[test]
fn dots_in_form_names_create_nesting() {
    let read =
        read(FORM, "first_name=Ada+B&contact.phone=%2B1&contact.mail=a%40b.co&empty=&flag&=x&&100%=%zz").unwrap();
    assert_eq!(
        read,
        flat!({"first_name": "Ada B", "contact": {"phone": "+1", "mail": "a@b.co"}, "empty": "", "flag": "", "100%": "%zz"})
    );
}

#[test]
fn the_last_of_two_values_counts() {
    assert_eq!(read(FORM, "a=1&a=2&b.c=1&b=2&d=1&d.e=2").unwrap(), flat!({"a": "2", "b": "2", "d": {"e": "2"}}));
    assert_eq!(read(JSON, r#"{"a":1,"a":2,"b.c":3,"b":{"d":4}}"#).unwrap(), flat!({"a": 2, "b": {"c": 3, "d": 4}}));
    assert_eq!(read(XML, "<x><a>1</a><a>2</a></x>").unwrap(), flat!({"a": "2"}));
}

#[test]
fn a_name_with_an_empty_part_is_not_split() {
    assert_eq!(read(FORM, "a..b=1&.c=2&d.=3").unwrap(), flat!({"a..b": "1", ".c": "2", "d.": "3"}));
}

#[test]
fn a_submission_is_flattened_to_dotted_names() {
    let body = r#"{"a":"x","b":{"c":1.5,"d":true,"n":null},"e":["p",{"q":"r"}],"f":[]}"#;
    let flat = Input::read(None, Some(JSON), body.as_bytes()).unwrap().0;
    let pairs: Vec<_> = flat.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("a", "x"), ("b.c", "1.5"), ("b.d", "true"), ("e.0", "p"), ("e.1.q", "r")]);
}

#[test]
fn the_query_is_merged_over_the_body() {
    let body = br#"{"a":"body","b":{"c":"body","d":"body"}}"#;
    let input = Input::read(Some("a=query&b.c=query&e=query"), Some(JSON), body).unwrap();
    let expected = flat!({"a": "query", "b": {"c": "query", "d": "body"}, "e": "query"});
    assert_eq!(input.0, expected);
    assert_eq!(Input::read(Some("a=1"), None, b"").unwrap().0.len(), 1);
    assert_eq!(Input::read(None, None, b"").unwrap().0.len(), 0);
}

#[test]
fn json_must_be_an_object() {
    for body in ["[]", "1", "\"a\"", "null"] {
        assert_eq!(rejected(JSON, body), NotAnObject, "{body}");
    }
    for body in ["{", "{\"a\":}", "{} {}", "a=1", "{\"a\":1e999}", "{'a':1}", " "] {
        assert_eq!(rejected(JSON, body), Unreadable, "{body}");
    }
    assert_eq!(read(JSON, "\u{feff}{\"a\":\"1\"}").unwrap(), flat!({"a": "1"}));
}

#[test]
fn line_breaks_and_tabs_inside_json_strings_are_tolerated() {
    let body = "{\n\t\"a\": \"one\r\n\ttwo \\\" \\\\\",\n\"b\": \"x\ny\"}";
    assert_eq!(read(JSON, body).unwrap(), flat!({"a": "one\r\n\ttwo \" \\", "b": "x\ny"}));
    assert_eq!(rejected(JSON, "{\"a\": \"\u{1}\"}"), Unreadable);
}

#[test]
fn text_that_the_database_cannot_store_is_rejected() {
    for body in [r#"{"a":"\u0000"}"#, r#"{"a\u0000":1}"#, r#"{"a":[{"b":"x\u0000"}]}"#] {
        assert_eq!(rejected(JSON, body), NulCharacter, "{body}");
    }
    assert_eq!(rejected(FORM, "a=%00"), NulCharacter);
    assert_eq!(Input::read(Some("a=%00"), None, b"").unwrap_err(), NulCharacter);
    for body in [r#"{"a":"\ud800"}"#, r#"{"a":"\udc00x"}"#, r#"{"\ud800":1}"#] {
        assert_eq!(rejected(JSON, body), Unreadable, "{body}");
    }
    assert_eq!(rejected(JSON, b"{\"a\":\"\xe9\"}"), Unreadable);
    assert_eq!(rejected(FORM, "a=%e9"), Unreadable);
    assert_eq!(rejected(FORM, b"a=\xe9"), Unreadable);
    assert_eq!(rejected(XML, b"<x><a>\xe9</a></x>"), Unreadable);
}

#[test]
fn xml_is_read_inside_its_root() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><lead id='1'>\n <first_name> Ada &amp; B&#x21; </first_name>\n \
                <contact><phone>1</phone><mail><![CDATA[<a@b>]]></mail></contact><empty/><none></none></lead>\n";
    let expected =
        flat!({"first_name": "Ada & B!", "contact": {"phone": "1", "mail": "<a@b>"}, "empty": "", "none": ""});
    assert_eq!(read(XML, body).unwrap(), expected);
    assert_eq!(read("text/xml; charset=utf-8", body).unwrap(), expected);
    assert_eq!(read(XML, "<x/>").unwrap(), flat!({}));
}

#[test]
fn xml_that_is_not_well_formed_is_rejected() {
    for body in [
        "",
        "x",
        "<x>",
        "<x><a></x>",
        "<x></x><y></y>",
        "</x>",
        "<x>&unknown;</x>",
        "<x>&#0;</x>",
        "<x/>y",
        "a=1",
        "<x>&#xD800;</x>",
    ] {
        if !body.is_empty() {
            assert_eq!(rejected(XML, body), Unreadable, "{body}");
        }
    }
    assert_eq!(rejected(XML, "<?xml version='1.0' encoding='ISO-8859-1'?><x/>"), UnsupportedMediaType);
}

#[test]
fn xml_with_a_doctype_is_rejected() {
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><x><a>&b;</a></x>";
    assert_eq!(rejected(XML, laughs), DoctypeRefused);
    assert_eq!(rejected(XML, "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>"), DoctypeRefused);
    assert_eq!(rejected(XML, "<!doctype x><x/>"), DoctypeRefused);
}

#[test]
fn other_media_types_and_charsets_are_rejected() {
    for content_type in
        ["text/plain", "multipart/form-data; boundary=x", "", "application/json; charset=utf-16", "application/jsonx"]
    {
        assert_eq!(rejected(content_type, "{}"), UnsupportedMediaType, "{content_type}");
    }
    assert_eq!(Input::read(None, None, b"{}").unwrap_err(), UnsupportedMediaType);
    assert_eq!(read("Application/JSON; Charset=\"UTF-8\"", "{}").unwrap(), flat!({}));
}

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
    let both = Input::read(Some("one=more"), Some(FORM), form(MAX_FIELDS).as_bytes());
    assert_eq!(both.unwrap_err(), TooManyFields);
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
    assert_eq!(read(JSON, format!("{{\"a\":\"{}\"}}", "[{".repeat(100))).unwrap()["a"].len(), 200);
}

#[test]
fn each_problem_has_its_status() {
    assert_eq!(
        [Unreadable, UnsupportedMediaType, TooManyFields, TooDeep].map(InputProblem::status),
        [400, 415, 422, 422]
    );
    let input = Input::read(Some("ssn=123"), None, b"").unwrap();
    assert_eq!(format!("{input:?}"), "Input(1 names)");
}

/// Bodies that cost far more than their size if a limit is checked late.
#[test]
fn hostile_bodies_stop_at_the_limit_that_they_exceed() {
    let mega = |text: &str| text.repeat(1_020_000 / text.len());
    let long = "n".repeat(1_040_000);
    let children = many(999, |index| format!("\"{index}\":1"), ",");
    let branch = ["q"; 4].map(|part| part.repeat(120)).join(".");
    let leaves = |open: &str, close: &str| many(999, |index| format!("{open}{index}{close}"), "");
    let parts = ["p"; 5].map(|part| part.repeat(110)).join(".");
    let deep = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    for (content_type, body, problem) in [
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
        (JSON, format!("{{\"a\":{}}}", mega("9")), Unreadable),
        (
            JSON,
            format!("{{\"{branch}\":{{{}\"z\":0}}}}", leaves("\"", &format!("\":\"{}\",", "v".repeat(600)))),
            LeadTooLarge,
        ),
        (JSON, mega("["), Unreadable),
        (JSON, format!("[{}0]", mega("0,")), NotAnObject),
        (FORM, format!("{long}=1"), NameTooLong),
        (FORM, format!("{}=1", mega("%61")), NameTooLong),
        (FORM, format!("{}=1", mega("a.")), TooDeep),
        (FORM, mega("a&"), TooManyFields),
        (FORM, mega("=&"), TooManyFields),
        (FORM, format!("a={long}"), ValueTooLarge),
        (FORM, many(7, |index| format!("{index}={}", "\u{1}".repeat(60_000)), "&"), LeadTooLarge),
        (XML, format!("<x><{long}>1"), NameTooLong),
        (XML, deep(&format!("<{}>", "n".repeat(100)), "1", "", 7), NameTooLong),
        (XML, format!("<x>{}</x>", mega("<a/>")), TooManyFields),
        (XML, format!("<x>{}</x>", mega("<a><b/></a>")), TooManyFields),
        (XML, mega("<a>"), TooDeep),
        (XML, format!("<x><a>{long}</a></x>"), ValueTooLarge),
        (XML, format!("<x><a>{}</a></x>", mega("&amp;")), ValueTooLarge),
        (XML, format!("<x><a>{}</a></x>", mega("<![CDATA[v]]>")), ValueTooLarge),
        (
            XML,
            format!("<x><{branch}>{}</{branch}></x>", leaves("<a", &format!("/><b>{}</b>", "v".repeat(900)))),
            TooManyFields,
        ),
        (XML, format!("<x>{}", mega("<!---->")), Unreadable),
        (JSON, "x".repeat(MAX_BODY + 1), BodyTooLarge),
    ] {
        assert_eq!(rejected(content_type, &body), problem, "{content_type} {:.40}", body);
    }
}

#[test]
fn harmless_bulk_is_read() {
    let mega = |text: &str| text.repeat(1_020_000 / text.len());
    for (content_type, body, expected) in [
        (FORM, format!("{}a=1", mega("&")), flat!({"a": "1"})),
        (JSON, format!("{}{{\"a\":1}}", mega(" ")), flat!({"a": 1})),
        (XML, format!("<x>{}<a>1</a></x>", mega(" ")), flat!({"a": "1"})),
        (XML, format!("<x>{}<a>1</a></x>", mega("<!---->")), flat!({"a": "1"})),
        (XML, format!("<x>{}<a>1</a></x>", mega("<?p?>")), flat!({"a": "1"})),
        (XML, format!("<x {}><a>1</a></x>", mega("b='' ")), flat!({"a": "1"})),
    ] {
        assert_eq!(read(content_type, &body).unwrap(), expected, "{content_type} {:.40}", body);
    }
}
