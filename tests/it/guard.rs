//! The checks on every request (origin and host), and the security headers of every response.

use crate::support::{
    TestApp,
    stage::{SELLER, Stage},
};
use accord::base::paths;
use axum::{body::Body, http::Method};
use serde_json::json;

#[tokio::test]
async fn a_post_from_another_site_is_refused_and_changes_nothing() {
    let (stage, _) = Stage::connected().await;
    let before = stage.app.source(stage.source).await;
    let acting = stage.buyer.account().to_string();
    let source = stage.source.to_string();
    let form = [("form", "switch"), ("as", &acting), ("source", &source), ("on", "off")];
    for site in ["cross-site", "same-site", "nonsense", ""] {
        let refused = stage.buyer.post_from(site, &paths::flow_sources(stage.flow), &form).await.expect(403);
        assert!(refused.body.contains("This request came from another site"), "{site}: {}", refused.body);
    }
    assert_eq!(stage.app.source(stage.source).await, before);
    stage.buyer.post(&paths::flow_sources(stage.flow), &form).await.expect(303);
    assert!(!stage.app.source(stage.source).await.enabled);
}

#[tokio::test]
async fn a_function_called_from_another_site_is_refused_whatever_its_content_type() {
    let (stage, _) = Stage::connected().await;
    let body = json!({ "flow_id": stage.flow, "source_id": stage.source, "on": false }).to_string();
    for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        let headers = [("sec-fetch-site", "cross-site"), ("content-type", kind), ("accept", "application/json")];
        let path = "/fn/flows/sources/switch";
        stage.buyer.send(Method::POST, path, &headers, Body::from(body.clone())).await.expect(403);
    }
    assert!(stage.app.source(stage.source).await.enabled);
}

#[tokio::test]
async fn without_sec_fetch_site_the_origin_decides_and_without_both_a_cookie_is_refused() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let send = async |origin: &[(&str, &str)]| {
        let headers: Vec<_> = origin.iter().copied().chain([form]).collect();
        buyer.send(Method::POST, "/theme", &headers, Body::from("theme=dark&back=/")).await.status.as_u16()
    };
    assert_eq!(send(&[("origin", "https://accord.example")]).await, 303);
    assert_eq!(send(&[("origin", "https://evil.example")]).await, 403);
    assert_eq!(send(&[("origin", "null")]).await, 403);
    assert_eq!(send(&[("origin", "https://accord.example.evil.example")]).await, 403);
    assert_eq!(send(&[]).await, 403);
}

#[tokio::test]
async fn another_site_cannot_sign_a_visitor_in() {
    let app = TestApp::start().await;
    app.buyer().await;
    let visitor = app.visitor("", "", "");
    let form = [("email", "ann@buyer.example"), ("password", crate::support::app::PASSWORD)];
    visitor.post_from("cross-site", paths::SIGN_IN, &form).await.expect(403);
    assert_eq!(visitor.cookie("__Host-accord"), None);
    visitor.post(paths::SIGN_IN, &form).await.expect(303);
}

#[tokio::test]
async fn an_unknown_host_is_refused_on_every_path() {
    let stage = Stage::pending().await;
    let production = stage.newcomer();
    for host in ["evil.example", "accord.example.evil.example", "accord.example:444", "", "accord.example@evil.example"]
    {
        for path in ["/", "/signin", &stage.link, &paths::submit(stage.flow, stage.source), "/nowhere"] {
            let response = production.send(Method::GET, path, &[("host", host)], Body::empty()).await;
            assert_eq!(response.status, 421, "{host} {path}");
            assert!(response.header("set-cookie").is_empty());
        }
    }
    let absolute = production.send(Method::GET, "https://evil.example/signin", &[], Body::empty()).await;
    assert_eq!(absolute.status, 421);
    let forwarded = [("x-forwarded-host", "evil.example")];
    let page = production.send(Method::GET, "/signin", &forwarded, Body::empty()).await.expect(200);
    assert!(!page.body.contains("evil.example"));
}

