//! A post that is odd in any way harms only itself: the leads that arrive beside it are all stored.

use crate::support::{
    Actor, Response, TestApp,
    random::Rng,
    stage::{california, mapping},
};
use accord::base::{FlowId, SourceId, paths};
use axum::{body::Body, http::Method};
use futures::future::{join, join_all};
use serde_json::{Value, json};
use std::fmt::Write as _;

const JSON: &str = "application/json";
const XML: &str = "application/xml";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";
/// Ordinary leads beside each odd post.
const BESIDE: usize = 5;
/// Random odd posts.
const RANDOM: usize = 240;

/// A post, and how it is named if it fails.
struct Post {
    name: String,
    query: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Post {
    fn new(name: impl Into<String>, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { name: name.into(), query: "", headers, body: body.into() }
    }

    fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}

/// A source whose rules and mappings work on every value.
struct Scene {
    app: TestApp,
    flow: FlowId,
    source: SourceId,
}

impl Scene {
    async fn new() -> (Self, Actor) {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let flow = buyer.create_flow("Solar California").await;
        let source = buyer.custom_source(flow, "Website form").await;
        let mut text = mapping("first_name", "");
        (text.is_text, text.value) = (true, "{{first_name}} {{note}} {{note}}".to_owned());
        let rows = [text, mapping("email", "contact.mail")];
        buyer.save_mappings(flow, source, 1, &rows).await.expect(200);
        (Self { app, flow, source }, buyer)
    }

    async fn send(&self, post: &Post) -> Response {
        let headers: Vec<_> = post.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let path = format!("{}{}", paths::submit(self.flow, self.source), post.query);
        self.app.visitor("", "", "").send(Method::POST, &path, &headers, Body::from(post.body.clone())).await
    }

    /// Sends ordinary leads beside odd posts, and asserts that each got its own answer. Returns the ids of all leads.
    async fn send_beside(&self, odd: &[Post], ordinary: usize) -> Vec<String> {
        let good = Post::new("ordinary", FORM, "state=CA&email=lea@example.com");
        let goods = join_all((0..ordinary).map(|_| self.send(&good)));
        let (goods, odds) = join(goods, join_all(odd.iter().map(|post| self.send(post)))).await;
        let mut ids = Vec::new();
        for good in goods {
            let answer: Value = good.expect(201).json();
            assert_eq!(answer["outcome"], "success");
            ids.push(answer["lead"]["id"].as_str().unwrap().to_owned());
        }
        for (post, response) in odd.iter().zip(odds) {
            let status = response.status.as_u16();
            assert!([201, 400, 413, 415, 422].contains(&status), "{}: {status} {}", post.name, response.body);
            if status == 201 {
                ids.push(response.json::<Value>()["lead"]["id"].as_str().unwrap().to_owned());
            }
        }
        ids
    }

    async fn stored_leads_are(&self, mut expected: Vec<String>) {
        let stored: Vec<String> = sqlx::query_scalar("select encode(id, 'hex') from leads order by id")
            .fetch_all(&self.app.state.pool)
            .await
            .unwrap();
        expected.sort_unstable();
        assert_eq!(stored, expected);
        self.app.assert_counts_equal_leads().await;
    }
}

fn many(count: usize, mut each: impl FnMut(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        let _never_fails = write!(all, "{}", each(number));
        all
    })
}

/// What somebody might send by mistake or to harm.
fn odd_posts() -> Vec<Post> {
    let mut posts = odd_characters();
    posts.extend(odd_sizes());
    posts.extend(odd_parts());
    posts.extend(odd_headers());
    posts.extend(odd_values());
    posts.extend(["?a=%00&%00=b", "?%ff=%ed%a0%80&state=CA", "?state=%00", "?a[=1&]=2&..=3&=4"].map(|query| {
        let post = Post::new(format!("the query {query}"), FORM, "state=CA");
        Post { query, ..post }
    }));
    posts
}

