//! Who may do what with one partner: the one place that decides. What the account itself does (making partners, assigning
//! sources, connecting) is a permission of the account.

use super::queries::{self, Partner};
use crate::{
    accounts::{model::Permission, server::policy::Actor},
    base::{PartnerId, Problem, UserId},
    partners::model::{PartnerPermission, Side},
    server::{Claim, Cx, Db, Fault},
};

/// A person acting for or with one partner, allowed to do what was asked for.
#[derive(Debug, Clone)]
pub struct PartnerActor {
    pub user_id: UserId,
    pub user_name: String,
    pub email: String,
    pub side: Side,
    pub partner: Partner,
}

/// All the sides from which somebody sees a partner: the account's people, those who log in for it, and the members of
/// the account it is connected with. An archived partner is there for the account alone.
pub fn sides(cx: &Cx, partner: &Partner) -> Result<Vec<Side>, Fault> {
    let viewer = cx.viewer()?;
    let account = viewer.place(partner.account_id).map(|place| Side::Account(place.role));
    if partner.archived {
        return Ok(account.into_iter().collect());
    }
    let own = viewer.partner(partner.id).map(|place| Side::Partner(place.role));
    let linked = partner.linked_account_id.filter(|_| partner.connected);
    let connected = linked.and_then(|id| viewer.place(id)).map(|place| Side::Connected(place.role));
    Ok([account, own, connected].into_iter().flatten().collect())
}

/// The partner, if the viewer may do that from any side; one that is not theirs is not there.
pub async fn find_for(db: &mut impl Db, id: PartnerId, permission: PartnerPermission) -> Result<PartnerActor, Fault> {
    find_from(db, id, permission, |_| true).await
}

/// The same from the partner's own side: the portal is not there for the account's people.
pub async fn find_in_portal(
    db: &mut impl Db,
    id: PartnerId,
    permission: PartnerPermission,
) -> Result<PartnerActor, Fault> {
    find_from(db, id, permission, |side| !matches!(side, Side::Account(_))).await
}

/// The same from the account's side: its pages act in the account, whatever its member may do for the partner.
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
    counts: fn(&Side) -> bool,
) -> Result<PartnerActor, Fault> {
    db.cx().viewer()?;
    let partner = queries::find(db, id).await?.ok_or(Fault::NOT_FOUND)?;
    let sides: Vec<_> = sides(db.cx(), &partner)?.into_iter().filter(counts).collect();
    if sides.is_empty() {
        return Err(Fault::NOT_FOUND);
    }
    let allowed = sides.into_iter().filter(|side| side.may(permission));
    let side = allowed.max_by_key(|side| side.reach()).ok_or(Problem::NotAllowed)?;
    db.cx().note(Claim::Partner { permission, from_account: matches!(side, Side::Account(_)) });
    let viewer = db.cx().viewer()?;
    let (user_id, user_name, email) = (viewer.user_id, viewer.name.clone(), viewer.email.clone());
    Ok(PartnerActor { user_id, user_name, email, side, partner })
}

/// The partner as the account whose record it is sees it.
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
