//! What the forms of an invited person's pages do, and the one that invites.

use super::{joining, receiving};
use crate::{
    base::{AccountId, FlowId, InvitationId, Problem, Token, paths},
    identity::{
        routes::Message as IdentityMessage,
        server::{self as identity, Device, ForInvitation, parse::Newcomer},
    },
    invitations::{
        model::{Sending, Standing},
        routes::Message,
        server::{
            self,
            access::{self, Access},
            queries::{self, Invitation},
        },
        words::Said,
    },
    server::{Fault, throttle::Limit},
    web::{Post, PostResult, Posted, Redirect},
};

pub async fn post_invite(post: Post) -> PostResult<Posted> {
    post.fields.acting_account(&post.cx)?;
    let flow_id: FlowId = post.id("flow_id")?;
    if post.fields.get("do") == "preview" {
        return Ok(post.show_with([]));
    }
    let ask = server::Ask::parse(server::Target::flow(flow_id), post.fields.get("email"), post.fields.get("note"))?;
    let sent = post.cx.write(ask, |tx, ask| Box::pin(server::send(tx, ask))).await?;
    let redirect = Redirect::to(paths::flow_sources(flow_id));
    Ok(match sent.how {
        Sending::Sent => redirect.saying(Said::Invited),
        Sending::Stopped => redirect.saying(Said::InvitedUnmailed),
        Sending::AlreadyInvited => redirect.saying(Message::AlreadyInvited),
        Sending::AlreadyConnected => redirect.saying(Message::AlreadyConnected),
    }
    .into())
}

/// The invitation of the path, which this browser or person may see.
async fn visible(post: &Post) -> Result<(Invitation, Access), Fault> {
    let id: InvitationId = post.id("invitation_id")?;
    let mut conn = post.cx.read().await?;
    access::find(&mut conn, &post.headers, id).await
}

/// The forms of the invitation's page, told apart by their names.
pub async fn post_invitation(post: Post) -> PostResult {
    let (invitation, access) = visible(&post).await?;
    match post.fields.get("form") {
        "request" if invitation.superseded_at().is_some() => Err(Problem::InvitationReplaced.into()),
        "request" => request_new(&post, invitation.id, &paths::invitation(invitation.id)).await,
        _ if invitation.kind().is_joining() => joining::post_join(&post, &invitation, access).await,
        "ask" => ask_admin(&post, &invitation, access).await,
        _ => accept(&post, &invitation, access).await,
    }
}

async fn accept(post: &Post, invitation: &Invitation, access: Access) -> PostResult {
    post.cx.viewer()?;
    invitation.standing().answerable()?;
    let Ok(account_id) = post.fields.get("account").parse::<AccountId>() else {
        return Err(Fault::field("account", Problem::AccountNotChosen));
    };
    let acceptance = server::Acceptance {
        invitation_id: invitation.id,
        account_id,
        flow: receiving::chosen(post.fields.get("flow"))?,
        other_address_confirmed: post.fields.is_checked("confirm"),
        link: access.link(),
    };
    let flow = server::accept_or_tell(&post.cx, acceptance).await?;
    Ok(Redirect::to(flow.map_or(paths::HOME.to_owned(), paths::flow_sources)).saying(Message::Accepted))
}

async fn ask_admin(post: &Post, invitation: &Invitation, access: Access) -> PostResult {
    post.cx.viewer()?;
    let Ok(account_id) = post.fields.get("company").parse::<AccountId>() else {
        return Err(Fault::field("account", Problem::AskNeedsMember));
    };
    let link = access.link();
    let ask = server::AskAdmin { invitation_id: invitation.id, account_id, link };
    let asked = post.cx.write(ask, |tx, ask| Box::pin(server::ask_admin(tx, ask))).await?;
    let said = if asked { Message::AdminAsked } else { Message::AdminAskedBefore };
    Ok(Redirect::to(paths::invitation(invitation.id)).saying(said))
}

async fn request_new(post: &Post, id: InvitationId, to: &str) -> PostResult {
    post.cx.write(id, |tx, id| Box::pin(server::request_new(tx, id))).await?;
    Ok(Redirect::to(to).saying(Message::NewInvitationRequested))
}

/// The ending of a dead link asks for a new invitation. A link that a newer one followed leads nowhere.
pub async fn post_link_ending(post: Post) -> PostResult {
    let token = Token::parse(post.param("token")).ok_or(Fault::NOT_FOUND)?;
    let found = {
        let mut conn = post.cx.read().await?;
        queries::find_by_token(&mut conn, token.hashed(), post.cx.now).await?
    };
    let Some((invitation, link)) = found else {
        post.cx.take_by_address(Limit::UnknownLink)?;
        return Err(Fault::NOT_FOUND);
    };
    if link.superseded_at.is_some() {
        return Err(Problem::InvitationReplaced.into());
    }
    request_new(&post, invitation.id, &paths::link(post.param("token"))).await
}

/// Signs up with the invitation's link. A mailed link proves the invited address: under that one the person is signed in
/// at once. Any other address, and whoever comes by a copied link, follows a mail of its own first, and then goes on here.
pub async fn post_sign_up(post: Post) -> PostResult {
    let (invitation, access, token) = {
        let id: InvitationId = post.id("invitation_id")?;
        let mut conn = post.cx.read().await?;
        access::find_with_token(&mut conn, &post.headers, id).await?
    };
    let (Access::Link { proves_address, .. }, Some(link)) = (access, token) else { return Err(Fault::NOT_FOUND) };
    if invitation.standing() != Standing::Open {
        return Err(Fault::NOT_FOUND);
    }
    if invitation.kind().is_joining() {
        return joining::post_sign_up_and_join(&post, &invitation, access).await;
    }
    let newcomer = Newcomer::from_form(&post.fields)?;
    if proves_address && newcomer.email.key() == invitation.email_key {
        let device = Device::of(&post.cx, &post.headers);
        let cookies = identity::sign_up_from_invitation(&post.cx, newcomer, &device).await?;
        let posted = Redirect::to(paths::invitation(invitation.id)).saying(IdentityMessage::AccountCreated);
        return Ok(cookies.into_iter().fold(posted, Redirect::with_cookie));
    }
    let began_here = ForInvitation { invitation_id: invitation.id, link };
    let waiting = identity::sign_up(&post.cx, newcomer, Some(began_here)).await?;
    Ok(Redirect::to(paths::SIGN_UP_SENT).with_cookie(waiting))
}

pub async fn post_decline(post: Post) -> PostResult {
    let (invitation, access) = visible(&post).await?;
    let refusal = server::Refusal {
        invitation_id: invitation.id,
        reason: post.fields.get("reason").to_owned(),
        link: access.link(),
    };
    post.cx.write(refusal, |tx, refusal| Box::pin(server::decline(tx, refusal))).await?;
    Ok(Redirect::to(format!("{}?done=1", paths::decline_invitation(invitation.id))))
}

/// A further company for the viewer, to accept with. Posted twice, it is made once.
pub async fn post_company(post: Post) -> PostResult {
    post.cx.viewer()?;
    let (invitation, _) = visible(&post).await?;
    if invitation.kind().is_joining() {
        return Err(Fault::NOT_FOUND);
    }
    invitation.standing().answerable()?;
    let name = post.fields.get("company").to_owned();
    let account_id =
        post.cx.write(name, |tx, name| Box::pin(async move { server::found_company(tx, &name).await })).await?;
    let to = format!("{}?as={account_id}", paths::invitation(invitation.id));
    Ok(Redirect::to(to).saying(Message::CompanyCreated))
}
