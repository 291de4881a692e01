//! [ssr] Settings: the account, its members, its subscription.

mod members;
mod settings;
mod settings_form;
mod subscription;

pub use members::{InviteMember, Members, post_invite_member, post_members};
pub use settings::{Settings, post_settings};
pub use subscription::{Subscription, post_subscription};

use super::model::Permission;
use crate::{
    app::screen::Visit,
    base::paths,
    server::{Fault, Place},
    ui::{PageHeader, TabLink, Tabs},
};
use leptos::prelude::*;

fn head(current: &'static str) -> AnyView {
    let tab = |key: &'static str, label: &str, href: &str| TabLink {
        href: href.to_owned(),
        label: label.to_owned(),
        current: key == current,
        count: None,
    };
    let tabs = vec![
        tab("account", "Account", paths::SETTINGS),
        tab("members", "Members", paths::MEMBERS),
        tab("subscription", "Subscription", paths::SUBSCRIPTION),
    ];
    view! { <PageHeader title="Settings" /> <Tabs label="Settings" tabs /> }.into_any()
}

fn place(visit: &Visit) -> Result<Place, Fault> {
    let place = visit.cx.active_place()?.clone();
    visit.cx.actor(place.account_id, Permission::See)?;
    Ok(place)
}
