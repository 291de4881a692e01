//! `/stats/sources`.

use crate::{
    accounts::server::queries::find_zone,
    api::server::{
        answer::Reply,
        call::Call,
        moment::Moment,
        paging::{Limit, Query},
        queries::stats::{self as queries, SourceStats},
    },
    base::SourceId,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which days and sources.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// From this day of the account, or from the day on which this time is.
    from: Option<Moment>,
    /// Up to this day of the account, or to the day on which this time is.
    to: Option<Moment>,
    /// How many a page holds.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The last source of the page before.
    after: Option<SourceId>,
}

/// What each source of the account sent. The figures equal the stored leads.
#[utoipa::path(get, path = "/stats/sources", operation_id = "source_stats", tag = "Leads", params(Which),
    responses((status = 200, description = "One entry a source.", body = Vec<SourceStats>)))]
pub async fn by_source(call: Call, Query(which): Query<Which>) -> Reply {
    let mut conn = call.cx.read().await?;
    let limit = which.limit.unwrap_or_default();
    let account_id = call.seen()?;
    let zone = find_zone(&mut conn, account_id).await?;
    let days = (which.from.map(|moment| moment.day(&zone)), which.to.map(|moment| moment.day(&zone)));
    let rows = queries::list(&mut conn, account_id, days, which.after, limit.and_one()).await?;
    Ok(limit.page(&call, rows, |stats| stats.source_id)?)
}
