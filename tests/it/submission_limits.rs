//! What one submission, and many at once, may cost.

use crate::support::{
    TestApp,
    credentials::basic,
    sending::open_source,
    stage::{Stage, mapping},
};
use accord::base::{SourceId, paths};
use axum::{body::Body, http::Method};
use futures::future::join_all;
use serde_json::{Value, json};
use std::fmt::Write as _;

const JSON: (&str, &str) = ("content-type", "application/json");
const XML: (&str, &str) = ("content-type", "application/xml");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn hostile_bodies_get_their_status_in_every_format_and_are_not_stored() {
    let (app, _, flow, source) = open_source().await;
    let long = "n".repeat(1_040_000);
    let children: Vec<_> = (0..999).map(|index| format!("\"{index}\":1")).collect();
    let multiplied = format!("{{\"{long}\":{{{}}}}}", children.join(","));
    let zeros = format!("{{\"a\":[{}0]}}", "0,".repeat(500_000));
    let lists = format!("{{\"a\":[{}[]]}}", "[],".repeat(300_000));
    let value = "v".repeat(64 * 1024 + 1);
    let branch = ["q"; 4].map(|part| part.repeat(120)).join(".");
    let leaves: String = (0..999).fold(String::new(), |mut all, index| {
        let _never_fails = write!(all, "\"{index}\":\"{}\",", "v".repeat(600));
        all
    });
    for (status, header, body) in [
        (422, JSON, multiplied),
        (422, JSON, format!("{{\"{}\":1}}", "n".repeat(129))),
        (422, JSON, format!("{{\"{}\":1}}", ["p"; 5].map(|part| part.repeat(110)).join("."))),
        (422, JSON, zeros),
        (422, JSON, lists),
        (422, JSON, "{\"a\":".repeat(180_000)),
        (413, JSON, format!("{{\"a\":\"{value}\"}}")),
        (413, JSON, format!("{{\"{branch}\":{{{leaves}\"z\":0}}}}")),
        (413, JSON, format!("{{\"a\":\"{}\"}}", "v".repeat(1 << 20))),
        (422, FORM, format!("{long}=1")),
        (422, FORM, "a&".repeat(500_000)),
        (413, FORM, format!("a={value}")),
        (413, FORM, format!("a={}", "v".repeat(1 << 20))),
        (422, XML, format!("<x><{long}/></x>")),
        (422, XML, format!("<x>{}</x>", "<a/>".repeat(250_000))),
        (422, XML, "<a>".repeat(300_000)),
        (413, XML, format!("<x><a>{value}</a></x>")),
    ] {
        let response = app.submit(flow, source, body.clone(), &[header]).await;
        assert_eq!(response.status, status, "{header:?} {body:.40}: {}", response.body);
    }
    let url = format!("{}?{}=1", paths::submit(flow, source), "n".repeat(129));
    let query = app.visitor("", "", "").send(Method::GET, &url, &[], Body::empty()).await;
    assert_eq!(query.status, 422);
    assert_eq!(app.count("leads").await, 0);
}

#[tokio::test]
async fn bodies_for_unknown_sources_and_of_strangers_are_not_read() {
    let (stage, _) = Stage::connected().await;
    let unknown: SourceId = "0123456789abcdef01234567".parse().unwrap();
    let garbage = format!("{{{}", "\u{1}".repeat(500_000));
    stage.app.submit(stage.flow, unknown, garbage.clone(), &[JSON]).await.expect(404);
    let secret = stage.make_credential().await;
    stage.require("on").await;
    stage.app.submit(stage.flow, stage.source, garbage.clone(), &[JSON]).await.expect(401);
    let (name, value) = basic("source", &secret);
    stage.app.submit(stage.flow, stage.source, garbage, &[JSON, (name, &value)]).await.expect(400);
}