#[tokio::test]
async fn links_in_emails_never_come_from_a_request() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let headers = [
        ("accept", "text/html"),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
    ];
    let body = format!("form=invite&as={}&email={SELLER}&note=", buyer.account());
    buyer.send(Method::POST, &paths::invite_partner(flow), &headers, Body::from(body)).await.expect(303);
    let mail = app.mail_to(SELLER).await;
    assert!(!mail.source.contains("evil.example"));
    assert!(mail.links.iter().all(|link| link.starts_with("https://accord.example/")), "{:?}", mail.links);
}

#[tokio::test]
async fn pages_have_a_content_security_policy_and_scripts_its_nonce() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = buyer.get(&paths::flow_sources(flow)).await.expect(200);
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "'wasm-unsafe-eval'",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let scripts: Vec<_> = page.body.split("<script").skip(1).map(|tag| tag.split('>').next().unwrap()).collect();
        assert!(!scripts.is_empty(), "a page with islands loads scripts");
        for script in scripts {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{script}");
        }
        assert!(!page.body.contains("style=\""), "no inline styles");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn pages_for_visitors_load_no_script() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    let pages = [
        paths::HOME.to_owned(),
        paths::SIGN_IN.to_owned(),
        paths::SIGN_UP.to_owned(),
        paths::SIGN_UP_SENT.to_owned(),
        paths::invitation(invitation),
        paths::invitation_sign_up(invitation),
        paths::decline_invitation(invitation),
    ];
    for path in pages {
        let page = visitor.get(&path).await.expect(200);
        assert_eq!(loaded_script(&page.body), None, "{path}");
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
    let seller = stage.seller().await;
    let page = seller.get(&paths::invitation(invitation)).await.expect(200);
    assert_eq!(loaded_script(&page.body), None, "signed in too");
}

/// Signs that the browser fetches or runs the client. The framework writes two empty lists inline on every page.
fn loaded_script(page: &str) -> Option<&'static str> {
    ["modulepreload", "/pkg/accord.js", ".wasm", "<script src", "hydrate"].into_iter().find(|sign| page.contains(sign))
}

#[tokio::test]
async fn every_response_has_security_headers_and_secrets_are_not_cached() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    let secret = [
        stage.link.clone(),
        paths::invitation(invitation),
        paths::invitation_sign_up(invitation),
        paths::decline_invitation(invitation),
        "/i/unknown".to_owned(),
        "/verify/unknown".to_owned(),
    ];
    for path in &secret {
        assert_eq!(visitor.get(path).await.header("cache-control"), "no-store", "{path}");
    }
    let others = ["/", "/signin", "/nowhere", "/flows", "/health/live"].map(str::to_owned);
    for path in others.iter().chain(&secret) {
        let response = visitor.get(path).await;
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(response.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(response.header("strict-transport-security"), "max-age=31536000", "{path}");
        assert!(response.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!response.header("x-request-id").is_empty(), "{path}");
    }
    let signed_in = stage.buyer.get(paths::FLOWS).await.expect(200);
    assert_eq!(signed_in.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn unknown_paths_return_a_page_not_found() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for path in [
        "/nowhere",
        "/flows/x/sources",
        "/flows/0123456789abcdef01234567/sources",
        "/buyers/x",
        "/..%2f..%2fetc/passwd",
        "/%00",
        "//flows",
    ] {
        for person in [&buyer, &app.visitor("", "", "")] {
            let response = person.get(path).await;
            assert!([404, 400, 302, 303].contains(&response.status.as_u16()), "{path}: {}", response.status);
        }
    }
    buyer.get("/nowhere").await.expect(404).shows("Page not found");
    app.visitor("", "", "").get("/nowhere").await.expect(404).shows("Page not found");
    buyer.post("/nowhere", &[]).await.expect(404);
}

#[tokio::test]
async fn odd_methods_and_bodies_are_client_errors_not_server_errors() {
    let stage = Stage::pending().await;
    let flow = paths::flow_sources(stage.flow);
    let headers = [("sec-fetch-site", "same-origin")];
    for method in ["TRACE", "PROPFIND", "PUT", "DELETE", "PATCH", "CONNECT", "OPTIONS"] {
        for path in ["/", "/signin", &flow, "/fn/flows/sources/list", "/live", "/health/live", &stage.link] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let status = stage.buyer.send(method.clone(), path, &headers, Body::from("x")).await.status.as_u16();
            assert!((400..500).contains(&status), "{method} {path}: {status}");
        }
    }
    for (kind, body) in
        [("application/json", "{}"), ("multipart/form-data; boundary=a", "--a"), ("", "a=b"), ("text/plain", "a=b")]
    {
        let headers = [("sec-fetch-site", "same-origin"), ("accept", "text/html"), ("content-type", kind)];
        let refused = stage.buyer.send(Method::POST, &flow, &headers, Body::from(body)).await.expect(400);
        refused.shows("The request could not be read.");
    }
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
    let huge = format!("a={}", "x".repeat(1 << 20));
    stage.buyer.send(Method::POST, &flow, &headers, Body::from(huge)).await.expect(413);
    let unknown = stage.buyer.call("nowhere", json!({})).await.status.as_u16();
    assert!([400, 404].contains(&unknown), "{unknown}");
}

