//! The export of a partner's leads: a form post whose response is a file.

use crate::{
    base::{AppError, PartnerId, Problem, paths},
    leads::{
        model::Filter,
        server::export::{self, Export, Exporter},
    },
    server::{
        Cx, Fault, clock, csv,
        form::{ErrorResponse, Fields},
    },
    web::Redirect,
};
use axum::{
    body::{Body, Bytes},
    extract::{Extension, Path},
    response::{IntoResponse, Response},
};

/// `POST /portal/{partner_id}/leads.csv`, for the partner's side.
pub async fn of_portal(Extension(cx): Extension<Cx>, Path(id): Path<String>, body: Bytes) -> Response {
    respond(cx, Exporter::Portal, &id, &body).await
}

/// `POST /partners/{partner_id}/leads.csv`, for members of the account.
pub async fn of_account(Extension(cx): Extension<Cx>, Path(id): Path<String>, body: Bytes) -> Response {
    respond(cx, Exporter::Account, &id, &body).await
}

async fn respond(cx: Cx, exporter: Exporter, id: &str, body: &Bytes) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return ErrorResponse(AppError::NotFound).into_response() };
    let Some(fields) = Fields::parse(body) else {
        return ErrorResponse(Problem::RequestUnreadable.into()).into_response();
    };
    let filter = Filter::read_strict(|name| fields.get(name).into());
    match export::begin(&cx, exporter, id, filter).await {
        Ok(export) => file(cx, export),
        Err(fault) => failure(&cx, fault, exporter, id),
    }
}

fn file(cx: Cx, export: Export) -> Response {
    let name = format!("leads-{}", clock::iso_day(cx.now));
    let lines = export::lines(cx, export);
    csv::file(&name, Body::from_stream(lines))
}

fn failure(cx: &Cx, fault: Fault, exporter: Exporter, id: PartnerId) -> Response {
    let back = match exporter {
        Exporter::Portal => paths::portal_leads(id),
        Exporter::Account => paths::partner(id),
    };
    match fault.report() {
        AppError::SignedOut => Redirect::to(paths::sign_in_and_back(&back)).respond(&cx.state),
        error => ErrorResponse(error).into_response(),
    }
}
