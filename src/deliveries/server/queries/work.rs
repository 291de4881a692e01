//! The work of sending: leads are claimed, tried and marked. Workers of all processes share it.

use super::super::{client::Attempted, headers::StoredHeader};
use crate::{
    base::{AccountId, DeliveryId, FlowId, LeadId, SourceId},
    deliveries::model::{Format, Progress},
    server::{AppState, Fault},
};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};

/// A claimed lead becomes due again after this time, in case its worker was killed: longer than any attempt can take.
pub const LEASE: Duration = Duration::seconds(25);
/// Leads that wait longer for a delivery that is paused or off are given up.
const MAX_WAIT: Duration = Duration::days(7);
/// Rows that one statement of the clean-up changes.
const CLEANED: i64 = 1_000;

/// A lead that this process sends now.
#[derive(Debug)]
pub struct Claimed {
    pub delivery_id: DeliveryId,
    pub account_id: AccountId,
    pub lead_id: LeadId,
    pub test: bool,
    /// The number of this attempt, and how many there were before the lead was last sent again.
    pub attempts: i32,
    pub earlier: i32,
    /// Since when it is tried.
    pub since: OffsetDateTime,
    pub flow_id: FlowId,
    pub url: String,
    pub format: Format,
    pub headers: Json<Vec<StoredHeader>>,
    pub sealed_secret: Vec<u8>,
    /// While it still signs.
    pub sealed_previous: Option<Vec<u8>>,
    pub source_id: Option<SourceId>,
    pub received_at: Option<OffsetDateTime>,
    /// None if the lead is a test, was erased, or is no longer kept.
    pub fields: Option<Value>,
}

/// How many leads may be claimed: for one destination, for one that does not answer, and in all.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    pub each: i32,
    pub failing: i32,
    pub all: i64,
}

/// Claims due leads. `busy` are the deliveries that this process sends to, and how many leads. A destination that does not
/// answer has few places, so that any number of them leaves room for the others. A delivery that is paused or off sends
/// only its test leads, which are due since the epoch.
pub async fn claim(
    state: &AppState,
    busy: (&[DeliveryId], &[i32]),
    places: Places,
    now: OffsetDateTime,
) -> Result<Vec<Claimed>, Fault> {
    let claimed = sqlx::query_as!(
        Claimed,
        r#"with due as materialized (
               select w.delivery_id, w.lead_id
               from deliveries d
               left join unnest($1::bytea[], $2::int[]) as b (id, leads) on b.id = d.id
               cross join lateral (
                   select l.delivery_id, l.lead_id from lead_deliveries l
                   where l.delivery_id = d.id and l.state = 'waiting'
                     and l.next_at <= case when d.state = 'on' then $3 else 'epoch'::timestamptz end
                   order by l.next_at
                   limit greatest(case when d.failing_since is null then $4::int else $5::int end - coalesce(b.leads, 0), 0)
                   for update skip locked
               ) w
               where d.state <> 'removed'
               limit $6
           ), claimed as (
               update lead_deliveries l set attempts = l.attempts + 1, next_at = $7
               from due where l.delivery_id = due.delivery_id and l.lead_id = due.lead_id
               returning l.delivery_id, l.account_id, l.lead_id, l.test, l.attempts, l.earlier, l.since
           )
           select c.delivery_id as "delivery_id: DeliveryId", c.account_id as "account_id: AccountId",
                  c.lead_id as "lead_id: LeadId", c.test, c.attempts, c.earlier,
                  greatest(c.since, d.resumed_at) as "since!", d.flow_id as "flow_id: FlowId", d.url,
                  d.format as "format: Format", d.headers as "headers: Json<Vec<StoredHeader>>", d.sealed_secret,
                  case when d.previous_ends_at > $3 then d.sealed_previous end as sealed_previous,
                  lead.source_id as "source_id?: SourceId", lead.received_at as "received_at?", lead.fields as "fields?"
           from claimed c
           join deliveries d on d.id = c.delivery_id
           left join lateral (
               select l.source_id, l.received_at, l.fields from leads l
               where l.account_id = c.account_id and l.id = c.lead_id and l.erased_at is null
               offset 0
           ) lead on true"#,
        busy.0 as _,
        busy.1,
        now,
        places.each,
        places.failing,
        places.all,
        now + LEASE,
    )
    .fetch_all(&state.pool)
    .await?;
    Ok(claimed)
}

