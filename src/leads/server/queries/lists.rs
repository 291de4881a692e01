//! Rows of lists and exports, for ids that a search has found, and what their forms offer.

use super::super::search::Search;
use crate::{
    base::{AccountId, FlowId, LeadId, UserId},
    leads::model::Outcome,
    server::{Fault, PageIds, PageRows},
};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A lead as lists show it.
#[derive(Debug, Clone)]
pub struct LeadRow {
    pub id: LeadId,
    /// The name, e-mail address or phone number of its person, unless the lead is too large to read it.
    pub title: Option<String>,
    pub is_large: bool,
    pub flow_name: String,
    pub source_name: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub test: bool,
    pub is_erased: bool,
    /// The parsed fields, if they were asked for and are small enough.
    pub fields: Option<Value>,
    /// The input as sent, if it was asked for and is small enough.
    pub input: Option<Value>,
    pub received_at: OffsetDateTime,
}

/// The parts of a lead that are read with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    pub title: bool,
    pub fields: bool,
    pub input: bool,
    /// Larger fields and input are left out, in bytes.
    pub largest: i32,
}

impl Content {
    /// What measures it in `ids_within`.
    fn kind(self) -> &'static str {
        match (self.fields, self.input) {
            (true, true) => "lead",
            (true, false) => "lead fields",
            (false, true) => "lead input",
            (false, false) => "",
        }
    }
}

/// The leads of a page whose content has at most `budget` bytes together, but at least one. The first and the last id
/// tell Postgres which partitions to open. The fields are decompressed once, although the title looks into them several
/// times: `||` makes a copy of them.
pub async fn load(
    conn: &mut PgConnection,
    account_id: AccountId,
    page: &PageIds<LeadId>,
    content: Content,
    budget: i64,
) -> Result<PageRows<LeadRow>, Fault> {
    let leads = sqlx::query_as!(
        LeadRow,
        r#"select id as "id: LeadId", case when $5 then lead_title(whole.fields) end as title,
                  coalesce(fields_bytes, 0) > $8 as "is_large!", flow_name, source_name,
                  outcome as "outcome: Outcome", reason, test, erased_at is not null as "is_erased!",
                  case when $6 then whole.fields end as fields,
                  case when $7 and coalesce(input_bytes, 0) <= $8 then input end as input, received_at
           from leads
           cross join lateral (
               select case when ($5 or $6) and coalesce(fields_bytes, 0) <= $8 then leads.fields || '{}' end as fields offset 0
           ) as whole
           where account_id = $1 and id = any(array(select ids_within($4, $1, $2, $3)))
             and id <= ($2::bytea[])[1] and id >= ($2::bytea[])[cardinality($2::bytea[])]
           order by id desc"#,
        account_id as _,
        &page.ids as _,
        budget,
        content.kind(),
        content.title,
        content.fields,
        content.input,
        content.largest,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.with_rows(leads))
}

/// The parameters of some leads.
#[derive(Debug, Clone)]
pub struct ParameterNames {
    pub names: Vec<String>,
    /// The oldest lead that was read.
    pub last: Option<LeadId>,
}

