//! Which partners a page of the list shows. By name, an index has the order. By a figure, the figures of all partners
//! have to be worked out; the order of a large account is therefore kept in memory for a minute. The figures that a page
//! shows are always current.

use super::partners::PartnerQuery;
use crate::{
    base::{AccountId, PartnerId},
    partners::model::PartnerSort,
    server::{AppState, Fault, kept::Kept},
};
use sqlx::PgConnection;
use std::{collections::HashSet, sync::Arc};
use time::OffsetDateTime;

/// The order of an account with more partners is kept.
const LARGE: usize = 200;
/// Orders of this process that are kept. One of 5,000 partners has 60 kB.
const MAX_KEPT: usize = 32;

/// An order of all partners of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    account_id: AccountId,
    archived: bool,
    sort: &'static str,
    descending: bool,
}

/// The orders that this process keeps.
struct Orders(Kept<Key, Arc<[PartnerId]>>);

fn orders(state: &AppState) -> Arc<Orders> {
    state.shared.get(|| Orders(Kept::new(MAX_KEPT)))
}

/// Forgets the orders of an account that got, lost, archived or restored a partner, so that its list shows that at once.
pub fn forget_partner_orders(state: &AppState, account_id: AccountId) {
    orders(state).0.forget(|key| key.account_id == account_id);
}

/// The partners of a page, one more than it shows if others follow.
pub async fn page_ids(
    conn: &mut PgConnection,
    state: &AppState,
    account_id: AccountId,
    query: PartnerQuery<'_>,
    now: OffsetDateTime,
) -> Result<Vec<PartnerId>, Fault> {
    if query.sort == PartnerSort::Name {
        return by_name(conn, account_id, query).await;
    }
    let key = Key { account_id, archived: query.archived, sort: query.sort.as_str(), descending: query.descending };
    let work = async {
        let ids: Arc<[PartnerId]> = by_figure(conn, key, now).await?.into();
        let is_large = ids.len() > LARGE;
        Ok((ids, is_large))
    };
    let order = orders(state).0.get(key, now, work).await?;
    let (offset, limit) = (to_usize(query.offset), to_usize(query.limit));
    if query.search.is_empty() {
        return Ok(order.iter().skip(offset).take(limit).copied().collect());
    }
    let everything = PartnerQuery { offset: 0, limit: i64::MAX, ..query };
    let matching: HashSet<_> = by_name(conn, account_id, everything).await?.into_iter().collect();
    Ok(order.iter().filter(|id| matching.contains(*id)).skip(offset).take(limit).copied().collect())
}

fn to_usize(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

async fn by_figure(conn: &mut PgConnection, key: Key, now: OffsetDateTime) -> Result<Vec<PartnerId>, Fault> {
    let rows = sqlx::query_file!(
        "src/reports/server/partner_order.sql",
        key.account_id as _,
        now,
        key.archived,
        key.sort,
        key.descending,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Each of the four reads the index that has its order. A search reads the names of the account there, one by one.
async fn by_name(
    conn: &mut PgConnection,
    account_id: AccountId,
    query: PartnerQuery<'_>,
) -> Result<Vec<PartnerId>, Fault> {
    let ids = sqlx::query_scalar!(
        r#"select case
               when $3 and $4 then array(
                   select id from partners where account_id = $1 and archived_at is not null
                     and ($2 = '' or position(lower($2) in lower(name)) > 0)
                   order by lower(name) desc, id desc limit $5 offset $6)
               when $3 then array(
                   select id from partners where account_id = $1 and archived_at is not null
                     and ($2 = '' or position(lower($2) in lower(name)) > 0)
                   order by lower(name), id limit $5 offset $6)
               when $4 then array(
                   select id from partners where account_id = $1 and archived_at is null
                     and ($2 = '' or position(lower($2) in lower(name)) > 0)
                   order by lower(name) desc, id desc limit $5 offset $6)
               else array(
                   select id from partners where account_id = $1 and archived_at is null
                     and ($2 = '' or position(lower($2) in lower(name)) > 0)
                   order by lower(name), id limit $5 offset $6)
           end as "ids!: Vec<PartnerId>""#,
        account_id as _,
        query.search,
        query.archived,
        query.descending,
        query.limit,
        query.offset,
    )
    .fetch_one(conn)
    .await?;
    Ok(ids)
}
