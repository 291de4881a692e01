//! Whom a source lets in that requires authentication, and what all others learn.

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
async fn without_being_required_a_credential_is_not_asked_for_and_a_wrong_one_is_no_matter() {
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
async fn oddities_of_basic_authentication_are_401_and_never_a_failure_of_ours() {
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
        let answer = stage.lead_with(&[("authorization", value)], "st=CA").await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (401, UNAUTHORIZED), "{value:.60}");
        assert!(answer.header("www-authenticate").starts_with("Basic"), "{value:.60}");
    }
    let twice = [("authorization", "Basic eDp5"), ("authorization", "Basic eDp5")];
    stage.lead_with(&twice, "st=CA").await.expect(401);
    stage.lead(&[("st", "CA")]).await.expect(401);
    assert_eq!(stage.leads().await, 0);
    let refused = u32::try_from(odd.len()).unwrap() + 2;
    assert_eq!(stage.buyer.only_source(stage.flow).await.refused, refused, "each is counted");
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
async fn the_refusal_has_the_form_the_sender_accepts() {
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
async fn strangers_learn_nothing_of_how_the_source_stands_or_what_it_can_read() {
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
    let told = stage.lead_as("source", &secret).await.expect(403);
    assert_eq!(told.body, r#"{"outcome":"error","reason":"flow is not enabled"}"#);
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn a_pending_source_can_be_made_ready() {
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
async fn the_secret_of_another_source_opens_nothing_here() {
    let (stage, ..) = guarded().await;
    let path = paths::custom_source(stage.flow);
    stage.buyer.post_as("custom", &path, &[("name", "Website form")]).await.expect(303);
    let other = stage.buyer.sources(stage.flow).await.into_iter().find(|row| row.id != stage.source).unwrap().id;
    let tab = paths::source_authentication(stage.flow, other);
    let theirs = crate::support::credentials::told_secret(&stage.buyer.post_as("create-credential", &tab, &[]).await);
    stage.lead_as("source", &theirs).await.expect(401);
    let (name, value) = basic("source", &theirs);
    stage.app.submit(stage.flow, other, "state=CA".to_owned(), &[(name, &value)]).await.expect(201);
    assert_eq!(stage.app.count("source_credentials where last_used_at is not null").await, 1);
}

#[tokio::test]
async fn an_api_key_of_the_connected_account_opens_its_sources_under_any_user_name_until_revoked() {
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
async fn the_key_of_an_account_that_is_not_connected_any_more_opens_nothing() {
    let (stage, seller, secret) = guarded().await;
    let key = stage.app.api_key(seller.account(), seller.user.unwrap()).await;
    stage.app.execute("update connections set disconnected_at = now()").await.unwrap();
    stage.lead_as("API", &key).await.expect(401);
    stage.lead_as("source", &secret).await.expect(403);
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
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
    let answers = join_all((0..12).map(|_| stage.lead_as("source", &secret))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert!(last().await > first);
    stage.buyer.get(&stage.docs()).await.expect(200).saying("Last usedjust now");
}

#[tokio::test]
async fn a_rotation_among_leads_is_decided_once_for_each_of_them() {
    let (stage, _, secret) = guarded().await;
    let leads = join_all((0..12).map(|_| stage.lead_as("source", &secret)));
    let (answers, new) = join(leads, stage.rotate("end")).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| [201, 401].contains(&answer.status.as_u16())));
    assert_eq!(stage.leads().await, i64::try_from(taken).unwrap());
    stage.lead_as("source", &secret).await.expect(401);
    stage.lead_as("source", &new).await.expect(201);
}

#[tokio::test]
async fn the_answer_of_a_key_that_was_seen_before_is_for_who_authenticates() {
    let (stage, _, secret) = guarded().await;
    let (name, right) = basic("source", &secret);
    let key = ("idempotency-key", "order-1");
    let first = stage.lead_with(&[key, (name, &right)], "st=CA").await.expect(201);
    assert_eq!(stage.lead_with(&[key], "st=CA").await.expect(401).body, UNAUTHORIZED);
    assert_eq!(stage.lead_with(&[key, (name, &right)], "st=CA").await.expect(201).body, first.body);
    assert_eq!(stage.leads().await, 1);
}

#[tokio::test]
async fn the_docs_say_what_holds_and_their_examples_work() {
    let (stage, seller) = Stage::connected().await;
    let open = seller.get(&stage.docs()).await.expect(200).saying("This source needs no authentication");
    assert!(!open.words().contains("--user"));
    let secret = stage.make_credential().await;
    stage.require("on").await;
    let docs = seller.get(&stage.docs()).await.expect(200);
    for part in [
        "This source requires HTTP Basic authentication. The user name is source",
        "an API key of Lead Harbor as the password",
        "--user source:…",
        "401 Unauthorized",
        &secret[..12],
    ] {
        assert!(docs.words().contains(part), "{part}: {}", docs.words());
    }
}

#[tokio::test]
async fn a_source_that_is_removed_takes_its_credential_with_it() {
    let (stage, _, secret) = guarded().await;
    stage.buyer.post_as("remove", &paths::remove_source(stage.flow, stage.source), &[]).await.expect(303);
    stage.lead_as("source", &secret).await.expect(404);
    assert_eq!(stage.app.count("source_credentials").await, 0);
}

#[tokio::test]
async fn saving_mappings_leaves_authentication_as_it_is() {
    let (stage, _, secret) = guarded().await;
    stage.buyer.save_mappings(stage.flow, stage.source, 3, &[mapping("state", "s")]).await.expect(200);
    stage.lead(&[("s", "CA")]).await.expect(401);
    stage.lead_as("source", &secret).await.expect(201);
    let other = stage.app.admin("Dee", "dee@other.example", "Other", Some(Plan::Pro), false).await;
    other.get(&stage.docs()).await.expect(404);
}
