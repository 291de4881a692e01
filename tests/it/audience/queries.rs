//! Odd queries and paths on every route: the answer may be any, but never a failure on our side.

use super::{
    fixture::{Findings, Fixture},
    table::{HANDLERS, PAGES},
};
use crate::{
    api::world::{World, lists, operations},
    support::{Response, TestApp, api::JSON},
};
use accord::server::Audience;

/// The names of the query parameters that pages and files read, and one that none reads.
const NAMES: [&str; 30] = [
    "search", "page", "sort", "order", "archived", "days", "source", "outcome", "test", "before", "state", "former",
    "back", "next", "as", "view", "done", "find", "flow", "partner", "reason", "time", "from", "to", "person", "who",
    "what", "about", "subject", "invented",
];
/// The same for calls of the API.
const API_NAMES: [&str; 15] = [
    "limit",
    "after",
    "flow_id",
    "source_id",
    "outcome",
    "from",
    "to",
    "state",
    "kind",
    "partner_id",
    "reason",
    "test",
    "email",
    "phone",
    "invented",
];
/// Names of one query, so that it is not longer than a request line can be.
const NAMES_PER_QUERY: usize = 6;

/// Encoded values that somebody could send, each with what it stands for.
fn odd_values() -> Vec<(&'static str, String)> {
    vec![
        ("NUL", "%00".to_owned()),
        ("NUL between letters", "a%00b".to_owned()),
        ("no UTF-8", "%ff".to_owned()),
        ("a lone surrogate", "%ed%a0%80".to_owned()),
        ("a NUL encoded twice", "%2500".to_owned()),
        ("a bad escape", "%zz".to_owned()),
        ("half an escape", "%".to_owned()),
        ("a wildcard", "%25_%5c".to_owned()),
        ("quotes", "%27%22%3b--".to_owned()),
        ("8 kB", "x".repeat(8_000)),
        ("8 kB of characters with two bytes", "%c3%a9".repeat(1_300)),
        ("a negative number", "-1".to_owned()),
        ("a huge number", "9".repeat(40)),
        ("the largest number", i64::MAX.to_string()),
        ("an overflowing number", "18446744073709551616".to_owned()),
        ("no number", "NaN".to_owned()),
        ("an empty value", String::new()),
        ("an unknown id", "0123456789abcdef01234567".to_owned()),
        ("the lowest id", "0".repeat(24)),
        ("the highest id", "f".repeat(24)),
        ("a time out of range", "9999-99-99".to_owned()),
        ("the last year", "9999-12-31T23:59:59Z".to_owned()),
        ("before the first year", "-9999-01-01".to_owned()),
    ]
}

/// Queries with each value under every name, and a few whose names are odd too.
fn queries() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for (what, value) in odd_values() {
        let is_long = value.len() > 1_000;
        for names in NAMES.chunks(if is_long { NAMES_PER_QUERY } else { NAMES.len() }) {
            let pairs: Vec<_> = names.iter().map(|name| format!("{name}={value}")).collect();
            all.push((what, pairs.join("&")));
        }
    }
    all.extend([
        ("an odd name", "%00=1&%ff=2&=3&a%5b%5d=4&&&".to_owned()),
        ("a repeated name", "search=a&search=%00&page=1&page=2&limit=1&limit=2&flow=x&flow=y".to_owned()),
        ("a thousand names", (0..1_000).map(|n| format!("n{n}=1")).collect::<Vec<_>>().join("&")),
        ("no pairs", "?&==&%".to_owned()),
    ]);
    all
}

/// Encoded parts of a path that are no ids.
const ODD_IDS: [&str; 9] =
    ["%00", "a%00b", "%ff", "%2500", "%ed%a0%80", "..", "%2e%2e", "x", "0123456789abcdef01234567%00"];

fn is_failure(response: &Response) -> bool {
    response.status.is_server_error()
}

