//! [ssr] All SQL of the room.

pub mod log;
pub mod work;

use super::headers::StoredHeader;
use crate::{
    base::{AccountId, DeliveryId, FlowId},
    deliveries::model::{DeliveryState, Format},
    server::Fault,
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

/// Leads are counted up to this number.
pub const MAX_COUNTED: i64 = 1_000;

/// A delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: DeliveryId,
    pub account_id: AccountId,
    pub flow_id: FlowId,
    pub name: String,
    pub state: DeliveryState,
    /// Why Accord turned it off.
    pub off_reason: Option<String>,
    pub url: String,
    pub format: Format,
    pub headers: Json<Vec<StoredHeader>>,
    /// Since when no lead could be delivered.
    pub failing_since: Option<OffsetDateTime>,
    /// Until when the previous secret signs too.
    pub previous_ends_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
}

pub async fn find(conn: &mut PgConnection, flow_id: FlowId, id: DeliveryId) -> Result<Option<Delivery>, Fault> {
    let delivery = sqlx::query_as!(
        Delivery,
        r#"select id as "id: DeliveryId", account_id as "account_id: AccountId", flow_id as "flow_id: FlowId", name,
                  state as "state: DeliveryState", off_reason, url, format as "format: Format",
                  headers as "headers: Json<Vec<StoredHeader>>", failing_since, previous_ends_at, updated_at
           from deliveries where id = $2 and flow_id = $1 and state <> 'removed'"#,
        flow_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(delivery)
}

/// Locks a delivery against other changes until the transaction ends. False if it is gone.
pub async fn lock(conn: &mut PgConnection, flow_id: FlowId, id: DeliveryId) -> Result<bool, Fault> {
    let found = sqlx::query_scalar!(
        r#"select true as "found!" from deliveries where id = $2 and flow_id = $1 and state <> 'removed' for no key update"#,
        flow_id as _,
        id as _,
    );
    Ok(found.fetch_optional(conn).await?.is_some())
}

/// A delivery in the list of its flow.
#[derive(Debug, Clone)]
pub struct ListedDelivery {
    pub id: DeliveryId,
    pub name: String,
    pub state: DeliveryState,
    pub url: String,
    pub failing_since: Option<OffsetDateTime>,
    /// Leads, counted up to one more than [`MAX_COUNTED`].
    pub waiting: i64,
    pub failed: i64,
}

pub async fn list(conn: &mut PgConnection, flow_id: FlowId) -> Result<Vec<ListedDelivery>, Fault> {
    let listed = sqlx::query_as!(
        ListedDelivery,
        r#"select d.id as "id: DeliveryId", d.name, d.state as "state: DeliveryState", d.url, d.failing_since,
                  waiting.leads as "waiting!", failed.leads as "failed!"
           from deliveries d
           cross join lateral (
               select count(*) as leads from (
                   select from lead_deliveries where delivery_id = d.id and state = 'waiting' limit $2) found
           ) waiting
           cross join lateral (
               select count(*) as leads from (
                   select from lead_deliveries where delivery_id = d.id and state = 'failed' limit $2) found
           ) failed
           where d.flow_id = $1 and d.state <> 'removed'
           order by d.id"#,
        flow_id as _,
        MAX_COUNTED + 1,
    )
    .fetch_all(conn)
    .await?;
    Ok(listed)
}

/// A delivery to be stored.
pub struct NewDelivery<'n> {
    pub id: DeliveryId,
    pub account_id: AccountId,
    pub flow_id: FlowId,
    pub name: &'n str,
    pub url: &'n str,
    pub format: Format,
    pub headers: &'n [StoredHeader],
    pub sealed_secret: &'n [u8],
    pub now: OffsetDateTime,
}

/// Stores a delivery, unless its flow has `most`. The flow is locked, so that two at once cannot both be the last one.
pub async fn insert(conn: &mut PgConnection, new: &NewDelivery<'_>, most: i64) -> Result<bool, Fault> {
    sqlx::query!("select from flows where id = $1 for no key update", new.flow_id as _)
        .fetch_optional(&mut *conn)
        .await?;
    let done = sqlx::query!(
        "insert into deliveries (id, account_id, flow_id, name, state, url, format, headers, sealed_secret, resumed_at,
                                 created_at, updated_at)
         select $1, $2, $3, $4, 'on', $5, $6, $7, $8, $9, $9, $9
         where (select count(*) from deliveries where flow_id = $3 and state <> 'removed') < $10",
        new.id as _,
        new.account_id as _,
        new.flow_id as _,
        new.name,
        new.url,
        new.format as _,
        Json(new.headers) as _,
        new.sealed_secret,
        new.now,
        most,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a form changes.
pub struct Change<'c> {
    pub name: &'c str,
    pub url: &'c str,
    pub format: Format,
    pub headers: &'c [StoredHeader],
    pub now: OffsetDateTime,
}

pub async fn change(conn: &mut PgConnection, id: DeliveryId, change: &Change<'_>) -> Result<(), Fault> {
    sqlx::query!(
        "update deliveries set name = $2, url = $3, format = $4, headers = $5, updated_at = $6 where id = $1",
        id as _,
        change.name,
        change.url,
        change.format as _,
        Json(change.headers) as _,
        change.now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the state. What waited is tried for a day from now on if the delivery is on again.
pub async fn set_state(
    conn: &mut PgConnection,
    id: DeliveryId,
    state: DeliveryState,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update deliveries set state = $2, off_reason = null, failing_since = null, alerted_at = null,
                resumed_at = case when $2 = 'on' then $3 else resumed_at end, updated_at = $3
         where id = $1",
        id as _,
        state as _,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces the secret. The present one signs too until `previous_ends_at`.
pub async fn set_secret(
    conn: &mut PgConnection,
    id: DeliveryId,
    sealed: &[u8],
    previous_ends_at: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update deliveries set sealed_previous = sealed_secret, previous_ends_at = $3, sealed_secret = $2 where id = $1",
        id as _,
        sealed,
        previous_ends_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a delivery with its secrets. What happened to leads stays in their stories; those that wait are canceled.
pub async fn remove(conn: &mut PgConnection, id: DeliveryId, now: OffsetDateTime) -> Result<(), Fault> {
    sqlx::query!(
        "update deliveries set state = 'removed', headers = '[]', sealed_secret = '', sealed_previous = null, updated_at = $2
         where id = $1",
        id as _,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
