//! [ssr] Lists of leads of an account, a flow and a partner, their export, and erasing people.

mod erase;
pub mod export;
mod filters;
mod list;
mod page;
mod portal;
mod story;

pub use erase::{erase_person_page, post_erase_person};
pub use export::{ExportForm, export_panel};
pub use portal::portal_leads_page;
pub use story::{lead_page, portal_lead_page};

use super::server::export::Exporter;
use crate::{
    accounts::model::Permission,
    base::{FlowId, paths},
    flows::{pages::flow_head, server as flows},
    ui::PageHeader,
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;
use page::Place;

/// `/leads`: every lead of the active account.
pub async fn leads_page(visit: Visit) -> PageResult {
    let account_id = visit.cx.active_membership()?.account_id;
    let actor = visit.cx.actor(account_id, Permission::See)?;
    let place = Place {
        account_id,
        user_id: actor.user_id,
        path: paths::LEADS.to_owned(),
        exporter: Exporter::Account(account_id),
        flow: None,
        may_export: true,
        next_step: page::to_flows(),
    };
    let mut conn = visit.cx.read().await?;
    let list = place.show(&visit, &mut conn).await?;
    let erase = actor.role.may(Permission::ManageAccount).then(erase::entrance);
    Ok(Screen::app(
        "Leads",
        "leads",
        view! {
            <PageHeader title="Leads" lead="Every lead that your sources sent, newest first." />
            {list}
            {erase}
        },
    ))
}

pub async fn flow_leads_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = flows::find_for(&mut conn, flow_id, Permission::See).await?;
    let place = Place {
        account_id: flow.account_id,
        user_id: actor.user_id,
        path: paths::flow_leads(flow_id),
        exporter: Exporter::Account(flow.account_id),
        flow: Some(flow_id),
        may_export: true,
        next_step: ("Go to the flow's sources", paths::flow_sources(flow_id)),
    };
    let list = place.show(&visit, &mut conn).await?;
    Ok(Screen::app(
        format!("Leads of {}", flow.name),
        "flows",
        view! { {flow_head(&flow, "leads", actor.role.may(Permission::ChangeFlows))}{list} },
    ))
}
