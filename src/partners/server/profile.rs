//! The profile a partner's own people can edit, and when they were last seen.

use super::{
    edit::{Details, save},
    policy::{self, PartnerActor},
    queries,
};
use crate::{
    base::PartnerId,
    partners::model::{PartnerPermission, Side},
    server::{Cx, Fault, Tx},
};
use time::Duration;

/// How old "last seen" can get before it is updated.
const SEEN_INTERVAL: Duration = Duration::minutes(5);

/// Changes name and website, but not the account's notes. `version` is the one the form was rendered from.
pub async fn change(tx: &mut Tx, id: PartnerId, version: i32, details: Details) -> Result<(), Fault> {
    let seen = policy::find_in_portal(tx, id, PartnerPermission::EditProfile).await?.partner;
    // The company may be disconnected while this waits for the lock.
    queries::lock(tx, seen.account_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    let partner = policy::find_in_portal(tx, id, PartnerPermission::EditProfile).await?.partner;
    save(tx, &partner, version, Details { notes: None, ..details }).await
}

/// Updates "last seen" of a partner user in the portal, at most every five minutes. Members of the connected account
/// are not partner users and have none.
pub async fn note_seen(cx: &Cx, actor: &PartnerActor) -> Result<(), Fault> {
    if !matches!(actor.side, Side::Partner(_)) {
        return Ok(());
    }
    let mut conn = cx.read().await?;
    queries::mark_seen(&mut conn, actor.partner.id, actor.user_id, cx.now, cx.now - SEEN_INTERVAL).await
}
