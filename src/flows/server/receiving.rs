//! The flow for the leads of a seller who invited the buyer. The buyer chooses or creates it when accepting.

use super::{
    add_without_email, insert,
    queries::{self, FlowRow},
};
use crate::{
    accounts::{
        model::Plan,
        server::{policy::Actor, queries as accounts},
    },
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, EntityId, FlowId, Problem, SourceId},
    flows::model::USUAL_FIELDS,
    server::{Fault, Tx, live::Event},
};
use serde_json::json;

/// Maximum characters of a company name within a flow name, to leave room for the rest.
const NAME_LENGTH: usize = 80;

/// The flow that receives a seller's leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowChoice {
    Existing(FlowId),
    /// A new flow, or the existing one if the plan allows only one.
    New,
}

/// The chosen flow, or a new one. The Partners plan allows one flow, which is only created here; the plan lock makes
/// concurrent acceptances for the account wait, so there is never a second one.
pub async fn find_receiving(tx: &mut Tx, actor: &Actor, choice: FlowChoice, seller: &str) -> Result<FlowRow, Fault> {
    let account_id = actor.account_id;
    let (_, plan) = accounts::lock_plan(tx, account_id).await?.ok_or(Fault::NOT_FOUND)?;
    let id = match choice {
        FlowChoice::Existing(id) => id,
        FlowChoice::New => match queries::find_oldest_flow(tx, account_id).await? {
            Some(only) if !plan.is_some_and(Plan::may_build_flows) => only,
            _ => create_for(tx, account_id, seller).await?,
        },
    };
    // Keeps it from being archived until the transaction ends.
    queries::share_lock_flow(tx, id).await?;
    let flow = queries::find_flow(tx, id).await?.filter(|flow| flow.account_id == account_id);
    flow.ok_or_else(|| Fault::field("flow", Problem::FlowNotChosen))
}

async fn create_for(tx: &mut Tx, account_id: AccountId, seller: &str) -> Result<FlowId, Fault> {
    let seller: String = seller.chars().take(NAME_LENGTH).collect();
    let name = queries::find_free_name(tx, account_id, &format!("Leads from {}", seller.trim_end())).await?;
    insert(tx, account_id, &name, &USUAL_FIELDS.map(str::to_owned)).await
}

/// Makes the seller a source of the flow and turns it on. An existing source is only turned on.
pub async fn receive(tx: &mut Tx, flow: &FlowRow, actor: &Actor, entity_id: EntityId) -> Result<SourceId, Fault> {
    let known = queries::find_source_of_entity(tx, flow.id, entity_id).await?;
    let Some(id) = known else { return add_without_email(tx, flow, actor, entity_id).await.map(|(id, _)| id) };
    let (account_id, flow_id) = (flow.account_id, flow.id);
    let source = queries::find_source(tx, account_id, flow_id, id).await?.ok_or(Fault::NOT_FOUND)?;
    if !source.enabled && queries::set_source_enabled(tx, id, true).await? {
        let entry = Entry::about(account_id, Deed::SourceSwitched, id, &source.name);
        record(tx, entry.before(json!({ "enabled": false })).after(json!({ "enabled": true }))).await?;
    }
    tx.announce(Event::FlowSources { account_id, flow_id });
    Ok(id)
}
