//! The Users and Invites tabs of a partner, on the account's side and in the portal.

use super::{partner_head, portal_head};
use crate::{
    accounts::model::Permission,
    base::{PartnerId, paths},
    invitations::{
        islands::TeamPart,
        model::Team,
        pages::team::{self, invite_form, lists},
    },
    partners::{
        model::{PartnerPermission, PartnerStatus, Side},
        pages::portal_screen,
        server::{
            policy::{self, PartnerActor},
            queries::{self, Partner},
        },
    },
    server::Fault,
    web::{PageResult, Post, PostResult, Screen, Visit},
};
use leptos::prelude::*;

/// The partner in the path, on the account's side, its status, and whether the viewer may manage its users.
async fn in_account(visit: &Visit, permission: Permission) -> Result<(Partner, PartnerStatus, bool), Fault> {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let (partner, actor) = policy::find_in_account(&mut conn, id, permission).await?;
    let status = queries::find_status(&mut conn, &partner, visit.cx.now).await?;
    let may_manage = Side::Account(actor.role).may(PartnerPermission::ManageUsers) && !partner.archived;
    Ok((partner, status, may_manage))
}

/// The same in the portal, where only those who manage users see them.
async fn in_portal(visit: &Visit) -> Result<PartnerActor, Fault> {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    policy::find_in_portal(&mut conn, id, PartnerPermission::ManageUsers).await
}

pub async fn users_page(visit: Visit) -> PageResult {
    let (partner, status, may_manage) = in_account(&visit, Permission::See).await?;
    let id = partner.id;
    let body = lists(&visit, Team::Partner(id), TeamPart::People, may_manage, paths::invite_partner_user(id)).await?;
    let head = partner_head(&partner, status, "users", ().into_any());
    Ok(Screen::app(format!("Users of {}", partner.name), "partners", view! { {head}{body} }))
}

pub async fn invites_page(visit: Visit) -> PageResult {
    let (partner, status, may_manage) = in_account(&visit, Permission::See).await?;
    let id = partner.id;
    let body = lists(&visit, Team::Partner(id), TeamPart::Invites, may_manage, paths::invite_partner_user(id)).await?;
    let head = partner_head(&partner, status, "invites", ().into_any());
    Ok(Screen::app(format!("Invites of {}", partner.name), "partners", view! { {head}{body} }))
}

pub async fn invite_user_page(visit: Visit) -> PageResult {
    let (partner, status, may_manage) = in_account(&visit, Permission::ChangeFlows).await?;
    if !may_manage {
        return Err(crate::base::Problem::PartnerArchived.into());
    }
    let body = invite_form(&visit, Team::Partner(partner.id), paths::partner_invites(partner.id));
    let head = partner_head(&partner, status, "invites", ().into_any());
    Ok(Screen::app(format!("Invite a user of {}", partner.name), "partners", view! { {head}{body} }))
}

pub async fn portal_users_page(visit: Visit) -> PageResult {
    let actor = in_portal(&visit).await?;
    let id = actor.partner.id;
    let body = lists(&visit, Team::Partner(id), TeamPart::People, true, paths::portal_invite(id)).await?;
    let head = portal_head(&actor, "users");
    Ok(portal_screen(&visit, format!("Users of {}", actor.partner.name), actor, view! { {head}{body} }))
}

pub async fn portal_invites_page(visit: Visit) -> PageResult {
    let actor = in_portal(&visit).await?;
    let id = actor.partner.id;
    let body = lists(&visit, Team::Partner(id), TeamPart::Invites, true, paths::portal_invite(id)).await?;
    let head = portal_head(&actor, "invites");
    Ok(portal_screen(&visit, format!("Invites of {}", actor.partner.name), actor, view! { {head}{body} }))
}

pub async fn portal_invite_page(visit: Visit) -> PageResult {
    let actor = in_portal(&visit).await?;
    let id = actor.partner.id;
    let body = invite_form(&visit, Team::Partner(id), paths::portal_invites(id));
    let head = portal_head(&actor, "invites");
    Ok(portal_screen(&visit, format!("Invite a user of {}", actor.partner.name), actor, view! { {head}{body} }))
}

/// The partner of a form on the account's page, for members of the account only. Everyone else gets a 404 here and uses
/// the portal.
async fn posted(post: &Post) -> Result<PartnerId, Fault> {
    let id: PartnerId = post.id("partner_id")?;
    let mut conn = post.cx.read().await?;
    policy::find_as_account(&mut conn, id, PartnerPermission::ManageUsers).await?;
    Ok(id)
}

async fn posted_in_portal(post: &Post) -> Result<PartnerId, Fault> {
    let id: PartnerId = post.id("partner_id")?;
    let mut conn = post.cx.read().await?;
    policy::find_in_portal(&mut conn, id, PartnerPermission::ManageUsers).await?;
    Ok(id)
}

pub async fn post_users(post: Post) -> PostResult {
    let id = posted(&post).await?;
    team::post_act(&post, Team::Partner(id), paths::partner_users(id)).await
}

pub async fn post_invites(post: Post) -> PostResult {
    let id = posted(&post).await?;
    team::post_act(&post, Team::Partner(id), paths::partner_invites(id)).await
}

pub async fn post_invite_user(post: Post) -> PostResult {
    let id = posted(&post).await?;
    team::post_invite(&post, Team::Partner(id), paths::partner_invites(id)).await
}

pub async fn post_portal_users(post: Post) -> PostResult {
    let id = posted_in_portal(&post).await?;
    team::post_act(&post, Team::Partner(id), paths::portal_users(id)).await
}

pub async fn post_portal_invites(post: Post) -> PostResult {
    let id = posted_in_portal(&post).await?;
    team::post_act(&post, Team::Partner(id), paths::portal_invites(id)).await
}

pub async fn post_portal_invite(post: Post) -> PostResult {
    let id = posted_in_portal(&post).await?;
    team::post_invite(&post, Team::Partner(id), paths::portal_invites(id)).await
}
