//! [ssr] Partners: the account's pages under `/partners`, the partner's own under `/portal`.

mod assign;
mod buyers;
mod connect;
mod list;
mod new;
mod overview;
mod people;
pub mod portal;
mod remove;
mod sources;

pub use assign::{assign_sources_page, post_assign_sources};
pub use buyers::buyers_page;
pub use connect::{connect_partner_page, post_connect_partner};
pub use list::partners_page;
pub use new::{new_partner_page, post_new_partner};
pub use overview::{partner_overview_page, post_act_on_invitation, post_details, post_restore};
pub use people::{
    invite_user_page, invites_page, portal_invite_page, portal_invites_page, portal_users_page, post_invite_user,
    post_invites, post_portal_invite, post_portal_invites, post_portal_users, post_users, users_page,
};
pub use portal::{portal_docs_page, portal_performance_page, portal_profile_page, post_profile};
pub use remove::{post_remove_partner, remove_partner_page};
pub use sources::{partner_sources_page, post_partner_sources};

use super::{
    model::{PartnerPermission, PartnerStatus, Side},
    server::{
        policy::PartnerActor,
        profile::note_seen,
        queries::{self, Partner},
    },
};
use crate::{
    base::{SourceId, paths},
    server::clock,
    ui::{ButtonKind, LinkButton, PageHeader, TabLink, Tabs, Tag, TimeAgo, Tone},
    web::{PortalAccess, Screen, Visit},
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// A page of a partner's portal. Partner users see it as a separate place; members of the connected account see it
/// among their account's pages.
pub fn portal_screen(visit: &Visit, title: String, actor: PartnerActor, body: impl IntoView + 'static) -> Screen {
    let partner = &actor.partner;
    let place = match (actor.side, partner.linked_account_id) {
        (Side::Connected(_), Some(account_id)) => PortalAccess::Connected(account_id),
        _ => PortalAccess::Partner(partner.id),
    };
    let cx = visit.cx.clone();
    Screen::portal(title, place, body).after_load(async move {
        // Runs after the response, so the page does not wait for it.
        if let Err(fault) = note_seen(&cx, &actor).await {
            fault.report();
        }
    })
}

/// The name of the account or partner the viewer was recently removed from, to explain why a page is now a 404.
pub async fn recent_departure(visit: Visit) -> Option<String> {
    let viewer = visit.cx.viewer.as_ref()?;
    let mut conn = visit.cx.read().await.ok()?;
    // A portal's path contains the partner's id.
    let partner_id = visit.id("partner_id").ok().filter(|_| visit.path.starts_with("/portal/"));
    queries::find_departure(&mut conn, viewer.user_id, partner_id, visit.cx.now).await.ok().flatten()
}

/// The head of a partner's pages on the account's side, with its status. `actions` go to the right of the name.
pub fn partner_head(partner: &Partner, status: PartnerStatus, current: &'static str, actions: AnyView) -> AnyView {
    let id = partner.id;
    let tabs = vec![
        tab("overview", "Overview", paths::partner(id), current),
        tab("sources", "Sources", paths::partner_sources(id), current),
        tab("users", "Users", paths::partner_users(id), current),
        tab("invites", "Invites", paths::partner_invites(id), current),
    ];
    let archived = partner.archived.then(|| view! { <Tag tone=Tone::Neutral text="Archived" /> });
    let status = view! { <Tag tone=status.tone() icon=status.icon() text=status.word() /> };
    let state = view! { {status} {archived} }.into_any();
    let breadcrumb = vec![("Partners".to_owned(), paths::PARTNERS.to_owned())];
    view! {
        <PageHeader title=partner.name.clone() breadcrumb state>
            {actions}
            <LinkButton href=paths::activity_of(id) kind=ButtonKind::Quiet>"Activity"</LinkButton>
        </PageHeader>
        <Tabs label="Partner" tabs />
    }
    .into_any()
}

/// The head of a portal's pages, with only the tabs the viewer may use.
pub fn portal_head(actor: &PartnerActor, current: &'static str) -> AnyView {
    let (id, partner) = (actor.partner.id, &actor.partner);
    let mut tabs = vec![
        tab("performance", "Performance", paths::portal(id), current),
        tab("leads", "Leads", paths::portal_leads(id), current),
        tab("docs", "Submission Docs", paths::portal_docs(id), current),
        tab("profile", "Profile", paths::portal_profile(id), current),
    ];
    if actor.side.may(PartnerPermission::ManageUsers) {
        tabs.push(tab("users", "Users", paths::portal_users(id), current));
        tabs.push(tab("invites", "Invites", paths::portal_invites(id), current));
    }
    let lead = format!("Partner of {}.", partner.company);
    view! {
        <PageHeader title=partner.name.clone() lead />
        <Tabs label="Portal" tabs />
    }
    .into_any()
}

fn tab(key: &'static str, label: &str, href: String, current: &'static str) -> TabLink {
    TabLink { href, label: label.to_owned(), current: key == current, count: None }
}

/// Prefix of the checkbox that chooses a source.
const SOURCE_PREFIX: &str = "source-";

/// The checkbox that chooses a source in a table.
fn source_box(id: SourceId, title: &str, checked: bool) -> AnyView {
    let name = format!("{SOURCE_PREFIX}{id}");
    view! { <input type="checkbox" name=name value="on" checked=checked aria-label=title.to_owned() /> }.into_any()
}

/// The sources whose checkboxes are among these fields, each once.
fn chosen_sources<'f>(names: impl Iterator<Item = &'f str>) -> Vec<SourceId> {
    let chosen: BTreeSet<_> = names.filter_map(|name| name.strip_prefix(SOURCE_PREFIX)?.parse().ok()).collect();
    chosen.into_iter().collect()
}

fn ago_or_none(at: Option<OffsetDateTime>, now: OffsetDateTime) -> AnyView {
    let Some(at) = at else { return view! { <span class="muted">"none"</span> }.into_any() };
    let at = clock::display_time(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}
