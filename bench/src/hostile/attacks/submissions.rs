//! Posts to a submission URL, which anyone can send.

use super::{Attack, OFF, Raw, SUBMIT, UNKNOWN, filled};
use flate2::{Compression, write::GzEncoder};
use std::{io::Write, sync::OnceLock};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const XML: &str = "application/xml";
/// Refused, or taken as it is.
const ANY: &[u16] = &[201, 400, 404, 413, 415, 422];
const REFUSED: &[u16] = &[400, 413, 415, 422];

fn json(body: Vec<u8>) -> Raw {
    Raw::new("POST", &SUBMIT.path()).body(JSON, body)
}

fn form(body: Vec<u8>) -> Raw {
    Raw::new("POST", &SUBMIT.path()).body(FORM, body)
}

fn xml(body: Vec<u8>) -> Raw {
    Raw::new("POST", &SUBMIT.path()).body(XML, body)
}

/// One long name over 999 children.
fn long_name() -> Vec<u8> {
    let children: Vec<String> = (0..999).map(|number| format!("\"{number}\":1")).collect();
    format!("{{\"{}\":{{{}}}}}", "n".repeat(1_035_000), children.join(",")).into_bytes()
}

fn long_element() -> Vec<u8> {
    let children: Vec<String> = (0..999).map(|number| format!("<a{number}>1</a{number}>")).collect();
    format!("<lead><{name}>{}</{name}></lead>", children.concat(), name = "n".repeat(500_000)).into_bytes()
}

fn long_form_names() -> Vec<u8> {
    let names: Vec<String> = (0..999).map(|number| format!("{}.{number}=1", "n".repeat(1_040))).collect();
    names.join("&").into_bytes()
}

/// A thousand fields of a kilobyte.
fn wide() -> Vec<u8> {
    let fields: Vec<String> = (0..990).map(|number| format!("f{number}={}", "x".repeat(1_000))).collect();
    fields.join("&").into_bytes()
}

/// The fields of the flow, each with as much as a value can have; some of it takes six bytes when it is stored.
fn full_fields() -> Vec<u8> {
    let names = ["first_name", "last_name", "email", "phone_1", "state", "postal_code", "city", "comments"];
    let value = format!("{}{}", "x".repeat(45_000), "%01".repeat(9_000));
    names.map(|name| format!("{name}={value}")).join("&").into_bytes()
}

pub fn attacks() -> Vec<Attack> {
    [json_attacks(), form_attacks(), xml_attacks(), encodings(), rule_attacks(), header_attacks(), floods()]
        .into_iter()
        .flatten()
        .collect()
}

fn json_attacks() -> Vec<Attack> {
    vec![
        Attack::new(
            "JSON: long name over 999 children, unknown flow",
            |_| Raw::new("POST", &UNKNOWN.path()).body(JSON, long_name()),
            &[404, 413, 422],
        ),
        Attack::new("JSON: long name over 999 children", |_| json(long_name()), REFUSED),
        Attack::new("JSON: list of 500,000 zeros", |_| json(filled("{\"a\":[0", ",0", "]}")), REFUSED),
        Attack::new("JSON: list of 350,000 empty lists", |_| json(filled("{\"a\":[[]", ",[]", "]}")), REFUSED),
        Attack::new(
            "JSON: list of 170,000 empty objects with a name",
            |_| json(filled("{\"a\":[{}", ",{\"b\":{}}", "]}")),
            REFUSED,
        ),
        Attack::new("JSON: a million brackets", |_| json(vec![b'['; 1 << 20]), REFUSED),
        Attack::new("JSON: number of a million digits", |_| json(filled("{\"a\":1", "7", "}")), ANY),
        Attack::new("JSON: one name 150,000 times", |_| json(filled("{\"a\":1", ",\"a\":2", "}")), ANY),
        Attack::new(
            "JSON: 70,000 names",
            |number| {
                let names: Vec<String> = (0..70_000).map(|name| format!("\"{number}{name}\":1")).collect();
                json(format!("{{{}}}", names.join(",")).into_bytes())
            },
            REFUSED,
        ),
        Attack::new("JSON: a million escapes", |_| json(filled("{\"a\":\"", "\\u00e9", "\"}")), ANY),
        Attack::new("JSON: a million raw line ends", |_| json(filled("{\"a\":\"", "\n", "\"}")), ANY),
        Attack::new("JSON: names of dots", |_| json(filled("{\"", "a.", "\":1}")), REFUSED),
        Attack::new("JSON: not an object", |_| json(filled("\"", "x", "\"")), REFUSED),
        Attack::new("JSON: ends in the middle", |_| json(filled("{\"a\":[", "\"x\",", "")), REFUSED),
    ]
}

