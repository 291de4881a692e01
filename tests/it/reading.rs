//! What sellers' systems send, how it is kept, and what they get back if it cannot be read.

use crate::support::{
    Response, TestApp,
    credentials::basic,
    sending::open_source,
    stage::{Stage, mapping},
};
use accord::base::{FlowId, SourceId, paths};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Posts a body with these headers and no others.
async fn post(app: &TestApp, (flow, source): (FlowId, SourceId), headers: &[(&str, &str)], body: &[u8]) -> Response {
    let path = paths::submit(flow, source);
    app.visitor("", "", "").send(Method::POST, &path, headers, Body::from(body.to_vec())).await
}

/// Input and fields of the last lead.
async fn last(app: &TestApp) -> (Value, Value) {
    let query = "select input, fields from leads order by id desc limit 1";
    sqlx::query_as(query).fetch_one(&app.state.pool).await.unwrap()
}

#[tokio::test]
async fn what_arrives_is_what_was_sent() {
    let (app, buyer, flow, source) = open_source().await;
    let fields = json!({ "fields": ["last_name", "email", "state", "city", "homeowner", "comments"] });
    app.api(&buyer).await.put(&format!("/api/v1/flows/{flow}"), fields).await.expect(200);
    let mappings = [mapping("homeowner", "owns"), mapping("last_name", "names.1"), mapping("city", "addr[city]")];
    buyer.save_mappings(flow, source, 1, &mappings).await.expect(200);
    let multipart = "multipart/form-data; boundary=x";
    for (content_type, body, input, fields) in [
        (FORM, &b"comments=a&comments=b"[..], json!({"comments": ["a", "b"]}), json!({"comments": "a, b"})),
        (FORM, b"homeowner=0&homeowner=1", json!({"homeowner": ["0", "1"]}), json!({"homeowner": "true"})),
        (FORM, b"owns=no&owns=yes", json!({"owns": ["no", "yes"]}), json!({"homeowner": "true"})),
        (FORM, b"names[]=A&names[]=B", json!({"names": ["A", "B"]}), json!({"last_name": "B"})),
        (FORM, b"addr%5Bcity%5D=Ulm", json!({"addr.city": "Ulm"}), json!({"city": "Ulm"})),
        (FORM, b"last_name=M%FCller", json!({"last_name": "M\u{fc}ller"}), json!({"last_name": "M\u{fc}ller"})),
        (FORM, b"email=a%40b.co&email.x=1", json!({"email": "a@b.co", "email.x": "1"}), json!({"email": "a@b.co"})),
        (
            JSON,
            br#"{"email":["a@b.co"],"id":1610521604143693812}"#,
            json!({"email": "a@b.co", "id": "1610521604143693812"}),
            json!({"email": "a@b.co"}),
        ),
        ("text/plain", br#"{"state":"TX"}"#, json!({"state": "TX"}), json!({"state": "TX"})),
        (
            "text/xml",
            b"<?xml version='1.0' encoding='latin1'?><l><city>K\xf6ln</city></l>",
            json!({"city": "K\u{f6}ln"}),
            json!({"city": "K\u{f6}ln"}),
        ),
        (
            multipart,
            b"--x\r\nContent-Disposition: form-data; name=\"city\"\r\n\r\nUlm\r\n--x--\r\n",
            json!({"city": "Ulm"}),
            json!({"city": "Ulm"}),
        ),
    ] {
        post(&app, (flow, source), &[("content-type", content_type)], body).await.expect(201);
        let (stored, parsed) = last(&app).await;
        assert_eq!(stored, input);
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&parsed[name]["value"], value, "{name} of {input}");
        }
    }
    post(&app, (flow, source), &[], b"state=NV").await.expect(201);
    assert_eq!(last(&app).await.1["state"]["value"], json!("NV"), "without any header");
}

