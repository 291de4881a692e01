//! The frame of signed-in pages: navigation, account switcher and user menu.

use super::{Visit, document::THEME_COOKIE};
use crate::{
    accounts::model::Plan,
    base::{AccountId, PartnerId, paths},
    server::{Viewer, session},
    ui::{AppFrame, Avatar, Button, ButtonKind, Icon, NavGroup, NavItem, ThemeChoice, icon},
};
use leptos::prelude::*;

/// The account or partner that the frame shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Account(AccountId),
    Partner(PartnerId),
    None,
}

/// The frame of an account's pages. `nav` is the key of the current navigation entry.
pub fn account_frame(visit: &Visit, viewer: &Viewer, nav: &'static str, body: AnyView) -> AnyView {
    let context =
        viewer.active_membership().map_or(Context::None, |membership| Context::Account(membership.account_id));
    framed(visit, viewer, context, account_entries(viewer, context), nav, body)
}

/// How the viewer has access to a partner's portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalAccess {
    /// As a partner user: the portal has its own navigation.
    Partner(PartnerId),
    /// As a member of this account, which is connected as the partner: the portal is one of the account's pages.
    Connected(AccountId),
}

/// The frame of a partner's portal.
pub fn portal_frame(visit: &Visit, viewer: &Viewer, access: PortalAccess, body: AnyView) -> AnyView {
    match access {
        PortalAccess::Connected(account_id) => {
            let context = Context::Account(account_id);
            framed(visit, viewer, context, account_entries(viewer, context), "buyers", body)
        }
        PortalAccess::Partner(id) => {
            let entries = vec![("portal", "Portal", paths::portal(id), Icon::Building)];
            framed(visit, viewer, Context::Partner(id), vec![("", entries)], "portal", body)
        }
    }
}

type Entry = (&'static str, &'static str, String, Icon);

/// Entries under the heading of their group.
type Group = (&'static str, Vec<Entry>);

fn account_entries(viewer: &Viewer, context: Context) -> Vec<Group> {
    let entry = |key: &'static str, label: &'static str, href: &str, icon: Icon| -> Entry {
        (key, label, href.to_owned(), icon)
    };
    let home = vec![entry("home", "Home", paths::HOME, Icon::Home)];
    let Context::Account(account_id) = context else { return vec![("", home)] };
    let membership = viewer.membership(account_id);
    let builds = membership.and_then(|membership| membership.plan).is_some_and(Plan::may_build_flows);
    let (mut buying, mut selling, mut company) = (Vec::new(), Vec::new(), Vec::new());
    // The Partners plan has one flow, which came with an invitation. If archived, it is restored under Flows.
    if builds || membership.is_some_and(|membership| membership.has_flows) {
        buying.push(entry("flows", "Flows", paths::FLOWS, Icon::Flow));
        buying.push(entry("leads", "Leads", paths::LEADS, Icon::Leads));
        buying.push(entry("sources", "Sources", paths::SOURCES, Icon::Download));
        buying.push(entry("partners", "Partners", paths::PARTNERS, Icon::Partners));
    }
    selling.push(entry("docs", "Submission Docs", paths::SUBMISSION_DOCS, Icon::Docs));
    selling.push(entry("buyers", "Buyers", paths::BUYERS, Icon::Building));
    if builds {
        selling.push(entry("recipients", "Recipients", paths::RECIPIENTS, Icon::Send));
        company.push(entry("invitations", "Invitations", paths::INVITATIONS, Icon::Mail));
    }
    company.push(entry("connections", "Connections", paths::CONNECTIONS, Icon::Link));
    company.push(entry("activity", "Activity", paths::ACTIVITY, Icon::Activity));
    company.push(entry("settings", "Settings", paths::SETTINGS, Icon::Settings));
    let groups = [("", home), ("Buying", buying), ("Selling", selling), ("Company", company)];
    groups.into_iter().filter(|(_, entries)| !entries.is_empty()).collect()
}

fn framed(visit: &Visit, viewer: &Viewer, context: Context, groups: Vec<Group>, nav: &str, body: AnyView) -> AnyView {
    let item = |(key, label, href, icon): Entry| NavItem {
        href,
        label: label.to_owned(),
        icon,
        current: key == nav,
        badge: None,
    };
    let groups =
        groups.into_iter().map(|(name, entries)| NavGroup { name, items: entries.into_iter().map(item).collect() });
    let nav = groups.collect();
    let switcher = switcher(viewer, context);
    let menu = user_menu(visit, viewer);
    view! {
        <AppFrame nav account_switcher=switcher user_menu=menu>
            {body}
        </AppFrame>
    }
    .into_any()
}

/// Names the current account or partner, and links to the viewer's others.
fn switcher(viewer: &Viewer, context: Context) -> AnyView {
    let account = |id| viewer.membership(id).map(|membership| (membership.name.clone(), String::new()));
    let partner =
        |id| viewer.partner(id).map(|membership| (membership.name.clone(), format!("partner of {}", membership.buyer)));
    let current = match context {
        Context::Account(id) => account(id),
        Context::Partner(id) => partner(id),
        Context::None => None,
    };
    let accounts: Vec<_> = viewer
        .memberships
        .iter()
        .filter(|membership| context != Context::Account(membership.account_id))
        .map(|membership| {
            view! {
                <li>
                    <button type="submit" name="account" value=membership.account_id.to_string()>{membership.name.clone()}</button>
                </li>
            }
        })
        .collect();
    let partners: Vec<_> = viewer
        .partners
        .iter()
        .filter(|membership| context != Context::Partner(membership.partner_id))
        .map(|membership| {
            view! {
                <li>
                    <a href=paths::portal(membership.partner_id)>
                        {membership.name.clone()} <span class="muted">{format!("partner of {}", membership.buyer)}</span>
                    </a>
                </li>
            }
        })
        .collect();
    if accounts.is_empty() && partners.is_empty() {
        return current
            .map(|(name, of)| {
                view! { <p class="account-name"><Avatar name=name.clone() /><span>{name} {owner_note(of)}</span></p> }
            })
            .into_any();
    }
    let (name, of) = current.unwrap_or_else(|| ("Choose where to go".to_owned(), String::new()));
    view! {
        <details class="menu account-menu">
            <summary>
                <Avatar name=name.clone() />
                <span>{name} {owner_note(of)}</span>
                {icon(Icon::ChevronDown)}
            </summary>
            <form method="post" action=paths::SWITCH_ACCOUNT class="menu-items">
                <ul>{accounts}{partners}</ul>
            </form>
        </details>
    }
    .into_any()
}

/// The account that a partner belongs to, beside the partner's name.
fn owner_note(note: String) -> Option<AnyView> {
    (!note.is_empty()).then(|| view! { <span class="place-note">{note}</span> }.into_any())
}

fn user_menu(visit: &Visit, viewer: &Viewer) -> AnyView {
    let (name, email) = (viewer.name.clone(), viewer.email.clone());
    view! {
        <div class="user-box">
            <p class="user-name">
                <strong>{name}</strong>
                <span class="muted">{email}</span>
                <a href=paths::ME>"Your profile"</a>
            </p>
            <form method="post" action=paths::SIGN_OUT>
                <Button kind=ButtonKind::Quiet>{icon(Icon::SignOut)} "Sign out"</Button>
            </form>
            {theme_choice(visit)}
        </div>
    }
    .into_any()
}

pub fn theme_choice(visit: &Visit) -> AnyView {
    let current = session::cookie(&visit.headers, THEME_COOKIE).unwrap_or("system").to_owned();
    view! { <ThemeChoice current back=visit.path.clone() /> }.into_any()
}
