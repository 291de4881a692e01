//! `GET|POST /flows/{flow_id}/sources/{source_id}/submit`: lead submission by sellers' systems (http-api.md).

use super::{
    Answer, Sender, Submission,
    authentication::PresentedCredential,
    judging::Sent,
    limits::SubmissionLimits,
    response::{ResponseFormat, SubmissionResponse},
    take,
};
use crate::{
    base::{AppError, FlowId, SourceId},
    leads::{
        input::{InputProblem, MAX_BODY},
        model::Received,
    },
    server::{AppState, capacity::Refused, form::ErrorResponse, peer},
};
use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{borrow::Cow, net::IpAddr};

const ALLOWED: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");
const NOT_FOUND: &str = "Flow or source not found.";
/// Maximum characters that are kept of a header.
const MAX_KEPT: usize = 500;

/// Answers a submission. A page of any site may send one, because it is never sent with a cookie.
pub async fn submit(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let answer = if *request.method() == Method::OPTIONS { preflight() } else { answer(state, path, request).await };
    for_any_site(answer)
}

/// Why a request to a submission URL is refused before its handler runs, in the format that its sender reads. None for
/// other paths.
pub fn refusal(path: &str, headers: &HeaderMap) -> Option<impl FnOnce(Refused) -> Response + use<>> {
    let is_submission = path.starts_with("/flows/") && path.ends_with("/submit");
    let format = ResponseFormat::of(headers).unwrap_or(ResponseFormat::Json);
    is_submission.then_some(move |refused: Refused| {
        let mut response = failed(refused.status(), refused.sentence()).respond(format);
        response.headers_mut().extend(refused.headers());
        for_any_site(response)
    })
}

fn for_any_site(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// What a browser asks before a script of another site sends a lead.
fn preflight() -> Response {
    let text = HeaderValue::from_static;
    let headers = [
        (header::ALLOW, ALLOWED),
        (header::ACCESS_CONTROL_ALLOW_METHODS, text("GET, POST")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, text("Content-Type, Idempotency-Key")),
        (header::ACCESS_CONTROL_MAX_AGE, text("86400")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn failed(status: StatusCode, reason: impl Into<Cow<'static, str>>) -> SubmissionResponse {
    SubmissionResponse::Failed { status, reason: reason.into() }
}

async fn answer(state: AppState, path: Result<Path<(String, String)>, PathRejection>, request: Request) -> Response {
    let format = ResponseFormat::of(request.headers());
    let fail = |status, reason| failed(status, reason).respond(format.unwrap_or(ResponseFormat::Json));
    if !matches!(*request.method(), Method::GET | Method::POST) {
        let reason = "Send a lead with GET or POST.";
        return ([(header::ALLOW, ALLOWED)], fail(StatusCode::METHOD_NOT_ALLOWED, reason)).into_response();
    }
    let Some(format) = format else {
        return fail(StatusCode::NOT_ACCEPTABLE, "Responses are available as JSON, XML or plain text.");
    };
    let Ok(Path((flow, source))) = path else {
        return fail(StatusCode::BAD_REQUEST, "The URL is not a submission URL.");
    };
    let (Ok(flow_id), Ok(source_id)) = (flow.parse(), source.parse()) else {
        return fail(StatusCode::NOT_FOUND, NOT_FOUND);
    };
    let limits = SubmissionLimits::of(&state);
    let address = peer::address(&request, state.config.trusted_proxies);
    let network = address.and_then(|address| peer::counted(address, &state.config));
    if let Err(excess) = limits.take(source_id, network) {
        let response = SubmissionResponse::RateLimited(excess.sentence()).respond(format);
        return (excess.headers(), response).into_response();
    }
    let submission = match read(flow_id, source_id, address, request).await {
        Ok(submission) => submission,
        Err(response) => return response.respond(format),
    };
    let answer = take(&state, submission).await;
    if answer.is_ok() {
        limits.note_source(source_id);
    }
    match answer {
        Ok(Answer { response: SubmissionResponse::Handled { .. }, redirect: Some(url) }) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
        }
        Ok(answer) => answer.response.respond(format),
        Err(fault) => error(fault.report(), format),
    }
}

/// The submission, with its whole body: a transaction must not wait for a slow sender.
async fn read(
    flow_id: FlowId,
    source_id: SourceId,
    address: Option<IpAddr>,
    request: Request,
) -> Result<Submission, SubmissionResponse> {
    let (parts, body) = request.into_parts();
    let text = |name: HeaderName| parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let kept = |name| text(name).map(|text| text.chars().take(MAX_KEPT).collect::<String>());
    let idempotency_key = idempotency_key(&parts.headers)?;
    let received = Received {
        method: Some(parts.method.to_string()),
        content_type: kept(header::CONTENT_TYPE),
        user_agent: kept(header::USER_AGENT),
        address: address.map(|address| address.to_string()),
        ..Received::default()
    };
    // One byte more than allowed shows that the body is too large, which is answered to authenticated senders only.
    let body = axum::body::to_bytes(body, MAX_BODY + 1).await;
    let sent = Sent {
        query: parts.uri.query().map(ToOwned::to_owned),
        content_type: text(header::CONTENT_TYPE).map(Cow::into_owned),
        content_encoding: text(header::CONTENT_ENCODING).map(Cow::into_owned),
        body: body.map_err(|_| SubmissionResponse::from(&InputProblem::BodyTooLarge))?,
    };
    let sender = Sender::System(PresentedCredential::read(&parts.headers));
    let submission = Submission::new(flow_id, source_id, sender, sent);
    Ok(Submission { idempotency_key, received: received.into(), ..submission })
}

/// The key of a request. A blank one is none, so that senders with an empty setting do not share a lead.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, SubmissionResponse> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    match key.to_str() {
        Ok(key) => Ok(Some(key.trim().to_owned()).filter(|key| !key.is_empty())),
        Err(_) => Err(failed(StatusCode::BAD_REQUEST, "The Idempotency-Key can have ASCII characters only.")),
    }
}

/// An error that is not about the input, with the headers that say when to try again.
fn error(error: AppError, format: ResponseFormat) -> Response {
    let reason = if error == AppError::NotFound { NOT_FOUND.to_owned() } else { error.to_string() };
    let (parts, _) = ErrorResponse(error).into_response().into_parts();
    let mut response = failed(parts.status, reason).respond(format);
    if let Some(seconds) = parts.headers.get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    response
}
