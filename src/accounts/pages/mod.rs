//! [ssr] Settings: the account, its members, its API keys, its subscription.

mod keys;
mod members;
mod retention;
mod settings;
mod settings_form;
mod subscription;

pub use keys::{api_keys_page, post_api_keys, post_revoke_api_key, revoke_api_key_page};
pub use members::{invite_member_page, members_page, post_invite_member, post_members};
pub use retention::post_retention;
pub use settings::{post_settings, settings_page};
pub use subscription::{post_subscription, subscription_page};

use super::model::{Permission, Role};
use crate::{
    base::paths,
    server::{Fault, Membership},
    ui::{PageHeader, TabLink, Tabs},
    web::Visit,
};
use leptos::prelude::*;

/// The head of all tabs. Only Admins see API keys.
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

fn membership(visit: &Visit) -> Result<Membership, Fault> {
    let membership = visit.cx.active_membership()?.clone();
    visit.cx.actor(membership.account_id, Permission::See)?;
    Ok(membership)
}