/// What came of an attempt, as it is recorded.
#[derive(Debug)]
pub struct Outcome {
    pub delivery_id: DeliveryId,
    pub lead_id: LeadId,
    pub number: i32,
    pub progress: Progress,
    pub next_at: OffsetDateTime,
    pub at: OffsetDateTime,
    pub attempted: Attempted,
    /// Of test leads.
    pub request: Option<String>,
}

/// Records outcomes, any number by one statement, and whether their deliveries fail. An outcome of a lead that another
/// worker has claimed since, because this one was slow, changes nothing.
pub async fn mark(state: &AppState, outcomes: &[Outcome], now: OffsetDateTime) -> Result<(), Fault> {
    let column = |value: fn(&Outcome) -> i32| outcomes.iter().map(value).collect::<Vec<_>>();
    let deliveries: Vec<_> = outcomes.iter().map(|outcome| outcome.delivery_id).collect();
    let leads: Vec<_> = outcomes.iter().map(|outcome| outcome.lead_id).collect();
    let progress: Vec<_> = outcomes.iter().map(|outcome| outcome.progress.as_str()).collect();
    let (next, at): (Vec<_>, Vec<_>) = outcomes.iter().map(|outcome| (outcome.next_at, outcome.at)).unzip();
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.attempted.status.map(i32::from)).collect();
    let errors: Vec<_> = outcomes.iter().map(|outcome| outcome.attempted.error).collect();
    let answers: Vec<_> = outcomes.iter().map(|outcome| outcome.attempted.answer.as_deref()).collect();
    let requests: Vec<_> = outcomes.iter().map(|outcome| outcome.request.as_deref()).collect();
    sqlx::query!(
        "with outcome as materialized (
             select * from unnest($1::bytea[], $2::bytea[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                                  $7::int[], $8::int[], $9::text[], $10::text[], $11::text[])
                 as o (delivery_id, lead_id, number, progress, next_at, at, duration_ms, status, error, answer, request)
         ), changed as (
             update lead_deliveries l
             set state = o.progress, next_at = o.next_at,
                 finished_at = case when o.progress <> 'waiting' then $12::timestamptz end
             from outcome o
             where l.delivery_id = o.delivery_id and l.lead_id = o.lead_id and l.attempts = o.number and l.state = 'waiting'
             returning l.delivery_id, l.lead_id, l.test
         ), tried as (
             insert into delivery_attempts
                 (delivery_id, lead_id, number, at, duration_ms, status, error, answer, request)
             select o.delivery_id, o.lead_id, o.number, o.at, o.duration_ms, o.status, o.error, o.answer, o.request
             from outcome o join changed c on c.delivery_id = o.delivery_id and c.lead_id = o.lead_id
             order by o.delivery_id, o.lead_id
         )
         update deliveries d
         set failing_since = case when s.delivered then null else coalesce(d.failing_since, $12) end,
             alerted_at = case when s.delivered then null else d.alerted_at end
         from (
             select o.delivery_id, bool_or(o.status between 200 and 299) is true as delivered
             from outcome o join changed c on c.delivery_id = o.delivery_id and c.lead_id = o.lead_id
             where not c.test
             group by o.delivery_id
         ) s
         where d.id = s.delivery_id and (d.failing_since is null) <> s.delivered",
        &deliveries as _,
        &leads as _,
        &column(|outcome| outcome.number),
        &progress as _,
        &next,
        &at,
        &column(|outcome| i32::try_from(outcome.attempted.duration.as_millis()).unwrap_or(i32::MAX)),
        &statuses as _,
        &errors as _,
        &answers as _,
        &requests as _,
        now,
    )
    .execute(&state.pool)
    .await?;
    Ok(())
}

