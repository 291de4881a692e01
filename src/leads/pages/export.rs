//! The export of a partner's leads, posted from a page and answered by a file.

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

/// From which side the partner is looked at.
#[derive(Debug, Clone, Copy)]
enum From {
    Portal,
    Account,
}

/// `POST /portal/{partner_id}/leads.csv`, for the partner's own people.
pub async fn of_portal(Extension(cx): Extension<Cx>, Path(id): Path<String>, body: Bytes) -> Response {
    answer(cx, From::Portal, &id, &body).await
}

/// `POST /partners/{partner_id}/leads.csv`, for those of the account.
pub async fn of_account(Extension(cx): Extension<Cx>, Path(id): Path<String>, body: Bytes) -> Response {
    answer(cx, From::Account, &id, &body).await
}

async fn answer(cx: Cx, from: From, id: &str, body: &Bytes) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return ErrorResponse(AppError::NotFound).into_response() };
    let Some(fields) = Fields::parse(body) else {
        return ErrorResponse(Problem::RequestUnreadable.into()).into_response();
    };
    let filter = Filter::read_all(|name| fields.get(name).into());
    let done = cx
        .write((from, id, filter), |tx, (from, id, filter)| {
            Box::pin(async move {
                let actor = find(&mut *tx, from, id).await?;
                let filter = filter.ok_or(Problem::FilterUnreadable)?;
                export::begin(tx, &actor, filter).await
            })
        })
        .await;
    match done {
        Ok(begun) => file(cx, begun),
        Err(fault) => refused(&cx, fault, from, id),
    }
}

async fn find(tx: &mut crate::server::Tx, from: From, id: PartnerId) -> Result<PartnerActor, Fault> {
    match from {
        From::Portal => policy::find_in_portal(tx, id, PartnerPermission::ExportLeads).await,
        From::Account => policy::find_as_account(tx, id, PartnerPermission::ExportLeads).await,
    }
}

fn file(cx: Cx, begun: Export) -> Response {
    let name = format!("leads-{}", clock::iso_day(cx.now));
    let lines = export::lines(cx, begun);
    csv::file(&name, Body::from_stream(lines))
}

fn refused(cx: &Cx, fault: Fault, from: From, id: PartnerId) -> Response {
    let back = match from {
        From::Portal => paths::portal_leads(id),
        From::Account => paths::partner(id),
    };
    match fault.report() {
        AppError::SignedOut => Redirect::to(paths::sign_in_and_back(&back)).respond(&cx.state),
        error => ErrorResponse(error).into_response(),
    }
}
