//! What the forms of the room's pages do.

use crate::{
    app::posts::Post,
    base::{AccountId, FlowId, InvitationId, Problem, paths},
    identity::server::{self as identity, parse::Newcomer},
    invitations::{
        model::{Sending, Standing},
        server::{
            self,
            access::{self, Access},
            queries::Invitation,
        },
    },
    server::{
        Fault,
        form::{PostResult, Posted},
    },
};

pub async fn post_invite(post: Post) -> PostResult {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    if post.fields.get("do") == "preview" {
        return post.again_with([]);
    }
    let ask = server::Ask::parse(flow_id, post.fields.get("email"), post.fields.get("note"))?;
    let sent = post.cx.write(ask, |tx, ask| Box::pin(server::send(tx, ask))).await?;
    let code = match sent.how {
        Sending::Sent => "invited",
        Sending::AlreadyInvited => "already-invited",
        Sending::AlreadyConnected => "already-connected",
    };
    Ok(Posted::to(paths::flow_sources(flow_id)).saying(code))
}

/// The invitation of the path, which this browser or person may see.
async fn visible(post: &Post) -> Result<(Invitation, Access), Fault> {
    let id: InvitationId = post.id("invitation_id")?;
    let mut conn = post.cx.read().await?;
    access::find(&mut conn, &post.cx, &post.headers, id).await
}

pub async fn post_accept(post: Post) -> PostResult {
    post.cx.viewer()?;
    let (invitation, _) = visible(&post).await?;
    invitation.standing().answerable()?;
    let Ok(account_id) = post.fields.get("account").parse::<AccountId>() else {
        return Err(Fault::field("account", Problem::AccountNotChosen));
    };
    let acceptance = server::Acceptance {
        invitation_id: invitation.id,
        account_id,
        other_address_confirmed: post.fields.is_checked("confirm"),
    };
    post.cx.write(acceptance, |tx, acceptance| Box::pin(server::accept(tx, acceptance))).await?;
    // The first page acts in the company that accepted.
    identity::switch_account(&post.cx, account_id).await?;
    Ok(Posted::to(paths::HOME).saying("accepted"))
}

pub async fn post_sign_up(post: Post) -> PostResult {
    let (invitation, access) = visible(&post).await?;
    if access != (Access::Link { proves_address: true }) || invitation.standing() != Standing::Open {
        return Err(Fault::NOT_FOUND);
    }
    // The address is the invited one, whatever the form says: the link proved that one and no other.
    let fields = &post.fields;
    let newcomer =
        Newcomer::parse(fields.get("name"), fields.get("company"), &invitation.email, fields.get("password"))?;
    let cookie = identity::sign_up_from_invitation(&post.cx, newcomer).await?;
    Ok(Posted::to(paths::invitation(invitation.id)).saying("account-created").with_cookie(cookie))
}

pub async fn post_decline(post: Post) -> PostResult {
    let (invitation, _) = visible(&post).await?;
    let answer = (invitation.id, post.fields.get("reason").to_owned());
    post.cx.write(answer, |tx, answer| Box::pin(server::decline(tx, answer))).await?;
    Ok(Posted::to(format!("{}?done=1", paths::decline_invitation(invitation.id))))
}
