//! `GET|POST /flows/{flow_id}/sources/{source_id}/submit`: lead submission by sellers' systems (http-api.md).

use super::{
    Answer, Sender, Submission,
    authentication::PresentedCredential,
    judging::Sent,
    limits::SubmissionLimits,
    response::{ResponseFormat, SubmissionResponse},
    submit as process,
};
use crate::{
    base::AppError,
    leads::input::{InputProblem, MAX_BODY},
    server::{AppState, form::ErrorResponse, peer},
};
use axum::{
    extract::{Path, Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};

pub async fn submit(
    State(state): State<AppState>,
    Path((flow, source)): Path<(String, String)>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]).into_response();
    }
    let Some(format) = ResponseFormat::of(request.headers()) else {
        return plain(StatusCode::NOT_ACCEPTABLE, "Responses are available as JSON, XML or plain text.");
    };
    let (Ok(flow_id), Ok(source_id)) = (flow.parse(), source.parse()) else {
        return plain(StatusCode::NOT_FOUND, "Flow or source not found.");
    };
    let limits = SubmissionLimits::of(&state);
    let network =
        peer::address(&request, state.config.trusted_proxies).and_then(|address| peer::counted(address, &state.config));
    if let Err(excess) = limits.take(source_id, network) {
        let response = SubmissionResponse::RateLimited(excess.sentence()).respond(format);
        return (excess.headers(), response).into_response();
    }
    let state = state.for_submissions();
    let (parts, body) = request.into_parts();
    // Read before the transaction, which must not wait for a slow sender.
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return SubmissionResponse::Unreadable(InputProblem::BodyTooLarge).respond(format);
    };
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let sent = Sent { query: parts.uri.query().map(ToOwned::to_owned), content_type: text("content-type"), body };
    let sender = Sender::System(PresentedCredential::read(&parts.headers));
    let submission =
        Submission { idempotency_key: text("idempotency-key"), ..Submission::new(flow_id, source_id, sender, sent) };
    let answer = match state.system().await {
        Ok(cx) => process(&cx, submission).await,
        Err(fault) => Err(fault),
    };
    if answer.is_ok() {
        limits.note_source(source_id);
    }
    match answer {
        Ok(Answer { response: SubmissionResponse::Handled { .. }, redirect: Some(url) }) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
        }
        Ok(answer) => answer.response.respond(format),
        Err(fault) => match fault.report() {
            AppError::NotFound => plain(StatusCode::NOT_FOUND, "Flow or source not found."),
            error => ErrorResponse(error).into_response(),
        },
    }
}

pub(super) fn plain(status: StatusCode, sentence: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
}
