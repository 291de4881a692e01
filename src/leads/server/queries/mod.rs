//! All SQL of the room.

mod erase;
mod lists;
pub mod partitions;
pub mod posts;
pub mod retention;
mod search;
pub mod story;

pub use erase::{erase, remove_unread};
pub use lists::{Content, FilterChoice, LeadRow, find_columns, keep_columns, list_choices, list_parameters, load};
pub use retention::find_reading;
pub use search::{Found, find_ids};

use super::{configuration::StoredPart, response::SubmissionResponse};
use crate::{
    accounts::server::zone,
    base::{AccountId, FlowId, Id, LeadId, SecretHash, SourceId},
    entities::model::EntityKind,
    leads::{
        input::InputValue,
        model::{Outcome, Received},
    },
    rules::{AcceptanceCriteria, Lead, Mapping},
    server::{Fault, Tx},
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};

/// Everything needed to judge a submission but its rules and mappings, read by one statement.
#[derive(Debug, Clone)]
pub struct Target {
    pub account_id: AccountId,
    /// The IANA name of the account's time zone, which its days are counted in.
    pub time_zone: String,
    pub flow_id: FlowId,
    pub source_id: SourceId,
    pub flow_name: String,
    pub source_name: String,
    pub flow_enabled: bool,
    pub source_enabled: bool,
    pub require_authentication: bool,
    pub kind: EntityKind,
    pub connected: bool,
    pub seller: Option<AccountId>,
    pub fields: Vec<String>,
    /// The numbers of the saved configurations, which the lead keeps.
    pub flow_number: i32,
    pub source_number: i32,
    /// Each changes whenever its row does, by any statement.
    pub flow_version: String,
    pub source_version: String,
}