#[tokio::test]
async fn no_query_makes_a_page_or_file_fail() {
    let fixture = Fixture::new().await;
    let mut findings = Findings::default();
    let queries = queries();
    let handlers = HANDLERS.iter().filter(|(path, _)| *path != "/live" && *path != "/dev/reload");
    for (path, audience) in PAGES.iter().chain(handlers) {
        let who = match audience {
            Audience::Portal(_) | Audience::Partner(_) => "the Partner Admin",
            Audience::Anyone | Audience::Invited => "nobody",
            _ => "the Admin",
        };
        let (person, path) = (fixture.person(who), fixture.ids.fill(path));
        for (what, query) in &queries {
            let response = person.actor.get(&format!("{path}?{query}")).await;
            findings.check(!is_failure(&response), || format!("{who} {path}, {what}: {}", response.status));
        }
    }
    for (what, value) in odd_values() {
        let status = fixture.person("the Admin").actor.get_status(&format!("/live?flow={value}")).await;
        findings.check(status == 400 || status == 404, || format!("/live, {what}: {status}"));
    }
    findings.assert_none();
}

#[tokio::test]
async fn no_query_makes_a_call_of_the_api_fail() {
    let world = World::connected().await;
    let mut findings = Findings::default();
    for list in lists(&world.app) {
        let path = world.ids.fill(&list);
        for (what, value) in odd_values() {
            // The API rejects unknown names, so each name is sent alone.
            for name in API_NAMES {
                let response = world.api.get(&format!("{path}?{name}={value}")).await;
                findings.check(!is_failure(&response), || format!("{path}?{name}, {what}: {}", response.status));
            }
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn no_path_makes_a_page_or_file_fail() {
    let fixture = Fixture::new().await;
    let mut findings = Findings::default();
    let admin = fixture.person("the Admin");
    for (path, _) in PAGES.iter().chain(HANDLERS.iter()).filter(|(path, _)| path.contains('{')) {
        let filled = fixture.ids.fill(path);
        let real: Vec<_> = filled.split('/').collect();
        // Each placeholder alone, with real ids for the others.
        for (index, _) in path.split('/').enumerate().filter(|(_, part)| part.starts_with('{')) {
            for odd in ODD_IDS {
                let mut parts = real.clone();
                parts[index] = odd;
                let odd_path = parts.join("/");
                let response = admin.actor.get(&odd_path).await;
                findings.check(!is_failure(&response), || format!("{odd_path}: {}", response.status));
            }
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn no_path_makes_a_call_of_the_api_fail() {
    let world = World::connected().await;
    let mut findings = Findings::default();
    for (method, path, _) in operations(&world.app) {
        for odd in ODD_IDS {
            let odd_path = path.split('/').map(|part| if part.starts_with('{') { odd } else { part });
            let odd_path = odd_path.collect::<Vec<_>>().join("/");
            let method = method.parse().unwrap();
            let response = world.api.send(method, &odd_path, &[JSON], "{}").await;
            findings.check(!is_failure(&response), || format!("{odd_path}: {}", response.status));
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn a_query_with_nul_gets_a_sentence_and_other_text_is_decoded_once() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for path in ["/partners", "/sources"] {
        let refused = buyer.get(&format!("{path}?search=%00")).await.expect(400);
        refused.shows("The address of this page could not be read.");
        for (typed, decoded) in
            [("%2541", "%41"), ("%2500", "%00"), ("%252500", "%2500"), ("a%2Bb", "a+b"), ("a+b", "a b")]
        {
            let page = buyer.get(&format!("{path}?search={typed}")).await.expect(200);
            let shown = page.tag_with("name=\"search\"");
            assert!(shown.contains(&format!("value=\"{decoded}\"")), "{typed}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_partner_whose_name_looks_encoded_is_found_by_it() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.make_partner(&buyer, "Rate %41 Leads").await;
    app.make_partner(&buyer, "Rate A Leads").await;
    let found = buyer.get("/partners?search=%2541").await.expect(200).text();
    assert!(found.contains("Rate %41 Leads") && !found.contains("Rate A Leads"), "{found}");
}

#[tokio::test]
async fn signing_in_returns_to_the_same_query() {
    let app = TestApp::start().await;
    let nobody = app.visitor("Nobody", "", "");
    for query in ["search=%2541", "search=a%26b%3Dc", "search=a+b&page=2", "search=%C3%A9"] {
        let path = format!("/partners?{query}");
        let sent = nobody.get(&path).await;
        let next = sent.header("location").split_once("next=").unwrap().1.to_owned();
        let decoded: Vec<_> = form_urlencoded::parse(format!("next={next}").as_bytes()).into_owned().collect();
        assert_eq!(decoded, [("next".to_owned(), path)], "{query}");
    }
}
