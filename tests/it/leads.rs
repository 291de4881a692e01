//! Sending leads: who may, how they are processed, and what a seller's system gets back.

use crate::support::{
    sending::open_source,
    stage::{SELLER, Stage, mapping},
};
use accord::base::{SourceId, paths};
use axum::{body::Body, http::Method};
use futures::future::join_all;
use serde_json::{Value, json};
use time::Duration;

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn leads_of_a_pending_source_are_refused_and_counted_but_not_stored() {
    let stage = Stage::pending().await;
    for _ in 0..3 {
        let refused = stage.lead(&[("st", "CA"), ("email", "lea@example.com")]).await.expect(403);
        assert_eq!(refused.body, r#"{"outcome":"error","reason":"source is not enabled"}"#);
        assert!(refused.header("content-type").starts_with("application/json"));
    }
    assert_eq!(stage.leads().await, 0);
    assert_eq!(stage.buyer.only_source(stage.flow).await.refused, 3);
}

#[tokio::test]
async fn declined_expired_and_turned_off_sources_get_the_same_reason() {
    let sentence = r#"{"outcome":"error","reason":"source is not enabled"}"#;
    let stage = Stage::pending().await;
    stage.app.advance(Duration::days(15));
    assert_eq!(stage.lead(&[("st", "CA")]).await.expect(403).body, sentence);
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    visitor.decline(invitation, "").await.expect(303);
    assert_eq!(stage.lead(&[("st", "CA")]).await.expect(403).body, sentence);
    let (stage, _) = Stage::connected().await;
    let off = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": false });
    stage.buyer.call("flows/sources/switch", off).await.expect(200);
    assert_eq!(stage.lead(&[("st", "CA")]).await.expect(403).body, sentence);
    stage.app.execute("update flow_sources set enabled = true").await.unwrap();
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    assert_eq!(stage.lead(&[("st", "CA")]).await.expect(403).body, sentence);
    assert_eq!(stage.leads().await, 0);
}

#[tokio::test]
async fn a_flow_that_is_off_refuses_all_its_sources() {
    let (stage, _) = Stage::connected().await;
    let path = paths::flow_sources(stage.flow);
    stage.buyer.post_as("switch-flow", &path, &[("on", "off")]).await.expect(303);
    let refused = stage.lead(&[("st", "CA")]).await.expect(403);
    assert_eq!(refused.body, r#"{"outcome":"error","reason":"flow is not enabled"}"#);
    assert_eq!((stage.leads().await, stage.buyer.only_source(stage.flow).await.refused), (0, 1));
    stage.buyer.post_as("switch-flow", &path, &[("on", "on")]).await.expect(303);
    stage.lead(&[("st", "CA")]).await.expect(201);
}

#[track_caller]
fn assert_handled(response: &crate::support::Response, outcome: &str, reason: Option<&str>) {
    let response = response.clone().expect(201);
    let body: Value = response.json();
    let id = body["lead"]["id"].as_str().unwrap();
    assert!(id.len() == 24 && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{id}");
    let mut expected = json!({ "outcome": outcome, "lead": { "id": id }, "price": 0 });
    if let Some(reason) = reason {
        expected["reason"] = json!(reason);
    }
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_lead_is_mapped_checked_stored_and_answered_in_every_input_format() {
    let (stage, _) = Stage::connected().await;
    let json = r#"{"st":"California","email":"lea@example.com","unknown":{"a":[1,true,null]}}"#;
    let xml = "<?xml version=\"1.0\"?><anything><st>ca</st><email>lea@example.com</email></anything>";
    let form = "st=CA&email=lea%40example.com";
    assert_handled(&stage.lead_with(&[], form).await, "success", None);
    assert_handled(&stage.lead_with(&[JSON], json).await, "success", None);
    for kind in ["application/xml", "text/xml; charset=utf-8"] {
        assert_handled(&stage.lead_with(&[("content-type", kind)], xml).await, "success", None);
    }
    let url = format!("{}?{form}", paths::submit(stage.flow, stage.source));
    let got = stage.app.visitor("", "", "").send(Method::GET, &url, &[], Body::empty()).await;
    assert_handled(&got, "success", None);
    let stored: Vec<(String, Value, Value, String)> =
        sqlx::query_as("select outcome, input, fields, source_name from leads order by id")
            .fetch_all(&stage.app.state.pool)
            .await
            .unwrap();
    assert_eq!(stored.len(), 5);
    for (outcome, _, fields, source) in &stored {
        assert_eq!((outcome.as_str(), source.as_str()), ("success", "Lead Harbor"));
        assert_eq!(fields["state"]["value"], json!("CA"), "{fields}");
        assert_eq!(fields["email"]["value"], json!("lea@example.com"));
    }
    assert_eq!(stored[1].1["st"], json!("California"), "stored as received");
    assert_eq!(stored[1].2["state"]["raw"], json!("California"));
}

#[tokio::test]
async fn a_query_parameter_overrides_the_body() {
    let (stage, _) = Stage::connected().await;
    let url = format!("{}?st=CA", paths::submit(stage.flow, stage.source));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let response = stage.app.visitor("", "", "").send(Method::POST, &url, &headers, Body::from("st=NV")).await;
    assert_handled(&response, "success", None);
}

#[tokio::test]
async fn a_rejected_lead_names_the_failed_rule_or_the_buyers_reason() {
    let (stage, _) = Stage::connected().await;
    assert_handled(&stage.lead(&[("st", "NV")]).await, "failure", Some("State is not equal to CA"));
    let criteria = json!({
        "rule_set": { "op": "and", "rules": [{ "lhv": "lead.state", "op": "is equal to", "rhv": "CA" }] },
        "reason": "We buy in California only.",
    });
    stage.buyer.save_rules(stage.flow, Some(stage.source), 3, criteria).await.expect(200);
    assert_handled(&stage.lead(&[("st", "NV")]).await, "failure", Some("We buy in California only."));
    let outcomes: Vec<(String, String)> =
        sqlx::query_as("select outcome, reason from leads order by id").fetch_all(&stage.app.state.pool).await.unwrap();
    assert_eq!(outcomes[0], ("failure".to_owned(), "State is not equal to CA".to_owned()));
    assert_eq!(outcomes[1].1, "We buy in California only.");
}

#[tokio::test]
async fn the_flows_rules_apply_to_every_source() {
    let (app, buyer, flow, source) = open_source().await;
    let criteria = json!({ "rule_set": { "op": "or", "rules": [
        { "lhv": "lead.state", "op": "is included in", "rhv": "CA, NV" },
        { "lhv": "lead.postal_code", "op": "is not blank" },
    ] } });
    buyer.save_rules(flow, None, 1, criteria).await.expect(200);
    assert_handled(&app.submit(flow, source, "state=NV".to_owned(), &[]).await, "success", None);
    assert_handled(&app.submit(flow, source, "postal_code=10001".to_owned(), &[]).await, "success", None);
    let refused = app.submit(flow, source, "state=NY".to_owned(), &[]).await.expect(201);
    let body: Value = refused.json();
    assert_eq!(body["outcome"], "failure");
    let reason = body["reason"].as_str().unwrap();
    assert!(reason.contains("State is not included in CA, NV") && reason.contains("Postal Code is blank"), "{reason}");
}

#[tokio::test]
async fn the_response_has_the_format_the_sender_accepts() {
    let (stage, _) = Stage::connected().await;
    let xml = stage.lead_with(&[("accept", "application/xml")], "st=NV").await.expect(201);
    assert!(xml.header("content-type").starts_with("application/xml"));
    assert!(xml.body.contains("<result><outcome>failure</outcome><reason>State is not equal to CA</reason><lead><id>"));
    let text = stage.lead_with(&[("accept", "text/plain")], "st=NV").await.expect(201);
    assert!(text.header("content-type").starts_with("text/plain"));
    assert_eq!(text.body, "failure\nState is not equal to CA\n");
    let text = stage.lead_with(&[("accept", "text/plain")], "st=CA").await.expect(201);
    assert_eq!(text.body, "success\n");
    let any = stage.lead_with(&[("accept", "*/*")], "st=CA").await;
    assert_handled(&any, "success", None);
    let before = stage.leads().await;
    stage.lead_with(&[("accept", "image/png")], "st=CA").await.expect(406);
    stage.lead_with(&[("accept", "application/json;q=0")], "st=CA").await.expect(406);
    assert_eq!(stage.leads().await, before);
    let pending = Stage::pending().await;
    let xml = pending.lead_with(&[("accept", "text/xml")], "st=CA").await.expect(403);
    assert!(xml.body.contains("<result><outcome>error</outcome><reason>source is not enabled</reason></result>"));
}

#[tokio::test]
async fn unreadable_input_is_refused_and_not_stored() {
    let (stage, _) = Stage::connected().await;
    let many: String = (0..1001).map(|number| format!("f{number}=1&")).collect();
    let deep = format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40));
    let abyss = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    let large = format!("a={}", "x".repeat(1 << 20));
    let xml = ("content-type", "application/xml");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>"#;
    for (status, headers, body) in [
        (400, JSON, "{"),
        (400, JSON, ""),
        (400, JSON, "[1]"),
        (400, JSON, "\"text\""),
        (400, JSON, "{} {}"),
        (400, xml, "<a>"),
        (400, xml, bomb),
        (400, ("content-type", "multipart/form-data; boundary=x"), "a=1"),
        (415, ("content-type", "text/plain"), "x"),
        (415, ("content-type", "image/png"), "a=1"),
        (415, ("content-type", "application/json; charset=x-none"), "{}"),
        (413, form, large.as_str()),
        (422, form, many.as_str()),
        (422, JSON, deep.as_str()),
    ] {
        let response = stage.lead_with(&[headers], body).await;
        // With an empty body, the query alone is the submission.
        let status = if body.is_empty() { 201 } else { status };
        assert_eq!(response.status, status, "{headers:?} {:.60}: {}", body, response.body);
    }
    let response = stage.lead_with(&[JSON], &abyss).await.status.as_u16();
    assert!([400, 422].contains(&response), "{response}");
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn other_methods_get_405_with_the_allowed_ones() {
    let (stage, _) = Stage::connected().await;
    let url = format!("{}?st=CA", paths::submit(stage.flow, stage.source));
    for method in ["HEAD", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = stage.app.visitor("", "", "").send(method.clone(), &url, &[], Body::empty()).await;
        assert_eq!((response.status.as_u16(), response.header("allow")), (405, "GET, POST, OPTIONS"), "{method}");
    }
    assert_eq!(stage.leads().await, 0);
}

#[tokio::test]
async fn unknown_flows_and_sources_get_404() {
    let (stage, _) = Stage::connected().await;
    let other = stage.buyer.create_flow("Other").await;
    let unknown: SourceId = "0123456789abcdef01234567".parse().unwrap();
    stage.app.submit(stage.flow, unknown, "st=CA".to_owned(), &[]).await.expect(404);
    stage.app.submit(other, stage.source, "st=CA".to_owned(), &[]).await.expect(404);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    for path in ["/flows/x/sources/y/submit", "/flows/../sources/y/submit", "/flows/%00/sources/y/submit"] {
        let response = stage.app.visitor("", "", "").send(Method::POST, path, &headers, Body::from("a=b")).await;
        assert_eq!(response.status, 404, "{path}");
    }
    let no_text = stage
        .app
        .visitor("", "", "")
        .send(Method::POST, "/flows/x/sources/%ff/submit", &headers, Body::from("a=b"))
        .await;
    assert_eq!(no_text.status, 400);
    assert_eq!(stage.leads().await, 0);
}

#[tokio::test]
async fn the_consumers_browser_is_redirected_to_http_urls_only() {
    let (stage, _) = Stage::connected().await;
    let url = "https://thanks.example/page?a=1";
    let sent = stage.lead(&[("st", "CA"), ("redir_url", url)]).await;
    assert_eq!(sent.location(), url);
    let sent = stage.lead(&[("st", "NV"), ("redir_url", "http://thanks.example")]).await;
    assert_eq!(sent.location(), "http://thanks.example", "for rejected leads too");
    assert_eq!(stage.leads().await, 2);
    for bad in [
        "javascript:alert(1)",
        "//evil.example",
        "/local",
        "ftp://a.example",
        "https://a.example/\r\nSet-Cookie: a=b",
        "data:text/html,x",
    ] {
        stage.lead(&[("st", "CA"), ("redir_url", bad)]).await.expect(400);
    }
    assert_eq!(stage.leads().await, 2);
    for blank in ["", " "] {
        stage.lead(&[("st", "CA"), ("redir_url", blank)]).await.expect(201);
    }
    assert_eq!(stage.app.count("leads where input ? 'redir_url'").await, 0);
}

#[tokio::test]
async fn two_posts_are_two_leads_unless_they_share_a_key() {
    let (stage, _) = Stage::connected().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    stage.lead(&[("st", "CA")]).await.expect(201);
    assert_eq!(stage.leads().await, 2);
    let key = ("idempotency-key", "order-1");
    let first = stage.lead_with(&[key], "st=NV").await.expect(201);
    let second = stage.lead_with(&[key], "st=NV").await.expect(201);
    assert_eq!(first.body, second.body);
    assert_eq!(stage.leads().await, 3);
    stage.app.advance(Duration::hours(24) + Duration::seconds(1));
    let later = stage.lead_with(&[key], "st=NV").await.expect(201);
    assert_ne!(later.body, first.body);
    assert_eq!(stage.leads().await, 4);
}

#[tokio::test]
async fn ten_concurrent_posts_with_one_key_store_one_lead_and_all_get_its_response() {
    let (stage, _) = Stage::connected().await;
    let key = [("idempotency-key", "order-1")];
    let responses = join_all((0..10).map(|_| stage.lead_with(&key, "st=CA"))).await;
    let mut bodies: Vec<_> = responses.into_iter().map(|response| response.expect(201).body).collect();
    bodies.dedup();
    assert_eq!((bodies.len(), stage.leads().await), (1, 1));
}

#[tokio::test]
async fn one_key_for_two_sources_is_two_leads() {
    let (app, buyer, flow, source) = open_source().await;
    buyer.post_as("custom", &paths::custom_source(flow), &[("name", "Second form")]).await.expect(303);
    let second = buyer.sources(flow).await[1].id;
    for source in [source, second] {
        app.submit(flow, source, "state=CA".to_owned(), &[("idempotency-key", "a")]).await.expect(201);
    }
    assert_eq!(app.count("leads").await, 2);
}

#[tokio::test]
async fn mappings_can_be_constants_and_templates() {
    let (app, buyer, flow, source) = open_source().await;
    let mut text = mapping("first_name", "");
    (text.is_text, text.value) = (true, "{{vor}} of {{ort}}".to_owned());
    let mut constant = mapping("state", "");
    (constant.is_text, constant.value) = (true, "CA".to_owned());
    buyer.save_mappings(flow, source, 1, &[text, constant, mapping("email", "contact.mail")]).await.expect(200);
    app.submit(flow, source, "vor=Lea&ort=Bonn&contact.mail=lea@example.com".to_owned(), &[]).await.expect(201);
    let fields: Value = sqlx::query_scalar("select fields from leads").fetch_one(&app.state.pool).await.unwrap();
    assert_eq!(fields["first_name"]["value"], "Lea of Bonn");
    assert_eq!(fields["state"]["value"], "CA");
    assert_eq!(fields["email"]["value"], "lea@example.com");
}

#[tokio::test]
async fn a_submission_ignores_cookies_and_can_come_from_any_site() {
    let (stage, _) = Stage::connected().await;
    let path = paths::submit(stage.flow, stage.source);
    let sent = stage.buyer.post_from("cross-site", &path, &[("st", "CA")]).await.expect(201);
    assert!(sent.header("set-cookie").is_empty());
    let seller_as_stranger = stage.app.visitor("Cy", SELLER, "");
    seller_as_stranger.post_from("cross-site", &path, &[("st", "CA")]).await.expect(201);
}
