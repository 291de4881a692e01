//! [ssr] Partners: the account's side under `/partners`, the partner's own under `/portal`.

mod buyers;
pub mod portal;

pub use buyers::Buyers;
pub use portal::{PortalDocs, PortalPerformance, PortalProfile, post_profile};

use super::{
    model::PartnerPermission,
    server::{policy::PartnerActor, queries::Partner},
};
use crate::{
    base::paths,
    ui::{PageHeader, TabLink, Tabs, Tag, Tone},
};
use leptos::prelude::*;

/// The head of all pages of one partner, as its account sees it. `actions` stand at the right of the name.
pub fn partner_head(partner: &Partner, current: &'static str, actions: AnyView) -> AnyView {
    let id = partner.id;
    let tabs = vec![
        tab("overview", "Overview", paths::partner(id), current),
        tab("sources", "Sources", paths::partner_sources(id), current),
        tab("users", "Users", paths::partner_users(id), current),
        tab("invites", "Invites", paths::partner_invites(id), current),
    ];
    let state = partner.archived.then(|| view! { <Tag tone=Tone::Neutral text="Archived" /> }.into_any());
    let state = view! { {state} }.into_any();
    let breadcrumb = vec![("Partners".to_owned(), paths::PARTNERS.to_owned())];
    view! {
        <PageHeader title=partner.name.clone() breadcrumb state>{actions}</PageHeader>
        <Tabs label="Partner" tabs />
    }
    .into_any()
}

/// The head of all pages of a partner's portal: only what the viewer may use.
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
