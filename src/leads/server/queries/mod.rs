//! All SQL of the room.

mod erase;
mod lists;
pub mod partitions;
pub mod posts;
pub mod retention;
mod search;
mod store;
pub mod story;

pub use erase::{erase, remove_unread};
pub use lists::{
    Content, FilterChoice, LeadRow, MAX_CHOICES, find_columns, keep_columns, list_choices, list_parameters, load,
};
pub use retention::find_reading;
pub use search::{Found, find_ids};
pub use store::{NewLead, Stored, Storing, store};

use super::{configuration::StoredPart, response::SubmissionResponse};
use crate::{
    base::{AccountId, FlowId, LeadId, SecretHash, SourceId},
    entities::model::EntityKind,
    rules::{AcceptanceCriteria, Mapping},
    server::Fault,
};
use sqlx::{PgConnection, types::Json};
use std::sync::Arc;
use time::{Date, Duration, OffsetDateTime};

/// Everything needed to judge a submission but its rules and mappings, read by one statement.
#[derive(Debug, Clone)]
pub struct Target {
    pub account_id: AccountId,
    /// The IANA name of the account's time zone, which its days are counted in.
    pub time_zone: String,
    pub flow_id: FlowId,
    pub source_id: SourceId,
    pub flow_enabled: bool,
    pub source_enabled: bool,
    pub require_authentication: bool,
    pub kind: EntityKind,
    pub connected: bool,
    pub seller: Option<AccountId>,
    pub fields: Arc<[String]>,
    /// Each changes whenever its row does, by any statement.
    pub flow_version: String,
    pub source_version: String,
    /// Changes whenever anything here does. The statement that stores a lead compares it with the present rows. The
    /// fields of a flow change only together with its row.
    pub stamp: String,
}

impl Target {
    /// Whether the source may send now.
    pub fn may_send(&self) -> bool {
        self.source_enabled && self.kind.may_send(self.connected)
    }

    /// The bytes of its texts.
    pub fn size(&self) -> usize {
        let texts = [&self.time_zone, &self.flow_version, &self.source_version, &self.stamp];
        let fields = self.fields.iter().map(|name| name.len() + size_of::<String>());
        texts.into_iter().map(String::len).sum::<usize>() + fields.sum::<usize>()
    }
}

/// Locks a source against removal until the lead is stored, so that no lead is left without its flow. `lock_timeout` is
/// how many milliseconds this and what follows may wait for a lock; None for the usual time.
pub async fn lock_source(conn: &mut PgConnection, id: SourceId, lock_timeout: Option<u32>) -> Result<(), Fault> {
    sqlx::query!(
        "select fs.id
         from (select set_config('lock_timeout', coalesce($2, current_setting('lock_timeout')), true)) as wait
         cross join flow_sources fs
         where fs.id = $1
         for key share of fs",
        id as _,
        lock_timeout.map(|limit| limit.to_string()),
    )
    .fetch_optional(conn)
    .await?;
    Ok(())
}

/// Finds the target. `store.sql` compares its stamp, so both make it of the same values.
pub async fn find_target(
    conn: &mut PgConnection,
    flow_id: FlowId,
    source_id: SourceId,
) -> Result<Option<Target>, Fault> {
    let target = sqlx::query_as!(
        Target,
        r#"select f.account_id as "account_id: AccountId", a.time_zone, f.id as "flow_id: FlowId",
                  fs.id as "source_id: SourceId", (f.enabled and f.archived_at is null) as "flow_enabled!",
                  fs.enabled as source_enabled, fs.require_authentication,
                  e.kind as "kind: EntityKind", c.id is not null as "connected!",
                  e.connected_account_id as "seller: AccountId",
                  array(select name from flow_fields where flow_id = f.id order by position) as "fields!: Vec<String>",
                  concat_ws(' ', f.xmin, f.updated_at) as "flow_version!",
                  concat_ws(' ', fs.xmin, fs.updated_at) as "source_version!",
                  concat_ws(' ', f.xmin, f.updated_at, fs.xmin, fs.updated_at, e.xmin, e.updated_at, c.id, a.time_zone)
                      as "stamp!"
           from flow_sources fs
           join flows f on f.id = fs.flow_id
           join accounts a on a.id = f.account_id
           join entities e on e.id = fs.entity_id
           left join live_connections c on c.seller_account_id = e.connected_account_id
                and c.buyer_account_id = fs.account_id
           where fs.id = $2 and fs.flow_id = $1"#,
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
pub const LAST_USED_INTERVAL: Duration = Duration::minutes(1);

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
