//! Who logs in for a partner and with which role. A partner user never takes the last Partner Admin away; the account's own
//! people may. Each change holds the partner and looks again.

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

/// Lets somebody log in for a partner, unless they do already; whether that was new.
pub async fn add(
    tx: &mut Tx,
    account_id: AccountId,
    partner_id: PartnerId,
    user_id: UserId,
    role: PartnerRole,
) -> Result<bool, Fault> {
    queries::hold(tx, partner_id).await?;
    queries::insert_user_if_none(tx, account_id, partner_id, user_id, role).await
}

/// Gives somebody another role than the one that was shown.
pub async fn set_role(
    tx: &mut Tx,
    id: PartnerId,
    user_id: UserId,
    (shown, role): (PartnerRole, PartnerRole),
) -> Result<(), Fault> {
    let Held { partner, side, name, role: before } = hold(tx, id, user_id).await?;
    if before == role {
        return Ok(());
    }
    if before != shown {
        return Err(Problem::StaleVersion.into());
    }
    must_leave_an_admin(tx, id, side, before).await?;
    queries::set_user_role(tx, id, user_id, role).await?;
    let entry = Entry::about(partner.account_id, Deed::RoleChanged, user_id, &name);
    let told = |role: PartnerRole| json!({ "partner": partner.name, "role": role });
    record(tx, entry.before(told(before)).after(told(role))).await
}

/// Ends somebody's access with their next request.
pub async fn remove(tx: &mut Tx, id: PartnerId, user_id: UserId) -> Result<(), Fault> {
    let Held { partner, side, name, role } = hold(tx, id, user_id).await?;
    must_leave_an_admin(tx, id, side, role).await?;
    queries::delete_user(tx, id, user_id).await?;
    insert_departure(tx, user_id, partner.account_id, Some(id)).await?;
    let entry = Entry::about(partner.account_id, Deed::UserRemoved, user_id, &name);
    record(tx, entry.before(json!({ "partner": partner.name, "role": role }))).await
}

struct Held {
    partner: Partner,
    side: Side,
    name: String,
    role: PartnerRole,
}

/// The person, held with the partner; whoever asks is looked up again.
async fn hold(tx: &mut Tx, id: PartnerId, user_id: UserId) -> Result<Held, Fault> {
    let actor = policy::find_for(tx, id, PartnerPermission::ManageUsers).await?;
    queries::hold(tx, id).await?;
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
    Ok(Held { partner: actor.partner, side: actor.side, name, role })
}

async fn must_leave_an_admin(tx: &mut Tx, id: PartnerId, by: Side, leaving: PartnerRole) -> Result<(), Fault> {
    let guarded = matches!(by, Side::Partner(_)) && leaving == PartnerRole::PartnerAdmin;
    if guarded && queries::count_admins(tx, id).await? < 2 {
        return Err(Problem::LastPartnerAdmin.into());
    }
    Ok(())
}
