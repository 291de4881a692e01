//! `/leads`.

use crate::{
    api::server::{
        call::Call,
        moment::Moment,
        paging::{Id, Limit, Query, page},
        queries::leads::{self as queries, Filter, Lead},
        response::{ApiResponse, Reply},
    },
    base::{FlowId, LeadId, SourceId},
    leads::model::Outcome,
    server::{Fault, PageIds},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Filters leads.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeadFilter {
    /// Only leads of this flow.
    flow_id: Option<FlowId>,
    /// Only leads of this source.
    source_id: Option<SourceId>,
    /// Only leads with this outcome.
    outcome: Option<Outcome>,
    /// Only leads received at this time or later, or from the start of this day in the account's time zone.
    from: Option<Moment>,
    /// Only leads received before this time, or up to the end of this day in the account's time zone.
    to: Option<Moment>,
    /// The page size. A page that has 2 MiB ends earlier, but has at least one entry.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last id of the previous page.
    after: Option<LeadId>,
}

/// Lists the stored leads of the account, including test leads.
#[utoipa::path(get, path = "/leads", operation_id = "list_leads", tag = "Leads", params(LeadFilter),
    responses((status = 200, description = "The leads.", body = Vec<Lead>)))]
pub async fn list(call: Call, Query(which): Query<LeadFilter>) -> Reply {
    let mut conn = call.cx.read().await?;
    let limit = which.limit.unwrap_or_default();
    let account_id = call.readable_account()?;
    let zone = crate::accounts::server::queries::find_zone(&mut conn, account_id).await?;
    let filter = Filter {
        flow: which.flow_id,
        source: which.source_id,
        outcome: which.outcome,
        from: which.from.map(|moment| moment.start(&zone)),
        to: which.to.map(|moment| moment.end(&zone)),
        after: which.after,
    };
    let ids = limit.ids(queries::list_ids(&mut conn, account_id, filter, limit.plus_one()).await?);
    let leads = queries::load(&mut conn, account_id, &ids).await?;
    Ok(page(&call, leads, |lead| lead.id)?)
}

/// Returns one lead.
#[utoipa::path(get, path = "/leads/{lead_id}", operation_id = "find_lead", tag = "Leads",
    params(("lead_id" = LeadId, Path, description = "The lead.")),
    responses((status = 200, description = "The lead.", body = Lead)))]
pub async fn find(call: Call, Id(id): Id<LeadId>) -> Reply {
    let mut conn = call.cx.read().await?;
    let found = queries::load(&mut conn, call.readable_account()?, &PageIds::first(1, vec![id])).await?;
    Ok(ApiResponse::ok(found.rows.first().ok_or(Fault::NOT_FOUND)?)?)
}
