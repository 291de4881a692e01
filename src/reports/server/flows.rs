//! The lists of active and archived flows.

use crate::{
    base::{AccountId, FlowId},
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A flow in the list of active flows.
#[derive(Debug, Clone)]
pub struct FlowCard {
    pub id: FlowId,
    pub name: String,
    pub enabled: bool,
    pub sources: i64,
    pub accepted: i64,
    pub rejected: i64,
    /// Ever, including test leads. Such a flow is archived instead of deleted.
    pub had_leads: bool,
    pub created_at: OffsetDateTime,
}

/// Which flows to list.
#[derive(Debug, Clone, Copy)]
pub struct FlowQuery<'a> {
    /// Part of a name; empty for all.
    pub search: &'a str,
    pub offset: i64,
    pub limit: i64,
}

/// Active flows by name.
pub async fn list_flows(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: FlowQuery<'_>,
) -> Result<Vec<FlowCard>, Fault> {
    let flows = sqlx::query_as!(
        FlowCard,
        r#"select f.id as "id: FlowId", f.name, f.enabled, f.created_at,
                  (select count(*) from flow_sources fs where fs.flow_id = f.id and fs.duplicate_of is null)
                      as "sources!",
                  coalesce(t.accepted, 0) as "accepted!", coalesce(t.rejected, 0) as "rejected!",
                  exists (select from flow_totals e where e.account_id = f.account_id and e.flow_id = f.id) as "had_leads!"
           from (
               select id, account_id, name, enabled, created_at from flows
               where account_id = $1 and archived_at is null
                 and ($2 = '' or position(lower($2) in lower(name)) > 0)
               order by lower(name), id
               limit $3 offset $4
           ) as f
           cross join lateral (
               select sum(count) filter (where outcome = 'success')::bigint as accepted,
                      sum(count) filter (where outcome = 'failure')::bigint as rejected
               from flow_totals where flow_id = f.id and not test
           ) as t
           order by lower(f.name), f.id"#,
        account_id as _,
        query.search,
        query.limit,
        query.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(flows)
}

/// An archived flow.
#[derive(Debug, Clone)]
pub struct ArchivedFlow {
    pub id: FlowId,
    pub name: String,
    pub archived_at: OffsetDateTime,
    /// Without test leads.
    pub leads: i64,
}

/// Archived flows, most recently archived first.
pub async fn list_archived_flows(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: FlowQuery<'_>,
) -> Result<Vec<ArchivedFlow>, Fault> {
    let flows = sqlx::query_as!(
        ArchivedFlow,
        r#"select f.id as "id: FlowId", f.name, f.archived_at as "archived_at!",
                  (select coalesce(sum(count), 0)::bigint from flow_totals t where t.flow_id = f.id and not t.test)
                      as "leads!"
           from flows f
           where f.account_id = $1 and f.archived_at is not null
             and ($2 = '' or position(lower($2) in lower(f.name)) > 0)
           order by f.archived_at desc, f.id
           limit $3 offset $4"#,
        account_id as _,
        query.search,
        query.limit,
        query.offset,
    )
    .fetch_all(conn)
    .await?;
    Ok(flows)
}
