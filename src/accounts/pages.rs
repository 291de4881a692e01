//! [ssr] Settings: the account, its members, its subscription.

use super::{
    model::{Permission, Plan},
    server::{letters, queries},
};
use crate::{
    app::{
        posts::Post,
        screen::{Screen, Visit, form_identity, screen},
    },
    base::paths,
    server::{
        Fault, Place,
        form::{PostResult, Posted},
        mail::{self, Outgoing},
    },
    ui::{
        Avatar, Button, ButtonKind, Cell, Column, DataTable, FormActions, KeyValues, PageHeader, Panel, TabLink, Tabs,
        Tag, Tone,
    },
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
pub fn Settings() -> impl IntoView {
    screen(async |visit| {
        let place = place(&visit)?;
        let text = |text: String| view! { {text} }.into_any();
        let items = vec![
            ("Company".to_owned(), text(place.name)),
            ("Account id".to_owned(), text(place.account_id.to_string())),
            ("Your role".to_owned(), text(place.role.word().to_owned())),
            ("Times are shown in".to_owned(), text("UTC".to_owned())),
        ];
        Ok(Screen::app(
            "Settings",
            "settings",
            view! { {head("account")}<Panel title="Account"><KeyValues items /></Panel> },
        ))
    })
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

#[component]
pub fn Subscription() -> impl IntoView {
    screen(async |visit| {
        let place = place(&visit)?;
        let plan = place.plan.map_or("No LeadConduit yet", Plan::word);
        let trustedform = place.trustedform.then(|| view! { <p><Tag tone=Tone::Positive text="TrustedForm" /></p> });
        let may_grow = !place.plan.is_some_and(Plan::may_invite) && place.role.may(Permission::AcceptInvitations);
        let upgrade = may_grow.then(|| {
            view! {
                <form class="form" method="post" action=paths::SUBSCRIPTION>
                    {form_identity("upgrade", Some(place.account_id))}
                    <p>"Building flows and inviting companies needs LeadConduit Base or Pro."</p>
                    <FormActions><Button kind=ButtonKind::Primary>"Request upgrade"</Button></FormActions>
                </form>
            }
        });
        Ok(Screen::app(
            "Subscription",
            "settings",
            view! {
                {head("subscription")}
                <Panel title="Subscription">
                    <p><strong>{plan}</strong></p>
                    {trustedform}
                    {upgrade}
                </Panel>
            },
        ))
    })
}

/// Request upgrade: the operator gets a mail and answers by mail.
pub async fn post_subscription(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    let actor = post.cx.actor(account_id, Permission::AcceptInvitations)?;
    post.cx
        .write(actor, |tx, actor| {
            Box::pin(async move {
                let to = tx.cx.state.config.operator_email.clone();
                let letter = letters::upgrade_wanted(&actor);
                let reply_to = Some(actor.email);
                mail::queue(tx, Outgoing { to, to_name: String::new(), reply_to, letter, secret: None }).await?;
                Ok(())
            })
        })
        .await?;
    Ok(Posted::to(paths::SUBSCRIPTION).saying("upgrade-requested"))
}
