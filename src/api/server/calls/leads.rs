//! `/leads`.

use crate::{
    api::server::{
        answer::{Answer, Reply},
        call::Call,
        moment::Moment,
        paging::{Id, Limit, Query},
        queries::leads::{self as queries, Filter, Lead},
    },
    base::{FlowId, LeadId, SourceId},
    leads::model::Outcome,
    server::Fault,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which leads.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this flow.
    flow_id: Option<FlowId>,
    /// Only those of this source.
    source_id: Option<SourceId>,
    /// Only those that ended so.
    outcome: Option<Outcome>,
    /// Received at this time or later, or from the beginning of this day of the account.
    from: Option<Moment>,
    /// Received before this time, or up to the end of this day of the account.
    to: Option<Moment>,
    /// How many a page holds.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last id of the page before.
    after: Option<LeadId>,
}

/// The stored leads of the account, test leads among them.
#[utoipa::path(get, path = "/leads", operation_id = "list_leads", tag = "Leads", params(Which),
    responses((status = 200, description = "The leads.", body = Vec<Lead>)))]
pub async fn list(call: Call, Query(which): Query<Which>) -> Reply {
    let mut conn = call.cx.read().await?;
    let limit = which.limit.unwrap_or_default();
    let account_id = call.seen()?;
    let zone = crate::accounts::server::queries::find_zone(&mut conn, account_id).await?;
    let filter = Filter {
        one: None,
        flow: which.flow_id,
        source: which.source_id,
        outcome: which.outcome,
        from: which.from.map(|moment| moment.start(&zone)),
        to: which.to.map(|moment| moment.end(&zone)),
        after: which.after,
    };
    let rows = queries::list(&mut conn, account_id, filter, limit.and_one()).await?;
    Ok(limit.page(&call, rows, |lead| lead.id)?)
}

/// One lead.
#[utoipa::path(get, path = "/leads/{lead_id}", operation_id = "find_lead", tag = "Leads",
    params(("lead_id" = LeadId, Path, description = "The lead.")),
    responses((status = 200, description = "The lead.", body = Lead)))]
pub async fn find(call: Call, Id(id): Id<LeadId>) -> Reply {
    let mut conn = call.cx.read().await?;
    let filter = Filter { one: Some(id), ..Filter::default() };
    let found = queries::list(&mut conn, call.seen()?, filter, 1).await?;
    Ok(Answer::ok(found.first().ok_or(Fault::NOT_FOUND)?)?)
}
