//! `/settings/members`: the account's members, and inviting more.

use super::{head, membership};
use crate::{
    accounts::model::Permission,
    base::paths,
    invitations::{
        islands::TeamPart,
        model::Team,
        pages::team::{self, invite_form, lists},
    },
    web::{PageResult, Post, PostResult, Screen, Visit},
};
use leptos::prelude::*;

pub async fn members_page(visit: Visit) -> PageResult {
    let membership = membership(&visit)?;
    let decides = membership.role.may(Permission::ManageAccount);
    let part = if decides { TeamPart::Both } else { TeamPart::People };
    let invite = paths::INVITE_MEMBER.to_owned();
    let body = lists(&visit, Team::Account(membership.account_id), part, decides, invite).await?;
    Ok(Screen::app("Members", "settings", view! { {head("members", membership.role)}{body} }))
}

pub async fn invite_member_page(visit: Visit) -> PageResult {
    let membership = membership(&visit)?;
    visit.cx.actor(membership.account_id, Permission::ManageAccount)?;
    let body = invite_form(&visit, Team::Account(membership.account_id), paths::MEMBERS.to_owned());
    Ok(Screen::app("Invite a member", "settings", view! { {head("members", membership.role)}{body} }))
}

pub async fn post_members(post: Post) -> PostResult {
    let team = Team::Account(post.fields.acting_account(&post.cx)?);
    team::post_act(&post, team, paths::MEMBERS.to_owned()).await
}

pub async fn post_invite_member(post: Post) -> PostResult {
    let team = Team::Account(post.fields.acting_account(&post.cx)?);
    team::post_invite(&post, team, paths::MEMBERS.to_owned()).await
}
