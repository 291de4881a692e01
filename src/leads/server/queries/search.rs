//! Finds the ids of leads, newest first. A filter that few leads match must not read all of them, so a statement looks
//! at a limited number of leads and says how far it came.

use super::super::search::{Person, Search, made_at};
use crate::{base::LeadId, server::Fault};
use sqlx::PgConnection;

/// Maximum leads that one statement looks at, about 5 ms of work.
const DEPTH: i64 = 5_000;
/// What each source of a partner gets of that at least, a page of a list.
const MIN_DEPTH: i64 = 64;

/// The same among all leads and among those of a person, which lie far apart.
const PERSON_DEPTH: i64 = 2_500;
/// An address or number that this many of the newest leads have is one that many leads share.
const COMMON: i64 = 50;

/// The leads that one statement found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Newest first.
    pub ids: Vec<LeadId>,
    /// The last lead that was looked at, if there may be more after it but not enough were found.
    pub searched: Option<LeadId>,
}

/// The newest leads of a search, at most `limit`. `before` is the last lead of the previous page.
pub async fn find_ids(
    conn: &mut PgConnection,
    search: &Search,
    mut before: Option<LeadId>,
    limit: i64,
) -> Result<Found, Fault> {
    let mut found = Found::default();
    for oldest in search.steps(before) {
        let step = Search { oldest, ..search.clone() };
        let left = limit - i64::try_from(found.ids.len()).unwrap_or(limit);
        let next = find_in_step(conn, &step, before, left).await?;
        found.ids.extend(next.ids);
        found.searched = next.searched;
        if found.searched.is_some() || i64::try_from(found.ids.len()).unwrap_or(limit) >= limit {
            break;
        }
        before = Some(oldest);
    }
    Ok(found)
}

