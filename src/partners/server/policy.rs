//! The only place that decides who may do what with one partner. Creating partners, assigning sources and connecting
//! are permissions of the account instead.

use super::queries::{self, Partner};
use crate::{
    accounts::{model::Permission, server::policy::Actor},
    base::{PartnerId, Problem, UserId},
    partners::model::{PartnerPermission, Side},
    server::{Claim, Cx, Db, Fault},
};

/// A person acting for a partner with the permission that was checked.
#[derive(Debug, Clone)]
pub struct PartnerActor {
    pub user_id: UserId,
    pub user_name: String,
    pub email: String,
    pub side: Side,
    pub partner: Partner,
}

/// All sides from which the viewer has access to a partner: as a member of its account, as its user, as a member of the
/// connected account. An archived partner is visible to its account only.
pub fn sides(cx: &Cx, partner: &Partner) -> Result<Vec<Side>, Fault> {
    let viewer = cx.viewer()?;
    let account = viewer.membership(partner.account_id).map(|membership| Side::Account(membership.role));
    if partner.archived {
        return Ok(account.into_iter().collect());
    }
    let own = viewer.partner(partner.id).map(|membership| Side::Partner(membership.role));
    let linked = partner.linked_account_id.filter(|_| partner.connected);
    let connected = linked.and_then(|id| viewer.membership(id)).map(|membership| Side::Connected(membership.role));
    Ok([account, own, connected].into_iter().flatten().collect())
}

/// The partner, if the viewer has the permission from any side. Without any side it is a 404.
pub async fn find_for(db: &mut impl Db, id: PartnerId, permission: PartnerPermission) -> Result<PartnerActor, Fault> {
    find_from(db, id, permission, |_| true).await
}

/// The same for the portal, which ignores what a member of the account may do.
pub async fn find_in_portal(
    db: &mut impl Db,
    id: PartnerId,
    permission: PartnerPermission,
) -> Result<PartnerActor, Fault> {
    find_from(db, id, permission, |side| !matches!(side, Side::Account(_))).await
}

/// The same for the account's pages, which ignore what a member may also do as the partner's user.
pub async fn find_as_account(
    db: &mut impl Db,
    id: PartnerId,
    permission: PartnerPermission,
) -> Result<PartnerActor, Fault> {
    find_from(db, id, permission, |side| matches!(side, Side::Account(_))).await
}

async fn find_from(
    db: &mut impl Db,
    id: PartnerId,
    permission: PartnerPermission,
    accepts: fn(&Side) -> bool,
) -> Result<PartnerActor, Fault> {
    db.cx().viewer()?;
    let partner = queries::find(db, id).await?.ok_or(Fault::NOT_FOUND)?;
    let sides: Vec<_> = sides(db.cx(), &partner)?.into_iter().filter(accepts).collect();
    if sides.is_empty() {
        return Err(Fault::NOT_FOUND);
    }
    let allowed = sides.into_iter().filter(|side| side.may(permission));
    let side = allowed.max_by_key(|side| side.permission_count()).ok_or(Problem::NotAllowed)?;
    db.cx().note(Claim::Partner { permission, from_account: matches!(side, Side::Account(_)) });
    let viewer = db.cx().viewer()?;
    let (user_id, user_name, email) = (viewer.user_id, viewer.name.clone(), viewer.email.clone());
    Ok(PartnerActor { user_id, user_name, email, side, partner })
}

/// The partner, and the viewer acting in the account it belongs to.
pub async fn find_in_account(
    db: &mut impl Db,
    id: PartnerId,
    permission: Permission,
) -> Result<(Partner, Actor), Fault> {
    db.cx().viewer()?;
    let partner = queries::find(db, id).await?.ok_or(Fault::NOT_FOUND)?;
    let actor = db.cx().actor(partner.account_id, permission)?;
    Ok((partner, actor))
}