fn odd_characters() -> Vec<Post> {
    vec![
        Post::new("NUL in a value", FORM, "state=CA&first_name=a%00b"),
        Post::new("NUL in a name", FORM, "state=CA&a%00b=1&%00=2"),
        Post::new("raw NUL", FORM, "state=CA&first_name=a\0b"),
        Post::new("NUL in JSON", JSON, r#"{"state":"CA","a\u0000b":"c\u0000d"}"#),
        Post::new("only NUL", JSON, r#"{"\u0000":"\u0000"}"#),
        Post::new("lone surrogates", JSON, r#"{"state":"CA","first_name":"\ud800","\udc00":"x","a":"\ud83d"}"#),
        Post::new("surrogate bytes", JSON, b"{\"first_name\":\"\xed\xa0\x80\"}".to_vec()),
        Post::new("not UTF-8", FORM, "state=CA&first_name=%ff%fe&%ed%a0%80=%f4%90%80%80"),
        Post::new("noncharacters", JSON, "{\"first_name\":\"\u{ffff}\u{fdd0}\u{10ffff}\",\"\u{feff}\":\"\u{202e}\"}"),
        Post::new("NUL in XML", XML, "<a><state>CA</state><first_name>a&#0;b</first_name></a>"),
        Post::new("raw NUL in XML", XML, "<a><first_name>a\0b</first_name></a>"),
        Post::new("a charset with NUL", XML, "<?xml version=\"1.0\" encoding=\"x\0y\"?><a><b>1</b></a>"),
        Post::new("a broken body with NUL", JSON, "{\"a\":\"\0\",\0"),
        Post::new("broken bytes", JSON, b"{\"a\":\xff\x00\xed\xa0\x80".to_vec()),
        Post::new("UTF-16", "application/json; charset=utf-16le", b"{\0\"\0a\0\"\0:\0\"\0\0\xd8\"\0}\0".to_vec()),
        Post::new("an unknown charset", "application/json; charset=\"a b\"", "{}"),
        Post::new("no lead", "image/png", b"\x89PNG\0\0".to_vec()),
        Post::new("an empty name", JSON, r#"{"":"x","state":"CA"," ":"y"}"#),
        Post::new("a redirect", FORM, "state=CA&redir_url=javascript:%00"),
    ]
}

fn odd_sizes() -> Vec<Post> {
    let value = "v".repeat(64 * 1024);
    let megabyte = format!("{{\"state\":\"CA\"{}}}", many(15, |n| format!(",\"x{n}\":\"{value}\"")));
    let escaped = format!("{{\"note\":\"{}\"}}", "\\u0001".repeat(60_000));
    let deep = format!("{}1{}", "{\"a\":".repeat(31), "}".repeat(31));
    let numbers = many(900, |n| format!("&email_{n}=p{n}@example.com&phone_{n}=5125550{n:03}"));
    vec![
        Post::new("a megabyte", JSON, megabyte),
        Post::new("a value that grows", JSON, escaped),
        Post::new("a thousand fields", FORM, many(999, |n| format!("f{n}=1&"))),
        Post::new("thousands of fields", FORM, many(5_000, |n| format!("f{n}=1&"))),
        Post::new("a thousand values of one name", FORM, "a=1&".repeat(1_000)),
        Post::new("a thousand names with NUL", FORM, many(999, |n| format!("%00{n}=%00&"))),
        Post::new("a deep object", JSON, deep),
        Post::new("a long name", JSON, format!("{{\"{}\":1}}", ["n"; 3].map(|part| part.repeat(120)).join("."))),
        Post::new("huge numbers", JSON, format!("{{\"income\":{},\"a\":1e999999,\"b\":-0.0}}", "9".repeat(60_000))),
        Post::new("many addresses and numbers", FORM, format!("state=CA{}", &numbers[..numbers.len().min(50_000)])),
    ]
}

fn odd_parts() -> Vec<Post> {
    vec![
        Post::new(
            "multipart with NUL",
            MULTIPART,
            "--b\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\nc\0d\r\n--b--\r\n",
        ),
        Post::new(
            "a file with an odd name",
            MULTIPART,
            "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\0\u{202e}.exe\"\r\nContent-Type: a\0/b; charset=\0\r\n\r\nx\r\n--b--\r\n",
        ),
        Post::new(
            "a charset in a part",
            MULTIPART,
            "--b\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\n\0x\r\n--b--\r\n",
        ),
        Post::new("a broken compression", FORM, b"\x1f\x8b\x08\0\0".to_vec()).with("content-encoding", "gzip"),
        Post::new("an unknown compression", FORM, "a=1").with("content-encoding", "x".repeat(2_000)),
    ]
}

fn odd_headers() -> Vec<Post> {
    let mut posts = Vec::new();
    for (name, value) in [
        ("a tab", "a\tb".to_owned()),
        ("many characters", "x".repeat(20_000)),
        ("a quote", "'); drop table leads; --".to_owned()),
    ] {
        posts.push(Post::new(format!("{name} in User-Agent"), FORM, "state=CA").with("user-agent", value.clone()));
        posts.push(Post::new(format!("{name} in Idempotency-Key"), FORM, "state=CA").with("idempotency-key", value));
    }
    posts
}

/// Values that some fields read in their own way.
fn odd_values() -> Vec<Post> {
    let mut posts = Vec::new();
    let names = ["email", "contact.mail", "phone_1", "state", "postal_code", "ssn", "test", "price", "first_name"];
    for name in names {
        for value in ["%00", "%ed%a0%80", "'", "\\", "{{note}}", "%e2%80%ae", "1e400", "-0", "NaN", "xn--%00@a.b"] {
            posts.push(Post::new(format!("{value} in {name}"), FORM, format!("{name}={value}&note=1")));
        }
    }
    posts
}

/// Pieces that have a meaning somewhere between a sender and the database.
const PIECES: [&str; 36] = [
    "\0",
    "\\u0000",
    "\\ud800",
    "%00",
    "%ff",
    "%",
    "&#0;",
    "&#xD800;",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{feff}",
    "\u{202e}",
    "\u{85}",
    "\u{1}",
    "'",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ".",
    "..",
    ":",
    ";",
    "=",
    "&",
    "<",
    ">",
    "]]>",
    "\r\n",
    "{{note}}",
    "$1",
    "512-55-0142",
    "lea@example.com",
];

fn random_text(rng: &mut Rng) -> String {
    (0..rng.below(6)).map(|_| rng.pick(&PIECES).repeat(1 + rng.below(3))).collect()
}

/// A post whose names and values are random, in a format that mostly suits its content type.
fn random_post(rng: &mut Rng, number: usize) -> Post {
    let count = 1 + rng.below(5);
    let pairs: Vec<_> = (0..count)
        .map(|_| {
            let known = ["email", "contact.mail", "phone_1", "state", "note", "first_name", "test"];
            let name = if rng.below(2) == 0 { rng.pick(&known).to_owned() } else { random_text(rng) };
            (name, random_text(rng))
        })
        .collect();
    let raw = |open: &str, middle: &str, close: &str| {
        many(pairs.len(), |at| format!("{open}{}{middle}{}{close}", pairs[at].0, pairs[at].1))
    };
    let (content_type, body) = match rng.below(6) {
        0 => (FORM, raw("", "=", "&")),
        1 => (FORM, serde_urlencoded::to_string(&pairs).unwrap()),
        2 => {
            (JSON, Value::Object(pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect()).to_string())
        }
        3 => (JSON, format!("{{{}}}", raw("\"", "\":\"", "\",").trim_end_matches(','))),
        4 => (XML, format!("<a>{}</a>", raw("<b><name>", "</name><value>", "</value></b>"))),
        _ => {
            (MULTIPART, format!("{}--b--", raw("--b\r\nContent-Disposition: form-data; name=\"", "\"\r\n\r\n", "\r\n")))
        }
    };
    Post::new(format!("random post {number}: {content_type} {body:?}"), content_type, body)
}

#[tokio::test]
async fn leads_beside_an_odd_post_are_all_stored() {
    let (scene, _) = Scene::new().await;
    let mut stored = Vec::new();
    for post in odd_posts() {
        stored.extend(scene.send_beside(&[post], BESIDE).await);
    }
    scene.stored_leads_are(stored).await;
}

#[tokio::test]
async fn leads_beside_random_posts_are_all_stored() {
    let (scene, _) = Scene::new().await;
    let (mut rng, mut stored) = (Rng::new(46), Vec::new());
    let posts: Vec<_> = (0..RANDOM).map(|number| random_post(&mut rng, number)).collect();
    for some in posts.chunks(8) {
        stored.extend(scene.send_beside(some, BESIDE).await);
    }
    assert!(stored.len() > RANDOM / 4, "many can be read");
    scene.stored_leads_are(stored).await;
}

/// A reason names what a lead lacks, so a buyer with long lists gets long reasons.
#[tokio::test]
async fn leads_with_long_and_with_odd_reasons_are_stored_and_counted() {
    let (scene, buyer) = Scene::new().await;
    let list: Vec<_> = (0..20_000).map(|number| format!("{number:05}")).collect();
    let any = json!({ "rule_set": { "op": "or", "rules": [
        { "lhv": "lead.postal_code", "op": "is included in", "rhv": list.join(",") },
        { "lhv": "lead.first_name", "op": "is equal to", "rhv": "C'\\A\u{202e}%s" },
        { "lhv": "lead.state", "op": "is equal to", "rhv": "CA" },
    ] } });
    buyer.save_rules(scene.flow, None, 1, any).await.expect(200);
    let mut own = california();
    own["reason"] = json!("We buy \u{202e}in 'California' \\ only. %s {{state}}");
    buyer.save_rules(scene.flow, Some(scene.source), 2, own).await.expect(200);
    let rejected = Post::new("rejected", FORM, "state=NV&postal_code=x&note=1");
    let stored = scene.send_beside(&[rejected], 8).await;
    assert_eq!(scene.app.count("leads where outcome = 'failure' and reason <> ''").await, 1);
    scene.stored_leads_are(stored).await;
}
