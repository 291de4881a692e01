//! Totals by source, from counts that always equal the stored leads and the posts that could not be read.

use crate::{
    base::{AccountId, FlowId, SourceId},
    server::Fault,
};
use serde::Serialize;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

/// Counts of one source. Test leads and refused submissions are counted separately.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceStats {
    pub source_id: SourceId,
    pub flow_id: FlowId,
    /// Accepted and rejected leads, and errors.
    #[schema(minimum = 0)]
    pub submitted: i64,
    #[schema(minimum = 0)]
    pub accepted: i64,
    #[schema(minimum = 0)]
    pub rejected: i64,
    /// Posts that could not be read, so there is no lead.
    #[schema(minimum = 0)]
    pub errors: i64,
    /// Submissions refused because the source was not allowed to send.
    #[schema(minimum = 0)]
    pub refused: i64,
    /// Test leads.
    #[schema(minimum = 0)]
    pub test: i64,
    /// The last lead in this range of days, not counting test leads.
    #[schema(required)]
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_lead_at: Option<OffsetDateTime>,
}

/// Counts of each source of an account from the first to the last day, inclusive; newest source first.
pub async fn list(
    conn: &mut PgConnection,
    account_id: AccountId,
    (from, to): (Option<Date>, Option<Date>),
    after: Option<SourceId>,
    limit: i64,
) -> Result<Vec<SourceStats>, Fault> {
    let stats = sqlx::query_as!(
        SourceStats,
        r#"select fs.id as "source_id: SourceId", fs.flow_id as "flow_id: FlowId",
                  coalesce(d.submitted, 0) + coalesce(e.errors, 0) as "submitted!", coalesce(d.accepted, 0) as "accepted!",
                  coalesce(d.rejected, 0) as "rejected!", coalesce(d.errors, 0) + coalesce(e.errors, 0) as "errors!",
                  coalesce(r.refused, 0) as "refused!", coalesce(d.test, 0) as "test!", d.last_lead_at
           from (select id, flow_id from flow_sources
                 where account_id = $1 and ($4::bytea is null or id < $4)
                 order by id desc limit $5) fs
           cross join lateral (
               select sum(count) filter (where not test)::bigint as submitted,
                      sum(count) filter (where not test and outcome = 'success')::bigint as accepted,
                      sum(count) filter (where not test and outcome = 'failure')::bigint as rejected,
                      sum(count) filter (where not test and outcome = 'error')::bigint as errors,
                      sum(count) filter (where test)::bigint as test,
                      max(last_at) filter (where not test) as last_lead_at
               from source_days
               where source_id = fs.id and ($2::date is null or day >= $2) and ($3::date is null or day <= $3)
           ) d
           cross join lateral (
               select sum(count)::bigint as refused from source_refusals
               where source_id = fs.id and ($2::date is null or day >= $2) and ($3::date is null or day <= $3)
           ) r
           cross join lateral (
               select sum(count)::bigint as errors from source_errors
               where source_id = fs.id and ($2::date is null or day >= $2) and ($3::date is null or day <= $3)
           ) e
           order by fs.id desc"#,
        account_id as _,
        from,
        to,
        after as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(stats)
}
