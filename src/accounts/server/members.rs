//! Members of an account and their roles. The last Admin cannot be removed or demoted, not even by simultaneous
//! requests: each change locks the account and checks again.

use super::queries;
use crate::{
    accounts::model::{Permission, Role},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, ApiKeyId, Problem, UserId},
    server::{Fault, Tx},
};
use serde_json::json;

/// Adds a member. Returns false if they already were one.
pub async fn add(tx: &mut Tx, account_id: AccountId, user_id: UserId, role: Role) -> Result<bool, Fault> {
    queries::lock_account(tx, account_id).await?;
    queries::insert_member_if_none(tx, account_id, user_id, role).await
}

/// Changes a member's role. Fails if it is no longer the one the form showed.
pub async fn set_role(
    tx: &mut Tx,
    account_id: AccountId,
    user_id: UserId,
    (shown, role): (Role, Role),
) -> Result<(), Fault> {
    let (name, before) = lock_member(tx, account_id, user_id).await?;
    if before == role {
        return Ok(());
    }
    if before != shown {
        return Err(Problem::StaleVersion.into());
    }
    ensure_admin_remains(tx, account_id, before).await?;
    queries::set_member_role(tx, account_id, user_id, role).await?;
    let entry = Entry::about(account_id, Deed::RoleChanged, user_id, &name);
    record(tx, entry.before(json!({ "role": before })).after(json!({ "role": role }))).await
}

/// Removes a member, who loses access immediately. Revokes those of the given API keys that they created.
pub async fn remove(tx: &mut Tx, account_id: AccountId, user_id: UserId, keys: &[ApiKeyId]) -> Result<(), Fault> {
    let (name, role) = lock_member(tx, account_id, user_id).await?;
    ensure_admin_remains(tx, account_id, role).await?;
    queries::delete_member(tx, account_id, user_id).await?;
    queries::insert_departure(tx, user_id, account_id, None).await?;
    let revoked = queries::revoke_keys_of(tx, account_id, user_id, keys).await?;
    let entry = Entry::about(account_id, Deed::UserRemoved, user_id, &name);
    record(tx, entry.before(json!({ "role": role })).after(json!({ "revoked_keys": revoked }))).await
}

/// Locks the account and finds the member. The viewer must still be an Admin.
async fn lock_member(tx: &mut Tx, account_id: AccountId, user_id: UserId) -> Result<(String, Role), Fault> {
    let actor = tx.cx.actor(account_id, Permission::ManageAccount)?;
    queries::lock_account(tx, account_id).await?;
    let mine = queries::find_member(tx, account_id, actor.user_id).await?;
    if mine.is_none_or(|(_, role)| !role.may(Permission::ManageAccount)) {
        return Err(Problem::NotAllowed.into());
    }
    queries::find_member(tx, account_id, user_id).await?.ok_or(Problem::NotHereAnyMore.into())
}

async fn ensure_admin_remains(tx: &mut Tx, account_id: AccountId, leaving: Role) -> Result<(), Fault> {
    if leaving == Role::Admin && queries::count_admins(tx, account_id).await? < 2 {
        return Err(Problem::LastAdmin.into());
    }
    Ok(())
}