/// A delivery that the Admins have to hear about.
#[derive(Debug)]
pub struct Ailing {
    pub id: DeliveryId,
    pub account_id: AccountId,
    pub flow_id: FlowId,
    pub name: String,
    pub flow_name: String,
    pub failing_since: OffsetDateTime,
    /// The last status or error.
    pub last: Option<String>,
}

/// Claims a delivery that has been failing since `before` and about which nobody was told.
pub async fn claim_ailing(
    conn: &mut PgConnection,
    before: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Option<Ailing>, Fault> {
    let ailing = sqlx::query_as!(
        Ailing,
        r#"with ailing as (
               select id from deliveries
               where failing_since <= $1 and alerted_at is null and state = 'on'
               order by failing_since limit 1 for no key update skip locked
           )
           update deliveries d set alerted_at = $2
           from ailing, flows f
           where d.id = ailing.id and f.id = d.flow_id
           returning d.id as "id: DeliveryId", d.account_id as "account_id: AccountId", d.flow_id as "flow_id: FlowId",
                     d.name, f.name as flow_name, d.failing_since as "failing_since!",
                     (select coalesce('Status ' || a.status, a.error) from delivery_attempts a
                      where a.delivery_id = d.id order by a.lead_id desc, a.number desc limit 1) as "last?""#,
        before,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(ailing)
}

/// A delivery that was turned off because its destination is gone.
#[derive(Debug)]
pub struct TurnedOff {
    pub account_id: AccountId,
    pub flow_id: FlowId,
    pub name: String,
    pub flow_name: String,
}

/// Turns a delivery off, unless it is off already.
pub async fn turn_off(
    conn: &mut PgConnection,
    id: DeliveryId,
    reason: &str,
    now: OffsetDateTime,
) -> Result<Option<TurnedOff>, Fault> {
    let turned = sqlx::query_as!(
        TurnedOff,
        r#"update deliveries d set state = 'off', off_reason = $2, failing_since = null, alerted_at = null, updated_at = $3
           from flows f
           where d.id = $1 and d.state in ('on', 'paused') and f.id = d.flow_id
           returning d.account_id as "account_id: AccountId", d.flow_id as "flow_id: FlowId", d.name, f.name as flow_name"#,
        id as _,
        reason,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(turned)
}

/// Gives up leads that have waited too long for a delivery that is paused or off, cancels those of removed deliveries,
/// and removes the rows of leads that their account no longer keeps. Returns how many rows it changed.
pub async fn clean(conn: &mut PgConnection, now: OffsetDateTime) -> Result<usize, Fault> {
    let over = sqlx::query!(
        "update lead_deliveries l
         set state = case when w.removed then 'canceled' else 'failed' end, finished_at = $1
         from (
             select w.delivery_id, w.lead_id, d.state = 'removed' as removed from deliveries d
             cross join lateral (
                 select delivery_id, lead_id from lead_deliveries
                 where delivery_id = d.id and state = 'waiting' and (d.state = 'removed' or since <= $2)
                 limit $3 for update skip locked
             ) w
             where d.state <> 'on'
             limit $3
         ) w
         where l.delivery_id = w.delivery_id and l.lead_id = w.lead_id",
        now,
        now - MAX_WAIT,
        CLEANED,
    )
    .execute(&mut *conn)
    .await?;
    let old = sqlx::query!(
        "delete from lead_deliveries l
         using (
             select old.delivery_id, old.lead_id
             from (select distinct account_id from deliveries) d
             join accounts a on a.id = d.account_id
             cross join lateral (
                 select delivery_id, lead_id from lead_deliveries
                 where account_id = a.id and lead_id < lead_horizon(a.lead_days, $1)
                 limit $2 for update skip locked
             ) old
             limit $2
         ) old
         where l.delivery_id = old.delivery_id and l.lead_id = old.lead_id",
        now,
        CLEANED,
    )
    .execute(conn)
    .await?;
    Ok((over.rows_affected() + old.rows_affected()) as usize)
}
