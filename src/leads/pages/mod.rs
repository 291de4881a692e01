//! [ssr] Lists of leads in the buyer's flow and the supplier's portal, and their export.

pub mod export;
mod list;
mod portal;
mod story;

pub use portal::{export_form, portal_leads_page};
pub use story::{lead_page, portal_lead_page};

use super::server::queries;
use crate::{
    accounts::model::Permission,
    base::{FlowId, LeadId, paths},
    flows::{pages::flow_head, server as flows},
    web::{PageResult, Screen, Visit},
};
use leptos::prelude::*;

pub async fn flow_leads_page(visit: Visit) -> PageResult {
    let flow_id: FlowId = visit.id("flow_id")?;
    let mut conn = visit.cx.read().await?;
    let (flow, actor) = flows::find_for(&mut conn, flow_id, Permission::See).await?;
    let before: Option<LeadId> = visit.query("before").parse().ok();
    let ids = queries::list_ids_of_flow(&mut conn, flow.account_id, flow_id, before, list::LIMIT).await?;
    let leads = list::load(&mut conn, flow.account_id, ids, queries::Content::Fields).await?;
    let body = list::List {
        leads,
        now: visit.cx.now,
        is_later_page: before.is_some(),
        path: paths::flow_leads(flow_id),
        empty: ("No leads yet", "Leads from your sources appear here."),
        value: list::field,
    };
    Ok(Screen::app(
        format!("Leads of {}", flow.name),
        "flows",
        view! { {flow_head(&flow, "leads", actor.role.may(Permission::ChangeFlows))}{body.show()} },
    ))
}
