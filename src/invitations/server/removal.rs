//! Removing a source or an ended invitation's entity.

use super::{entities::remove_entity, find_for, lock_of_source, revoke_of_entity};
use crate::{
    accounts::model::Permission,
    base::{FlowId, InvitationId, SourceId},
    flows::server as flows,
    server::{Fault, Tx},
};

/// Removes a source from its flow. With `revoke` it also revokes the invitation if this was the entity's last source.
pub async fn remove_source(tx: &mut Tx, flow_id: FlowId, source_id: SourceId, revoke: bool) -> Result<(), Fault> {
    if revoke {
        // Same lock order as an acceptance: the invitation before its sources.
        let (flow, _, _) = flows::find_source_for(tx, flow_id, source_id, Permission::Invite).await?;
        lock_of_source(tx, flow.account_id, source_id).await?;
    }
    let removed = flows::remove_source(tx, flow_id, source_id).await?;
    if revoke && removed.was_last {
        revoke_of_entity(tx, removed.account_id, removed.entity_id).await?;
    }
    Ok(())
}

/// Removes the entity of an invitation that was declined, revoked or has expired.
pub async fn remove_invited(tx: &mut Tx, id: InvitationId) -> Result<(), Fault> {
    let (invitation, _) = find_for(tx, id).await?;
    invitation.status().check_invitable_again()?;
    remove_entity(tx, invitation.account_id, invitation.connect.entity_id).await
}