#[tokio::test]
async fn a_lead_keeps_how_it_arrived() {
    let (stage, _) = Stage::connected().await;
    let secret = stage.make_credential().await;
    let (name, value) = basic("source", &secret);
    let long = "x".repeat(600);
    let headers = [("content-type", "application/json"), ("user-agent", long.as_str()), (name, value.as_str())];
    post(&stage.app, (stage.flow, stage.source), &headers, br#"{"st":"CA\u0000","a":"\ud800"}"#).await.expect(201);
    let received = async || -> Value {
        let query = "select received from leads order by id desc limit 1";
        sqlx::query_scalar(query).fetch_one(&stage.app.state.pool).await.unwrap()
    };
    let with = received().await;
    assert_eq!((&with["method"], &with["content_type"]), (&json!("POST"), &json!("application/json")));
    assert_eq!(with["user_agent"], json!("x".repeat(500)));
    assert_eq!(with["authenticated"], json!(true));
    assert_eq!(with["marks"].as_array().unwrap().len(), 2, "{with}");
    let url = format!("{}?st=CA", paths::submit(stage.flow, stage.source));
    let proxied = [("x-forwarded-for", "192.0.2.7")];
    let app = stage.app.restart_with(&[("TRUSTED_PROXIES", "1")]).await;
    app.visitor("", "", "").send(Method::GET, &url, &proxied, Body::empty()).await.expect(201);
    let without = received().await;
    assert_eq!((&without["method"], &without["address"]), (&json!("GET"), &json!("192.0.2.7")));
    assert_eq!((&without["authenticated"], without.get("marks")), (&json!(false), None));
}

#[tokio::test]
async fn errors_come_in_the_format_that_the_sender_reads() {
    let (app, _, flow, source) = open_source().await;
    let unknown: SourceId = "0123456789abcdef01234567".parse().unwrap();
    let (large, deep) = (vec![b'x'; (1 << 20) + 1], b"a.".repeat(40));
    let form = ("content-type", FORM);
    type Case<'a> = (u16, SourceId, Vec<(&'a str, &'a str)>, &'a [u8], &'a str);
    let cases: Vec<Case<'_>> = vec![
        (400, source, vec![("content-type", JSON)], b"{\"a\":1,}", "line 1, column 7"),
        (400, source, vec![("content-type", JSON)], b"[{}]", "one lead per request"),
        (400, source, vec![("content-type", JSON), ("content-encoding", "gzip")], b"{}", "gzip"),
        (400, source, vec![form, ("idempotency-key", "\u{e9}")], b"a=1", "ASCII"),
        (404, unknown, vec![form], b"a=1", "Flow or source not found."),
        (413, source, vec![form], &large, "1 MiB"),
        (415, source, vec![("content-type", "image/png")], b"x", "application/json"),
        (415, source, vec![("content-type", "text/xml; charset=x-none")], b"<x/>", "x-none"),
        (415, source, vec![form, ("content-encoding", "zstd")], b"a=1", "zstd"),
        (422, source, vec![form], &deep, "32 levels deep"),
    ];
    for (status, source, headers, body, part) in cases {
        // An Accept header that is no grammar means JSON.
        for (accept, media_type) in [
            ("application/json", "application/json"),
            ("application/json / application/xml", "application/json"),
            ("text/xml", "application/xml"),
            ("text/plain", "text/plain"),
        ] {
            let headers = [headers.clone(), vec![("accept", accept)]].concat();
            let response = post(&app, (flow, source), &headers, body).await;
            assert_eq!(response.status, status, "{part}: {}", response.body);
            assert!(response.header("content-type").starts_with(media_type), "{part}");
            assert_eq!(response.header("access-control-allow-origin"), "*", "{part}");
            let reason = match media_type {
                "application/json" => {
                    let body: Value = response.json();
                    assert_eq!(body["outcome"], "error");
                    body["reason"].as_str().unwrap().to_owned()
                }
                "application/xml" => {
                    assert!(response.body.contains("<result><outcome>error</outcome><reason>"), "{}", response.body);
                    response.body.clone()
                }
                _ => {
                    assert!(response.body.starts_with("error\n"), "{}", response.body);
                    response.body.clone()
                }
            };
            assert!(reason.contains(part), "{part}: {reason}");
        }
    }
    let nothing = post(&app, (flow, source), &[form, ("accept", "image/png")], b"a=1").await.expect(406);
    assert_eq!(nothing.json::<Value>()["outcome"], "error");
    assert_eq!(app.count("leads").await, 0);
    post(&app, (flow, source), &[form, ("accept", "")], b"state=TX").await.expect(201);
}

#[tokio::test]
async fn a_script_of_any_site_may_send_a_lead() {
    let (stage, _) = Stage::connected().await;
    let path = paths::submit(stage.flow, stage.source);
    let asked = [
        ("origin", "https://forms.example"),
        ("sec-fetch-site", "cross-site"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let visitor = stage.app.visitor("", "", "");
    let preflight = visitor.send(Method::OPTIONS, &path, &asked, Body::empty()).await.expect(204);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(preflight.header("access-control-allow-methods"), "GET, POST");
    assert_eq!(preflight.header("access-control-allow-headers"), "Content-Type, Idempotency-Key");
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    let json = [("content-type", JSON), ("origin", "https://forms.example"), ("sec-fetch-site", "cross-site")];
    for (body, status) in [("{\"st\":\"CA\"}", 201), ("{", 400)] {
        let sent = visitor.send(Method::POST, &path, &json, Body::from(body)).await.expect(status);
        assert_eq!(sent.header("access-control-allow-origin"), "*");
        assert_eq!(sent.header("set-cookie"), "");
    }
    let put = visitor.send(Method::PUT, &path, &json, Body::empty()).await.expect(405);
    assert_eq!((put.header("access-control-allow-origin"), put.header("allow")), ("*", "GET, POST, OPTIONS"));
}

#[tokio::test]
async fn a_blank_idempotency_key_is_none() {
    let (stage, _) = Stage::connected().await;
    for _ in 0..2 {
        stage.lead_with(&[("idempotency-key", " ")], "st=CA").await.expect(201);
    }
    assert_eq!(stage.leads().await, 2);
}
