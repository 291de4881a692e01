//! What a buyer has of accepting: the seller that asked is a source of a flow, and one of the buyer's partners.

use super::invitation::{ConnectInvitation, Invitation};
use crate::{
    accounts::server::policy::Actor,
    base::EntityId,
    flows::server::{self as flows, queries::FlowRow},
    partners::server as partners,
    server::{Fault, Tx},
};

/// Adds the seller to the flow, switched on, with its Submission Docs shared by that; and gives its source its partner,
/// unless somebody gave it another.
pub(super) async fn receive(
    tx: &mut Tx,
    invitation: &ConnectInvitation,
    seller: EntityId,
    flow: &FlowRow,
    actor: &Actor,
) -> Result<(), Fault> {
    let Invitation { account_id, company, invited_by, .. } = &**invitation;
    // The sources it has in other flows, and its partner, before the new source points to that.
    flows::queries::lock_sources_of_entities(tx, actor.account_id, &[seller]).await?;
    partners::lock_for_seller(tx, actor.account_id, *account_id, *invited_by).await?;
    flows::receive(tx, flow, actor, seller).await?;
    let partner_id = partners::for_seller(tx, actor.account_id, *account_id, company, *invited_by).await?;
    flows::queries::assign_partner(tx, actor.account_id, seller, None, partner_id).await?;
    // Connected again, its sources in other flows are on again too.
    flows::announce_entity(tx, actor.account_id, seller).await
}
