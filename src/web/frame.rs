//! The signed-in frame: where one is, where else one can go, and one's own login.

use super::{Visit, document::THEME_COOKIE};
use crate::{
    accounts::model::Plan,
    base::{AccountId, PartnerId, paths},
    server::{Viewer, session},
    ui::{AppFrame, Avatar, Button, ButtonKind, Icon, NavItem, ThemeChoice, icon},
};
use leptos::prelude::*;

/// Where somebody is: named in the frame of each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    Account(AccountId),
    Partner(PartnerId),
    Nowhere,
}

/// Around the pages of an account; `nav` is the entry that is current.
pub fn of_account(visit: &Visit, viewer: &Viewer, nav: &'static str, body: AnyView) -> AnyView {
    let here = viewer.active_place().map_or(Here::Nowhere, |place| Here::Account(place.account_id));
    framed(visit, viewer, here, account_entries(viewer, here), nav, body)
}

/// Whose portal a page belongs to, and from where its viewer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalPlace {
    /// They log in for this partner: the portal is a place of its own.
    Partner(PartnerId),
    /// They are members of this account, which is connected as the partner: a page among their own.
    Connected(AccountId),
}

/// Around the pages of a partner's portal.
pub fn of_portal(visit: &Visit, viewer: &Viewer, place: PortalPlace, body: AnyView) -> AnyView {
    match place {
        PortalPlace::Connected(account_id) => {
            let here = Here::Account(account_id);
            framed(visit, viewer, here, account_entries(viewer, here), "buyers", body)
        }
        PortalPlace::Partner(id) => {
            let entries = vec![("portal", "Portal", paths::portal(id), Icon::Building)];
            framed(visit, viewer, Here::Partner(id), entries, "portal", body)
        }
    }
}

type Entry = (&'static str, &'static str, String, Icon);

fn account_entries(viewer: &Viewer, here: Here) -> Vec<Entry> {
    let entry = |key: &'static str, label: &'static str, href: &str, icon: Icon| -> Entry {
        (key, label, href.to_owned(), icon)
    };
    let mut entries = vec![entry("home", "Home", paths::HOME, Icon::Home)];
    let Here::Account(account_id) = here else { return entries };
    let place = viewer.place(account_id);
    let builds = place.and_then(|place| place.plan).is_some_and(Plan::may_build_flows);
    // The one flow of the plan Partners, which came with an invitation. Archived it is restored on the page of flows.
    if builds || place.is_some_and(|place| place.has_flows) {
        entries.push(entry("flows", "Flows", paths::FLOWS, Icon::Flow));
        entries.push(entry("sources", "Sources", paths::SOURCES, Icon::Leads));
        entries.push(entry("partners", "Partners", paths::PARTNERS, Icon::Partners));
    }
    if builds {
        entries.push(entry("recipients", "Recipients", paths::RECIPIENTS, Icon::Send));
        entries.push(entry("invitations", "Invitations", paths::INVITATIONS, Icon::Mail));
    }
    entries.push(entry("docs", "Submission Docs", paths::SUBMISSION_DOCS, Icon::Docs));
    entries.push(entry("buyers", "Buyers", paths::BUYERS, Icon::Building));
    entries.push(entry("connections", "Connections", paths::CONNECTIONS, Icon::Link));
    entries.push(entry("activity", "Activity", paths::ACTIVITY, Icon::Activity));
    entries.push(entry("settings", "Settings", paths::SETTINGS, Icon::Settings));
    entries
}

fn framed(visit: &Visit, viewer: &Viewer, here: Here, entries: Vec<Entry>, nav: &str, body: AnyView) -> AnyView {
    let nav = entries
        .into_iter()
        .map(|(key, label, href, icon)| NavItem {
            href,
            label: label.to_owned(),
            icon,
            current: key == nav,
            badge: None,
        })
        .collect();
    let switcher = switcher(viewer, here);
    let menu = user_menu(visit, viewer);
    view! {
        <AppFrame nav account_switcher=switcher user_menu=menu>
            {body}
        </AppFrame>
    }
    .into_any()
}

/// Names where one is, and leads to the other accounts and partners of the same login.
fn switcher(viewer: &Viewer, here: Here) -> AnyView {
    let account = |id| viewer.place(id).map(|place| (place.name.clone(), String::new()));
    let partner = |id| viewer.partner(id).map(|place| (place.name.clone(), format!("partner of {}", place.buyer)));
    let current = match here {
        Here::Account(id) => account(id),
        Here::Partner(id) => partner(id),
        Here::Nowhere => None,
    };
    let accounts: Vec<_> = viewer
        .places
        .iter()
        .filter(|place| here != Here::Account(place.account_id))
        .map(|place| {
            view! {
                <li>
                    <button type="submit" name="account" value=place.account_id.to_string()>{place.name.clone()}</button>
                </li>
            }
        })
        .collect();
    let partners: Vec<_> = viewer
        .partners
        .iter()
        .filter(|place| here != Here::Partner(place.partner_id))
        .map(|place| {
            view! {
                <li>
                    <a href=paths::portal(place.partner_id)>
                        {place.name.clone()} <span class="muted">{format!("partner of {}", place.buyer)}</span>
                    </a>
                </li>
            }
        })
        .collect();
    if accounts.is_empty() && partners.is_empty() {
        return current
            .map(|(name, of)| {
                view! { <p class="account-name"><Avatar name=name.clone() /><span>{name} {place_note(of)}</span></p> }
            })
            .into_any();
    }
    let (name, of) = current.unwrap_or_else(|| ("Choose where to go".to_owned(), String::new()));
    view! {
        <details class="menu account-menu">
            <summary>
                <Avatar name=name.clone() />
                <span>{name} {place_note(of)}</span>
                {icon(Icon::ChevronDown)}
            </summary>
            <form method="post" action=paths::SWITCH_ACCOUNT class="menu-items">
                <ul>{accounts}{partners}</ul>
            </form>
        </details>
    }
    .into_any()
}

/// What a partner's name alone does not tell: whose partner it is.
fn place_note(note: String) -> Option<AnyView> {
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
