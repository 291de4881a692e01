//! SQL of the sources' credentials.

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
        "update flow_sources set require_authentication = $3, updated_at = $4
         where account_id = $1 and id = $2 and require_authentication <> $3",
        account_id as _,
        source_id as _,
        required,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
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
