//! What people do with their own profile and sign-in, through the forms of the pages.

use super::{Actor, Response, TestApp, actor::form, app::PASSWORD};
use accord::base::paths;
use axum::{body::Body, http::Method};
use std::sync::{Arc, LazyLock, Mutex};
use tracing::{
    Dispatch,
    field::{Field, Visit},
    instrument::WithSubscriber,
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry};

pub const SESSION: &str = "__Host-accord";

impl Actor {
    pub async fn sign_up(&self, password: &str) -> Response {
        let form = [
            ("form", "signup"),
            ("name", self.name.as_str()),
            ("company", self.company.as_str()),
            ("email", self.email.as_str()),
            ("password", password),
        ];
        self.post(paths::SIGN_UP, &form).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Response {
        self.post(paths::SIGN_IN, &[("form", "signin"), ("email", email), ("password", password), ("next", "")]).await
    }

    /// Signs in from a network address that a trusted proxy reports.
    pub async fn sign_in_from(&self, address: &str, email: &str, password: &str) -> Response {
        let fields = [("form", "signin"), ("email", email), ("password", password), ("next", "")];
        self.post_through(address, paths::SIGN_IN, &fields).await
    }

    /// Posts a form through a proxy that reports this network address.
    pub async fn post_through(&self, address: &str, path: &str, fields: &[(&str, &str)]) -> Response {
        let headers = [
            ("accept", "text/html"),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-forwarded-for", address),
        ];
        self.send(Method::POST, path, &headers, Body::from(form(fields))).await
    }

    pub async fn forgot(&self, email: &str) -> Response {
        self.post(paths::FORGOT, &[("form", "forgot"), ("email", email)]).await
    }

    /// Posts one of the forms of the profile page.
    pub async fn post_me(&self, form: &str, fields: &[(&str, &str)]) -> Response {
        let form = [("form", form)];
        self.post(paths::ME, &form.iter().chain(fields).copied().collect::<Vec<_>>()).await
    }

    pub async fn request_address(&self, email: &str) -> Response {
        self.post_me("email", &[("email", email), ("email_password", PASSWORD)]).await
    }

    pub async fn is_signed_in(&self) -> bool {
        self.get(paths::ME).await.status == 200
    }

    /// Another browser of the same person, signed in through the form.
    pub async fn other_browser(&self, agent: &str) -> Actor {
        let other = self.app.visitor(&self.name, &self.email, &self.company);
        let fields = form(&[("form", "signin"), ("email", &self.email), ("password", PASSWORD)]);
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("user-agent", agent),
        ];
        other.send(Method::POST, paths::SIGN_IN, &headers, Body::from(fields)).await.expect(303);
        other
    }
}

impl TestApp {
    /// The `after` value of the latest entry of this deed, in any account.
    pub async fn latest_deed(&self, deed: &str) -> Option<String> {
        sqlx::query_scalar("select coalesce(after::text, '') from activity where deed = $1 order by id desc limit 1")
            .bind(deed)
            .fetch_optional(&self.state.pool)
            .await
            .unwrap()
    }
}

/// With only one subscriber, `tracing` would cache a statement that another test sends first as of no interest to
/// anyone.
static SECOND_SUBSCRIBER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(registry()));

/// Counts the statements that a piece of work sends to the database.
pub async fn statements<T>(work: impl Future<Output = T>) -> (T, usize) {
    LazyLock::force(&SECOND_SUBSCRIBER);
    let seen = Statements::default();
    let done = work.with_subscriber(registry().with(seen.clone())).await;
    let count = seen.0.lock().unwrap().len();
    (done, count)
}

/// Counts the transactions retried during a piece of work: those the database ended to resolve a deadlock.
pub async fn retries<T>(work: impl Future<Output = T>) -> (T, usize) {
    LazyLock::force(&SECOND_SUBSCRIBER);
    let seen = Retries::default();
    let done = work.with_subscriber(registry().with(seen.clone())).await;
    let count = *seen.0.lock().unwrap();
    (done, count)
}

#[derive(Clone, Default)]
struct Retries(Arc<Mutex<usize>>);

impl<S: tracing::Subscriber> Layer<S> for Retries {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == "accord::server::db" {
            *self.0.lock().unwrap() += 1;
        }
    }
}

#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

struct Summary(String);

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary(String::new());
            event.record(&mut summary);
            self.0.lock().unwrap().push(summary.0);
        }
    }
}
