//! Invite Partner as a page, for who has no script or followed a link.

use crate::{
    base::paths,
    flows::pages::{changeable_flow, crumbs, invite_facts},
    invitations::islands::InviteFields,
    ui::{Button, ButtonKind, FormActions, Icon, LinkButton, PageHeader, icon},
    web::{PageResult, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

pub async fn invite_partner_page(visit: Visit) -> PageResult {
    let flow = changeable_flow(&visit).await?;
    let invite = {
        let mut conn = visit.cx.read().await?;
        invite_facts(&mut conn, &visit, &flow).await?
    };
    let back = visit.form("invite");
    let errors = form_errors(&back);
    let back = RwSignal::new(back);
    Ok(Screen::app(
        "Invite a partner",
        "flows",
        view! {
            <PageHeader title="Invite a partner" breadcrumb=crumbs(flow.id, &flow.name) />
            <form class="form" method="post" action=paths::invite_partner(flow.id) novalidate>
                {form_identity("invite", Some(flow.account_id))}
                {errors}
                <InviteFields invite back />
                <FormActions>
                    // The first button is the one that Enter presses.
                    <Button kind=ButtonKind::Primary>{icon(Icon::Send)} "Send Invite"</Button>
                    <Button kind=ButtonKind::Secondary name="do" value="preview">"Preview"</Button>
                    <LinkButton href=paths::new_source(flow.id)>"Previous"</LinkButton>
                    <LinkButton href=paths::flow_sources(flow.id)>"Cancel"</LinkButton>
                </FormActions>
            </form>
        },
    ))
}
