//! What a source that requires authentication accepts, and what others learn from its responses.

use crate::support::{
    credentials::basic,
    stage::{Stage, mapping},
};
use accord::{accounts::model::Plan, base::paths};
use axum::{body::Body, http::Method};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures::future::{join, join_all};
use time::{Duration, OffsetDateTime};

const UNAUTHORIZED: &str = r#"{"outcome":"error","reason":"unauthorized source"}"#;

/// A connected source that requires authentication, its seller, and its secret.
async fn guarded() -> (Stage, crate::support::Actor, String) {
    let (stage, seller) = Stage::connected().await;
    let secret = stage.make_credential().await;
    stage.require("on").await;
    (stage, seller, secret)
}

#[tokio::test]
async fn when_authentication_is_optional_a_missing_or_wrong_credential_does_not_matter() {
    let (stage, _) = Stage::connected().await;
    let secret = stage.make_credential().await;
    stage.lead(&[("st", "CA")]).await.expect(201);
    stage.lead_as("source", "src_wrong").await.expect(201);
    stage.lead_with(&[("authorization", "Basic %%%")], "st=CA").await.expect(201);
    assert_eq!(stage.app.count("source_credentials where last_used_at is not null").await, 0);
    stage.lead_as("source", &secret).await.expect(201);
    assert_eq!(stage.app.count("source_credentials where last_used_at is not null").await, 1);
}

