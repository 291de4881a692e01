//! Which partners a page of the list shows. By name, an index has the order. By a figure, the figures of all partners
//! have to be worked out; the order of a large account is therefore kept in memory for a minute. The figures that a page
//! shows are always current.

use super::partners::PartnerQuery;
use crate::{
    base::{AccountId, PartnerId},
    partners::model::PartnerSort,
    server::{AppState, Fault},
};
use sqlx::PgConnection;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// The order of an account with more partners is kept.
const LARGE: usize = 200;
const KEPT_FOR: Duration = Duration::minutes(1);
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

/// An order as it was at a time. One request at a time works it out again, and the others are served the last one.
#[derive(Debug)]
struct Kept {
    latest: Mutex<(OffsetDateTime, Arc<[PartnerId]>)>,
    turn: tokio::sync::Mutex<()>,
}

impl Kept {
    fn latest(&self) -> (OffsetDateTime, Arc<[PartnerId]>) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The orders that this process keeps.
#[derive(Debug, Default)]
struct Orders(Mutex<HashMap<Key, Arc<Kept>>>);

impl Orders {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: &Key) -> Option<Arc<Kept>> {
        self.lock().get(key).cloned()
    }

    fn keep(&self, key: Key, ids: Arc<[PartnerId]>, now: OffsetDateTime) {
        let mut kept = self.lock();
        if kept.len() >= MAX_KEPT {
            let oldest = kept.iter().min_by_key(|(_, order)| order.latest().0).map(|(key, _)| *key);
            oldest.and_then(|key| kept.remove(&key));
        }
        kept.insert(key, Arc::new(Kept { latest: Mutex::new((now, ids)), turn: tokio::sync::Mutex::default() }));
    }
}

/// Forgets the orders of an account that got, lost, archived or restored a partner, so that its list shows that at once.
pub fn forget_partner_orders(state: &AppState, account_id: AccountId) {
    state.shared.get(Orders::default).lock().retain(|key, _| key.account_id != account_id);
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
    let order = find_order(conn, state, key, now).await?;
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

async fn find_order(
    conn: &mut PgConnection,
    state: &AppState,
    key: Key,
    now: OffsetDateTime,
) -> Result<Arc<[PartnerId]>, Fault> {
    let orders = state.shared.get(Orders::default);
    let Some(kept) = orders.find(&key) else {
        let ids: Arc<[PartnerId]> = by_figure(conn, key, now).await?.into();
        if ids.len() > LARGE {
            orders.keep(key, ids.clone(), now);
        }
        return Ok(ids);
    };
    let (at, ids) = kept.latest();
    if now - at < KEPT_FOR {
        return Ok(ids);
    }
    let Ok(_turn) = kept.turn.try_lock() else { return Ok(ids) };
    let ids: Arc<[PartnerId]> = by_figure(conn, key, now).await?.into();
    *kept.latest.lock().unwrap_or_else(PoisonError::into_inner) = (now, ids.clone());
    Ok(ids)
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
