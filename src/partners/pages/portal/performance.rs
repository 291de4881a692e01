//! `/portal/{partner_id}`: the performance of the partner's sources, as a page and as CSV.

use crate::{
    base::{AppError, PartnerId, paths},
    partners::{
        model::PartnerPermission,
        pages::{portal_head, portal_screen},
        server::policy,
    },
    reports::{
        parts::performance_panel,
        server::performance::{self, Range, Scope},
    },
    server::{
        Cx, Fault, clock,
        csv::{file, line},
        form::ErrorResponse,
    },
    web::{PageResult, Redirect, Visit},
};
use axum::{
    body::Body,
    extract::{Extension, Path, Query},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub async fn portal_performance_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let actor = policy::find_in_portal(&mut conn, id, PartnerPermission::See).await?;
    let range = Range::parse(&visit.query("days"));
    let (path, csv) = (paths::portal(id), paths::performance_csv(id, range.days()));
    let scope = Scope::Partner(id);
    let account_id = actor.partner.account_id;
    let panel = performance_panel(&mut conn, account_id, scope, range, visit.cx.now, &path, Some(csv)).await?;
    let head = portal_head(&actor, "performance");
    Ok(portal_screen(&visit, format!("Performance of {}", actor.partner.name), actor, view! { {head}{panel} }))
}

/// `GET /portal/{partner_id}/performance.csv`
pub async fn csv(
    Extension(cx): Extension<Cx>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return ErrorResponse(AppError::NotFound).into_response() };
    let range = Range::parse(query.get("days").map_or("", String::as_str));
    match lines(&cx, id, range).await {
        Ok(text) => file(&format!("performance-{}", clock::iso_day(cx.now)), Body::from(text)),
        Err(fault) => match fault.report() {
            AppError::SignedOut => Redirect::to(paths::sign_in_and_back(&paths::portal(id))).respond(&cx.state),
            error => ErrorResponse(error).into_response(),
        },
    }
}

async fn lines(cx: &Cx, id: PartnerId, range: Range) -> Result<String, Fault> {
    let mut conn = cx.read().await?;
    let actor = policy::find_in_portal(&mut conn, id, PartnerPermission::See).await?;
    let account_id = actor.partner.account_id;
    let days = performance::list_source_days(&mut conn, account_id, Scope::Partner(id), range, cx.now).await?;
    let mut text = line(["source", "day", "submitted", "accepted", "rejected", "errors", "refused", "test"]);
    for (source, day) in days {
        let figures = day.figures;
        let counts =
            [figures.submitted(), figures.accepted, figures.rejected, figures.errors, figures.refused, figures.test];
        let cells = [source, day.day.to_string()].into_iter().chain(counts.map(|count| count.to_string()));
        text.push_str(&line(cells));
    }
    Ok(text)
}
