//! A server that leads are delivered to.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use standardwebhooks::Webhook;
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, task::JoinHandle};

/// What it got.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Got {
    /// Whether one of its signatures is by this secret. Unlike the library's own verification it allows any time, because
    /// the test clock moves.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let at = self.header("webhook-timestamp").parse().unwrap();
        let expected = Webhook::new(secret).unwrap().sign(self.header("webhook-id"), at, self.body.as_bytes()).unwrap();
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

type Answer = Arc<dyn Fn(&Got) -> Response + Send + Sync>;

struct Shared {
    got: Mutex<Vec<Got>>,
    answer: Mutex<Answer>,
}

/// Answers 200, until it is told otherwise.
pub struct Destination {
    shared: Arc<Shared>,
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Destination {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Destination {
    pub async fn start() -> Self {
        Self::on(0).await
    }

    /// On a port that was free a moment ago.
    pub async fn on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer: Answer = Arc::new(|_| "taken".into_response());
        let shared = Arc::new(Shared { got: Mutex::default(), answer: Mutex::new(answer) });
        let router = Router::new().fallback(take).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shared, port, task }
    }

    /// Ends it, and returns its port, on which nobody listens then.
    pub async fn stop(mut self) -> u16 {
        self.task.abort();
        let _aborted = (&mut self.task).await;
        self.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/leads?key=1", self.port)
    }

    pub fn answer<R: IntoResponse>(&self, answer: impl Fn(&Got) -> R + Send + Sync + 'static) {
        *self.shared.answer.lock().unwrap() = Arc::new(move |got| answer(got).into_response());
    }

    pub fn got(&self) -> Vec<Got> {
        self.shared.got.lock().unwrap().clone()
    }
}

async fn take(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let got = Got { path: uri.to_string(), headers, body: String::from_utf8_lossy(&body).into_owned() };
    let answer = shared.answer.lock().unwrap().clone();
    let response = answer(&got);
    shared.got.lock().unwrap().push(got);
    response
}
