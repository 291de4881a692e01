//! [both] Server functions of the room, each for an island.

use super::model::{Act, Sending};
use crate::base::{AccountId, AppError, FlowId, InvitationId};
use leptos::{prelude::*, server_fn::codec::Json};

/// Invites an address into a flow.
#[server(prefix = "/fn", endpoint = "invitations/send", input = Json)]
pub async fn send_invitation(flow_id: FlowId, email: String, note: String) -> Result<Sending, AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let ask = server::Ask::parse(&email, &note)?.into_flow(flow_id);
        cx.write(ask, |tx, ask| Box::pin(server::send(tx, ask))).await
    })
    .await
}

/// Accepts an invitation that the viewer may see, for one of the viewer's accounts.
#[server(prefix = "/fn", endpoint = "invitations/accept", input = Json)]
pub async fn accept_invitation(invitation_id: InvitationId, account_id: AccountId) -> Result<(), AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let link = server::access::ensure(&cx, invitation_id).await?;
        let acceptance = server::Acceptance { invitation_id, account_id, other_address_confirmed: false, link };
        server::accept_or_tell(&cx, acceptance).await
    })
    .await
}

/// Declines an invitation that the viewer may see.
#[server(prefix = "/fn", endpoint = "invitations/decline", input = Json)]
pub async fn decline_invitation(invitation_id: InvitationId, reason: String) -> Result<(), AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let link = server::access::ensure(&cx, invitation_id).await?;
        let refusal = server::Refusal { invitation_id, reason, link };
        cx.write(refusal, |tx, refusal| Box::pin(server::decline(tx, refusal))).await?;
        Ok(())
    })
    .await
}

/// Resends an invitation, or invites its address again, unless that was done meanwhile.
#[server(prefix = "/fn", endpoint = "invitations/act", input = Json)]
pub async fn act_on_invitation(invitation_id: InvitationId, act: Act) -> Result<Sending, AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| cx.write((invitation_id, act), |tx, input| Box::pin(server::act(tx, input))).await).await
}
