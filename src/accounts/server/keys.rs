//! API keys: what an account's own systems show that they act for it. Of a key only its hash is kept.

use super::queries::{self, NewApiKey};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, ApiKeyId, Hashed, Problem, Secret, UserId},
    server::{Fault, Tx, ids::random_bytes},
};
use serde_json::json;

/// So many living keys an account has at most.
pub const MOST: i64 = 50;
/// The recognisable start of a key, shown in lists: the mark of ours, and six characters of its own.
const PREFIX: usize = 13;

/// A key that was just made; it is told this once.
#[derive(Debug)]
pub struct Made {
    pub id: ApiKeyId,
    pub key: Secret,
}

/// Makes an API key; the clear key is told this once.
pub async fn create_api_key(tx: &mut Tx, account_id: AccountId, by: UserId, name: &str) -> Result<Made, Fault> {
    Ok(make(tx, account_id, by, name).await?.0)
}

async fn make(tx: &mut Tx, account_id: AccountId, by: UserId, name: &str) -> Result<(Made, String), Fault> {
    let id = tx.make_id::<ApiKeyId>();
    let random = random_bytes::<24>().map(|byte| format!("{byte:02x}")).concat();
    let key = format!("accord_{random}");
    let (prefix, hash) = (key[..PREFIX].to_owned(), Hashed::of(key.as_bytes()));
    let new = NewApiKey { id, name, prefix: &prefix, hash, by };
    queries::insert_api_key(tx, account_id, &new).await?;
    Ok((Made { id, key: Secret::new(key) }, prefix))
}

/// Makes a key by that name, for an account that has LeadConduit.
pub async fn create(tx: &mut Tx, account_id: AccountId, name: &str) -> Result<Made, Fault> {
    let actor = tx.cx.actor(account_id, Permission::ManageAccount)?;
    if actor.plan.is_none() {
        return Err(Problem::ApiKeysNeedPlan.into());
    }
    // Of two at once the second sees the first, so that there are never too many.
    queries::hold_account(tx, account_id).await?;
    if queries::count_api_keys(tx, account_id).await? >= MOST {
        return Err(Problem::ApiKeysTooMany.into());
    }
    let (made, prefix) = make(tx, account_id, actor.user_id, name).await?;
    let entry = Entry::about(account_id, Deed::ApiKeyCreated, made.id, name);
    record(tx, entry.after(json!({ "prefix": prefix }))).await?;
    Ok(made)
}

/// Revokes a key with the next request that shows it. A second time nothing happens.
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
