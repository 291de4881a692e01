//! Access to an invitation: for the browser that followed its link, a signed-in user with the invited address, and an
//! Admin who was asked to accept.

use super::queries::{self, Invitation, LinkFacts};
use crate::{
    accounts::model::Permission,
    base::{InvitationId, Problem, SecretHash, Token},
    invitations::model::InvitationStatus,
    server::{AppState, Claim, Cx, Db, Fault, Tx, Viewer, session},
};
use axum::http::{HeaderMap, HeaderValue};
use time::{Duration, OffsetDateTime};

const COOKIE: &str = "accord-invitation";
/// Renewed each time the page is shown.
const LIFETIME: Duration = Duration::minutes(30);

/// Why a visitor may see an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// They followed a link. `hash` is that of its token. An emailed link proves the invited address, a copied one
    /// doesn't.
    Link { hash: SecretHash, proves_address: bool },
    /// They are signed in with the invited address.
    Address,
    /// They are an Admin whom a colleague asked to accept.
    Asked,
}

impl Access {
    fn link(self) -> Option<SecretHash> {
        match self {
            Self::Link { hash, .. } => Some(hash),
            Self::Address | Self::Asked => None,
        }
    }
}

/// Reads a locked invitation for someone with this access, and the facts of the link they followed.
pub(super) async fn find_again(
    tx: &mut Tx,
    id: InvitationId,
    access: Access,
) -> Result<(Invitation, Option<LinkFacts>), Fault> {
    let now = tx.now();
    queries::find_with_link(tx, id, access.link(), now).await?.ok_or(Fault::NOT_FOUND)
}

/// Fails unless the access still exists when an answer is given. The invitation is locked.
pub(super) fn check_again(
    cx: &Cx,
    invitation: &Invitation,
    link: Option<LinkFacts>,
    access: Access,
) -> Result<(), Fault> {
    match access {
        // A link that was replaced by a newer one can't answer.
        Access::Link { .. } if link.is_none_or(|link| link.superseded_at.is_some()) => {
            return Err(Problem::InvitationReplaced.into());
        }
        Access::Link { .. } => {}
        Access::Address if cx.viewer()?.email_key == invitation.email_key => {}
        Access::Asked if is_asked(cx.viewer()?, invitation) => {}
        Access::Address | Access::Asked => return Err(Fault::NOT_FOUND),
    }
    cx.note(Claim::Invited);
    Ok(())
}

/// True if the viewer is an Admin of a company that was asked to accept.
fn is_asked(viewer: &Viewer, invitation: &Invitation) -> bool {
    let may_accept = viewer.memberships.iter().filter(|member| member.role.may(Permission::AcceptInvitations));
    may_accept.into_iter().any(|membership| invitation.asked.contains(&membership.account_id))
}

/// The cookie that replaces a followed link, limited to the paths of this invitation.
pub fn cookie(cx: &Cx, id: InvitationId, token: &Token) -> HeaderValue {
    let ends = (cx.now + LIFETIME).unix_timestamp().to_be_bytes();
    let secret = [&ends[..], &token.bytes()[..]].concat();
    session::sealed_cookie(
        &cx.state,
        COOKIE,
        &cookie_context(id),
        &secret,
        &crate::base::paths::invitation(id),
        LIFETIME,
    )
}

/// The token in the cookie, until it expires.
fn token(state: &AppState, now: OffsetDateTime, headers: &HeaderMap, id: InvitationId) -> Option<Token> {
    let opened = session::unsealed_cookie(state, headers, COOKIE, &cookie_context(id))?;
    let (ends, token) = opened.split_first_chunk::<8>()?;
    (i64::from_be_bytes(*ends) > now.unix_timestamp()).then(|| token.try_into().ok().map(Token::from_bytes)).flatten()
}

/// The invitation, if this request may see it. Otherwise a 404.
pub async fn find(db: &mut impl Db, headers: &HeaderMap, id: InvitationId) -> Result<(Invitation, Access), Fault> {
    let (invitation, access, _) = find_with_token(db, headers, id).await?;
    Ok((invitation, access))
}

/// Like `find`, with the token of the followed link, if any: to renew the cookie, or for a sign-up that returns here.
pub async fn find_with_token(
    db: &mut impl Db,
    headers: &HeaderMap,
    id: InvitationId,
) -> Result<(Invitation, Access, Option<Token>), Fault> {
    let found = find_without_claim(db, headers, id).await?;
    db.cx().note(Claim::Invited);
    Ok(found)
}

async fn find_without_claim(
    db: &mut impl Db,
    headers: &HeaderMap,
    id: InvitationId,
) -> Result<(Invitation, Access, Option<Token>), Fault> {
    let now = db.now();
    if let Some(token) = token(&db.cx().state, now, headers, id)
        && let hash = token.hashed()
        && let Some((invitation, link)) = queries::find_by_token(db, hash, now).await?
        && invitation.id == id
    {
        let invitation = match link.superseded_at {
            Some(at) if invitation.status() == InvitationStatus::Open => invitation.replaced(at),
            _ => invitation,
        };
        return Ok((invitation, Access::Link { hash, proves_address: link.verifies_address }, Some(token)));
    }
    let viewer = db.cx().viewer.clone().ok_or(Fault::NOT_FOUND)?;
    let invitation = queries::find(db, id, now).await?.ok_or(Fault::NOT_FOUND)?;
    if viewer.email_key == invitation.email_key {
        return Ok((invitation, Access::Address, None));
    }
    if is_asked(&viewer, &invitation) { Ok((invitation, Access::Asked, None)) } else { Err(Fault::NOT_FOUND) }
}

fn cookie_context(id: InvitationId) -> Vec<u8> {
    format!("invitation {id}").into_bytes()
}

/// Like `find`, for server functions, which get the headers from their request.
pub async fn find_access(cx: &Cx, id: InvitationId) -> Result<Access, Fault> {
    let headers = leptos::prelude::use_context::<http::request::Parts>().map(|parts| parts.headers).unwrap_or_default();
    let mut conn = cx.read().await?;
    let (_, access) = find(&mut conn, &headers, id).await?;
    Ok(access)
}
