//! [ssr] Partners: the account's side under `/partners`, the partner's own under `/portal`.

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

pub use assign::{AssignSources, post_assign_sources};
pub use buyers::Buyers;
pub use connect::{ConnectPartner, post_connect_partner};
pub use list::Partners;
pub use new::{NewPartner, post_new_partner};
pub use overview::{PartnerOverview, post_partner};
pub use people::{
    InviteUser, Invites, PortalInvite, PortalInvites, PortalUsers, Users, post_invite_user, post_invites,
    post_portal_invite, post_portal_invites, post_portal_users, post_users,
};
pub use portal::{PortalDocs, PortalPerformance, PortalProfile, post_profile};
pub use remove::{RemovePartner, post_remove_partner};
pub use sources::{PartnerSources, post_partner_sources};

use super::{
    model::PartnerPermission,
    server::{policy::PartnerActor, queries::Partner},
};
use crate::{
    base::{SourceId, paths},
    server::clock,
    ui::{PageHeader, TabLink, Tabs, Tag, TimeAgo, Tone},
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use time::OffsetDateTime;

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

/// Begins the name of the box that chooses a source.
const CHOSEN: &str = "source-";

/// Chooses one source of a table.
fn source_box(id: SourceId, title: &str, checked: bool) -> AnyView {
    let name = format!("{CHOSEN}{id}");
    view! { <input type="checkbox" name=name value="on" checked=checked aria-label=title.to_owned() /> }.into_any()
}

/// The sources whose boxes are among these fields, each once.
fn chosen_sources<'f>(names: impl Iterator<Item = &'f str>) -> Vec<SourceId> {
    let chosen: BTreeSet<_> = names.filter_map(|name| name.strip_prefix(CHOSEN)?.parse().ok()).collect();
    chosen.into_iter().collect()
}

/// A count with its thousands apart.
fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let grouped: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    grouped.join(",")
}

/// How many of the leads were accepted, in whole percent; nothing of none. It is all or nothing only where it is.
fn rate(leads: i64, accepted: i64) -> String {
    let percent = match (leads, accepted) {
        (0, _) => return "–".to_owned(),
        (leads, accepted) if accepted == leads => 100,
        (_, 0) => 0,
        (leads, accepted) => ((accepted * 100 + leads / 2) / leads).clamp(1, 99),
    };
    format!("{percent}%")
}

fn ago_or_none(at: Option<OffsetDateTime>, now: OffsetDateTime) -> AnyView {
    let Some(at) = at else { return view! { <span class="muted">"none"</span> }.into_any() };
    let at = clock::when(at, now);
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_in_thousands() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")];
        for (count, text) in cases {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn a_rate_says_all_or_nothing_only_where_it_is_so() {
        for ((leads, accepted), text) in [
            ((0, 0), "–"),
            ((3, 2), "67%"),
            ((1_000, 999), "99%"),
            ((1_000, 1_000), "100%"),
            ((1_000, 1), "1%"),
            ((5, 0), "0%"),
        ] {
            assert_eq!(rate(leads, accepted), text);
        }
    }
}
