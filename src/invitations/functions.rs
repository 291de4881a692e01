//! [both] The room's server functions. Each serves an island.

use super::model::{Act, Sending, Team, TeamAct, TeamDone, TeamNow};
use crate::base::{AccountId, AppError, FlowId, InvitationId};
use leptos::{prelude::*, server_fn::codec::Json};

/// Invites an address to become a source of a flow.
#[server(prefix = "/fn", endpoint = "invitations/send", input = Json)]
pub async fn send_invitation(flow_id: FlowId, email: String, note: String) -> Result<Sending, AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let ask = server::Ask::parse(server::Target::flow(flow_id), &email, &note)?;
        let sent = cx.write(ask, |tx, ask| Box::pin(server::send(tx, ask))).await?;
        Ok(sent.how)
    })
    .await
}

/// Accepts an invitation that the viewer may see, for one of the viewer's accounts.
#[server(prefix = "/fn", endpoint = "invitations/accept", input = Json)]
pub async fn accept_invitation(invitation_id: InvitationId, account_id: AccountId) -> Result<(), AppError> {
    use crate::{flows::server::FlowChoice, invitations::server, server::call::call};
    call(async |cx| {
        let link = server::access::ensure(&cx, invitation_id).await?.link();
        let flow = FlowChoice::New;
        let acceptance = server::Acceptance { invitation_id, account_id, flow, other_address_confirmed: false, link };
        server::accept_or_tell(&cx, acceptance).await?;
        Ok(())
    })
    .await
}

/// Declines an invitation that the viewer may see.
#[server(prefix = "/fn", endpoint = "invitations/decline", input = Json)]
pub async fn decline_invitation(invitation_id: InvitationId, reason: String) -> Result<(), AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let link = server::access::ensure(&cx, invitation_id).await?.link();
        let refusal = server::Refusal { invitation_id, reason, link };
        cx.write(refusal, |tx, refusal| Box::pin(server::decline(tx, refusal))).await?;
        Ok(())
    })
    .await
}

/// Resends an invitation, or invites its address again, unless someone else already did.
#[server(prefix = "/fn", endpoint = "invitations/act", input = Json)]
pub async fn act_on_invitation(invitation_id: InvitationId, act: Act) -> Result<Sending, AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| cx.write((invitation_id, act), |tx, input| Box::pin(server::act(tx, input))).await).await
}

/// Joins an account or a partner by an invitation to the viewer's own address.
#[server(prefix = "/fn", endpoint = "invitations/join", input = Json)]
pub async fn join_by_invitation(invitation_id: InvitationId) -> Result<Team, AppError> {
    use crate::{
        invitations::server::{access, joining},
        server::call::call,
    };
    call(async |cx| {
        let link = access::ensure(&cx, invitation_id).await?.link();
        joining::join_or_tell(&cx, joining::Joining { invitation_id, link }).await
    })
    .await
}

/// The people of an account or a partner, and their pending invitations.
#[server(prefix = "/fn", endpoint = "invitations/team/list", input = Json)]
pub async fn list_team(team: Team) -> Result<TeamNow, AppError> {
    use crate::{invitations::server::joining, server::call::call};
    call(async |cx| {
        let mut conn = cx.read().await?;
        joining::now_of(&mut conn, team).await
    })
    .await
}

/// Invites an address to join an account or a partner with a role.
#[server(prefix = "/fn", endpoint = "invitations/team/invite", input = Json)]
pub async fn invite_person(team: Team, email: String, role: String) -> Result<TeamDone, AppError> {
    use crate::{invitations::server::joining, server::call::call};
    call(async |cx| {
        let ask = joining::Ask::parse(team, &email, &role)?;
        Ok(TeamDone::Sent(cx.write(ask, |tx, ask| Box::pin(joining::invite(tx, ask))).await?))
    })
    .await
}

/// Resends or revokes an invitation to join, changes a role, or removes a person.
#[server(prefix = "/fn", endpoint = "invitations/team/act", input = Json)]
pub async fn act_on_team(team: Team, act: TeamAct) -> Result<TeamDone, AppError> {
    use crate::{invitations::server::joining, server::call::call};
    call(async |cx| cx.write((team, act), |tx, input| Box::pin(joining::act(tx, input))).await).await
}
