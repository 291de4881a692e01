//! Connecting two companies, and disconnecting from either side.
//!
//! The effects of a disconnect are not stored. Which sources may send, which docs and portals exist and which API keys
//! work is derived from the connection (docs/domain.md), so reconnecting restores it all.

use super::{
    letters,
    queries::{self, Connection, PairEntity},
};
use crate::{
    accounts::{
        model::Permission,
        server::{policy::Actor, queries as accounts},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, ConnectionId, EntityId},
    entities::model::Direction,
    server::{
        Db, Fault, Tx,
        mail::{self, Outgoing},
    },
};
use serde_json::json;

/// Connects or reconnects a seller and a buyer. It locks the pair of companies, so that two connections between them in
/// either direction happen one after the other, and then their entities for each other and the pending one. Returns
/// these entities.
pub async fn connect(
    tx: &mut Tx,
    seller: AccountId,
    buyer: AccountId,
    pending: EntityId,
) -> Result<Vec<PairEntity>, Fault> {
    let id = tx.make_id::<ConnectionId>();
    queries::lock_pair(tx, seller, buyer).await?;
    queries::connect_and_lock_entities(tx, id, seller, buyer, pending).await
}

impl Connection {
    /// The other company's role, or `None` if this account is not part of the connection.
    pub fn seen_from(&self, account_id: AccountId) -> Option<Direction> {
        match account_id {
            id if id == self.buyer => Some(Direction::Seller),
            id if id == self.seller => Some(Direction::Buyer),
            _ => None,
        }
    }

    /// The other company and its name.
    pub fn other(&self, direction: Direction) -> (AccountId, &str) {
        match direction {
            Direction::Seller => (self.seller, &self.seller_name),
            Direction::Buyer => (self.buyer, &self.buyer_name),
        }
    }
}

/// The connection, and the viewer acting for one of its companies. A member of both acts for the active account.
pub async fn find_for(
    db: &mut impl Db,
    id: ConnectionId,
    permission: Permission,
) -> Result<(Connection, Actor), Fault> {
    db.cx().viewer()?;
    let connection = queries::find_connection(db, id).await?.ok_or(Fault::NOT_FOUND)?;
    let viewer = db.cx().viewer()?;
    let active = viewer.active_membership().map(|membership| membership.account_id);
    let sides = active.into_iter().chain([connection.buyer, connection.seller]);
    let mut own = sides.filter(|id| connection.seen_from(*id).is_some() && viewer.membership(*id).is_some());
    let actor = db.cx().actor(own.next().ok_or(Fault::NOT_FOUND)?, permission)?;
    Ok((connection, actor))
}

/// Ends a connection for one of its companies, records it in the activity of both, and emails the Admins of the other
/// one. Returns `None` and does nothing if it has already ended.
pub async fn disconnect(tx: &mut Tx, account_id: AccountId, id: ConnectionId) -> Result<Option<Connection>, Fault> {
    let connection = queries::find_connection(tx, id).await?.ok_or(Fault::NOT_FOUND)?;
    let direction = connection.seen_from(account_id).ok_or(Fault::NOT_FOUND)?;
    let actor = tx.cx.actor(account_id, Permission::Invite)?;
    if !queries::claim_end(tx, id).await? {
        return Ok(None);
    }
    let (other, other_name) = connection.other(direction);
    let by = tx.cx.viewer()?.person().map(|_| actor.user_name.clone());
    let facts = json!({ "by": by, "company": actor.account_name });
    let ours = Entry::about(account_id, Deed::Disconnected, other, other_name);
    record(tx, ours.after(facts.clone())).await?;
    let theirs = Entry::about(other, Deed::Disconnected, account_id, &actor.account_name);
    record(tx, theirs.after(facts)).await?;
    let letter = letters::disconnected(&actor, by.as_deref(), direction);
    for admin in accounts::list_admins(tx, other).await? {
        let (letter, reply_to) = (letter.clone(), Some(actor.email.clone()));
        mail::queue(tx, Outgoing { to: admin.email, to_name: admin.name, reply_to, letter, secret: None }).await?;
    }
    Ok(Some(connection))
}
