//! How the API rejects requests: the status says what is wrong, and every wrong property is named.

use crate::support::{
    TestApp,
    api::{Api, JSON, error_code, field_errors},
    credentials::basic,
};
use axum::http::Method;
use serde_json::{Value, json};

const NOWHERE: &str = "5fd4371e940df5a34a3888b2";
const SOURCE: &str = "/invitations/source";
const FLOWS: &str = "/api/v1/flows";

async fn start() -> Api {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.api(&buyer).await
}

fn named(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn unknown_paths_and_ids_return_404() {
    let api = start().await;
    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/nonsense",
        "/api/v1/flows/",
        "/api/v1/flows/nonsense",
        "/api/v1/flows/5fd4371e940df5a34a3888b",
        "/api/v1/flows/5FD4371E940DF5A34A3888B2",
        "/api/v1/flows/%00",
        "/api/v1/flows/%ff%fe",
        "/api/v1/flows/../accounts",
        &format!("/api/v1/flows/{NOWHERE}"),
        &format!("/api/v1/flows/{NOWHERE}/nonsense"),
        &format!("/api/v1/flows/{NOWHERE}/sources/{NOWHERE}"),
        &format!("/api/v1/flows/nonsense/sources/{NOWHERE}"),
        &format!("/api/v1/entities/{NOWHERE}"),
        &format!("/api/v1/invitations/{NOWHERE}"),
        &format!("/api/v1/partners/{NOWHERE}/invites"),
        &format!("/api/v1/leads/{NOWHERE}"),
    ] {
        assert_eq!(error_code(&api.get(path).await.expect(404)), "not_found", "{path}");
    }
    let resend = format!("/invitations/{NOWHERE}/resend");
    api.send(Method::PUT, &resend, &[], "").await.expect(404);
    api.send(Method::PUT, "/invitations/nonsense/resend", &[], "").await.expect(404);
}

#[tokio::test]
async fn without_a_key_nothing_is_revealed_about_what_exists() {
    let api = start().await;
    let flow = api.create(FLOWS, json!({ "name": "Solar", "fields": ["state"] })).await;
    let there = format!("{FLOWS}/{}", flow["id"].as_str().unwrap());
    for (method, path) in [
        (Method::GET, there.as_str()),
        (Method::GET, "/api/v1/nonsense"),
        (Method::PATCH, FLOWS),
        (Method::GET, SOURCE),
        (Method::POST, SOURCE),
    ] {
        api.app.call(method, path, &[JSON], "{").await.expect(401);
    }
}