/// Abuse case 34.
#[tokio::test]
async fn malformed_basic_authentication_is_401_and_never_a_server_error() {
    let (stage, _, secret) = guarded().await;
    let encoded = |pair: &[u8]| format!("Basic {}", BASE64_STANDARD.encode(pair));
    let pair = format!("source:{secret}");
    let right = BASE64_STANDARD.encode(&pair);
    let odd = [
        String::new(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic not/base64!".to_owned(),
        format!("Basic {}", right.trim_end_matches('=').chars().skip(1).collect::<String>()),
        format!("Basic{right}"),
        format!("Bearer {secret}"),
        format!("Digest {right}"),
        right.clone(),
        encoded(b"source"),
        encoded(b":"),
        encoded(b"source:"),
        encoded(format!(":{secret}").as_bytes()),
        encoded(format!("Source:{secret}").as_bytes()),
        encoded(format!("source: {secret}").as_bytes()),
        encoded(format!("source:{}", secret.to_uppercase()).as_bytes()),
        encoded(format!("source:{}", &secret[..12]).as_bytes()),
        encoded(b"source:\xff\xfe\x00"),
        encoded(b"\xff\xfe"),
        encoded(format!("source:{}", "x".repeat(8 * 1024)).as_bytes()),
        format!("Basic {}", "A".repeat(8 * 1024)),
    ];
    for value in &odd {
        let response = stage.lead_with(&[("authorization", value)], "st=CA").await;
        assert_eq!((response.status.as_u16(), response.body.as_str()), (401, UNAUTHORIZED), "{value:.60}");
        assert!(response.header("www-authenticate").starts_with("Basic"), "{value:.60}");
    }
    let twice = [("authorization", "Basic eDp5"), ("authorization", "Basic eDp5")];
    stage.lead_with(&twice, "st=CA").await.expect(401);
    stage.lead(&[("st", "CA")]).await.expect(401);
    assert_eq!(stage.leads().await, 0);
    let refused = u32::try_from(odd.len()).unwrap() + 2;
    assert_eq!(stage.buyer.only_source(stage.flow).await.refused, refused, "every refusal is counted");
    for scheme in ["Basic", "basic", "BASIC"] {
        stage.lead_with(&[("authorization", &format!("{scheme} {right}"))], "st=CA").await.expect(201);
    }
    let url = format!("{}?st=CA", paths::submit(stage.flow, stage.source));
    let headers = [("authorization", format!("Basic {right}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    stage.app.visitor("", "", "").send(Method::GET, &url, &headers, Body::empty()).await.expect(201);
    let in_query = format!("{url}&source={secret}&authorization={right}");
    stage.app.visitor("", "", "").send(Method::GET, &in_query, &[], Body::empty()).await.expect(401);
}

#[tokio::test]
async fn the_401_response_has_the_format_the_sender_accepts() {
    let (stage, ..) = guarded().await;
    let json = stage.lead(&[("st", "CA")]).await.expect(401);
    assert!(json.header("content-type").starts_with("application/json"));
    let xml = stage.lead_with(&[("accept", "application/xml")], "st=CA").await.expect(401);
    assert!(xml.body.contains("<result><outcome>error</outcome><reason>unauthorized source</reason></result>"));
    assert!(xml.header("www-authenticate").starts_with("Basic"));
    let text = stage.lead_with(&[("accept", "text/plain")], "st=CA").await.expect(401);
    assert_eq!(text.body, "error\nunauthorized source\n");
}

#[tokio::test]
async fn unauthenticated_senders_cannot_learn_the_sources_state_or_formats() {
    let (stage, _, secret) = guarded().await;
    let json = ("content-type", "application/json");
    let redirect = "st=CA&redir_url=javascript:alert(1)";
    let (name, right) = basic("source", &secret);
    let assert_answers = async |headers: &[(&str, &str)], expected: [u16; 4]| {
        let with = |more: &[(&'static str, &'static str)]| [headers, more].concat();
        assert_eq!(stage.lead_with(&with(&[json]), "{").await.status, expected[0]);
        assert_eq!(stage.lead_with(headers, redirect).await.status, expected[1]);
        assert_eq!(stage.lead_with(&with(&[("content-type", "text/plain")]), "x").await.status, expected[2]);
        assert_eq!(stage.lead_with(headers, "st=CA&redir_url=https://thanks.example").await.status, expected[3]);
    };
    assert_answers(&[], [401; 4]).await;
    assert_answers(&[(name, &right)], [400, 400, 415, 303]).await;
    stage.app.execute("update flow_sources set enabled = false").await.unwrap();
    assert_answers(&[], [401; 4]).await;
    assert_answers(&[(name, &right)], [403; 4]).await;
    stage.app.execute("update flows set enabled = false").await.unwrap();
    assert_eq!(stage.lead(&[("st", "CA")]).await.body, UNAUTHORIZED);
    let response = stage.lead_as("source", &secret).await.expect(403);
    assert_eq!(response.body, r#"{"outcome":"error","reason":"flow is not enabled"}"#);
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn authentication_can_be_set_up_on_a_pending_source() {
    let stage = Stage::pending().await;
    let secret = stage.make_credential().await;
    stage.require("on").await;
    stage.lead(&[("st", "CA")]).await.expect(401);
    stage.lead_as("source", &secret).await.expect(403);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    stage.lead(&[("st", "CA")]).await.expect(401);
    stage.lead_as("source", &secret).await.expect(201);
}

#[tokio::test]
async fn another_sources_secret_is_rejected() {
    let (stage, ..) = guarded().await;
    let path = paths::custom_source(stage.flow);
    stage.buyer.post_as("custom", &path, &[("name", "Website form")]).await.expect(303);
    let other = stage.buyer.sources(stage.flow).await.into_iter().find(|row| row.id != stage.source).unwrap().id;
    let tab = paths::source_authentication(stage.flow, other);
    let theirs = crate::support::credentials::shown_secret(&stage.buyer.post_as("create-credential", &tab, &[]).await);
    stage.lead_as("source", &theirs).await.expect(401);
    let (name, value) = basic("source", &theirs);
    stage.app.submit(stage.flow, other, "state=CA".to_owned(), &[(name, &value)]).await.expect(201);
    assert_eq!(stage.app.count("source_credentials where last_used_at is not null").await, 1);
}

#[tokio::test]
async fn the_connected_accounts_api_key_works_with_any_user_name_until_revoked() {
    let (stage, seller, secret) = guarded().await;
    let key = stage.app.api_key(seller.account(), seller.user.unwrap()).await;
    for user in ["API", "source", "", "anything"] {
        stage.lead_as(user, &key).await.expect(201);
    }
    assert_eq!(stage.app.count("api_keys where last_used_at is not null").await, 1);
    let stranger = stage.app.stranger().await;
    for other in [&stage.buyer, &stranger] {
        let theirs = stage.app.api_key(other.account(), other.user.unwrap()).await;
        stage.lead_as("API", &theirs).await.expect(401);
    }
    stage.app.execute("update api_keys set revoked_at = now()").await.unwrap();
    stage.lead_as("API", &key).await.expect(401);
    stage.lead_as("source", &secret).await.expect(201);
}

#[tokio::test]
async fn the_key_of_a_disconnected_account_is_rejected() {
    let (stage, seller, secret) = guarded().await;
    let key = stage.app.api_key(seller.account(), seller.user.unwrap()).await;
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    stage.lead_as("API", &key).await.expect(401);
    stage.lead_as("source", &secret).await.expect(403);
}

#[tokio::test]
async fn the_last_use_is_recorded_once_a_minute() {
    let (stage, _, secret) = guarded().await;
    let last = async || -> OffsetDateTime {
        sqlx::query_scalar("select last_used_at from source_credentials")
            .fetch_one(&stage.app.state.pool)
            .await
            .unwrap()
    };
    stage.lead_as("source", &secret).await.expect(201);
    let first = last().await;
    stage.app.advance(Duration::seconds(30));
    stage.lead_as("source", &secret).await.expect(201);
    assert_eq!(last().await, first);
    stage.app.advance(Duration::seconds(31));
    let responses = join_all((0..12).map(|_| stage.lead_as("source", &secret))).await;
    assert!(responses.iter().all(|response| response.status == 201));
    assert!(last().await > first);
    stage.buyer.get(&stage.docs()).await.expect(200).shows("Last usedjust now");
}

#[tokio::test]
async fn leads_during_a_rotation_are_each_accepted_or_rejected_once() {
    let (stage, _, secret) = guarded().await;
    let leads = join_all((0..12).map(|_| stage.lead_as("source", &secret)));
    let (responses, new) = join(leads, stage.rotate("end")).await;
    let taken = responses.iter().filter(|response| response.status == 201).count();
    assert!(responses.iter().all(|response| [201, 401].contains(&response.status.as_u16())));
    assert_eq!(stage.leads().await, i64::try_from(taken).unwrap());
    stage.lead_as("source", &secret).await.expect(401);
    stage.lead_as("source", &new).await.expect(201);
}

#[tokio::test]
async fn the_stored_response_of_an_idempotency_key_requires_authentication() {
    let (stage, _, secret) = guarded().await;
    let (name, right) = basic("source", &secret);
    let key = ("idempotency-key", "order-1");
    let first = stage.lead_with(&[key, (name, &right)], "st=CA").await.expect(201);
    assert_eq!(stage.lead_with(&[key], "st=CA").await.expect(401).body, UNAUTHORIZED);
    assert_eq!(stage.lead_with(&[key, (name, &right)], "st=CA").await.expect(201).body, first.body);
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn the_docs_state_the_authentication_and_their_examples_work() {
    let (stage, seller) = Stage::connected().await;
    let open = seller.get(&stage.docs()).await.expect(200).shows("This source needs no authentication");
    assert!(!open.text().contains("--user"));
    let secret = stage.make_credential().await;
    stage.require("on").await;
    let docs = seller.get(&stage.docs()).await.expect(200);
    for part in [
        "This source requires HTTP Basic authentication. The username is source",
        "an API key of Lead Harbor as the password",
        "--user source:…",
        "401 Unauthorized",
        &secret[..12],
    ] {
        assert!(docs.text().contains(part), "{part}: {}", docs.text());
    }
}

#[tokio::test]
async fn removing_a_source_removes_its_credential() {
    let (stage, _, secret) = guarded().await;
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    stage.lead_as("source", &secret).await.expect(404);
    assert_eq!(stage.app.count("source_credentials").await, 0);
}

#[tokio::test]
async fn saving_mappings_does_not_change_authentication() {
    let (stage, _, secret) = guarded().await;
    stage.buyer.save_mappings(stage.flow, stage.source, 4, &[mapping("state", "s")]).await.expect(200);
    stage.lead(&[("s", "CA")]).await.expect(401);
    stage.lead_as("source", &secret).await.expect(201);
    let other = stage.app.admin("Dee", "dee@other.example", "Other", Some(Plan::Pro), false).await;
    other.get(&stage.docs()).await.expect(404);
}
