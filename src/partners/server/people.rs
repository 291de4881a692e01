//! Users of a partner and their roles. Partner users cannot remove or demote the last Partner Admin; members of the
//! account can. Each change locks the partner and checks again.

use super::{
    policy,
    queries::{self, Partner},
};
use crate::{
    accounts::server::queries::{find_member, insert_departure},
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, PartnerId, Problem, UserId},
    partners::model::{PartnerPermission, PartnerRole, Side},
    server::{Fault, Tx},
};
use serde_json::json;

/// Adds a user to a partner. Returns false if they already were one.
pub async fn add(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    user_id: UserId,
    role: PartnerRole,
) -> Result<bool, Fault> {
    queries::lock_users(tx, partner_id).await?;
    queries::insert_user_if_none(tx, account_id, partner_id, user_id, role).await
}

/// Changes a user's role. Fails if it is no longer the one the form showed.
pub async fn set_role(
    tx: &mut Tx,
    id: PartnerId,
    user_id: UserId,
    (shown, role): (PartnerRole, PartnerRole),
) -> Result<(), Fault> {
    let LockedUser { partner, side, name, role: before } = lock_user(tx, id, user_id).await?;
    if before == role {
        return Ok(());
    }
    if before != shown {
        return Err(Problem::StaleVersion.into());
    }
    ensure_admin_remains(tx, id, side, before).await?;
    queries::set_user_role(tx, id, user_id, role).await?;
    let entry = Entry::about(partner.account_id, Deed::RoleChanged, user_id, &name);
    let facts = |role: PartnerRole| json!({ "partner": partner.name, "role": role });
    record(tx, entry.before(facts(before)).after(facts(role))).await
}

/// Removes a user, who loses access with their next request.
pub async fn remove(tx: &mut Tx, id: PartnerId, user_id: UserId) -> Result<(), Fault> {
    let LockedUser { partner, side, name, role } = lock_user(tx, id, user_id).await?;
    ensure_admin_remains(tx, id, side, role).await?;
    queries::delete_user(tx, id, user_id).await?;
    insert_departure(tx, user_id, partner.account_id, Some(id)).await?;
    let entry = Entry::about(partner.account_id, Deed::UserRemoved, user_id, &name);
    record(tx, entry.before(json!({ "partner": partner.name, "role": role }))).await
}

/// A user of a partner, with the partner locked, and the side the viewer acts from.
struct LockedUser {
    partner: Partner,
    side: Side,
    name: String,
    role: PartnerRole,
}

/// Locks the partner, finds the user, and checks the viewer's permission again.
async fn lock_user(tx: &mut Tx, id: PartnerId, user_id: UserId) -> Result<LockedUser, Fault> {
    let actor = policy::find_for(tx, id, PartnerPermission::ManageUsers).await?;
    queries::lock_users(tx, id).await?;
    let side = match actor.side {
        Side::Partner(_) => queries::find_user(tx, id, actor.user_id).await?.map(|(_, role)| Side::Partner(role)),
        Side::Account(_) => {
            find_member(tx, actor.partner.account_id, actor.user_id).await?.map(|(_, role)| Side::Account(role))
        }
        Side::Connected(_) => None,
    };
    if side.is_none_or(|side| !side.may(PartnerPermission::ManageUsers)) {
        return Err(Problem::NotAllowed.into());
    }
    let (name, role) = queries::find_user(tx, id, user_id).await?.ok_or(Problem::NotHereAnyMore)?;
    Ok(LockedUser { partner: actor.partner, side: actor.side, name, role })
}

async fn ensure_admin_remains(tx: &mut Tx, id: PartnerId, by: Side, leaving: PartnerRole) -> Result<(), Fault> {
    let is_protected = matches!(by, Side::Partner(_)) && leaving == PartnerRole::PartnerAdmin;
    if is_protected && queries::count_admins(tx, id).await? < 2 {
        return Err(Problem::LastPartnerAdmin.into());
    }
    Ok(())
}