#[tokio::test]
async fn a_large_lead_is_stored_whole_and_judged_by_rules_that_change_meanwhile() {
    let (app, buyer, flow, source) = open_source().await;
    let criteria = |zip: &str| json!({ "rule_set": { "op": "and", "rules": [{ "lhv": "lead.postal_code", "op": "is included in", "rhv": zip }] } });
    buyer.save_rules(flow, Some(source), 1, criteria("10001, 10002")).await.expect(200);
    let value = "é".repeat(30_000);
    let extra: Vec<_> = (0..14).map(|index| format!("\"x{index}\":\"{value}\"")).collect();
    let body = format!("{{\"postal_code\":\"10002\",\"first_name\":\"{value}\",{}}}", extra.join(","));
    let outcome =
        async |body: &str| -> Value { app.submit(flow, source, body.to_owned(), &[JSON]).await.expect(201).json() };
    assert_eq!(outcome(&body).await["outcome"], "success");
    let stored: (String, String) = sqlx::query_as("select input->>'x13', fields->'first_name'->>'value' from leads")
        .fetch_one(&app.state.pool)
        .await
        .unwrap();
    assert_eq!(stored, (value.clone(), value));
    for (version, zip, expected) in [(2, "10003", "failure"), (3, "10002", "success"), (4, "1", "failure")] {
        buyer.save_rules(flow, Some(source), version, criteria(zip)).await.expect(200);
        assert_eq!(outcome(&body).await["outcome"], expected, "a large lead and {zip}");
        assert_eq!(outcome("{\"postal_code\":\"10002\"}").await["outcome"], expected, "a small lead and {zip}");
    }
    // However it is changed.
    app.execute("update flow_sources set acceptance_criteria = null").await.unwrap();
    assert_eq!(outcome(&body).await["outcome"], "success");
    buyer.save_rules(flow, None, 1, criteria("7")).await.expect(200);
    assert_eq!(outcome("{\"postal_code\":\"10002\"}").await["outcome"], "failure");
}

#[tokio::test]
async fn stored_rules_beyond_the_limits_still_judge() {
    let (app, _, flow, source) = open_source().await;
    let mut rules: Vec<_> = (0..60)
        .map(|index| json!({ "lhv": "lead.city", "op": "does not match pattern", "rhv": format!("/\\w{{3}}{index}/") }))
        .collect();
    rules.extend(
        (0..600).map(|index| json!({ "lhv": "lead.city", "op": "is not equal to", "rhv": format!("c{index}") })),
    );
    rules.push(json!({ "lhv": "lead.state", "op": "matches pattern", "rhv": "/^C/" }));
    let criteria = json!({ "rule_set": { "op": "and", "rules": rules } });
    sqlx::query("update flow_sources set acceptance_criteria = $1")
        .bind(criteria)
        .execute(&app.state.pool)
        .await
        .unwrap();
    for (state, expected) in [("CA", "success"), ("NV", "failure")] {
        let body: Value = app.submit(flow, source, format!("state={state}&city=x"), &[]).await.expect(201).json();
        assert_eq!(body["outcome"], expected, "{body}");
    }
}

#[tokio::test]
async fn a_long_value_against_a_long_list_is_judged() {
    let (app, buyer, flow, source) = open_source().await;
    let zips: Vec<_> = (10_000..11_400).map(|zip| zip.to_string()).collect();
    let criteria = json!({ "rule_set": { "op": "or", "rules": [
        { "lhv": "lead.first_name", "op": "is included in", "rhv": zips.join(",") },
        { "lhv": "lead.postal_code", "op": "is included in", "rhv": zips.join(" , ") },
    ] } });
    buyer.save_rules(flow, Some(source), 1, criteria).await.expect(200);
    let long = "%C3%A9".repeat(30_000);
    for (zip, expected) in
        [("11399-0001", "success"), ("11399", "success"), ("11400", "failure"), ("11400-0001", "failure")]
    {
        let body = format!("first_name={long}&postal_code={zip}");
        let body: Value = app.submit(flow, source, body, &[]).await.expect(201).json();
        assert_eq!(body["outcome"], expected, "{zip}");
    }
}

#[tokio::test]
async fn five_hundred_posts_with_one_key_store_one_lead_and_leave_connections_for_others() {
    let (app, _, flow, source) = open_source().await;
    let key = [("idempotency-key", "order-1")];
    let posts = join_all((0..500).map(|_| app.submit(flow, source, "state=CA".to_owned(), &key)));
    let other = async {
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(app.submit(flow, source, "state=NV".to_owned(), &[]).await.status.as_u16());
        }
        statuses
    };
    let (posts, other) = futures::join!(posts, other);
    let mut bodies: Vec<_> = posts.into_iter().map(|response| response.expect(201).body).collect();
    bodies.dedup();
    assert_eq!((bodies.len(), other), (1, vec![201; 20]));
    assert_eq!(app.count("leads").await, 21);
    assert_eq!(app.count("lead_keys").await, 1);
}

