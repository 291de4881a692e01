//! `GET|POST /flows/{flow_id}/sources/{source_id}/submit`: lead submission by sellers' systems (http-api.md).

use super::{
    Sender, Submission,
    authentication::PresentedCredential,
    lead_values, process,
    response::{ResponseFormat, SubmissionResponse},
};
use crate::{
    base::AppError,
    leads::input::{Input, InputProblem},
    server::{AppState, form::ErrorResponse},
};
use axum::{
    extract::{Path, Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};

const MAX_BODY: usize = 1 << 20;

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
    let state = state.for_submissions();
    let (parts, body) = request.into_parts();
    // Read before the transaction, which must not wait for a slow sender.
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB.");
    };
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let read = Input::read(parts.uri.query(), text(header::CONTENT_TYPE), &bytes)
        .and_then(|input| Ok((lead_values(&input), redirect(&input)?)));
    let (input, redirect) = match read {
        Ok((input, redirect)) => (Ok(input), redirect),
        Err(problem) => (Err(problem), None),
    };
    let submission = Submission {
        flow_id,
        source_id,
        sender: Sender::System(PresentedCredential::read(&parts.headers)),
        input,
        idempotency_key: parts.headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(ToOwned::to_owned),
    };
    let response = match state.system().await {
        Ok(cx) => cx.write(submission, |tx, submission| Box::pin(process(tx, submission))).await,
        Err(fault) => Err(fault),
    };
    match (response, redirect) {
        (Ok(SubmissionResponse::Handled { .. }), Some(url)) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
        }
        (Ok(response), _) => response.respond(format),
        (Err(fault), _) => match fault.report() {
            AppError::NotFound => plain(StatusCode::NOT_FOUND, "Flow or source not found."),
            error => ErrorResponse(error).into_response(),
        },
    }
}

/// The URL to redirect the consumer's browser to, if the submission has one.
fn redirect(input: &Input) -> Result<Option<String>, InputProblem> {
    let Some(url) = input.flat().remove("redir_url") else { return Ok(None) };
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if is_web && is_clean { Ok(Some(url)) } else { Err(InputProblem::RedirectInvalid) }
}

pub(super) fn plain(status: StatusCode, sentence: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
}
