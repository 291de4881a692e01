//! `/settings/subscription`: the account's plan and products, and *Request upgrade*.

use super::{head, membership};
use crate::{
    accounts::{
        model::{Permission, Plan},
        routes::Message,
        server::upgrade,
    },
    base::paths,
    server::clock,
    ui::{Button, ButtonKind, FormActions, Panel, Tag, TimeAgo, Tone},
    web::{PageResult, Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn subscription_page(visit: Visit) -> PageResult {
    let membership = membership(&visit)?;
    let requested_at = {
        let mut conn = visit.cx.read().await?;
        upgrade::recent_request(&mut conn, membership.account_id, visit.cx.now).await?
    };
    let plan = membership.plan.map_or("No LeadConduit yet", Plan::word);
    let trustedform = membership.trustedform.then(|| view! { <p><Tag tone=Tone::Positive text="TrustedForm" /></p> });
    let errors = form_errors(&visit.form("upgrade"));
    let can_upgrade = !membership.plan.is_some_and(Plan::may_invite);
    let is_admin = membership.role.may(Permission::ManageAccount);
    let upgrade = match requested_at {
            _ if !can_upgrade => ().into_any(),
            Some(at) => {
                let when = clock::display_time(at, visit.cx.now);
                let ago = view! { <TimeAgo at_iso=when.iso relative=when.relative absolute=when.absolute /> };
                view! { <p>"An upgrade was requested " {ago} ". We'll reply by email."</p> }.into_any()
            }
            None if !is_admin => {
                view! { <p>"You need LeadConduit Base or Pro to build flows and invite companies. Ask an Admin to request an upgrade."</p> }
                    .into_any()
            }
            None => view! {
                <form class="form" method="post" action=paths::SUBSCRIPTION>
                    {form_identity("upgrade", Some(membership.account_id))}
                    <p>"You need LeadConduit Base or Pro to build flows and invite companies."</p>
                    <FormActions><Button kind=ButtonKind::Primary>"Request upgrade"</Button></FormActions>
                </form>
            }
            .into_any(),
        };
    Ok(Screen::app(
        "Subscription",
        "settings",
        view! {
            {head("subscription", membership.role)}
            {errors}
            <Panel title="Subscription">
                <p><strong>{plan}</strong></p>
                {trustedform}
                {upgrade}
            </Panel>
        },
    ))
}

pub async fn post_subscription(post: Post) -> PostResult {
    let account_id = post.fields.acting_account(&post.cx)?;
    post.cx
        .write(account_id, |tx, account_id| {
            Box::pin(async move {
                let actor = tx.cx.actor(account_id, Permission::ManageAccount)?;
                upgrade::request(tx, &actor).await
            })
        })
        .await?;
    Ok(Redirect::to(paths::SUBSCRIPTION).with_message(Message::UpgradeRequested))
}
