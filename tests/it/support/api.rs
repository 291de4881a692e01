//! An account's own system, which calls the API with a key.

use super::{Actor, Answer, TestApp, credentials::basic};
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
    /// A system of somebody's account, with a key that they made.
    pub async fn api(&self, actor: &Actor) -> Api {
        Api { app: self.clone(), key: self.api_key(actor.account(), actor.user()).await }
    }

    /// Calls the API as anybody can; who calls is told by the headers, or by nothing.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let answer = self.visitor("", "", "").send(method, path, headers, body.into()).await;
        assert_uniform(&answer);
        answer
    }
}

impl Api {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[JSON], body.to_string()).await
    }

    /// The same with an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[JSON, ("idempotency-key", key)], body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &[JSON], body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], Body::empty()).await
    }

    /// What a call made.
    pub async fn make(&self, path: &str, body: Value) -> Value {
        self.post(path, body).await.expect(201).json()
    }

    /// What is there.
    pub async fn find(&self, path: &str) -> Value {
        self.get(path).await.expect(200).json()
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await.expect(200).json()
    }

    /// Anything, with the key.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let (name, value) = basic("API", &self.key);
        self.app.call(method, path, &[headers, &[(name, value.as_str())]].concat(), body).await
    }
}

/// The text of a property; an id mostly.
#[track_caller]
pub fn text(json: &Value, property: &str) -> String {
    json[property].as_str().unwrap_or_else(|| panic!("{property} of {json}")).to_owned()
}

/// What holds for every answer of the API, good or bad.
#[track_caller]
pub fn assert_uniform(answer: &Answer) {
    assert_eq!(answer.header("x-request-id").len(), 16, "{answer:?}");
    if answer.status == StatusCode::NO_CONTENT {
        return assert_eq!(answer.body, "");
    }
    assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    if answer.status.is_success() || answer.body.is_empty() {
        return;
    }
    let error: Value = answer.json();
    let is_sentence = error["error"].as_str().is_some_and(|sentence| !sentence.is_empty());
    let is_code = |code: &Value| {
        code.as_str().is_some_and(|code| !code.is_empty() && code.bytes().all(|c| c.is_ascii_lowercase() || c == b'_'))
    };
    assert!(is_sentence && is_code(&error["code"]), "{error}");
    let wrong = error["errors"].as_array();
    assert_eq!(wrong.is_some(), answer.status == 422, "{error}");
    for field in wrong.into_iter().flatten() {
        let names: Vec<_> = field.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "field", "message"], "{error}");
        assert!(is_code(&field["code"]), "{error}");
    }
    let asks_for_patience = [429, 503].contains(&answer.status.as_u16());
    assert_eq!(answer.header("retry-after").parse::<u32>().is_ok(), asks_for_patience, "{answer:?}");
}

/// The code of a refusal.
#[track_caller]
pub fn code(answer: &Answer) -> String {
    text(&answer.json(), "code")
}

/// The properties that a refusal names, with the code of each.
#[track_caller]
pub fn wrong(answer: &Answer) -> Vec<(String, String)> {
    let error: Value = answer.clone().expect(422).json();
    let fields = error["errors"].as_array().unwrap();
    fields.iter().map(|field| (text(field, "field"), text(field, "code"))).collect()
}
