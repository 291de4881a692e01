//! `GET|POST /flows/{flow_id}/sources/{source_id}/submit`: how sellers' systems send leads (http-api.md).

use super::{
    Sender, Submission,
    answer::{Answer, Form},
    authentication::Presented,
    lead_of, take,
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
    let Some(form) = Form::of(request.headers()) else {
        return plain(StatusCode::NOT_ACCEPTABLE, "Answers are JSON, XML or plain text.");
    };
    let (Ok(flow_id), Ok(source_id)) = (flow.parse(), source.parse()) else {
        return plain(StatusCode::NOT_FOUND, "There is no such flow or source.");
    };
    let (parts, body) = request.into_parts();
    // Before the transaction, which must not wait for a slow sender.
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "A submission has at most 1 MiB.");
    };
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let read = Input::read(parts.uri.query(), text(header::CONTENT_TYPE), &bytes)
        .and_then(|input| Ok((lead_of(&input), redirect(&input)?)));
    let (input, redirect) = match read {
        Ok((input, redirect)) => (Ok(input), redirect),
        Err(problem) => (Err(problem), None),
    };
    let submission = Submission {
        flow_id,
        source_id,
        sender: Sender::System(Presented::read(&parts.headers)),
        input,
        idempotency_key: parts.headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(ToOwned::to_owned),
    };
    let answer = match state.system().await {
        Ok(cx) => cx.write(submission, |tx, submission| Box::pin(take(tx, submission))).await,
        Err(fault) => Err(fault),
    };
    match (answer, redirect) {
        (Ok(Answer::Handled { .. }), Some(url)) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        (Ok(answer), _) => answer.respond(form),
        (Err(fault), _) => match fault.report() {
            AppError::NotFound => plain(StatusCode::NOT_FOUND, "There is no such flow or source."),
            error => ErrorResponse(error).into_response(),
        },
    }
}

/// Where to send the consumer's browser afterwards, if the submission says so.
fn redirect(input: &Input) -> Result<Option<String>, InputProblem> {
    let Some(url) = input.flat().remove("redir_url") else { return Ok(None) };
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if is_web && is_clean { Ok(Some(url)) } else { Err(InputProblem::RedirectInvalid) }
}

pub(super) fn plain(status: StatusCode, sentence: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
}