#[tokio::test]
async fn an_unsupported_method_returns_405_with_the_allowed_ones() {
    let api = start().await;
    let resend = format!("/invitations/{NOWHERE}/resend");
    let flow = format!("{FLOWS}/{NOWHERE}");
    for (method, path, allowed) in [
        (Method::GET, SOURCE, vec!["POST"]),
        (Method::DELETE, SOURCE, vec!["POST"]),
        (Method::GET, "/invitations/recipient", vec!["POST"]),
        (Method::POST, &resend, vec!["PUT"]),
        (Method::GET, "/api/v1/invitations/source", vec!["POST"]),
        (Method::PUT, FLOWS, vec!["GET", "HEAD", "POST"]),
        (Method::DELETE, "/api/v1/partners", vec!["GET", "HEAD", "POST"]),
        (Method::PUT, "/api/v1/entities", vec!["GET", "HEAD", "POST"]),
        (Method::PUT, "/api/v1/leads", vec!["GET", "HEAD"]),
        (Method::POST, "/api/v1/activity", vec!["GET", "HEAD"]),
        (Method::POST, &flow, vec!["DELETE", "GET", "HEAD", "PUT"]),
        (Method::PATCH, &flow, vec!["DELETE", "GET", "HEAD", "PUT"]),
    ] {
        let response = api.send(method.clone(), path, &[JSON], "{}").await.expect(405);
        assert_eq!(error_code(&response), "method_not_allowed");
        let mut allow: Vec<_> = response.header("allow").split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow, allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn invalid_json_is_malformed_and_another_media_type_is_unsupported() {
    let api = start().await;
    for body in ["", "{", "nonsense", r#"{"email":}"#, r#"{"email":"a@b.example"}}"#, r#"{"email":"\ud800"}"#] {
        let response = api.send(Method::POST, SOURCE, &[JSON], body).await.expect(400);
        assert_eq!(error_code(&response), "malformed_json", "{body}");
    }
    let latin = b"{\"email\":\"J\xf6rg@seller.example\"}".as_slice();
    api.send(Method::POST, SOURCE, &[JSON], latin).await.expect(400);
    let right = r#"{"email":"cy@seller.example"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""] {
        let response = api.send(Method::POST, SOURCE, &[("content-type", kind)], right).await.expect(415);
        assert_eq!(error_code(&response), "unsupported_media_type", "{kind}");
    }
    api.send(Method::POST, SOURCE, &[], right).await.expect(415);
    assert_eq!(api.app.count("invitations").await, 0);
    let charset = [("content-type", "Application/JSON; charset=utf-8")];
    api.send(Method::POST, SOURCE, &charset, right).await.expect(201);
}

#[tokio::test]
async fn a_body_is_limited_to_one_mebibyte() {
    let api = start().await;
    let body = |size: usize| {
        let rest = r#"{"name":"Acme","notes":""}"#.len();
        format!(r#"{{"name":"Acme","notes":"{}"}}"#, "n".repeat(size - rest))
    };
    let response = api.send(Method::POST, "/api/v1/partners", &[JSON], body((1 << 20) + 1)).await.expect(413);
    assert_eq!(error_code(&response), "payload_too_large");
    let response = api.send(Method::POST, "/api/v1/partners", &[JSON], body(1 << 20)).await;
    assert_eq!(field_errors(&response), named(&[("notes", "notes_too_long")]));
    api.send(Method::PUT, &format!("{FLOWS}/{NOWHERE}"), &[JSON], body((1 << 20) + 1)).await.expect(413);
}

#[tokio::test]
async fn every_wrong_property_is_named() {
    let api = start().await;
    let long = "n".repeat(501);
    let days = "invitation_days_invalid";
    for (path, body, expected) in [
        (SOURCE, json!({}), vec![("email", "required")]),
        (SOURCE, json!([]), vec![("", "wrong_type")]),
        (SOURCE, json!({ "email": null }), vec![("email", "wrong_type")]),
        (SOURCE, json!({ "email": "" }), vec![("email", "email_missing")]),
        (
            SOURCE,
            json!({ "email": "nonsense", "note": long, "expires_in_days": 31 }),
            vec![("email", "email_invalid"), ("note", "note_too_long"), ("expires_in_days", days)],
        ),
        (SOURCE, json!({ "email": "a@b.example", "expires_in_days": 0 }), vec![("expires_in_days", days)]),
        (SOURCE, json!({ "email": "a@b.example", "expires_in_days": 31 }), vec![("expires_in_days", days)]),
        (SOURCE, json!({ "email": "a@b.example", "expires_in_days": "7" }), vec![("expires_in_days", "wrong_type")]),
        (SOURCE, json!({ "email": "a@b.example", "expires_in_days": 1.5 }), vec![("expires_in_days", "wrong_type")]),
        (SOURCE, json!({ "email": "a@b.example", "flow_id": "nonsense" }), vec![("flow_id", "wrong_type")]),
        (SOURCE, json!({ "email": "a@b.example", "note": "a\u{0}b" }), vec![("note", "control_characters")]),
        (
            "/api/v1/partners",
            json!({ "name": " ", "website": "x", "notes": "n".repeat(5001) }),
            vec![("name", "partner_name_missing"), ("website", "website_invalid"), ("notes", "notes_too_long")],
        ),
        (
            FLOWS,
            json!({ "name": "", "fields": [] }),
            vec![("name", "flow_name_missing"), ("fields", "flow_fields_missing")],
        ),
        (FLOWS, json!({ "name": "Solar" }), vec![("fields", "required")]),
        (FLOWS, json!({ "name": "Solar", "fields": [1] }), vec![("fields.0", "wrong_type")]),
        ("/api/v1/entities", json!({ "name": "" }), vec![("name", "source_name_missing")]),
    ] {
        let response = api.post(path, body.clone()).await;
        assert_eq!(field_errors(&response), named(&expected), "{path} {body}");
    }
}

#[tokio::test]
async fn an_invitation_has_exactly_one_address() {
    let api = start().await;
    for email in [
        json!(["a@seller.example", "b@seller.example"]),
        json!({ "0": "a@seller.example" }),
        json!("a@seller.example,b@seller.example"),
        json!("a@seller.example, b@seller.example"),
        json!("a@seller.example;b@seller.example"),
        json!("a@seller.example b@seller.example"),
        json!("a@seller.example\r\nBcc: b@seller.example"),
        json!("a@seller.example\nb@seller.example"),
        json!("a@seller.example%0ab@seller.example"),
        json!("Cy <a@seller.example>"),
        json!(1),
        json!(true),
    ] {
        for path in [SOURCE, "/invitations/recipient"] {
            let named = field_errors(&api.post(path, json!({ "email": email })).await);
            assert!(named.len() == 1 && named[0].0.starts_with("email"), "{email}: {named:?}");
        }
    }
    assert_eq!((api.app.count("invitations").await, api.app.count("mails").await), (0, 0));
}

#[tokio::test]
async fn properties_set_by_the_server_are_rejected_in_requests() {
    let api = start().await;
    for property in [
        "role",
        "account_id",
        "org_id",
        "status",
        "state",
        "expires_at",
        "accepted_by",
        "accepted_at",
        "is_admin",
        "invited_by",
        "id",
        "entity_id",
        "kind",
        "token",
        "Email",
    ] {
        for path in [SOURCE, "/invitations/recipient"] {
            let response = api.post(path, json!({ "email": "cy@seller.example", property: "admin" })).await;
            assert_eq!(field_errors(&response), named(&[(property, "unknown_property")]), "{path}");
        }
    }
    for (path, body, property) in [
        (FLOWS, json!({ "name": "Solar", "fields": ["state"], "account_id": NOWHERE }), "account_id"),
        (FLOWS, json!({ "name": "Solar", "fields": ["state"], "version": 7 }), "version"),
        ("/api/v1/partners", json!({ "name": "Acme", "linked_account_id": NOWHERE }), "linked_account_id"),
        ("/api/v1/entities", json!({ "name": "Form", "connected_account_id": NOWHERE }), "connected_account_id"),
        ("/api/v1/entities", json!({ "name": "Form", "standard": true }), "standard"),
    ] {
        assert_eq!(field_errors(&api.post(path, body).await), named(&[(property, "unknown_property")]), "{path}");
    }
    for table in ["invitations", "flows", "partners", "entities where kind <> 'standard'"] {
        assert_eq!(api.app.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_duplicate_property_is_rejected() {
    let api = start().await;
    let twice = r#"{"email":"a@seller.example","email":"b@seller.example"}"#;
    let response = api.send(Method::POST, SOURCE, &[JSON], twice).await;
    assert_eq!(field_errors(&response), named(&[("email", "duplicate_property")]));
    assert_eq!(api.app.count("invitations").await, 0);
}

#[tokio::test]
async fn an_unknown_duplicate_or_out_of_range_parameter_is_named() {
    let api = start().await;
    for (query, field, code) in [
        ("limit=0", "limit", "wrong_type"),
        ("limit=201", "limit", "wrong_type"),
        ("limit=-1", "limit", "wrong_type"),
        ("limit=", "limit", "wrong_type"),
        ("limit=many", "limit", "wrong_type"),
        ("limit=1&limit=2", "limit", "duplicate_property"),
        ("after=nonsense", "after", "wrong_type"),
        ("offset=5", "offset", "unknown_property"),
    ] {
        for list in ["flows", "leads", "partners", "invitations", "activity", "stats/sources", "connections"] {
            let response = api.get(&format!("/api/v1/{list}?{query}")).await;
            assert_eq!(field_errors(&response), named(&[(field, code)]), "{list}?{query}");
        }
    }
    for (query, field) in [
        ("leads?from=yesterday", "from"),
        ("leads?outcome=maybe", "outcome"),
        ("leads?flow_id=1", "flow_id"),
        ("stats/sources?to=2026-02-30", "to"),
        ("invitations?state=lost", "state"),
        ("invitations?kind=member", "kind"),
    ] {
        let named = field_errors(&api.get(&format!("/api/v1/{query}")).await);
        assert!(named.len() == 1 && named[0].0 == field, "{query}: {named:?}");
    }
}

#[tokio::test]
async fn a_foreign_host_is_rejected() {
    let api = start().await;
    let (name, value) = basic("API", &api.key);
    let headers = [("host", "evil.example"), (name, value.as_str()), JSON];
    let visitor = api.app.visitor("", "", "");
    let response = visitor.send(Method::POST, SOURCE, &headers, r#"{"email":"cy@seller.example"}"#.into()).await;
    assert_eq!(response.expect(421).header("x-request-id").len(), 16);
    assert_eq!(api.app.count("invitations").await, 0);
}

#[tokio::test]
async fn the_openapi_document_is_public_and_names_this_server() {
    let api = start().await;
    let document: Value = api.app.call(Method::GET, "/api/openapi.json", &[], "").await.expect(200).json();
    assert_eq!(
        (&document["openapi"], &document["servers"][0]["url"]),
        (&json!("3.1.0"), &json!("https://accord.example"))
    );
}

#[tokio::test]
async fn the_document_describes_lead_submission() {
    let (stage, _) = crate::support::stage::Stage::connected().await;
    let document = serde_json::to_value(accord::api::server::document(&stage.app.state.config)).unwrap();
    let path = "/flows/{flow_id}/sources/{source_id}/submit";
    let (post, get) = (&document["paths"][path]["post"], &document["paths"][path]["get"]);
    assert!(get["requestBody"].is_null() && get["responses"]["201"].is_object(), "{get}");
    let body = "{\"st\":\"CA\"}";
    for content_type in post["requestBody"]["content"].as_object().unwrap().keys() {
        let body = match content_type.as_str() {
            "application/xml" => "<lead><st>CA</st></lead>",
            "application/x-www-form-urlencoded" => "st=CA",
            "multipart/form-data" => "--x\r\nContent-Disposition: form-data; name=\"st\"\r\n\r\nCA\r\n--x--",
            _ => body,
        };
        let sent = stage.lead_with(&[("content-type", content_type)], body).await.expect(201);
        assert_eq!(sent.json::<Value>()["outcome"], "success", "{content_type}");
    }
    for (headers, body) in [
        ([("content-type", "application/json"), ("accept", "*/*")], "{"),
        ([("content-type", "image/png"), ("accept", "*/*")], "x"),
        ([("content-type", "text/plain"), ("accept", "image/png")], "a=1"),
    ] {
        let response = stage.lead_with(&headers, body).await;
        let described = &post["responses"][response.status.as_str()]["content"]["application/json"];
        assert_eq!(described["schema"]["$ref"], "#/components/schemas/SubmissionError", "{}", response.status);
    }
}
