//! [ssr] Settings: the account, its members, its API keys, its subscription.

mod keys;
mod members;
mod settings;
mod settings_form;
mod subscription;

pub use keys::{ApiKeys, RevokeApiKey, post_api_keys, post_revoke_api_key};
pub use members::{InviteMember, Members, post_invite_member, post_members};
pub use settings::{Settings, post_settings};
pub use subscription::{Subscription, post_subscription};

use super::model::{Permission, Role};
use crate::{
    app::screen::Visit,
    base::paths,
    server::{Fault, Place},
    ui::{PageHeader, TabLink, Tabs},
};
use leptos::prelude::*;

/// The head of all tabs; API keys are for Admins alone.
fn head(current: &'static str, role: Role) -> AnyView {
    let tab = |key: &'static str, label: &str, href: &str| TabLink {
        href: href.to_owned(),
        label: label.to_owned(),
        current: key == current,
        count: None,
    };
    let mut tabs = vec![tab("account", "Account", paths::SETTINGS), tab("members", "Members", paths::MEMBERS)];
    if role.may(Permission::ManageAccount) {
        tabs.push(tab("keys", "API keys", paths::API_KEYS));
    }
    tabs.push(tab("subscription", "Subscription", paths::SUBSCRIPTION));
    view! { <PageHeader title="Settings" /> <Tabs label="Settings" tabs /> }.into_any()
}

fn place(visit: &Visit) -> Result<Place, Fault> {
    let place = visit.cx.active_place()?.clone();
    visit.cx.actor(place.account_id, Permission::See)?;
    Ok(place)
}