/// The parameters of the first of these leads that have at most `budget` bytes together, but of at least one.
pub async fn list_parameters(
    conn: &mut PgConnection,
    account_id: AccountId,
    ids: &[LeadId],
    budget: i64,
) -> Result<ParameterNames, Fault> {
    let found = sqlx::query_as!(
        ParameterNames,
        r#"with chosen as materialized (
               select id, input from leads
               where account_id = $1 and id = any(array(select ids_within('lead input', $1, $2, $3)))
                 and id <= ($2::bytea[])[1] and id >= ($2::bytea[])[cardinality($2::bytea[])]
           )
           select array(select distinct name from chosen, jsonb_object_keys(input) as name order by name) as "names!",
                  (select id from chosen order by id limit 1) as "last: LeadId""#,
        account_id as _,
        ids as _,
        budget,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// Maximum choices of each kind that a filter offers.
pub const MAX_CHOICES: usize = 200;
/// One more, to know whether there are others.
const CHOICES_LIMIT: i64 = MAX_CHOICES as i64 + 1;
/// Maximum fields that an export offers.
const MAX_FIELDS: i64 = 500;

/// A choice in the filter of a list.
#[derive(Debug, Clone)]
pub struct FilterChoice {
    pub kind: String,
    pub id: Vec<u8>,
    pub name: String,
}

/// What the filter of a list offers, each up to one more than [`MAX_CHOICES`] and in the order of their names: the flows and
/// partners of the account, and the sources of the partner or flow that the search names, otherwise the newest ones of the
/// account. Their names are looked up one by one, because Postgres would read whole tables for so many.
pub async fn list_choices(conn: &mut PgConnection, search: &Search) -> Result<Vec<FilterChoice>, Fault> {
    let choices = sqlx::query_as!(
        FilterChoice,
        r#"with sources as materialized (
               (select id, flow_id, entity_id from flow_sources
                where account_id = $1 and partner_id = $3 and ($2::bytea is null or flow_id = $2)
                order by id desc limit $4)
               union all
               (select id, flow_id, entity_id from flow_sources
                where $3::bytea is null and account_id = $1 and flow_id = $2 order by id desc limit $4)
               union all
               (select id, flow_id, entity_id from flow_sources
                where $2::bytea is null and $3::bytea is null and account_id = $1 order by id desc limit $4)
           )
           (select 'flow' as "kind!", id as "id!", name as "name!" from flows
            where account_id = $1 and archived_at is null order by lower(name), id limit $4)
           union all
           (select 'partner', id, name from partners
            where account_id = $1 and archived_at is null order by lower(name), id limit $4)
           union all
           (select 'source', s.id, f.name || ' · ' || e.name
            from sources s
            cross join lateral (select name from flows where id = s.flow_id offset 0) f
            cross join lateral (select name from entities where id = s.entity_id offset 0) e
            order by lower(f.name), lower(e.name), s.id)"#,
        search.account_id as _,
        search.flow as _,
        search.partner as _,
        CHOICES_LIMIT,
    )
    .fetch_all(conn)
    .await?;
    Ok(choices)
}

/// What an export can have and had the last time.
#[derive(Debug, Clone)]
pub struct ExportColumns {
    /// The time zone of the account.
    pub zone: String,
    /// The fields of all flows, or of one, for the buyer.
    pub fields: Vec<String>,
    /// The columns that the person last exported from the account, on this side.
    pub remembered: Vec<String>,
}

pub async fn find_columns(
    conn: &mut PgConnection,
    user_id: UserId,
    account_id: AccountId,
    side: &str,
    with_fields: bool,
    flow_id: Option<FlowId>,
) -> Result<ExportColumns, Fault> {
    let columns = sqlx::query_as!(
        ExportColumns,
        r#"select a.time_zone as zone,
                  array(select ff.name from flow_fields ff join flows f on f.id = ff.flow_id
                        where $4 and f.account_id = $1 and ($5::bytea is null or f.id = $5)
                        group by ff.name order by min(ff.position), ff.name limit $6) as "fields!",
                  coalesce((select columns from lead_columns where user_id = $2 and account_id = $1 and side = $3),
                           '{}') as "remembered!"
           from accounts a where a.id = $1"#,
        account_id as _,
        user_id as _,
        side,
        with_fields,
        flow_id as _,
        MAX_FIELDS,
    )
    .fetch_one(conn)
    .await?;
    Ok(columns)
}

pub async fn keep_columns(
    conn: &mut PgConnection,
    user_id: UserId,
    account_id: AccountId,
    side: &str,
    columns: &[String],
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into lead_columns (user_id, account_id, side, columns) values ($1, $2, $3, $4)
         on conflict (user_id, account_id, side) do update set columns = excluded.columns",
        user_id as _,
        account_id as _,
        side,
        columns,
    )
    .execute(conn)
    .await?;
    Ok(())
}
