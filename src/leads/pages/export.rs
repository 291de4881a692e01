//! The export of a partner's leads: a form post whose response is a file.

use crate::{
    base::{AppError, PartnerId, Problem, paths},
    leads::{
        model::Filter,
        server::export::{self, Export},
    },
    partners::{
        model::PartnerPermission,
        server::policy::{self, PartnerActor},
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

/// The side that exports the partner's leads.
#[derive(Debug, Clone, Copy)]
enum Exporter {
    Portal,
    Account,
}

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
    let done = cx
        .write((exporter, id, filter), |tx, (exporter, id, filter)| {
            Box::pin(async move {
                let actor = find(&mut *tx, exporter, id).await?;
                let filter = filter.ok_or(Problem::FilterUnreadable)?;
                export::begin(tx, &actor, filter).await
            })
        })
        .await;
    match done {
        Ok(export) => file(cx, export),
        Err(fault) => failure(&cx, fault, exporter, id),
    }
}

async fn find(tx: &mut crate::server::Tx, exporter: Exporter, id: PartnerId) -> Result<PartnerActor, Fault> {
    match exporter {
        Exporter::Portal => policy::find_in_portal(tx, id, PartnerPermission::ExportLeads).await,
        Exporter::Account => policy::find_as_account(tx, id, PartnerPermission::ExportLeads).await,
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