fn form_attacks() -> Vec<Attack> {
    vec![
        Attack::new("form: 999 long names", |_| form(long_form_names()), REFUSED),
        Attack::new("form: a million &", |_| form(filled("a=1", "&", "")), ANY),
        Attack::new("form: one name 500,000 times", |_| form(filled("a", "&a", "")), ANY),
        Attack::new("form: a million bad escapes", |_| form(filled("a=", "%", "")), ANY),
        Attack::new("form: a million =", |_| form(filled("a", "=", "")), ANY),
        Attack::new("form: brackets 300 deep", |_| form(filled("a", "[b]", "=1")), REFUSED),
        Attack::new("form: not UTF-8", |_| form([b"a=".to_vec(), vec![0xe9; 1_000_000]].concat()), ANY),
        Attack::new(
            "multipart: 1 MB of boundaries",
            |_| {
                Raw::new("POST", &SUBMIT.path())
                    .body("multipart/form-data; boundary=b", filled("", "--b\r\n\r\n\r\n", "--b--"))
            },
            ANY,
        ),
        Attack::new("gzip: a bomb", |_| json(vec![0x1f; 1_000]).header("Content-Encoding", "gzip"), ANY),
    ]
}

fn xml_attacks() -> Vec<Attack> {
    vec![
        Attack::new("XML: long name over 999 children", |_| xml(long_element()), REFUSED),
        Attack::new("XML: 260,000 empty elements", |_| xml(filled("<l>", "<a/>", "</l>")), ANY),
        Attack::new("XML: 300,000 elements deep", |_| xml(filled("", "<a>", "")), REFUSED),
        Attack::new("XML: 200,000 references", |_| xml(filled("<l><a>", "&amp;", "</a></l>")), ANY),
        Attack::new(
            "XML: 100,000 attributes",
            |number| {
                let all: Vec<String> = (0..70_000).map(|name| format!(" a{number}{name}=\"\"")).collect();
                xml(format!("<l><a{}/></l>", all.concat()).into_bytes())
            },
            ANY,
        ),
        Attack::new("XML: comments", |_| xml(filled("<l>", "<!---->", "</l>")), ANY),
        Attack::new(
            "XML: entities in a document type",
            |_| {
                xml(b"<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">]><l><a>&b;</a></l>"
                    .to_vec())
            },
            REFUSED,
        ),
        Attack::new("XML: CDATA", |_| xml(filled("<l><a>", "<![CDATA[x]]>", "</a></l>")), ANY),
    ]
}

fn rule_attacks() -> Vec<Attack> {
    vec![
        Attack::new(
            "rules: 500,000 é against 1,400 zips",
            |_| form([b"postal_code=".to_vec(), "é".repeat(500_000).into_bytes()].concat()),
            ANY,
        ),
        Attack::new(
            "rules: 60 kB against zips and patterns",
            |_| form(format!("postal_code={0}&comments={0}", "x".repeat(60_000)).into_bytes()),
            ANY,
        ),
        Attack::new(
            "rules: 30,000 İ against zips",
            |_| form(format!("postal_code={0}&city={0}", "İ".repeat(15_000)).into_bytes()),
            ANY,
        ),
        Attack::new("rules: eight fields of 64 KiB", |_| form(full_fields()), ANY),
        Attack::new("rules: 1,000 fields of 1,000 characters", |_| form(wide()), ANY),
        Attack::new(
            "rules: a number of 60,000 digits",
            |_| form(format!("postal_code={0}&phone_1={0}", "9".repeat(60_000)).into_bytes()),
            ANY,
        ),
    ]
}

