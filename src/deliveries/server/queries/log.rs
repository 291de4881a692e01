//! What became of leads: the log of a delivery, the story of a lead, and sending again.

use crate::{
    base::{AccountId, DeliveryId, FlowId, LeadId},
    deliveries::model::Progress,
    server::Fault,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A lead in the log of a delivery, with its last attempt.
#[derive(Debug, Clone)]
pub struct LogRow {
    pub lead_id: LeadId,
    pub test: bool,
    pub progress: Progress,
    pub attempts: i32,
    pub since: OffsetDateTime,
    pub next_at: OffsetDateTime,
    pub at: Option<OffsetDateTime>,
    pub duration_ms: Option<i32>,
    pub status: Option<i32>,
    pub error: Option<String>,
}

/// The newest leads of a delivery, or those before one: all, or those that wait or failed, each found by its index. Other
/// states are no filter.
pub async fn list(
    conn: &mut PgConnection,
    id: DeliveryId,
    progress: Option<Progress>,
    before: Option<LeadId>,
    limit: i64,
) -> Result<Vec<LogRow>, Fault> {
    let rows = sqlx::query_as!(
        LogRow,
        r#"select l.lead_id as "lead_id!: LeadId", l.test as "test!", l.state as "progress!: Progress", l.attempts as "attempts!",
                  l.since as "since!", l.next_at as "next_at!",
                  a.at as "at?", a.duration_ms as "duration_ms?", a.status as "status?", a.error as "error?"
           from (
               (select * from lead_deliveries
                where $2::text is null and delivery_id = $1 and ($3::bytea is null or lead_id < $3)
                order by lead_id desc limit $4)
               union all
               (select * from lead_deliveries
                where $2 = 'failed' and delivery_id = $1 and state = 'failed' and ($3::bytea is null or lead_id < $3)
                order by lead_id desc limit $4)
               union all
               (select * from lead_deliveries
                where $2 = 'waiting' and delivery_id = $1 and state = 'waiting' and ($3::bytea is null or lead_id < $3)
                order by lead_id desc limit $4)
           ) l
           left join lateral (
               select * from delivery_attempts
               where delivery_id = l.delivery_id and lead_id = l.lead_id order by number desc limit 1
           ) a on true
           order by l.lead_id desc"#,
        id as _,
        progress as _,
        before as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// An attempt in the story of a lead.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    pub delivery_id: DeliveryId,
    pub flow_id: FlowId,
    pub name: String,
    pub is_removed: bool,
    pub progress: Progress,
    pub next_at: OffsetDateTime,
    pub number: Option<i32>,
    pub at: Option<OffsetDateTime>,
    pub duration_ms: Option<i32>,
    pub status: Option<i32>,
    pub error: Option<String>,
    pub answer: Option<String>,
    pub request: Option<String>,
}

/// The deliveries of a lead with their last attempts, at most `limit` in all, in order. A delivery without an attempt has
/// one row. With a delivery, only those of this one.
pub async fn attempts(
    conn: &mut PgConnection,
    account_id: AccountId,
    lead_id: LeadId,
    delivery: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<AttemptRow>, Fault> {
    let rows = sqlx::query_as!(
        AttemptRow,
        r#"select d.id as "delivery_id: DeliveryId", d.flow_id as "flow_id: FlowId", d.name,
                  d.state = 'removed' as "is_removed!", l.state as "progress: Progress", l.next_at, a.number as "number?",
                  a.at as "at?", a.duration_ms as "duration_ms?", a.status as "status?", a.error as "error?",
                  a.answer as "answer?", a.request as "request?"
           from lead_deliveries l
           join deliveries d on d.id = l.delivery_id
           left join lateral (
               select * from delivery_attempts where delivery_id = l.delivery_id and lead_id = l.lead_id
               order by number desc limit $4
           ) a on true
           where l.account_id = $1 and l.lead_id = $2 and ($3::bytea is null or l.delivery_id = $3)
           order by d.id, a.number
           limit $4"#,
        account_id as _,
        lead_id as _,
        delivery as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The last test lead of a delivery.
pub async fn last_test(conn: &mut PgConnection, id: DeliveryId) -> Result<Option<LeadId>, Fault> {
    let found = sqlx::query_scalar!(
        r#"select lead_id as "id: LeadId" from lead_deliveries where delivery_id = $1 and test order by lead_id desc limit 1"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// Queues a test lead.
pub async fn queue_test(
    conn: &mut PgConnection,
    account_id: AccountId,
    id: DeliveryId,
    lead_id: LeadId,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into lead_deliveries (delivery_id, account_id, lead_id, test, since, next_at) values ($1, $2, $3, true, $4, 'epoch')",
        id as _,
        account_id as _,
        lead_id as _,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a lead was queued for the delivery.
pub async fn has_lead(conn: &mut PgConnection, id: DeliveryId, lead_id: LeadId) -> Result<bool, Fault> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from lead_deliveries where delivery_id = $1 and lead_id = $2) as "found!""#,
        id as _,
        lead_id as _,
    );
    Ok(found.fetch_one(conn).await?)
}

/// Sends a lead again, whether it was delivered or given up. False if it waits already, or can't be sent again.
pub async fn send_again(
    conn: &mut PgConnection,
    id: DeliveryId,
    lead_id: LeadId,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update lead_deliveries set state = 'waiting', earlier = attempts, since = $3, next_at = $3, finished_at = null
         where delivery_id = $1 and lead_id = $2 and state in ('failed', 'delivered') and not test",
        id as _,
        lead_id as _,
        now,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sends failed leads again, at most `limit`. Returns how many.
pub async fn send_failed_again(
    conn: &mut PgConnection,
    id: DeliveryId,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, Fault> {
    let done = sqlx::query!(
        "update lead_deliveries l set state = 'waiting', earlier = attempts, since = $2, next_at = $2, finished_at = null
         from (
             select delivery_id, lead_id from lead_deliveries where delivery_id = $1 and state = 'failed' and not test
             order by lead_id limit $3 for update
         ) failed
         where l.delivery_id = failed.delivery_id and l.lead_id = failed.lead_id",
        id as _,
        now,
        limit,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
