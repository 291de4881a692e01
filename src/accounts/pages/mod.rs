//! [ssr] Settings: the account, its members, its subscription.

mod settings;
mod settings_form;
mod subscription;

pub use settings::{Settings, post_settings};
pub use settings_form::website;
pub use subscription::{Subscription, post_subscription};

use super::{model::Permission, server::queries};
use crate::{
    app::screen::{Screen, Visit, screen},
    base::paths,
    server::{Fault, Place},
    ui::{Avatar, Cell, Column, DataTable, PageHeader, TabLink, Tabs},
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

#[component]
pub fn Members() -> impl IntoView {
    screen(async |visit| {
        let place = place(&visit)?;
        let mut conn = visit.cx.read().await?;
        let members = queries::list_members(&mut conn, place.account_id).await?;
        let columns = ["Name", "Email", "Role"].map(Column::new).to_vec();
        let rows = members
            .into_iter()
            .map(|member| {
                view! {
                    <tr>
                        <Cell label="Name"><span class="person"><Avatar name=member.name.clone() />{member.name}</span></Cell>
                        <Cell label="Email">{member.email}</Cell>
                        <Cell label="Role">{member.role.word()}</Cell>
                    </tr>
                }
            })
            .collect_view();
        Ok(Screen::app(
            "Members",
            "settings",
            view! { {head("members")}<DataTable caption="Members" head=columns>{rows}</DataTable> },
        ))
    })
}
