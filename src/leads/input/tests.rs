mod limits {
    mod tests;
}
mod multipart {
    mod tests;
}
mod names {
    mod tests;
}
mod properties {
    mod tests;
}

use super::{InputProblem::*, *};
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// The input as it is stored.
fn stored(input: &Input) -> Value {
    serde_json::to_value(input.values()).unwrap()
}

fn input(content_type: &str, body: impl AsRef<[u8]>) -> Result<Input, InputProblem> {
    Input::read(Content { content_type: Some(content_type), body: body.as_ref(), ..Default::default() })
}

fn read(content_type: &str, body: impl AsRef<[u8]>) -> Result<Value, InputProblem> {
    input(content_type, body).map(|input| stored(&input))
}

fn with_query(query: &str, content_type: Option<&str>, body: &str) -> Result<Input, InputProblem> {
    Input::read(Content { query: Some(query), content_type, body: body.as_bytes(), ..Default::default() })
}

#[track_caller]
fn rejected(content_type: &str, body: impl AsRef<[u8]>) -> InputProblem {
    read(content_type, body).unwrap_err()
}

fn marks(content_type: &str, body: impl AsRef<[u8]>) -> Vec<Mark> {
    input(content_type, body).unwrap().marks().collect()
}

/// A table of bodies and what is stored of them.
#[track_caller]
fn assert_stored<const N: usize>(content_type: &str, cases: [(&str, Value); N]) {
    for (body, expected) in cases {
        assert_eq!(read(content_type, body), Ok(expected), "{content_type}: {body}");
    }
}

