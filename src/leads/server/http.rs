//! `GET|POST /flows/{flow_id}/sources/{source_id}/submit`: how sellers' systems send leads (http-api.md).

use super::{
    Submission,
    answer::{Answer, Form},
    take,
};
use crate::{
    leads::input::{Input, InputProblem},
    server::{AppState, form::Refused},
};
use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
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
    let input = match read(parts.uri.query(), &parts.headers, body).await {
        Ok(input) => input,
        Err(refused) => return refused,
    };
    let Ok(redirect) = redirect(&input) else { return plain(StatusCode::BAD_REQUEST, "Invalid redir_url") };
    let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let submission = Submission::new(flow_id, source_id, &input, key);
    let answer = match state.system().await {
        Ok(cx) => cx.write(submission, |tx, submission| Box::pin(take(tx, submission))).await,
        Err(fault) => Err(fault),
    };
    match (answer, redirect) {
        (Ok(Answer::Handled { .. }), Some(url)) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        (Ok(answer), _) => answer.respond(form),
        (Err(fault), _) => match fault.report() {
            crate::base::AppError::NotFound => plain(StatusCode::NOT_FOUND, "There is no such flow or source."),
            error => Refused(error).into_response(),
        },
    }
}

async fn read(query: Option<&str>, headers: &HeaderMap, body: Body) -> Result<Input, Response> {
    let bytes = axum::body::to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| plain(StatusCode::PAYLOAD_TOO_LARGE, "A submission has at most 1 MiB."))?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Input::read(query, content_type, &bytes).map_err(refuse)
}

fn refuse(problem: InputProblem) -> Response {
    plain(StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST), problem.sentence())
}

/// Where to send the consumer's browser afterwards, if the submission says so.
fn redirect(input: &Input) -> Result<Option<String>, NotAWebAddress> {
    let Some(url) = input.flat().remove("redir_url") else { return Ok(None) };
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if is_web && is_clean { Ok(Some(url)) } else { Err(NotAWebAddress) }
}

struct NotAWebAddress;

fn plain(status: StatusCode, sentence: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
}