async fn find_in_step(
    conn: &mut PgConnection,
    search: &Search,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Found, Fault> {
    match (&search.person, search.partner, search.source, search.flow) {
        (Some(person), ..) => of_person(conn, search, person, before, limit).await,
        (None, Some(_), ..) => of_partner(conn, search, before, limit).await,
        (None, None, Some(_), _) => of_source(conn, search, before, limit).await,
        (None, None, None, Some(_)) => of_flow(conn, search, before, limit).await,
        (None, None, None, None) => of_account(conn, search, before, limit).await,
    }
}

/// Where a search ends is found by the same scan once more, which reads a column that no index has: if it need not visit
/// the table, Postgres expects so little of a plan for any parameters that it sorts all leads of the account (seen once
/// autovacuum had been there).
async fn of_account(
    conn: &mut PgConnection,
    search: &Search,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Found, Fault> {
    let (start, end) = search.ids(before);
    let found = sqlx::query_as!(
        Found,
        r#"with found as materialized (
               select id from (
                   select id, outcome, reason, test, received_at from leads
                   where account_id = $1 and id >= $2 and id < $3
                   order by id desc limit $10
               ) newest
               where ($4::text is null or outcome = $4)
                 and ($5::text is null or strpos(lower(reason), lower($5)) > 0)
                 and ($6::boolean is null or test = $6)
                 and ($7::timestamptz is null or received_at >= $7) and ($8::timestamptz is null or received_at < $8)
               order by id desc limit $9
           )
           select array(select id from found order by id desc) as "ids!: Vec<LeadId>",
                  case when (select count(*) from found) < $9 then (
                      select (array_agg(id) filter (where received_at is not null))[$10::int]
                      from (select id, received_at from leads where account_id = $1 and id >= $2 and id < $3
                            order by id desc limit $10) last) end as "searched: LeadId""#,
        search.account_id as _,
        start as _,
        end as _,
        search.outcome as _,
        search.reason,
        search.test,
        search.from,
        search.to,
        limit,
        DEPTH.max(limit),
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

async fn of_flow(conn: &mut PgConnection, search: &Search, before: Option<LeadId>, limit: i64) -> Result<Found, Fault> {
    let (start, end) = search.ids(before);
    let found = sqlx::query_as!(
        Found,
        r#"with found as materialized (
               select id from (
                   select id, outcome, reason, test, received_at from leads
                   where account_id = $1 and flow_id = $11 and id >= $2 and id < $3
                   order by id desc limit $10
               ) newest
               where ($4::text is null or outcome = $4)
                 and ($5::text is null or strpos(lower(reason), lower($5)) > 0)
                 and ($6::boolean is null or test = $6)
                 and ($7::timestamptz is null or received_at >= $7) and ($8::timestamptz is null or received_at < $8)
               order by id desc limit $9
           )
           select array(select id from found order by id desc) as "ids!: Vec<LeadId>",
                  case when (select count(*) from found) < $9 then (
                      select (array_agg(id) filter (where received_at is not null))[$10::int]
                      from (select id, received_at from leads where account_id = $1 and flow_id = $11 and id >= $2 and id < $3
                            order by id desc limit $10) last) end as "searched: LeadId""#,
        search.account_id as _,
        start as _,
        end as _,
        search.outcome as _,
        search.reason,
        search.test,
        search.from,
        search.to,
        limit,
        DEPTH.max(limit),
        search.flow as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// A source is in one flow, but the filter may name another one.
async fn of_source(
    conn: &mut PgConnection,
    search: &Search,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Found, Fault> {
    let (start, end) = search.ids(before);
    let found = sqlx::query_as!(
        Found,
        r#"with found as materialized (
               select id from (
                   select id, flow_id, outcome, reason, test, received_at from leads
                   where account_id = $1 and source_id = $11 and id >= $2 and id < $3
                   order by id desc limit $10
               ) newest
               where ($12::bytea is null or flow_id = $12) and ($4::text is null or outcome = $4)
                 and ($5::text is null or strpos(lower(reason), lower($5)) > 0)
                 and ($6::boolean is null or test = $6)
                 and ($7::timestamptz is null or received_at >= $7) and ($8::timestamptz is null or received_at < $8)
               order by id desc limit $9
           )
           select array(select id from found order by id desc) as "ids!: Vec<LeadId>",
                  case when (select count(*) from found) < $9 then (
                      select (array_agg(id) filter (where received_at is not null))[$10::int]
                      from (select id, received_at from leads where account_id = $1 and source_id = $11 and id >= $2 and id < $3
                            order by id desc limit $10) last) end as "searched: LeadId""#,
        search.account_id as _,
        start as _,
        end as _,
        search.outcome as _,
        search.reason,
        search.test,
        search.from,
        search.to,
        limit,
        DEPTH.max(limit),
        search.source as _,
        search.flow as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// Each source of the partner is read by its index, so that a partner with few leads does not read all leads of the
/// account. All sources share the depth of the search. It came as far as the source with the latest end; older leads of
/// the others wait for the next page. A source with a whole page of leads needs no such end.
async fn of_partner(
    conn: &mut PgConnection,
    search: &Search,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Found, Fault> {
    let (start, end) = search.ids(before);
    let found = sqlx::query_file_as!(
        Found,
        "src/leads/server/queries/of_partner.sql",
        search.account_id as _,
        start as _,
        end as _,
        search.outcome as _,
        search.reason,
        search.test,
        search.from,
        search.to,
        limit,
        DEPTH,
        search.partner as _,
        search.source as _,
        search.flow as _,
        MIN_DEPTH,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// The leads with a person's address or number. What many leads share is found among the newest ones, as with any other
/// filter. What few of these have is found by the index of all addresses, in windows of time that double in length, so
/// that each reads only the partitions of its time.
async fn of_person(
    conn: &mut PgConnection,
    search: &Search,
    person: &Person,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Found, Fault> {
    let (start, end) = search.ids(before);
    let found = sqlx::query_file_as!(
        Found,
        "src/leads/server/queries/of_person.sql",
        search.account_id as _,
        start as _,
        end as _,
        search.outcome as _,
        search.reason,
        search.test,
        search.from,
        search.to,
        limit,
        search.flow as _,
        search.source as _,
        search.partner as _,
        person.hash,
        made_at(end),
        PERSON_DEPTH.max(limit),
        COMMON,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}