#[tokio::test]
async fn a_key_is_shared_by_all_processes() {
    let (app, _, flow, source) = open_source().await;
    let other = app.restart().await;
    let key = [("idempotency-key", "order-1")];
    let post = |number: usize| {
        let app = if number.is_multiple_of(2) { &app } else { &other };
        app.submit(flow, source, "state=CA".to_owned(), &key)
    };
    let mut bodies: Vec<_> = join_all((0..20).map(post)).await.into_iter().map(|sent| sent.expect(201).body).collect();
    bodies.dedup();
    assert_eq!((bodies.len(), app.count("leads").await), (1, 1));
}

#[tokio::test]
async fn refusals_at_the_same_time_are_all_counted() {
    let stage = Stage::pending().await;
    let refused = join_all((0..40).map(|_| stage.lead(&[("st", "CA")]))).await;
    refused.into_iter().for_each(|response| drop(response.expect(403)));
    assert_eq!(stage.buyer.only_source(stage.flow).await.refused, 40);
    assert!(stage.app.count("source_refusals").await > 1, "in several rows");
}

#[tokio::test]
async fn too_many_submissions_to_a_source_get_429_in_the_senders_format() {
    let app = TestApp::start_with(&[("SUBMIT_PER_SOURCE", "2")]).await;
    let stage = Stage::pending_in(app).await;
    let mut limited = Vec::new();
    for format in ["application/json", "application/xml", "text/plain"].iter().cycle().take(60) {
        let response = stage.lead_with(&[("accept", format)], "st=CA").await;
        match response.status.as_u16() {
            403 => {}
            429 => limited.push((*format, response)),
            other => panic!("{other}"),
        }
    }
    assert!(limited.len() >= 6, "{}", limited.len());
    let sentence = "too many submissions to this source, try again later";
    for (format, response) in limited {
        assert!(response.header("content-type").starts_with(format));
        assert_eq!(response.header("retry-after"), "1");
        assert_eq!(response.header("ratelimit-policy"), "\"source\";q=2;w=1");
        assert_eq!(response.header("ratelimit"), "\"source\";r=0;t=1");
        let body = match format {
            "application/json" => format!(r#"{{"outcome":"error","reason":"{sentence}"}}"#),
            "text/plain" => format!("error\n{sentence}\n"),
            _ => format!("<result><outcome>error</outcome><reason>{sentence}</reason></result>"),
        };
        assert!(response.body.contains(&body), "{}", response.body);
    }
    let unknown: SourceId = "0123456789abcdef01234567".parse().unwrap();
    stage.app.submit(stage.flow, unknown, "a=1".to_owned(), &[]).await.expect(404);
}

#[tokio::test]
async fn too_many_submissions_from_an_address_get_429_whatever_the_source() {
    let variables = [("SUBMIT_PER_ADDRESS", "2"), ("SUBMIT_PER_SOURCE", "0"), ("TRUSTED_PROXIES", "1")];
    let app = TestApp::start_with(&variables).await;
    let stage = Stage::pending_in(app).await;
    let from = async |address: &str| stage.lead_with(&[("x-forwarded-for", address)], "st=CA").await;
    let mut limited = 0;
    for _ in 0..30 {
        let response = from("192.0.2.7").await;
        if response.status == 429 {
            assert_eq!(response.header("ratelimit-policy"), "\"address\";q=2;w=1");
            limited += 1;
        }
    }
    assert!(limited > 0);
    assert_eq!(from("192.0.2.8").await.status, 403, "another address");
}

#[tokio::test]
async fn mappings_are_part_of_the_limits_of_a_source() {
    let (app, buyer, flow, source) = open_source().await;
    let many: Vec<_> = (0..201).map(|index| mapping("state", &format!("p{index}"))).collect();
    assert!(buyer.save_mappings(flow, source, 1, &many).await.expect(422).body.contains("mappings_too_many"));
    buyer.save_mappings(flow, source, 1, &many[..200]).await.expect(200);
    assert_eq!(app.submit(flow, source, "p199=CA".to_owned(), &[]).await.status, 201);
}
