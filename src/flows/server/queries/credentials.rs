//! SQL of the sources' credentials.

use super::{assign::bytes_of, versions};
use crate::{
    base::{AccountId, CredentialId, PartnerId, SecretHash, SourceId, UserId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The authentication setting of a source, and its partner.
#[derive(Debug, Clone, Copy)]
pub struct Authentication {
    pub required: bool,
    pub partner_id: Option<PartnerId>,
}

pub async fn find_authentication(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
) -> Result<Option<Authentication>, Fault> {
    let found = sqlx::query_as!(
        Authentication,
        r#"select require_authentication as required, partner_id as "partner_id: PartnerId"
           from flow_sources where account_id = $1 and id = $2"#,
        account_id as _,
        source_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// False if nothing changed: it was already set so, or the source no longer exists.
pub async fn set_required(
    tx: &mut Tx,
    account_id: AccountId,
    source_id: SourceId,
    required: bool,
) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update flow_sources set require_authentication = $3, version = version + 1, updated_at = $4
         where account_id = $1 and id = $2 and require_authentication <> $3",
        account_id as _,
        source_id as _,
        required,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    versions::keep_source(tx, source_id).await?;
    Ok(true)
}

/// Locks the credentials of a source until the transaction ends, without blocking leads. False if the source no longer
/// exists.
pub async fn lock(conn: &mut PgConnection, account_id: AccountId, source_id: SourceId) -> Result<bool, Fault> {
    let row = sqlx::query_scalar!(
        r#"select id as "id: SourceId" from flow_sources where account_id = $1 and id = $2 for no key update"#,
        account_id as _,
        source_id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// What readers of a source's docs may see of a credential.
#[derive(Debug, Clone)]
pub struct Credential {
    pub id: CredentialId,
    /// The first characters of the secret: all that is stored of it in clear text.
    pub prefix: String,
    pub created_at: OffsetDateTime,
    /// Updated at most once a minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// None for the current one.
    pub ends_at: Option<OffsetDateTime>,
}

/// The active credentials, current one first.
pub async fn list_active(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
    now: OffsetDateTime,
) -> Result<Vec<Credential>, Fault> {
    let credentials = sqlx::query_as!(
        Credential,
        r#"select id as "id: CredentialId", prefix, created_at, last_used_at, ends_at
           from source_credentials
           where account_id = $1 and source_id = $2 and (ends_at is null or ends_at > $3)
           order by ends_at desc nulls first, id desc"#,
        account_id as _,
        source_id as _,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(credentials)
}

#[derive(Debug)]
pub struct NewCredential {
    pub id: CredentialId,
    pub prefix: String,
    pub hash: SecretHash,
    pub by: UserId,
}

pub async fn insert(tx: &mut Tx, account_id: AccountId, source_id: SourceId, new: &NewCredential) -> Result<(), Fault> {
    sqlx::query!(
        "insert into source_credentials (id, account_id, source_id, prefix, secret_hash, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        new.id as _,
        account_id as _,
        source_id as _,
        new.prefix,
        new.hash.bytes(),
        new.by as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A credential that was ended, with its source's name.
#[derive(Debug)]
pub struct EndedCredential {
    pub source_id: SourceId,
    pub source_name: String,
    pub prefix: String,
}

/// Ends the credentials of these sources that another partner than this one knows, because the source belongs to it or
/// belonged to it before. With `only_of_people`, a partner that has no users does not count.
pub async fn end_known_to_others(
    tx: &mut Tx,
    account_id: AccountId,
    sources: &[SourceId],
    partner_id: PartnerId,
    only_of_people: bool,
) -> Result<Vec<EndedCredential>, Fault> {
    let ended = sqlx::query_as!(
        EndedCredential,
        r#"update source_credentials c set ends_at = $4
           from flow_sources fs join entities e on e.id = fs.entity_id
           where c.source_id = fs.id and fs.account_id = $1 and fs.id = any($2)
             and (c.ends_at is null or c.ends_at > $4) and coalesce(fs.partner_id, c.former_partner_id) <> $3
             and (not $5 or exists (select from partner_users pu
                                    where pu.partner_id = coalesce(fs.partner_id, c.former_partner_id)))
           returning c.source_id as "source_id: SourceId", e.name as source_name, c.prefix"#,
        account_id as _,
        &bytes_of(sources),
        partner_id as _,
        tx.now(),
        only_of_people,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ended)
}

/// Remembers with the credentials of these sources, or of all sources of the partner, that it knows them, before the
/// sources leave it.
pub async fn remember_partner(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    sources: Option<&[SourceId]>,
) -> Result<(), Fault> {
    let only = sources.map(bytes_of);
    sqlx::query!(
        "update source_credentials c set former_partner_id = fs.partner_id
         from flow_sources fs
         where c.source_id = fs.id and fs.account_id = $1 and fs.partner_id = $2
           and ($3::bytea[] is null or fs.id = any($3)) and (c.ends_at is null or c.ends_at > $4)",
        account_id as _,
        partner_id as _,
        only.as_deref(),
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets when the current credential ends.
pub async fn end_current(
    conn: &mut PgConnection,
    account_id: AccountId,
    source_id: SourceId,
    ends_at: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update source_credentials set ends_at = $3 where account_id = $1 and source_id = $2 and ends_at is null",
        account_id as _,
        source_id as _,
        ends_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends the previous credentials that are still active, or just `only`. Returns their prefixes.
pub async fn end_previous(
    tx: &mut Tx,
    account_id: AccountId,
    source_id: SourceId,
    only: Option<CredentialId>,
) -> Result<Vec<String>, Fault> {
    let ended = sqlx::query_scalar!(
        "update source_credentials set ends_at = $4
         where account_id = $1 and source_id = $2 and ends_at > $4 and ($3::bytea is null or id = $3)
         returning prefix",
        account_id as _,
        source_id as _,
        only as _,
        tx.now(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ended)
}
