//! `/settings`: the account's own settings.

use super::{
    head, membership,
    retention::{self, Retention},
    settings_form::{self, SHOWN},
};
use crate::{
    accounts::{
        model::Permission,
        routes::Message,
        server::{
            queries,
            settings::{self, Settings as Row},
            zone,
        },
    },
    base::paths,
    entities::server as entities,
    flows::server as flows,
    partners::server as partners,
    server::{Fault, Membership, Tx},
    ui::{Button, ButtonKind, Field, FormActions, HiddenField, KeyValues, Panel},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn settings_page(visit: Visit) -> PageResult {
    let membership = membership(&visit)?;
    let (row, kept) = {
        let mut conn = visit.cx.read().await?;
        let row = queries::find_settings(&mut conn, membership.account_id).await?.ok_or(Fault::NOT_FOUND)?;
        (row, retention::load(&visit, &mut conn, membership.account_id).await?)
    };
    let about = about(&membership, &row, &kept);
    let leads = membership.role.may(Permission::ManageAccount).then(|| kept.form(&visit, membership.account_id));
    let content = if membership.role.may(Permission::ManageAccount) {
        form(&visit, &membership, &row)
    } else {
        let errors = ["settings", "retention"].map(|form| form_errors(&visit.form(form)));
        view! { {errors} }.into_any()
    };
    Ok(Screen::app(
        "Settings",
        "settings",
        view! { {head("account", membership.role)}{content}{leads}<Panel title="Account"><KeyValues items=about /></Panel> },
    ))
}

/// The account's facts as a list. For Admins the form shows the rest.
fn about(membership: &Membership, row: &Row, kept: &Retention) -> Vec<(String, AnyView)> {
    let text = |text: &str| {
        let text = text.to_owned();
        view! { {text} }.into_any()
    };
    let days = match row.invitation_days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let mut items = Vec::new();
    if !membership.role.may(Permission::ManageAccount) {
        items.extend([
            ("Company name".to_owned(), text(&row.name)),
            ("Website".to_owned(), text(row.website.as_deref().unwrap_or("none"))),
            ("Time zone".to_owned(), text(&row.time_zone)),
            ("Invitations expire after".to_owned(), text(&days)),
            ("Leads are kept for".to_owned(), text(&kept.in_words())),
        ]);
    }
    items.extend([
        ("Account ID".to_owned(), text(&membership.account_id.to_string())),
        ("Your role".to_owned(), text(membership.role.word())),
    ]);
    items
}

fn form(visit: &Visit, membership: &Membership, row: &Row) -> AnyView {
    let back = visit.form("settings");
    let shown = serde_json::to_string(&row.to_json()).unwrap_or_default();
    let days = row.invitation_days.to_string();
    let zones = zone::names().into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <form class="form" method="post" action=paths::SETTINGS novalidate>
            {form_identity("settings", Some(membership.account_id))}
            <HiddenField name=SHOWN value=back.value_or(SHOWN, &shown) />
            {form_errors(&back)}
            <Field label="Company name" name="name" value=back.value_or("name", &row.name) error=back.error("name") help="Companies you are connected with see this name." autocomplete="organization" maxlength=100u32 required=true />
            <Field label="Website" name="website" kind="url" value=back.value_or("website", row.website.as_deref().unwrap_or("")) error=back.error("website") autocomplete="url" maxlength=200u32 optional_mark=true />
            <Field label="Time zone" name="time_zone" value=back.value_or("time_zone", &row.time_zone) error=back.error("time_zone") help="For example: America/New_York." list="time-zones" required=true />
            <datalist id="time-zones">{zones}</datalist>
            <Field label="Invitations expire after" name="invitation_days" value=back.value_or("invitation_days", &days) error=back.error("invitation_days") help="1 to 30 days, for invitations sent from now on." inputmode="numeric" required=true />
            <FormActions><Button kind=ButtonKind::Primary>"Save settings"</Button></FormActions>
        </form>
    }
    .into_any()
}

pub async fn post_settings(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx.actor(account_id, Permission::ManageAccount)?;
    let change = settings_form::parse(&post.fields)?;
    post.cx
        .write((account_id, change), |tx, (account_id, change)| {
            Box::pin(async move {
                let actor = tx.cx.actor(account_id, Permission::ManageAccount)?;
                match settings::change(tx, &actor, change).await? {
                    Some(renamed) => propagate_name(tx, &renamed).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    Ok(Redirect::to(paths::SETTINGS).with_message(Message::SettingsSaved))
}

/// Updates the name at every connected company, and in partner records that nobody named by hand.
async fn propagate_name(tx: &mut Tx, renamed: &settings::NameChange) -> Result<(), Fault> {
    for (account_id, entity_id) in
        entities::rename_connected(tx, renamed.account_id, &renamed.from, &renamed.to).await?
    {
        flows::announce_entity(tx, account_id, entity_id).await?;
    }
    partners::rename_linked(tx, renamed.account_id, &renamed.to).await
}
