//! A person with their own browser, or a seller's system without one.

use super::{Response, TestApp, credentials::basic};
use accord::base::{AccountId, UserId};
use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
};
use serde::Serialize;
use serde_json::Value;
use std::sync::Mutex;

/// One cookie: name, path, value.
type Cookie = (String, String, String);

#[derive(Debug)]
pub struct Actor {
    pub app: TestApp,
    pub name: String,
    pub email: String,
    pub company: String,
    /// Set once the person is signed in.
    pub user: Option<UserId>,
    pub account: Option<AccountId>,
    /// Sent with every request when a system calls.
    pub authorization: Option<String>,
    cookies: Mutex<Vec<Cookie>>,
}

impl Actor {
    /// A person without account or sign-in.
    pub fn new(app: &TestApp, name: &str, email: &str, company: &str) -> Self {
        Self {
            app: app.clone(),
            name: name.to_owned(),
            email: email.to_owned(),
            company: company.to_owned(),
            user: None,
            account: None,
            authorization: None,
            cookies: Mutex::default(),
        }
    }

    /// The same person with the same browser at another process.
    pub fn at(&self, app: &TestApp) -> Self {
        let copy = Self::new(app, &self.name, &self.email, &self.company);
        let cookies = Mutex::new(self.cookies.lock().unwrap().clone());
        Self { user: self.user, account: self.account, authorization: self.authorization.clone(), cookies, ..copy }
    }

    /// The same actor with an API key instead of a browser.
    pub fn with_key(mut self, key: &str) -> Self {
        self.authorization = Some(basic("API", key).1);
        self
    }

    /// The account this person acts in.
    #[track_caller]
    pub fn account(&self) -> AccountId {
        self.account.expect("this person has an account")
    }

    /// Requests a page as a browser does.
    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[("accept", "text/html"), ("sec-fetch-site", "same-origin")], Body::empty()).await
    }

    /// Posts a plain form as a browser without JavaScript does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.post_from("same-origin", path, fields).await
    }

    /// Posts a plain form from a page of this or another site.
    pub async fn post_from(&self, site: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let headers =
            [("accept", "text/html"), ("sec-fetch-site", site), ("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &headers, Body::from(form(fields))).await
    }

    /// Calls a server function as an island does.
    pub async fn call(&self, function: &str, input: impl Serialize) -> Response {
        let headers =
            [("accept", "application/json"), ("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
        let body = serde_json::to_string(&input).unwrap();
        self.send(Method::POST, &format!("/fn/{function}"), &headers, Body::from(body)).await
    }

    /// Sends any request with this browser's cookies, and stores the cookies of the response.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Response {
        let response = self.app.handle(self.request(method, path, headers, body)).await;
        self.keep(&response.headers);
        response
    }

    /// Only the status: for a response that may never end, such as an event stream.
    pub async fn get_status(&self, path: &str) -> u16 {
        self.app.status(self.request(Method::GET, path, &[("sec-fetch-site", "same-origin")], Body::empty())).await
    }

    /// Opens an event stream, as a browser does for the first time or again.
    pub async fn open_stream(&self, path: &str, is_again: bool) -> BodyDataStream {
        let first: &[_] = &[("sec-fetch-site", "same-origin")];
        let again: &[_] = &[("sec-fetch-site", "same-origin"), ("last-event-id", "open")];
        let request = self.request(Method::GET, path, if is_again { again } else { first }, Body::empty());
        let response = self.app.open(request).await;
        assert_eq!(response.status(), 200, "{path}");
        response.into_body().into_data_stream()
    }

    /// Posts a form and reads only the head of the response.
    pub async fn begin_download(&self, path: &str) -> BodyDataStream {
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
        let response = self.app.open(self.request(Method::POST, path, &headers, Body::empty())).await;
        assert_eq!(response.status(), 200, "{path}");
        response.into_body().into_data_stream()
    }

    fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, self.app.state.config.base_url.host());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(cookies) = self.cookie_header(path) {
            request = request.header(header::COOKIE, cookies);
        }
        request.body(body).unwrap()
    }

    /// The cookie of that name, whatever its path.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().find(|(known, ..)| known == name).map(|(_, _, value)| value.clone())
    }

    /// The path of the cookie of that name.
    pub fn cookie_path(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().find(|(known, ..)| known == name).map(|(_, path, _)| path.clone())
    }

    /// Stores a cookie as if a response had set it.
    pub fn keep_cookie(&self, cookie: HeaderValue) {
        self.keep(&HeaderMap::from_iter([(HeaderName::from_static("set-cookie"), cookie)]));
    }

    pub fn forget_cookies(&self) {
        self.cookies.lock().unwrap().clear();
    }

    fn cookie_header(&self, path: &str) -> Option<String> {
        let path = path.split('?').next().unwrap_or(path);
        let applies =
            |at: &str| at == "/" || path == at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<_> =
            cookies.iter().filter(|(_, at, _)| applies(at)).map(|(name, _, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let mut parts = line.split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attribute = |wanted: &str| {
                line.split(';').map(str::trim).find_map(|part| part.strip_prefix(wanted)).map(ToOwned::to_owned)
            };
            let path = attribute("Path=").unwrap_or_else(|| "/".to_owned());
            cookies.retain(|(known, at, _)| !(known == name && *at == path));
            if attribute("Max-Age=").as_deref() != Some("0") {
                cookies.push((name.to_owned(), path, value.to_owned()));
            }
        }
    }
}

/// A URL-encoded form body.
pub fn form(fields: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(fields).unwrap()
}

/// The name of the problem that a server function returned, such as `PlanRequired`.
#[track_caller]
pub fn problem_name(response: &Response) -> String {
    match response.json::<Value>() {
        Value::String(name) => name,
        Value::Object(object) => match object.get("Refused") {
            // Status, code and sentence.
            Some(Value::Array(problem)) => camel_case(problem[1].as_str().unwrap()),
            _ => object.get("Invalid").map(Value::to_string).unwrap_or_default(),
        },
        other => other.to_string(),
    }
}

fn camel_case(code: &str) -> String {
    code.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
