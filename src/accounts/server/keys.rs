//! API keys, with which an account's systems act for it. Only the hash of a key is stored.

use super::queries::{self, NewApiKey};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, ApiKeyId, Problem, Secret, SecretHash, UserId},
    server::{Fault, Tx, ids::random_bytes},
};
use serde_json::json;

/// Maximum active API keys per account.
pub const MAX_KEYS: i64 = 50;
/// Characters of a key shown in lists to recognise it: `accord_` and six more.
const PREFIX: usize = 13;

/// A new key. Its secret is not available again.
#[derive(Debug)]
pub struct CreatedApiKey {
    pub id: ApiKeyId,
    pub key: Secret,
}

/// Creates an API key without checking permission, plan or limit.
pub async fn create_api_key(
    tx: &mut Tx,
    account_id: AccountId,
    by: UserId,
    name: &str,
) -> Result<CreatedApiKey, Fault> {
    Ok(insert(tx, account_id, by, name).await?.0)
}

async fn insert(tx: &mut Tx, account_id: AccountId, by: UserId, name: &str) -> Result<(CreatedApiKey, String), Fault> {
    let id = tx.make_id::<ApiKeyId>();
    let random = random_bytes::<24>().map(|byte| format!("{byte:02x}")).concat();
    let key = format!("accord_{random}");
    let (prefix, hash) = (key[..PREFIX].to_owned(), SecretHash::of(key.as_bytes()));
    let new = NewApiKey { id, name, prefix: &prefix, hash, by };
    queries::insert_api_key(tx, account_id, &new).await?;
    Ok((CreatedApiKey { id, key: Secret::new(key) }, prefix))
}

/// Creates a key for an account that has LeadConduit.
pub async fn create(tx: &mut Tx, account_id: AccountId, name: &str) -> Result<CreatedApiKey, Fault> {
    let actor = tx.cx.actor(account_id, Permission::ManageAccount)?;
    if actor.plan.is_none() {
        return Err(Problem::ApiKeysNeedPlan.into());
    }
    // The lock makes the second of two simultaneous requests see the first key, so that there are never too many.
    queries::lock_account(tx, account_id).await?;
    if queries::count_api_keys(tx, account_id).await? >= MAX_KEYS {
        return Err(Problem::ApiKeysTooMany.into());
    }
    let (created, prefix) = insert(tx, account_id, actor.user_id, name).await?;
    let entry = Entry::about(account_id, Deed::ApiKeyCreated, created.id, name);
    record(tx, entry.after(json!({ "prefix": prefix }))).await?;
    Ok(created)
}

/// Revokes a key; the next request with it is rejected. Revoking a revoked key does nothing.
pub async fn revoke(tx: &mut Tx, account_id: AccountId, id: ApiKeyId) -> Result<(), Fault> {
    tx.cx.actor(account_id, Permission::ManageAccount)?;
    let key = queries::find_api_key(tx, id).await?.filter(|key| key.account_id == account_id);
    let key = key.ok_or(Fault::NOT_FOUND)?;
    if queries::revoke_api_key(tx, account_id, id).await? {
        let entry = Entry::about(account_id, Deed::ApiKeyRevoked, id, &key.name);
        record(tx, entry.before(json!({ "prefix": key.prefix }))).await?;
    }
    Ok(())
}
