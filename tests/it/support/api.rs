//! An account's own system that calls the API with a key.

use super::{Actor, Response, TestApp, credentials::basic};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::Value;

pub const JSON: (&str, &str) = ("content-type", "application/json");

#[derive(Debug)]
pub struct Api {
    pub app: TestApp,
    pub key: String,
}

impl TestApp {
    /// A system of the actor's account, with a key that the actor created.
    pub async fn api(&self, actor: &Actor) -> Api {
        Api { app: self.clone(), key: self.api_key(actor.account(), actor.user()).await }
    }

    /// Calls the API with any headers, with or without a key.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
        let response = self.visitor("", "", "").send(method, path, headers, body.into()).await;
        assert_uniform(&response);
        response
    }
}

impl Api {
    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, &[JSON], body.to_string()).await
    }

    /// Posts with an `Idempotency-Key`.
    pub async fn post_with_key(&self, key: &str, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, &[JSON, ("idempotency-key", key)], body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Response {
        self.send(Method::PUT, path, &[JSON], body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.send(Method::DELETE, path, &[], Body::empty()).await
    }

    /// Creates something and returns it.
    pub async fn create(&self, path: &str, body: Value) -> Value {
        self.post(path, body).await.expect(201).json()
    }

    /// Returns an existing object.
    pub async fn find(&self, path: &str) -> Value {
        self.get(path).await.expect(200).json()
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await.expect(200).json()
    }

    /// Sends any request with the key.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
        let (name, value) = basic("API", &self.key);
        self.app.call(method, path, &[headers, &[(name, value.as_str())]].concat(), body).await
    }
}

/// The text of a property, mostly an id.
#[track_caller]
pub fn text(json: &Value, property: &str) -> String {
    json[property].as_str().unwrap_or_else(|| panic!("{property} of {json}")).to_owned()
}

/// Asserts what holds for every response of the API, success or error.
#[track_caller]
pub fn assert_uniform(response: &Response) {
    assert_eq!(response.header("x-request-id").len(), 16, "{response:?}");
    if response.status == StatusCode::NO_CONTENT {
        return assert_eq!(response.body, "");
    }
    let content_type = response.header("content-type");
    let is_stream = response.status == StatusCode::OK && content_type == "application/x-ndjson";
    assert!(is_stream || content_type.starts_with("application/json"), "{response:?}");
    if response.status.is_success() || response.body.is_empty() {
        return;
    }
    let error: Value = response.json();
    let is_sentence = error["error"].as_str().is_some_and(|sentence| !sentence.is_empty());
    let is_code = |code: &Value| {
        code.as_str().is_some_and(|code| !code.is_empty() && code.bytes().all(|c| c.is_ascii_lowercase() || c == b'_'))
    };
    assert!(is_sentence && is_code(&error["code"]), "{error}");
    let wrong = error["errors"].as_array();
    assert_eq!(wrong.is_some(), response.status == 422, "{error}");
    for field in wrong.into_iter().flatten() {
        let names: Vec<_> = field.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "field", "message"], "{error}");
        assert!(is_code(&field["code"]), "{error}");
    }
    let asks_for_patience = [429, 503].contains(&response.status.as_u16());
    assert_eq!(response.header("retry-after").parse::<u32>().is_ok(), asks_for_patience, "{response:?}");
}

/// The error code of a response.
#[track_caller]
pub fn error_code(response: &Response) -> String {
    text(&response.json(), "code")
}

/// The properties that a 422 names, each with its error code.
#[track_caller]
pub fn field_errors(response: &Response) -> Vec<(String, String)> {
    let error: Value = response.clone().expect(422).json();
    let fields = error["errors"].as_array().unwrap();
    fields.iter().map(|field| (text(field, "field"), text(field, "code"))).collect()
}