#[tokio::test]
async fn a_function_that_cannot_parse_its_input_returns_a_client_error() {
    let stage = Stage::pending().await;
    for body in ["{", "[]", "null", "\"\\u0000\"", "{\"flow_id\":1}"] {
        let headers =
            [("sec-fetch-site", "same-origin"), ("content-type", "application/json"), ("accept", "application/json")];
        let status =
            stage.buyer.send(Method::POST, "/fn/flows/sources/list", &headers, Body::from(body)).await.status.as_u16();
        assert!((400..500).contains(&status), "{body}: {status}");
    }
}

#[tokio::test]
async fn a_nul_character_never_reaches_the_database() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.post_flow("a\0b", &["email"]).await.expect(400);
    buyer.invite(flow, SELLER, "a\0b").await.expect(400);
    app.visitor("", "", "").post(paths::SIGN_IN, &[("email", "a\0b@c.example"), ("password", "\0")]).await.expect(400);
    for (function, input) in [
        ("invitations/send", json!({ "flow_id": flow, "email": SELLER, "note": "a\0b" })),
        ("invitations/send", json!({ "flow_id": flow, "email": "a\0b@seller.example", "note": "" })),
        ("flows/sources/create", json!({ "flow_id": flow, "name": "a\0b" })),
        (
            "flows/criteria/save",
            json!({ "flow_id": flow, "source_id": null, "version": 1, "rows": { "join": "and", "reason": "a\0b", "rows": [
            { "depth": 0, "content": { "Rule": { "field": "state", "op": "is equal to", "value": "a\0b" } } }
        ] } }),
        ),
    ] {
        let response = buyer.call(function, &input).await;
        assert!((400..500).contains(&response.status.as_u16()), "{function}: {} {}", response.status, response.body);
    }
    assert_eq!(app.count("invitations").await, 0);
    assert_eq!(app.count("flows").await, 1);
}

#[tokio::test]
async fn the_applications_role_can_add_to_the_activity_but_never_change_it() {
    let stage = Stage::pending().await;
    let before = stage.app.count("activity").await;
    assert!(before > 0);
    for statement in [
        "update activity set deed = 'x'",
        "delete from activity",
        "truncate activity",
        "drop table activity",
        "alter table activity add column x int",
    ] {
        let refused = stage.app.execute(statement).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code()).unwrap().into_owned();
        assert_eq!(code, "42501", "{statement}");
    }
    assert_eq!(stage.app.count("activity").await, before);
}
