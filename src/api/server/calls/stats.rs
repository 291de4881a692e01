//! `/stats/sources`.

use crate::{
    accounts::server::queries::find_zone,
    api::server::{
        call::Call,
        moment::Moment,
        paging::{Limit, Query},
        queries::stats::{self as queries, SourceStats},
        response::Reply,
    },
    base::SourceId,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// The days and the page.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsFilter {
    /// From this day in the account's time zone, or the day of this time.
    from: Option<Moment>,
    /// Up to this day in the account's time zone, or the day of this time.
    to: Option<Moment>,
    /// The page size. A page that has 2 MiB ends earlier, but has at least one entry.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last source of the previous page.
    after: Option<SourceId>,
}

/// Counts the leads of each source.
///
/// The counts always equal the stored leads.
#[utoipa::path(get, path = "/stats/sources", operation_id = "source_stats", tag = "Leads", params(StatsFilter),
    responses((status = 200, description = "One entry per source.", body = Vec<SourceStats>)))]
pub async fn by_source(call: Call, Query(which): Query<StatsFilter>) -> Reply {
    let mut conn = call.cx.read().await?;
    let limit = which.limit.unwrap_or_default();
    let account_id = call.readable_account()?;
    let zone = find_zone(&mut conn, account_id).await?;
    let days = (which.from.map(|moment| moment.day(&zone)), which.to.map(|moment| moment.day(&zone)));
    let rows = queries::list(&mut conn, account_id, days, which.after, limit.plus_one()).await?;
    Ok(limit.page(&call, rows, |stats| stats.source_id)?)
}