/// A hundred megabytes in a hundred kilobytes.
fn bomb() -> Vec<u8> {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    let compressed = || {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let written = (0..100).try_for_each(|_| gzip.write_all(&[b'a'; 1 << 20]));
        written.and_then(|()| gzip.finish()).unwrap_or_default()
    };
    BOMB.get_or_init(compressed).clone()
}

fn multipart(body: String) -> Raw {
    Raw::new("POST", &SUBMIT.path()).body("multipart/form-data; boundary=b", body.into_bytes())
}

fn encodings() -> Vec<Attack> {
    vec![
        Attack::new("gzip: 100 kB that become 100 MB", |_| form(bomb()).header("Content-Encoding", "gzip"), REFUSED),
        Attack::new("gzip three times over", |_| form(bomb()).header("Content-Encoding", "gzip, gzip, gzip"), REFUSED),
        Attack::new(
            "form: 1 MB in UTF-16 without a letter",
            |_| {
                Raw::new("POST", &SUBMIT.path())
                    .body("application/x-www-form-urlencoded; charset=utf-16", vec![0xd8; 1_000_000])
            },
            ANY,
        ),
        Attack::new(
            "multipart: 20,000 empty parts",
            |_| multipart("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n".repeat(20_000) + "--b--\r\n"),
            ANY,
        ),
        Attack::new(
            "multipart: almost the boundary, 200,000 times",
            |_| multipart(format!("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n{}", "\r\n--".repeat(200_000))),
            ANY,
        ),
        Attack::new("form: a name of 300,000 brackets", |_| form(filled("a[b]", "[b]", "=1")), ANY),
        Attack::new("form: 300,000 open brackets", |_| form(filled("a", "[", "=1")), ANY),
        Attack::new(
            "a social security number and 1 MB of digits",
            |_| {
                let digits = "1+2+".repeat(15_000);
                let fields: Vec<String> = (0..15).map(|number| format!("f{number}={digits}")).collect();
                form(format!("ssn=123-45-6789&{}", fields.join("&")).into_bytes())
            },
            ANY,
        ),
    ]
}

fn header_attacks() -> Vec<Attack> {
    vec![
        Attack::new("redir_url of 1 MB", |_| form(filled("redir_url=https://", "x", "")), ANY),
        Attack::new(
            "query of 50 kB",
            |_| Raw::new("GET", &format!("{}?{}", SUBMIT.path(), "a=1&".repeat(12_000))),
            &[201, 400, 413, 414, 422, 431],
        ),
        Attack::new(
            "headers of 50 kB",
            |_| {
                let long = "x,".repeat(8_000);
                form(b"a=1".to_vec())
                    .header("Accept", &long)
                    .header("Authorization", &long)
                    .header("Idempotency-Key", &long)
            },
            &[201, 400, 401, 406, 422, 431],
        ),
    ]
}

fn floods() -> Vec<Attack> {
    vec![
        Attack::new(
            "one Idempotency-Key, 100 at once",
            |_| {
                form(b"email=lea%40example.com&postal_code=60601".to_vec())
                    .header("Idempotency-Key", "the same")
                    .from(8)
            },
            &[201, 409, 429, 503],
        )
        .at_once(3_000, 100),
        Attack::new(
            "refusals of one source, 100 at once",
            |_| Raw::new("POST", &OFF.path()).body(FORM, b"a=1".to_vec()).from(8),
            &[403, 429],
        )
        .at_once(5_000, 100),
        Attack::new(
            "leads from one address, 64 at once",
            |_| form(b"email=lea%40example.com&postal_code=60601".to_vec()).from(7),
            &[201, 429],
        )
        .at_once(10_000, 64),
        Attack::new(
            "unknown sources, 64 at once",
            |number| {
                Raw::new("POST", &format!("/flows/{number:024x}/sources/{number:024x}/submit"))
                    .body(FORM, b"a=1".to_vec())
                    .from(8)
            },
            &[404, 429],
        )
        .at_once(10_000, 64),
        Attack::new(
            "1 MB to unknown sources, 32 at once",
            |number| {
                Raw::new("POST", &format!("/flows/{number:024x}/sources/{number:024x}/submit"))
                    .body(JSON, long_name())
                    .from(8)
            },
            &[404, 413, 422, 429],
        )
        .at_once(1_000, 32),
    ]
}