#[test]
fn names_of_forms_have_dots_or_brackets() {
    assert_stored(
        FORM,
        [
            ("a.b=1&a.c=2", json!({"a.b": "1", "a.c": "2"})),
            ("a[b][c]=1", json!({"a.b.c": "1"})),
            ("contact%5Bfirst%5D=Al&tags[]=a&tags%5B%5D=b", json!({"contact.first": "Al", "tags": ["a", "b"]})),
            ("a[0]=x&a[1]=y&b[0][c]=z", json!({"a.0": "x", "a.1": "y", "b.0.c": "z"})),
            ("a[][b]=1&a[][b]=2", json!({"a.b": ["1", "2"]})),
            ("a[=1&a]b=2&[x]=3&a[b]c=4", json!({"a[": "1", "a]b": "2", "[x]": "3", "a[b]c": "4"})),
            ("a..b=1&.c=2&d.=3", json!({"a..b": "1", ".c": "2", "d.": "3"})),
        ],
    );
    assert_stored(JSON, [(r#"{"a[b]":1,"c[]":[1,2]}"#, json!({"a.b": "1", "c": ["1", "2"]}))]);
}

#[test]
fn a_damaged_escape_keeps_its_text_and_takes_nothing_along() {
    assert_stored(
        FORM,
        [
            ("comments=50% off&state=TX", json!({"comments": "50% off", "state": "TX"})),
            ("100%=%zz&b=%&c=%4&d=%41%", json!({"100%": "%zz", "b": "%", "c": "%4", "d": "A%"})),
            ("a=%ff&b=J%C3%BCrgen", json!({"a": "ÿ", "b": "Jürgen"})),
        ],
    );
}

#[test]
fn a_form_has_no_fields_without_a_name() {
    assert_stored(
        FORM,
        [
            ("&&a=1&&", json!({"a": "1"})),
            ("=x&a=1&=", json!({"a": "1"})),
            ("a=1&flag&b=", json!({"a": "1", "flag": "", "b": ""})),
            ("\r\na=1&b=2\r\n", json!({"a": "1", "b": "2"})),
            ("a=1&\r\n", json!({"a": "1"})),
            ("a=x%0D%0A", json!({"a": "x\r\n"})),
            ("", json!({})),
        ],
    );
}

#[test]
fn a_byte_order_mark_is_part_of_no_name() {
    for (content_type, body) in [
        (FORM, "\u{feff}email=a&b=c"),
        (FORM, "%EF%BB%BFemail=a&b=c"),
        (FORM, "%00\u{feff}email=a&b=c"),
        (JSON, "\u{feff}{\"email\":\"a\",\"b\":\"c\"}"),
        (JSON, "{\"\u{feff}email\":\"a\",\"b\":\"c\"}"),
        (JSON, "\r\n {\"email\":\"a\",\"b\":\"c\"}\r\n"),
        (XML, "\u{feff}<?xml version=\"1.0\"?><l><email>a</email><b>c</b></l>"),
        (XML, "\r\n<l><email>a</email><b>c</b></l>\n"),
        ("text/plain", "\u{feff}{\"email\":\"a\",\"b\":\"c\"}"),
        ("text/plain", "\u{feff}email=a&b=c"),
        ("", "\u{feff}<l><email>a</email><b>c</b></l>"),
    ] {
        assert_eq!(read(content_type, body), Ok(json!({"email": "a", "b": "c"})), "{content_type}: {body}");
    }
    assert_eq!(stored(&with_query("\u{feff}email=a", None, "").unwrap()), json!({"email": "a"}));
}

#[test]
fn repeated_names_keep_all_values_in_every_format() {
    let expected = json!({"s": ["1", "2", ""], "t": "x"});
    assert_eq!(read(FORM, "s=1&t=x&s=2&s="), Ok(expected.clone()));
    assert_eq!(read(JSON, r#"{"s":1,"t":"x","s":["2",""]}"#), Ok(expected.clone()));
    assert_eq!(read(XML, "<l><s>1</s><t>x</t><s>2</s><s/></l>"), Ok(expected));
    let adf = "<?xml version=\"1.0\"?><?adf version=\"1.0\"?><adf><contact><name part=\"first\">Ann</name>\
               <name part=\"last\">Poe</name></contact></adf>";
    let names = json!({"contact.name": ["Ann", "Poe"], "contact.name.part": ["first", "last"]});
    assert_eq!(read("application/x-adf+xml", adf), Ok(names));
}

#[test]
fn a_value_and_children_under_one_name_are_both_kept_in_any_order() {
    let expected = json!({"u": "SCE", "u.company": "Edison"});
    for (content_type, body) in [
        (FORM, "u=SCE&u.company=Edison"),
        (FORM, "u[company]=Edison&u=SCE"),
        (JSON, r#"{"u":"SCE","u.company":"Edison"}"#),
        (JSON, r#"{"u":{"company":"Edison"},"u":"SCE"}"#),
        (JSON, r#"{"u":"SCE","u":{"company":"Edison"}}"#),
        (XML, "<l><u>SCE</u><u><company>Edison</company></u></l>"),
        (XML, "<l><u>SCE<company>Edison</company></u></l>"),
        (XML, "<l><u>\n  <company>Edison</company>\n  SCE\n</u></l>"),
        (XML, "<l><u company='Edison'>SCE</u></l>"),
    ] {
        assert_eq!(read(content_type, body), Ok(expected.clone()), "{content_type}: {body}");
    }
}

#[test]
fn lists_of_plain_values_are_one_value_and_others_are_indexed() {
    assert_stored(
        JSON,
        [
            (r#"{"a":["x"]}"#, json!({"a": "x"})),
            (r#"{"a":["x",true,1.50]}"#, json!({"a": ["x", "true", "1.50"]})),
            (r#"{"a":[null,"x"]}"#, json!({"a": ["", "x"]})),
            (r#"{"a":[{"b":1},{"b":2}]}"#, json!({"a.0.b": "1", "a.1.b": "2"})),
            (r#"{"a":["p",{"q":"r"},"s",null]}"#, json!({"a.0": "p", "a.1.q": "r", "a.2": "s"})),
            (r#"{"a":[["x","y"],["z"],[]]}"#, json!({"a.0": ["x", "y"], "a.1": "z"})),
            (r#"{"a":{"b":["x",["y"]]}}"#, json!({"a.b.0": "x", "a.b.1": "y"})),
        ],
    );
}

#[test]
fn what_is_blank_is_not_kept_or_is_an_empty_text() {
    assert_stored(
        JSON,
        [
            (r#"{"a":null,"b":[],"c":{},"d":{"e":{}}}"#, json!({})),
            (r#"{"a":"","b":" ","c":[""],"d":[null]}"#, json!({"a": "", "b": " ", "c": "", "d": ""})),
            (r#"{"a":0,"b":false,"c":"null"}"#, json!({"a": "0", "b": "false", "c": "null"})),
        ],
    );
    let blank = input(JSON, r#"{"a":["",null," "],"b":["","x",""]}"#).unwrap();
    assert_eq!((blank.text("a", false), blank.text("b", false)), (Some(""), Some("x")));
}

#[test]
fn numbers_keep_their_digits() {
    for number in ["1.10", "0.1", "1610521604143693812", "123456789012345678901234567890", "1e3", "-0", "1E+2", "1e999"]
    {
        let body = format!("{{\"a\":{number},\"b\":[{number},1]}}");
        assert_eq!(read(JSON, body), Ok(json!({"a": number, "b": [number, "1"]})), "{number}");
    }
}

#[test]
fn fields_see_the_last_yes_or_no_and_else_all_values() {
    let input = input(FORM, "optin=0&optin=1&tags[]=a&tags[]=b&one=x&list.0=exact").unwrap();
    for (name, is_boolean, text) in [
        ("optin", true, Some("1")),
        ("optin", false, Some("0, 1")),
        ("tags", false, Some("a, b")),
        ("tags.0", false, Some("a")),
        ("tags[1]", false, Some("b")),
        ("tags.2", false, None),
        ("tags.00", false, None),
        ("tags.+1", false, None),
        ("one", false, Some("x")),
        ("one.0", false, Some("x")),
        ("list[0]", false, Some("exact")),
        ("other", false, None),
    ] {
        assert_eq!(input.text(name, is_boolean), text, "{name} {is_boolean}");
    }
}

#[test]
fn a_query_parameter_replaces_all_values_of_the_body() {
    let body = r#"{"a":["body","body"],"a.b":"body","b":{"c":"body","d":"body"}}"#;
    let merged = with_query("a=query&b[c]=1&b.c=2&e=query", Some(JSON), body).unwrap();
    let expected = json!({"a": "query", "a.b": "body", "b.c": ["1", "2"], "b.d": "body", "e": "query"});
    assert_eq!(stored(&merged), expected);
    assert_eq!(merged.text("a", false), Some("query"));
    assert_eq!(
        stored(&with_query("a=M%FCller&b=J%C3%BCrgen", None, "").unwrap()),
        json!({"a": "Müller", "b": "Jürgen"})
    );
    assert_eq!(stored(&Input::read(Content::default()).unwrap()), json!({}));
}

#[test]
fn one_request_is_one_lead() {
    for body in ["[]", "1", "\"a\"", "null", "[{\"a\":1}]", "true", "{} {}", "{\"a\":1}\n{\"a\":2}\n", "{},{}", "{}[]"]
    {
        assert_eq!(rejected(JSON, body), NotOneLead, "{body}");
    }
    assert_eq!(rejected("text/plain", "[{\"a\":1}]"), NotOneLead);
    assert_eq!(rejected("application/vnd.lead+json", "null"), NotOneLead);
    assert_eq!(rejected(XML, "<x></x><y></y>"), NotOneLead);
    assert_eq!(NotOneLead.status(), 400);
}

#[test]
fn a_broken_body_names_line_and_column() {
    for (content_type, body, line, column) in [
        (JSON, "{\"a\":1,}", 1, 7),
        (JSON, "{", 1, 2),
        (JSON, " ", 1, 2),
        (JSON, "{\n \"é\": \"x\ty\nz\" x}", 3, 4),
        (JSON, "{'a':1}", 1, 2),
        (JSON, "a=1", 1, 1),
        (JSON, "{} x", 1, 4),
        (JSON, "{\"a\":01}", 1, 6),
        (JSON, "{\"a\": \"\u{1}\"}", 1, 8),
        (XML, "<x>\n<a></x>", 2, 8),
        (XML, "<x>&unknown;</x>", 1, 13),
    ] {
        let problem = rejected(content_type, body);
        assert!(problem.sentence().contains(&format!("line {line}, column {column}.")), "{body}: {problem}");
        assert_eq!(problem.status(), 400, "{body}");
    }
    for body in ["x", "<x>", "</x>", "<x/>y", "a=1", "<x><a b>1</a></x>", "<x>&#x110000;</x>", "<x>&#zz;</x>"] {
        assert!(matches!(rejected(XML, body), Unreadable { format: "XML", .. }), "{body}");
    }
}

#[test]
fn line_breaks_and_tabs_inside_json_strings_are_read() {
    let body = "{\n\t\"a\": \"one\r\n\ttwo \\\" \\\\\",\n\"b\": \"x\ny\"}";
    assert_stored(JSON, [(body, json!({"a": "one\r\n\ttwo \" \\", "b": "x\ny"}))]);
    assert_stored("text/json", [("{\"a\tb\":\"\t\"}", json!({"a\tb": "\t"}))]);
}

#[test]
fn what_cannot_be_stored_is_removed_or_replaced_with_a_mark() {
    use Mark::{NulRemoved, SurrogateReplaced};
    for (content_type, body, expected, mark) in [
        (JSON, r#"{"a":"x\u0000y"}"#, json!({"a": "xy"}), NulRemoved),
        (JSON, r#"{"a\u0000":1}"#, json!({"a": "1"}), NulRemoved),
        (JSON, "{\"a\":[{\"b\":\"x\0\"}]}", json!({"a.0.b": "x"}), NulRemoved),
        (JSON, r#"{"a":"\ud800"}"#, json!({"a": "\u{fffd}"}), SurrogateReplaced),
        (JSON, r#"{"a":"\udc00x\ud83d"}"#, json!({"a": "\u{fffd}x\u{fffd}"}), SurrogateReplaced),
        (JSON, r#"{"\uD800":"\ud83d\u0041"}"#, json!({"\u{fffd}": "\u{fffd}A"}), SurrogateReplaced),
        (FORM, "a=x%00&b%00=1", json!({"a": "x", "b": "1"}), NulRemoved),
        (FORM, "a=%ED%A0%80x", json!({"a": "\u{fffd}x"}), SurrogateReplaced),
        (XML, "<x><a>&#0;1</a></x>", json!({"a": "1"}), NulRemoved),
        (XML, "<x><a>\0b</a></x>", json!({"a": "b"}), NulRemoved),
        (XML, "<x><a b='&#xD800;'>1&#55296;</a></x>", json!({"a": "1\u{fffd}", "a.b": "\u{fffd}"}), SurrogateReplaced),
    ] {
        assert_eq!(read(content_type, body), Ok(expected), "{body:?}");
        assert_eq!(marks(content_type, body), [mark], "{body:?}");
    }
    assert_stored(JSON, [(r#"{"a":"\ud83d\ude00 \\ud800 \u202e"}"#, json!({"a": "😀 \\ud800 \u{202e}"}))]);
    assert!(marks(JSON, r#"{"a":"\ud83d\ude00 \\ud800"}"#).is_empty());
}

#[test]
fn xml_is_read_inside_its_root() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><lead id='1'>\n <first_name> Ada &amp; B&#x21; </first_name>\n \
                <contact kind='home'><phone>1</phone><mail><![CDATA[<a@b>]]></mail></contact><empty x='1'/><none></none></lead>\n";
    let expected =
        json!({"first_name": "Ada & B!", "contact.phone": "1", "contact.mail": "<a@b>", "empty": "", "none": ""});
    for content_type in [XML, "text/xml; charset=utf-8", "application/soap+xml", "text/plain", ""] {
        assert_eq!(read(content_type, body), Ok(expected.clone()), "{content_type}");
    }
    assert_stored(
        XML,
        [
            ("<x/>", json!({})),
            ("<x>text</x>", json!({})),
            ("<l><a>x<![CDATA[ & ]]>y<!-- - -->z</a></l>", json!({"a": "x & yz"})),
            ("<l xmlns:n='u'><n:a n:kind='k &lt; &quot;' xmlns='v'>1</n:a></l>", json!({"a": "1", "a.kind": "k < \""})),
        ],
    );
}

#[test]
fn xml_with_a_doctype_is_rejected() {
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><x><a>&b;</a></x>";
    for body in [laughs, "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>", "<!doctype x><x/>"] {
        assert_eq!(rejected(XML, body), DoctypeRefused);
    }
}

#[test]
fn each_format_is_read_in_its_charset() {
    let utf_16: Vec<u8> = "{\"a\":\"Müller\"}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (content_type, body) in [
        ("application/x-www-form-urlencoded; charset=windows-1252", &b"a=M%FCller"[..]),
        (FORM, b"a=M%FCller"),
        (FORM, b"a=M\xfcller"),
        (FORM, b"_charset_=iso-8859-1&a=M%FCller"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"a=M%FCller"),
        ("application/x-www-form-urlencoded;charset=utf-16", b"a=M%C3%BCller"),
        ("application/json; charset=ISO-8859-1", b"{\"a\":\"M\xfcller\"}"),
        (JSON, b"{\"a\":\"M\xfcller\"}"),
        (JSON, &utf_16),
        ("application/json; charset=utf-16", &utf_16),
        ("application/json; charset=ibm866", b"\xef\xbb\xbf{\"a\":\"M\xc3\xbcller\"}"),
        (XML, b"<?xml version='1.0' encoding='ISO-8859-1'?><l><a>M\xfcller</a></l>"),
        (XML, b"<?xml version=\"1.0\" encoding=\"utf-16\"?><l><a>M\xc3\xbcller</a></l>"),
        ("text/xml; charset=latin1", b"<?xml version='1.0' encoding='utf-8'?><l><a>M\xfcller</a></l>"),
        ("text/xml; charset=utf-8", b"<?xml version='1.0' encoding='latin1'?><l><a>M\xfcller</a></l>"),
        (XML, b"<l><a>M\xfcller</a></l>"),
        ("text/plain; charset=latin1", b"{\"a\":\"M\xfcller\"}"),
    ] {
        let read = read(content_type, body).unwrap();
        assert_eq!(read["a"], json!("Müller"), "{content_type} {}", String::from_utf8_lossy(body));
    }
    for (content_type, body) in [
        ("application/x-www-form-urlencoded; charset=x-none", "a=b"),
        ("application/json; charset=x-none", "{}"),
        ("text/xml;charset='x-none'", "<x/>"),
        (XML, "<?xml version='1.0' encoding='x-none'?><x/>"),
    ] {
        let problem = rejected(content_type, body);
        assert_eq!((problem.status(), &problem), (415, &UnknownCharset("x-none".into())), "{content_type}");
        assert!(problem.sentence().contains("x-none"));
    }
}

#[test]
fn bodies_without_a_telling_type_are_recognised_by_their_beginning() {
    let expected = json!({"a": "1", "b": "2"});
    for content_type in ["", "text/plain", "text/plain; charset=utf-8", " ; "] {
        for body in ["a=1&b=2", "{\"a\":1,\"b\":2}", " \n{\"a\":1,\"b\":2}", "<l><a>1</a><b>2</b></l>"] {
            assert_eq!(read(content_type, body), Ok(expected.clone()), "{content_type:?} {body}");
        }
        assert_eq!(rejected(content_type, "hello"), UnsupportedMediaType);
    }
    let none = Content { body: b"a=1&b=2", ..Default::default() };
    assert_eq!(stored(&Input::read(none).unwrap()), expected);
    // An HTML form of type text/plain has a line for each field.
    assert_stored(
        "text/plain",
        [
            ("a=1\r\nb=2%20 & 3\r\n", json!({"a": "1", "b": "2%20 & 3"})),
            ("a=1&\r\nb=2", json!({"a": "1", "b": "2"})),
            ("a=1\nb", json!({"a": "1\nb"})),
        ],
    );
    // What a program sends that sets no type.
    assert_eq!(read(FORM, " {\"a\":1,\"b\":\"2\"}\n"), Ok(expected));
    assert_eq!(read(FORM, "{a}=1"), Ok(json!({"{a}": "1"})));
}

#[test]
fn other_media_types_are_rejected() {
    for content_type in
        ["application/jsonx", "image/png", "application/octet-stream", "multipart/mixed; boundary=x", "json"]
    {
        assert_eq!(rejected(content_type, "{}"), UnsupportedMediaType, "{content_type}");
        assert_eq!(read(content_type, ""), Ok(json!({})), "{content_type} without a body");
    }
    assert_eq!(read("Application/JSON; Charset=\"UTF-8\"", "{}"), Ok(json!({})));
    assert_eq!(UnsupportedMediaType.status(), 415);
}

#[test]
fn an_input_never_shows_its_values_in_the_log() {
    let input = with_query("ssn=123&a=1&a=2", None, "").unwrap();
    assert_eq!(format!("{input:?}"), "Input(2 names)");
    assert_eq!(format!("{:?}", input.values()["a"]), "InputValue(2 texts)");
}
