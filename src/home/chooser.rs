//! The chooser on Home, for users who belong to several accounts and partners.

use crate::{
    base::paths,
    invitations::server::queries as invitations,
    server::{Fault, Viewer},
    ui::{Avatar, LinkButton, PageHeader, Panel},
    web::{Screen, Visit},
};
use leptos::prelude::*;

/// True if the viewer belongs to several accounts and partners, at least one of them a partner, and has chosen no
/// account in this session. Users who only have accounts start in one of them.
pub fn must_choose(viewer: &Viewer) -> bool {
    let chosen = viewer.memberships.iter().any(|membership| Some(membership.account_id) == viewer.active);
    !chosen && !viewer.partners.is_empty() && viewer.memberships.len() + viewer.partners.len() > 1
}

pub async fn choose(visit: &Visit, viewer: &Viewer) -> Result<Screen, Fault> {
    let received = received(visit).await?;
    let accounts: Vec<_> = viewer
        .memberships
        .iter()
        .map(|membership| {
            let (name, role) = (membership.name.clone(), format!("Your role: {}.", membership.role.word()));
            view! {
                <li class="place">
                    <Avatar name=name.clone() />
                    <button class="button-link" type="submit" name="account" value=membership.account_id.to_string()>{name}</button>
                    <span class="muted">{role}</span>
                </li>
            }
        })
        .collect();
    let partners: Vec<_> = viewer
        .partners
        .iter()
        .map(|membership| {
            let what = format!("Partner of {}. Your role: {}.", membership.buyer, membership.role.word());
            view! {
                <li class="place">
                    <Avatar name=membership.name.clone() />
                    <a href=paths::portal(membership.partner_id)>{membership.name.clone()}</a>
                    <span class="muted">{what}</span>
                </li>
            }
        })
        .collect();
    Ok(Screen::app(
        "Choose where to go",
        "home",
        view! {
            <PageHeader title="Choose where to go" lead="You have access to several companies. You can switch at any time at the top of the navigation." />
            <Panel title="Your companies">
                <form method="post" action=paths::SWITCH_ACCOUNT>
                    <ul class="plain-list stack">{accounts}{partners}</ul>
                </form>
            </Panel>
            {received}
        },
    ))
}

/// The open invitations to the viewer's address, if there are any.
pub async fn received(visit: &Visit) -> Result<Option<AnyView>, Fault> {
    let viewer = visit.cx.viewer()?;
    let mut conn = visit.cx.read().await?;
    let received = invitations::list_received(&mut conn, &viewer.email_key, &viewer.admin_of(), visit.cx.now).await?;
    let rows: Vec<_> = received
        .into_iter()
        .map(|row| {
            let text = format!("{} invites you to {}.", row.company, row.invited_to());
            view! {
                <li>
                    <p><strong>{text}</strong></p>
                    <p class="actions"><LinkButton href=paths::invitation(row.id)>"Review"</LinkButton></p>
                </li>
            }
        })
        .collect();
    Ok((!rows.is_empty()).then(|| {
        view! { <Panel title="Invitations for you"><ul class="plain-list stack">{rows}</ul></Panel> }.into_any()
    }))
}