/// Finds the target and locks the source against removal until the lead is stored, so that no lead is left without its
/// flow.
pub async fn find_target(
    conn: &mut PgConnection,
    flow_id: FlowId,
    source_id: SourceId,
) -> Result<Option<Target>, Fault> {
    let target = sqlx::query_as!(
        Target,
        r#"select f.account_id as "account_id: AccountId", a.time_zone, f.id as "flow_id: FlowId",
                  fs.id as "source_id: SourceId", f.name as flow_name, e.name as source_name, (f.enabled and f.archived_at is null) as "flow_enabled!",
                  fs.enabled as source_enabled, fs.require_authentication,
                  e.kind as "kind: EntityKind", c.id is not null as "connected!",
                  e.connected_account_id as "seller: AccountId",
                  array(select name from flow_fields where flow_id = f.id order by position) as "fields!",
                  f.version as flow_number, fs.version as source_number,
                  concat_ws(' ', f.xmin, f.updated_at) as "flow_version!",
                  concat_ws(' ', fs.xmin, fs.updated_at) as "source_version!"
           from flow_sources fs
           join flows f on f.id = fs.flow_id
           join accounts a on a.id = f.account_id
           join entities e on e.id = fs.entity_id
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = fs.account_id
           where fs.id = $2 and fs.flow_id = $1
           for key share of fs"#,
        flow_id as _,
        source_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(target)
}

/// The rules of the flow, and the rules and mappings of the source.
pub async fn find_configuration(conn: &mut PgConnection, target: &Target) -> Result<[StoredPart; 2], Fault> {
    let row = sqlx::query!(
        r#"select concat_ws(' ', f.xmin, f.updated_at) as "flow_version!",
                  concat_ws(' ', fs.xmin, fs.updated_at) as "source_version!",
                  fs.mappings as "mappings: Json<Vec<Mapping>>",
                  f.acceptance_criteria as "flow_criteria: Json<AcceptanceCriteria>",
                  fs.acceptance_criteria as "source_criteria: Json<AcceptanceCriteria>"
           from flow_sources fs
           join flows f on f.id = fs.flow_id
           where fs.account_id = $1 and fs.id = $2"#,
        target.account_id as _,
        target.source_id as _,
    )
    .fetch_one(conn)
    .await?;
    let [flow_criteria, source_criteria] =
        [row.flow_criteria, row.source_criteria].map(|criteria| criteria.map(|criteria| criteria.0));
    Ok([
        StoredPart { version: row.flow_version, mappings: Vec::new(), criteria: flow_criteria },
        StoredPart { version: row.source_version, mappings: row.mappings.0, criteria: source_criteria },
    ])
}

/// Minimum time between updates of the last use of a credential or key, so that leads do not wait for that row.
const LAST_USED_INTERVAL: Duration = Duration::minutes(1);

/// True if this is the secret of an active credential of the source. Records its use, unless another lead is doing so
/// at the same time.
pub async fn use_credential(
    conn: &mut PgConnection,
    target: &Target,
    hash: SecretHash,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let found = sqlx::query_scalar!(
        r#"with found as (
               select id from source_credentials
               where account_id = $1 and source_id = $2 and secret_hash = $3 and (ends_at is null or ends_at > $4)
           ), noted as (
               update source_credentials set last_used_at = $4
               where id in (select id from source_credentials
                            where id in (select id from found) and (last_used_at is null or last_used_at <= $5)
                            for no key update skip locked)
           )
           select exists (select from found) as "found!""#,
        target.account_id as _,
        target.source_id as _,
        hash.bytes(),
        now,
        now - LAST_USED_INTERVAL,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// Like [`use_credential`], for an API key of the selling account.
pub async fn use_api_key(
    conn: &mut PgConnection,
    seller: AccountId,
    hash: SecretHash,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let found = sqlx::query_scalar!(
        r#"with found as (
               select id from api_keys where account_id = $1 and key_hash = $2 and revoked_at is null
           ), noted as (
               update api_keys set last_used_at = $3
               where id in (select id from api_keys
                            where id in (select id from found) and (last_used_at is null or last_used_at <= $4)
                            for no key update skip locked)
           )
           select exists (select from found) as "found!""#,
        seller as _,
        hash.bytes(),
        now,
        now - LAST_USED_INTERVAL,
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// Rows that share the count of a day, so this many submissions of one source can be counted at the same time without
/// waiting.
const SHARES: u8 = 8;

/// Counts a refused submission. `random` chooses its share.
pub async fn count_refusal(conn: &mut PgConnection, target: &Target, day: Date, random: u8) -> Result<(), Fault> {
    sqlx::query!(
        "insert into source_refusals (account_id, source_id, day, share, count) values ($1, $2, $3, $4, 1)
         on conflict (source_id, day, share) do update set count = source_refusals.count + 1",
        target.account_id as _,
        target.source_id as _,
        day,
        i16::from(random % SHARES),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Claims the key for this lead, or returns the lead of the last 24 hours that has it. A post that arrives while the
/// first is being stored waits here.
pub async fn claim_key(tx: &mut Tx, target: &Target, key: &str, lead_id: LeadId) -> Result<Option<LeadId>, Fault> {
    let hash = SecretHash::of(key.as_bytes());
    let holder = sqlx::query_scalar!(
        r#"insert into lead_keys as k (source_id, key_hash, lead_id, created_at) values ($1, $2, $3, $4)
           on conflict (source_id, key_hash) do update
           set lead_id = case when k.created_at <= $5 then excluded.lead_id else k.lead_id end,
               created_at = case when k.created_at <= $5 then excluded.created_at else k.created_at end
           returning lead_id as "lead_id: LeadId""#,
        target.source_id as _,
        hash.bytes(),
        lead_id as _,
        tx.now(),
        tx.now() - Duration::hours(24),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((holder != lead_id).then_some(holder))
}

/// The response that a stored lead got.
pub async fn find_response(conn: &mut PgConnection, target: &Target, id: LeadId) -> Result<SubmissionResponse, Fault> {
    let reason = sqlx::query_scalar!(
        "select reason from leads where account_id = $1 and id = $2",
        target.account_id as _,
        id as _,
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Fault::ImpossibleRow("lead_keys", format!("no lead {id}")))?;
    Ok(SubmissionResponse::Handled { id, reason })
}

/// A lead to be stored. Without a reason it is accepted.
#[derive(Debug)]
pub struct NewLead<'a> {
    pub id: LeadId,
    pub reason: Option<&'a str>,
    pub test: bool,
    pub input: &'a BTreeMap<String, InputValue>,
    pub fields: &'a Lead,
    pub received: &'a Received,
    /// See [`contacts`](super::contacts).
    pub contacts: Vec<i64>,
}

/// Each field with its normal form, its raw text, and whether it is valid, written without a copy of the values.
struct StoredFields<'a>(&'a Lead);

#[derive(Serialize)]
struct StoredField<'a> {
    value: &'a str,
    raw: &'a str,
    valid: bool,
}

impl Serialize for StoredFields<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut fields = writer.serialize_map(None)?;
        for (name, value) in self.0.values() {
            fields.serialize_entry(name, &StoredField { value: &value.normal, raw: &value.raw, valid: value.valid })?;
        }
        fields.end()
    }
}

/// Stores a lead and counts it in the same statement, so the counts always match the stored leads.
pub async fn insert_lead(tx: &mut Tx, target: &Target, lead: &NewLead<'_>) -> Result<(), Fault> {
    let seller = target.seller.filter(|_| target.connected);
    let [.., last] = lead.id.bytes();
    let outcome = if lead.reason.is_some() { Outcome::Rejected } else { Outcome::Accepted };
    sqlx::query!(
        "with stored as (
             insert into leads (id, account_id, flow_id, source_id, flow_name, source_name, seller_account_id, outcome,
                                reason, test, input, fields, received_at, day, received, flow_version,
                                source_version, contacts, input_bytes, fields_bytes)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $16, $17, $18, $19,
                     pg_column_size($11::jsonb), pg_column_size($12::jsonb))
             returning account_id, source_id, day, test, outcome, coalesce(reason, '') as reason, received_at
         )
         insert into source_days (account_id, source_id, day, test, outcome, reason, share, count, last_at)
         select account_id, source_id, day, test, outcome, reason, $15, 1, received_at from stored
         on conflict (source_id, day, test, outcome, md5(reason), share) do update
         set count = source_days.count + 1, last_at = greatest(source_days.last_at, excluded.last_at)",
        lead.id as _,
        target.account_id as _,
        target.flow_id as _,
        target.source_id as _,
        target.flow_name,
        target.source_name,
        seller as _,
        outcome as _,
        lead.reason,
        lead.test,
        Json(lead.input) as _,
        Json(StoredFields(lead.fields)) as _,
        tx.now(),
        zone::day(&target.time_zone, tx.now()),
        i16::from(last % SHARES),
        Json(lead.received) as _,
        target.flow_number,
        target.source_number,
        &lead.contacts,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
