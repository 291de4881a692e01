//! Posts to a destination, within limits that hold whatever it does: redirects are not followed, answers are not
//! decompressed, and little of them is read.

use super::address::{Allowed, Names, NotAllowed};
use crate::server::AppState;
use governor::clock::{Clock as _, MonotonicClock};
use reqwest::{Certificate, Url, header::HeaderMap, redirect::Policy};
use std::{error::Error, io, sync::Arc, time::Duration};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From the beginning to the last byte of the answer that is read.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// Maximum bytes of an answer that are read, and that are kept.
const MAX_READ: usize = 64 << 10;
const MAX_KEPT: usize = 2 << 10;
/// Connections that stay open for the next leads, and for how long.
const MAX_IDLE: usize = 4;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What came of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempted {
    pub status: Option<u16>,
    /// Why there is no answer.
    pub error: Option<&'static str>,
    /// The beginning of the answer.
    pub answer: Option<String>,
    pub duration: Duration,
    /// How long the destination asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl Attempted {
    pub fn refused(error: &'static str) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// True if the destination is gone for good.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// The client of a process, with the connections that it keeps.
pub struct Client {
    http: reqwest::Client,
    pub allowed: Allowed,
}

impl Client {
    /// The client of this process. None if it cannot be made, which the log then explains.
    pub fn of(state: &AppState) -> Arc<Option<Self>> {
        state.shared.get(|| {
            let made = Self::new(state);
            made.inspect_err(|error| tracing::error!(%error, "nothing can be delivered")).ok()
        })
    }

    fn new(state: &AppState) -> Result<Self, reqwest::Error> {
        let allowed = Allowed::of(&state.config);
        let mut http = reqwest::Client::builder()
            .user_agent("Accord")
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .dns_resolver(Arc::new(Names(allowed.clone())));
        if let Some(authority) = &state.config.delivery_ca {
            for certificate in Certificate::from_pem_bundle(authority)? {
                http = http.add_root_certificate(certificate);
            }
        }
        Ok(Self { http: http.build()?, allowed })
    }

    /// Posts once. `url` was checked, and is checked again, because what is allowed may have changed since.
    pub async fn post(&self, url: &str, headers: HeaderMap, body: String) -> Attempted {
        let start = MonotonicClock.now();
        let mut attempted = match self.allowed.check(url) {
            Ok(url) => self.send(url, headers, body).await,
            Err(problem) => Attempted::refused(problem.sentence()),
        };
        attempted.duration = MonotonicClock.now() - start;
        attempted
    }

    async fn send(&self, url: Url, headers: HeaderMap, body: String) -> Attempted {
        let mut response = match self.http.post(url).headers(headers).body(body).send().await {
            Ok(response) => response,
            Err(error) => return Attempted::refused(reason(&error)),
        };
        let status = Some(response.status().as_u16());
        let retry_after =
            response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut answer = Vec::new();
        let mut error = None;
        while answer.len() < MAX_READ {
            match response.chunk().await {
                Ok(Some(chunk)) => answer.extend_from_slice(&chunk[..chunk.len().min(MAX_READ - answer.len())]),
                Ok(None) => break,
                // The status is there, and it decides.
                Err(broken) => {
                    error = Some(reason(&broken));
                    break;
                }
            }
        }
        answer.truncate(MAX_KEPT);
        let answer = String::from_utf8_lossy(&answer).replace('\0', "\u{FFFD}");
        Attempted {
            status,
            error,
            answer: Some(answer),
            retry_after: retry_after.map(Duration::from_secs),
            ..Attempted::default()
        }
    }
}

/// Why there is no answer, in words for the log of the delivery.
fn reason(error: &reqwest::Error) -> &'static str {
    let mut causes = std::iter::successors(Some(error as &dyn Error), |error| (*error).source());
    if causes.any(|cause| cause.is::<NotAllowed>()) {
        return "This address is private.";
    }
    let kinds = std::iter::successors(Some(error as &dyn Error), |error| (*error).source());
    let kind = kinds.filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind).last();
    let text = format!("{error:?}");
    match kind {
        _ if error.is_timeout() && error.is_connect() => "No connection within 5 seconds.",
        _ if error.is_timeout() => "No answer within 15 seconds.",
        _ if text.contains("InvalidCertificate") => "The certificate of the server is not valid for this address.",
        Some(io::ErrorKind::ConnectionRefused) => "The server refused the connection.",
        // The error of TLS is inside another one, which does not name it as its source.
        _ if text.contains("kind: InvalidData") => "No secure connection could be made.",
        _ if text.contains("dns error") => "The name of the server has no address.",
        _ if error.is_connect() => "No connection could be made.",
        _ => "The connection ended before the answer was complete.",
    }
}
