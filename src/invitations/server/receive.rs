//! When a buyer accepts: the seller becomes a source of a flow and a partner of the buyer.

use super::invitation::{ConnectInvitation, Invitation};
use crate::{
    accounts::server::policy::Actor,
    base::EntityId,
    flows::server::{self as flows, queries::FlowRow},
    partners::server as partners,
    server::{Fault, Tx},
};

/// Adds the seller to the flow, turned on, which also shares the Submission Docs. Assigns its partner to its sources,
/// except those that already have another.
pub(super) async fn receive(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    seller: EntityId,
    flow: &FlowRow,
    actor: &Actor,
) -> Result<(), Fault> {
    let Invitation { account_id, company, invited_by, .. } = &**invitation;
    // Lock order: its sources in other flows and its partner, before inserting the source that references the partner.
    flows::queries::lock_sources_of_entities(tx, actor.account_id, &[seller]).await?;
    partners::lock_for_seller(tx, actor.account_id, *account_id, *invited_by).await?;
    flows::receive(tx, flow, actor, seller).await?;
    let partner_id = partners::for_seller(tx, actor.account_id, *account_id, company, *invited_by).await?;
    flows::assign_entity(tx, actor.account_id, seller, None, partner_id).await?;
    // After a reconnect, its sources in other flows are on again too.
    flows::announce_entity(tx, actor.account_id, seller).await
}
