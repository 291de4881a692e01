//! SQL for API keys.

use crate::{
    base::{AccountId, ApiKeyId, SecretHash, UserId},
    server::{Fault, Tx},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A key to insert. Only the hash of its secret is stored.
pub struct NewApiKey<'k> {
    pub id: ApiKeyId,
    pub name: &'k str,
    pub prefix: &'k str,
    pub hash: SecretHash,
    pub by: UserId,
}

pub async fn insert_api_key(tx: &mut Tx, account_id: AccountId, new: &NewApiKey<'_>) -> Result<(), Fault> {
    sqlx::query!(
        "insert into api_keys (id, account_id, name, prefix, key_hash, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        new.id as _,
        account_id as _,
        new.name,
        new.prefix,
        new.hash.bytes(),
        new.by as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts the active keys of an account.
pub async fn count_api_keys(conn: &mut PgConnection, account_id: AccountId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from api_keys where account_id = $1 and revoked_at is null"#,
        account_id as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// A key as the people of its account see it.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub account_id: AccountId,
    pub name: String,
    pub prefix: String,
    pub made_by: Option<String>,
    pub created_at: OffsetDateTime,
    pub last_used_at: Option<OffsetDateTime>,
    pub revoked_at: Option<OffsetDateTime>,
}

pub async fn find_api_key(conn: &mut PgConnection, id: ApiKeyId) -> Result<Option<ApiKey>, Fault> {
    let key = sqlx::query_as!(
        ApiKey,
        r#"select k.id as "id: ApiKeyId", k.account_id as "account_id: AccountId", k.name, k.prefix,
                  u.name as "made_by?", k.created_at, k.last_used_at, k.revoked_at
           from api_keys k left join users u on u.id = k.created_by
           where k.id = $1"#,
        id as _,
    )
    .fetch_optional(conn)
    .await?;
    Ok(key)
}

/// Active keys, newest first, then the most recently revoked ones.
pub async fn list_api_keys(conn: &mut PgConnection, account_id: AccountId, limit: i64) -> Result<Vec<ApiKey>, Fault> {
    let keys = sqlx::query_as!(
        ApiKey,
        r#"select k.id as "id: ApiKeyId", k.account_id as "account_id: AccountId", k.name, k.prefix,
                  u.name as "made_by?", k.created_at, k.last_used_at, k.revoked_at
           from api_keys k left join users u on u.id = k.created_by
           where k.account_id = $1
           order by k.revoked_at desc nulls first, k.id desc
           limit $2"#,
        account_id as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(keys)
}

/// Guarded update: returns false if the key was already revoked.
pub async fn revoke_api_key(tx: &mut Tx, account_id: AccountId, id: ApiKeyId) -> Result<bool, Fault> {
    let revoked = sqlx::query!(
        "update api_keys set revoked_at = $3 where account_id = $1 and id = $2 and revoked_at is null",
        account_id as _,
        id as _,
        tx.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(revoked.rows_affected() == 1)
}
