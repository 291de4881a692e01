//! What a partner's own people change about it, and that they were there.

use super::{
    policy::{self, PartnerActor},
    queries,
};
use crate::{
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{PartnerId, Problem},
    partners::model::{PartnerPermission, Side},
    server::{Cx, Fault, Tx},
};
use serde_json::json;
use time::Duration;

/// How stale "last seen" may get before it is written again.
const SEEN_EVERY: Duration = Duration::minutes(5);

/// A posted form.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The one the form was made from.
    pub version: i32,
    pub name: String,
    /// With its scheme, http or https.
    pub website: Option<String>,
}

/// Changes name and website. A name that was changed was given by hand: it follows the company's no more.
pub async fn change(tx: &mut Tx, id: PartnerId, wanted: Profile) -> Result<(), Fault> {
    let cx = tx.cx.clone();
    let before = policy::find_in_portal(tx, &cx, id, PartnerPermission::EditProfile).await?.partner;
    if before.name == wanted.name && before.website == wanted.website {
        return Ok(());
    }
    let now = tx.now();
    if !queries::update_profile(tx, before.account_id, id, &wanted, now).await? {
        return Err(Problem::StaleVersion.into());
    }
    let entry = Entry::new(before.account_id, Deed::PartnerChanged, "partner").about(id, &wanted.name);
    let entry = entry.before(json!({ "name": before.name, "website": before.website }));
    record(tx, entry.after(json!({ "name": wanted.name, "website": wanted.website }))).await
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
