//! [both] The room's server functions. Each serves an island.

use super::model::{InviteAction, SendOutcome, Team, TeamAction, TeamLists, TeamOutcome};
use crate::base::{AccountId, AppError, Fetch, FlowId, InvitationId};
use leptos::prelude::*;

/// Invites an address to become a source of a flow.
#[server(prefix = "/fn", endpoint = "invitations/send", protocol = Fetch)]
pub async fn send_invitation(flow_id: FlowId, email: String, note: String) -> Result<SendOutcome, AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let request = server::CompanyInvite::parse(server::Target::flow(flow_id), &email, &note)?;
        let sent = cx.write(request, |tx, request| Box::pin(server::send(tx, request))).await?;
        Ok(sent.outcome)
    })
    .await
}

/// Accepts an invitation that the viewer may see, for one of the viewer's accounts.
#[server(prefix = "/fn", endpoint = "invitations/accept", protocol = Fetch)]
pub async fn accept_invitation(invitation_id: InvitationId, account_id: AccountId) -> Result<(), AppError> {
    use crate::{flows::server::FlowChoice, invitations::server, server::call::call};
    call(async |cx| {
        let access = server::access::find_access(&cx, invitation_id).await?;
        let flow = FlowChoice::New;
        let acceptance = server::Acceptance { invitation_id, account_id, flow, other_address_confirmed: false, access };
        server::accept_or_notify(&cx, acceptance).await?;
        Ok(())
    })
    .await
}

/// Declines an invitation that the viewer may see.
#[server(prefix = "/fn", endpoint = "invitations/decline", protocol = Fetch)]
pub async fn decline_invitation(invitation_id: InvitationId, reason: String) -> Result<(), AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| {
        let access = server::access::find_access(&cx, invitation_id).await?;
        let request = server::DeclineRequest { invitation_id, reason, access };
        cx.write(request, |tx, request| Box::pin(server::decline(tx, request))).await?;
        Ok(())
    })
    .await
}

/// Resends an invitation, or invites its address again, unless someone else already did.
#[server(prefix = "/fn", endpoint = "invitations/act", protocol = Fetch)]
pub async fn act_on_invitation(invitation_id: InvitationId, act: InviteAction) -> Result<SendOutcome, AppError> {
    use crate::{invitations::server, server::call::call};
    call(async |cx| cx.write((invitation_id, act), |tx, input| Box::pin(server::act(tx, input))).await).await
}

/// Creates another link to an open invitation, to share outside of email.
#[server(prefix = "/fn", endpoint = "invitations/link", protocol = Fetch)]
pub async fn copy_invitation_link(invitation_id: InvitationId) -> Result<String, AppError> {
    use crate::{base::paths, invitations::server, server::call::call};
    call(async |cx| {
        let token = cx.write(invitation_id, |tx, id| Box::pin(server::copy_link(tx, id))).await?;
        Ok(cx.state.config.base_url.join(&paths::link(&token.reveal())))
    })
    .await
}

/// Joins an account or a partner by an invitation to the viewer's own address.
#[server(prefix = "/fn", endpoint = "invitations/join", protocol = Fetch)]
pub async fn join_by_invitation(invitation_id: InvitationId) -> Result<Team, AppError> {
    use crate::{
        invitations::server::{access, team_invites},
        server::call::call,
    };
    call(async |cx| {
        let access = access::find_access(&cx, invitation_id).await?;
        team_invites::join_or_notify(&cx, team_invites::JoinRequest { invitation_id, access }).await
    })
    .await
}

/// The people of an account or a partner, and their pending invitations.
#[server(prefix = "/fn", endpoint = "invitations/team/list", protocol = Fetch)]
pub async fn list_team(team: Team) -> Result<TeamLists, AppError> {
    use crate::{invitations::server::team_invites, server::call::call};
    call(async |cx| {
        let mut conn = cx.read().await?;
        team_invites::load_lists(&mut conn, team).await
    })
    .await
}

/// Invites an address to join an account or a partner with a role.
#[server(prefix = "/fn", endpoint = "invitations/team/invite", protocol = Fetch)]
pub async fn invite_person(team: Team, email: String, role: String) -> Result<TeamOutcome, AppError> {
    use crate::{base::EmailAddress, invitations::server::team_invites, server::call::call};
    call(async |cx| {
        let request = team_invites::UserInvite::parse(team, EmailAddress::parse_typed(&email), &role)?;
        Ok(TeamOutcome::Sent(cx.write(request, |tx, request| Box::pin(team_invites::invite(tx, request))).await?))
    })
    .await
}

/// Resends or revokes an invitation to join, changes a role, or removes a person.
#[server(prefix = "/fn", endpoint = "invitations/team/act", protocol = Fetch)]
pub async fn act_on_team(team: Team, act: TeamAction) -> Result<TeamOutcome, AppError> {
    use crate::{invitations::server::team_invites, server::call::call};
    call(async |cx| cx.write((team, act), |tx, input| Box::pin(team_invites::act(tx, input))).await).await
}
