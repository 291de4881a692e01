//! The export of leads: a form post whose response is a file.

use super::list::MAX_COUNTED;
use crate::{
    accounts::server::zone,
    base::{AccountId, AppError, PartnerId, Problem, UserId, paths},
    flows::server::docs,
    leads::{
        model::{Filter, FixedColumn},
        server::{
            columns::{Columns, field_key, sent_key},
            export::{self, Count, Export, Exporter, Offer, Request},
            search::Search,
        },
    },
    reports::parts::grouped,
    server::{
        Cx, Fault, csv,
        form::{ErrorResponse, Fields},
    },
    ui::{Button, Checkbox, HiddenField},
    web::{Redirect, form_identity, partner_identity},
};
use axum::{
    body::{Body, Bytes},
    extract::{Extension, Path},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use sqlx::PgConnection;

/// `POST /leads.csv`, for members of the account.
pub async fn of_account(Extension(cx): Extension<Cx>, body: Bytes) -> Response {
    respond(cx, paths::LEADS.to_owned(), &body, |fields| Some(Exporter::Account(fields.get("as").parse().ok()?))).await
}

/// `POST /portal/{partner_id}/leads.csv`, for the partner's side.
pub async fn of_portal(Extension(cx): Extension<Cx>, Path(id): Path<String>, body: Bytes) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return ErrorResponse(AppError::NotFound).into_response() };
    respond(cx, paths::portal_leads(id), &body, |_| Some(Exporter::Portal(id))).await
}

/// `POST /partners/{partner_id}/leads.csv`, for members of the account.
pub async fn of_partner(Extension(cx): Extension<Cx>, Path(id): Path<String>, body: Bytes) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return ErrorResponse(AppError::NotFound).into_response() };
    respond(cx, paths::partner(id), &body, |_| Some(Exporter::Partner(id))).await
}

/// Responds with the file. Signed-out people come `back` after signing in.
async fn respond(cx: Cx, back: String, body: &Bytes, exporter: impl FnOnce(&Fields) -> Option<Exporter>) -> Response {
    let Some(fields) = Fields::parse(body) else {
        return ErrorResponse(Problem::RequestUnreadable.into()).into_response();
    };
    let begun = match exporter(&fields) {
        None => cx.viewer().and(Err(Fault::NOT_FOUND)),
        Some(exporter) => {
            let chosen = || fields.all("column").map(ToOwned::to_owned).collect();
            let columns = fields.is_checked("columns").then(chosen);
            let filter = Filter::read_strict(|name| fields.get(name).into());
            export::begin(&cx, Request { exporter, filter, columns }).await
        }
    };
    match begun {
        Ok(export) => file(cx, export),
        Err(fault) => match fault.report() {
            AppError::SignedOut => Redirect::to(paths::sign_in_and_back(&back)).respond(&cx.state),
            error => ErrorResponse(error).into_response(),
        },
    }
}

/// The name says in which time zone the times of the file are.
fn file(cx: Cx, export: Export) -> Response {
    let zone = &export.zone;
    let name = format!("leads-{}-{}", zone::day(zone, cx.now), zone.replace('/', "-"));
    let lines = export::lines(cx, export);
    csv::file(&name, Body::from_stream(lines))
}

/// What a form exports, and for whom.
#[derive(Debug, Clone)]
pub struct ExportForm {
    pub exporter: Exporter,
    pub user_id: UserId,
    pub filter: Filter,
}

/// The form on a page without a list.
pub async fn export_panel(
    conn: &mut PgConnection,
    account_id: AccountId,
    partner_id: PartnerId,
    user_id: UserId,
) -> Result<AnyView, Fault> {
    let search = Search { partner: Some(partner_id), ..Search::new(account_id) };
    let form = ExportForm { exporter: Exporter::Partner(partner_id), user_id, filter: Filter::default() };
    export_form(conn, form, &search, None).await
}

/// The form that exports the leads of a search, with their number if it was counted. It uses POST because the export is
/// recorded in the activity.
pub async fn export_form(
    conn: &mut PgConnection,
    form: ExportForm,
    search: &Search,
    count: Option<Count>,
) -> Result<AnyView, Fault> {
    let ExportForm { exporter, user_id, filter } = form;
    let offer = Offer::load(conn, exporter.side(), user_id, search).await?;
    let (path, identity) = match exporter {
        Exporter::Account(id) => (paths::LEADS_CSV.to_owned(), form_identity("export", Some(id))),
        Exporter::Partner(id) => (paths::partner_leads_csv(id), partner_identity("export", id)),
        Exporter::Portal(id) => (paths::portal_leads_csv(id), partner_identity("export", id)),
    };
    let fields = filter.pairs().into_iter().map(|(name, value)| view! { <HiddenField name value /> }).collect_view();
    let all = if filter == Filter::default() { "All leads" } else { "All matching leads" };
    let leads = count.filter(|count| count.leads > 0).map_or(all.to_owned(), size);
    let size = format!("{leads}, newest first. Times are in {}.", offer.zone);
    let columns = column_boxes(&offer);
    Ok(view! {
        <form class="stack" method="post" action=path>
            {identity}
            {fields}
            <HiddenField name="columns" value="chosen" />
            <details>
                <summary>"Columns of the file"</summary>
                {columns}
            </details>
            <div class="form-actions">
                <Button>"Export CSV"</Button>
                <span class="muted">{size}</span>
            </div>
        </form>
    }
    .into_any())
}

fn size(count: Count) -> String {
    match (count.leads, count.has_more) {
        (1, false) => "1 lead".to_owned(),
        (leads, false) => format!("{} leads", grouped(leads)),
        (leads @ ..MAX_COUNTED, true) => format!("At least {} leads", grouped(leads)),
        (leads, true) => format!("More than {} leads", grouped(leads)),
    }
}

fn column_boxes(offer: &Offer) -> impl IntoView + use<> {
    let Columns { fixed, fields, sent } = offer.columns();
    let column = |key: &str, label: String, checked: bool| {
        let id = format!("column-{key}");
        view! { <Checkbox label name="column" id value=key.to_owned() checked /> }.into_any()
    };
    let mut boxes: Vec<_> =
        FixedColumn::ALL.iter().map(|one| column(one.as_str(), one.word().to_owned(), fixed.contains(one))).collect();
    boxes.extend(offer.fields.iter().map(|name| column(&field_key(name), docs::label_of(name), fields.contains(name))));
    boxes.push(column(sent_key(), "Every value as sent, a column for each parameter".to_owned(), sent));
    boxes
}
