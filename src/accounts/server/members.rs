//! Who belongs to an account and with which role. The last Admin stays, whoever asks and however many at once: each change
//! holds the account and looks again.

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

/// Makes somebody a member, unless they are one; whether that was new.
pub async fn add(tx: &mut Tx, account_id: AccountId, user_id: UserId, role: Role) -> Result<bool, Fault> {
    queries::hold_account(tx, account_id).await?;
    queries::insert_member_if_none(tx, account_id, user_id, role).await
}

/// Gives a member another role than the one that was shown.
pub async fn set_role(
    tx: &mut Tx,
    account_id: AccountId,
    user_id: UserId,
    (shown, role): (Role, Role),
) -> Result<(), Fault> {
    let (name, before) = hold(tx, account_id, user_id).await?;
    if before == role {
        return Ok(());
    }
    if before != shown {
        return Err(Problem::StaleVersion.into());
    }
    must_leave_an_admin(tx, account_id, before).await?;
    queries::set_member_role(tx, account_id, user_id, role).await?;
    let entry = Entry::about(account_id, Deed::RoleChanged, user_id, &name);
    record(tx, entry.before(json!({ "role": before })).after(json!({ "role": role }))).await
}

/// Ends a membership with the next request of that person, and revokes these of the API keys they made.
pub async fn remove(tx: &mut Tx, account_id: AccountId, user_id: UserId, keys: &[ApiKeyId]) -> Result<(), Fault> {
    let (name, role) = hold(tx, account_id, user_id).await?;
    must_leave_an_admin(tx, account_id, role).await?;
    queries::delete_member(tx, account_id, user_id).await?;
    queries::insert_departure(tx, user_id, account_id, None).await?;
    let revoked = queries::revoke_keys_of(tx, account_id, user_id, keys).await?;
    let entry = Entry::about(account_id, Deed::UserRemoved, user_id, &name);
    record(tx, entry.before(json!({ "role": role })).after(json!({ "revoked_keys": revoked }))).await
}

/// The member, held with the account; whoever asks must still be an Admin of it.
async fn hold(tx: &mut Tx, account_id: AccountId, user_id: UserId) -> Result<(String, Role), Fault> {
    let actor = tx.cx.actor(account_id, Permission::ManageAccount)?;
    queries::hold_account(tx, account_id).await?;
    let mine = queries::find_member(tx, account_id, actor.user_id).await?;
    if mine.is_none_or(|(_, role)| !role.may(Permission::ManageAccount)) {
        return Err(Problem::NotAllowed.into());
    }
    queries::find_member(tx, account_id, user_id).await?.ok_or(Problem::NotHereAnyMore.into())
}

async fn must_leave_an_admin(tx: &mut Tx, account_id: AccountId, leaving: Role) -> Result<(), Fault> {
    if leaving == Role::Admin && queries::count_admins(tx, account_id).await? < 2 {
        return Err(Problem::LastAdmin.into());
    }
    Ok(())
}
