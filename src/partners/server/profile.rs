//! What a partner's own people change about it, and that they were there.

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

/// How stale "last seen" may get before it is written again.
const SEEN_EVERY: Duration = Duration::minutes(5);

/// Changes name and website; the notes are the account's. `version` is the one the form was made from.
pub async fn change(tx: &mut Tx, id: PartnerId, version: i32, details: Details) -> Result<(), Fault> {
    let partner = policy::find_in_portal(tx, id, PartnerPermission::EditProfile).await?.partner;
    save(tx, &partner, version, Details { notes: None, ..details }).await
}

/// Notes that one of the partner's users looks at its portal, every five minutes at most. Members of the connected account
/// are no users of the partner.
pub async fn note_seen(cx: &Cx, actor: &PartnerActor) -> Result<(), Fault> {
    if !matches!(actor.side, Side::Partner(_)) {
        return Ok(());
    }
    let mut conn = cx.read().await?;
    queries::mark_seen(&mut conn, actor.partner.id, actor.user_id, cx.now, cx.now - SEEN_EVERY).await
}
