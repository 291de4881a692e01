//! `/portal/{partner_id}/docs`: the Submission Docs of each of the partner's sources.

use crate::{
    base::{PartnerId, paths},
    flows::server::docs::{self, PartnerDoc},
    partners::{
        model::PartnerPermission,
        pages::{portal_head, portal_screen},
        server::policy,
    },
    server::clock,
    ui::{Cell, Column, DataTable, EmptyState, Icon, Panel, Tag, TimeAgo, Tone},
    web::{PageResult, Visit},
};
use leptos::prelude::*;
use time::OffsetDateTime;

pub async fn portal_docs_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let actor = policy::find_in_portal(&mut conn, id, PartnerPermission::See).await?;
    let docs = docs::list_for_partner(&mut conn, actor.partner.account_id, id).await?;
    let now = visit.cx.now;
    let body = if docs.is_empty() {
        let text = format!("When {} gives you a source, its docs appear here.", actor.partner.company);
        view! { <EmptyState icon=Icon::Docs title="No Submission Docs yet" text /> }.into_any()
    } else {
        let head = ["Flow", "Source", "State", "Credential", "Created", "Last used"].map(Column::new).to_vec();
        let rows = docs.into_iter().map(|doc| row(doc, now)).collect_view();
        view! { <DataTable caption="Submission Docs" head>{rows}</DataTable> }.into_any()
    };
    let head = portal_head(&actor, "docs");
    Ok(portal_screen(
        &visit,
        format!("Submission Docs of {}", actor.partner.name),
        actor,
        view! {
            {head}
            <Panel title="Submission Docs" lead="How to send leads for each of your sources.">{body}</Panel>
        },
    ))
}

fn row(doc: PartnerDoc, now: OffsetDateTime) -> impl IntoView {
    let (tone, word) = if doc.is_on { (Tone::Positive, "On") } else { (Tone::Neutral, "Off") };
    let moment = move |at: OffsetDateTime| {
        let at = clock::display_time(at, now);
        view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }
    };
    let used = match (doc.credential_made_at, doc.credential_used_at) {
        (_, Some(at)) => moment(at).into_any(),
        (Some(_), None) => view! { "never" }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <tr>
            <Cell label="Flow"><a class="cell-title" href=paths::source_docs(doc.flow_id, doc.source_id)>{doc.flow_name}</a></Cell>
            <Cell label="Source">{doc.source_name}</Cell>
            <Cell label="State"><Tag tone text=word /></Cell>
            <Cell label="Credential">{doc.credential_prefix.map(|prefix| view! { <code>{prefix}"…"</code> })}</Cell>
            <Cell label="Created">{doc.credential_made_at.map(moment)}</Cell>
            <Cell label="Last used">{used}</Cell>
        </tr>
    }
}
