//! The leads of a partner's sources in the portal, as the supplier sent them.

use super::page::Place;
use crate::{
    base::{PartnerId, paths},
    leads::server::export::Exporter,
    partners::{
        model::PartnerPermission,
        pages::{portal_head, portal_screen},
        server::policy,
    },
    ui::Panel,
    web::{PageResult, Visit},
};
use leptos::prelude::*;

pub async fn portal_leads_page(visit: Visit) -> PageResult {
    let id: PartnerId = visit.id("partner_id")?;
    let mut conn = visit.cx.read().await?;
    let actor = policy::find_in_portal(&mut conn, id, PartnerPermission::See).await?;
    let place = Place {
        account_id: actor.partner.account_id,
        user_id: actor.user_id,
        path: paths::portal_leads(id),
        exporter: Exporter::Portal(id),
        flow: None,
        may_export: actor.side.may(PartnerPermission::ExportLeads),
        next_step: ("Open the Submission Docs", paths::portal_docs(id)),
    };
    let list = place.show(&visit, &mut conn).await?;
    let head = portal_head(&actor, "leads");
    Ok(portal_screen(
        &visit,
        format!("Leads of {}", actor.partner.name),
        actor,
        view! {
            {head}
            <Panel title="Leads" lead="All leads from your sources, with their outcome and the fields as you sent them.">
                {list}
            </Panel>
        },
    ))
}
