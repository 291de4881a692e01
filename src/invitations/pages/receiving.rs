//! The flow in which an accepting buyer receives the seller's leads: one of its own, or a new one.

use crate::{
    accounts::model::Plan,
    base::{AccountId, FormState, Problem},
    flows::server::{
        FlowChoice,
        queries::{ReceivingFlow, list_receiving},
    },
    invitations::{model::Kind, server::queries::Invitation},
    server::{Cx, Fault, Membership},
    ui::{Choice, Select},
};
use leptos::prelude::*;

/// The form value for a flow that is created on acceptance.
const NEW: &str = "new";

/// Parses the posted choice. An empty one means a new flow.
pub fn chosen(posted: &str) -> Result<FlowChoice, Fault> {
    match posted {
        "" | NEW => Ok(FlowChoice::New),
        id => id.parse().map(FlowChoice::Existing).map_err(|_| Fault::field("flow", Problem::FlowNotChosen)),
    }
}

/// The flows of the companies that could accept; empty unless a seller invites a buyer.
pub async fn flows_of(
    cx: &Cx,
    invitation: &Invitation,
    companies: &[&Membership],
) -> Result<Vec<ReceivingFlow>, Fault> {
    if invitation.kind() != Kind::Recipient {
        return Ok(Vec::new());
    }
    let others = companies.iter().map(|membership| membership.account_id).filter(|id| *id != invitation.account_id);
    list_receiving(&mut *cx.read().await?, &others.collect::<Vec<_>>()).await
}

/// The choice of a flow, or a sentence that names it if there is only one. With several companies, each label starts
/// with the company's name.
pub fn choice(
    invitation: &Invitation,
    companies: &[&Membership],
    flows: &[ReceivingFlow],
    back: &FormState,
) -> Option<AnyView> {
    if invitation.kind() != Kind::Recipient {
        return None;
    }
    let companies: Vec<_> =
        companies.iter().filter(|membership| membership.account_id != invitation.account_id).collect();
    let makes_new = companies.iter().any(|membership| gets_new(membership, flows));
    let company = &invitation.company;
    match flows {
        [] => {
            return Some(note(format!(
                "We'll create a new flow for the leads: Leads from {company}. You set its rules."
            )));
        }
        [only] if !makes_new => {
            let off = if only.enabled { "" } else { " It's off. Turn it on to receive leads." };
            return Some(note(format!("You'll receive the leads in your flow {}.{off}", only.name)));
        }
        _ => {}
    }
    let typed = back.value("flow");
    let new = makes_new.then(|| Choice::new(NEW, "A new flow").selected(typed.is_empty() || typed == NEW));
    let name_of = |id: AccountId| {
        companies.iter().find(|membership| membership.account_id == id).map(|membership| &membership.name)
    };
    let of_flow = |flow: &ReceivingFlow| {
        let label = match name_of(flow.account_id) {
            Some(company) if companies.len() > 1 => format!("{company}: {}", flow.name),
            _ => flow.name.clone(),
        };
        let hint = if flow.enabled { String::new() } else { "off".to_owned() };
        let id = flow.id.to_string();
        Choice { hint, ..Choice::new(id.clone(), label).selected(id == typed) }
    };
    let options = new.into_iter().chain(flows.iter().map(of_flow)).collect();
    let help = format!("{company} becomes a source of this flow, turned on.");
    Some(view! { <Select label="Receive leads in" name="flow" options error=back.error("flow") help /> }.into_any())
}

/// True if accepting can create a flow for this company. LeadConduit for Partners allows one flow.
fn gets_new(membership: &Membership, flows: &[ReceivingFlow]) -> bool {
    membership.plan.is_some_and(Plan::may_build_flows)
        || !flows.iter().any(|flow| flow.account_id == membership.account_id)
}

fn note(text: String) -> AnyView {
    view! { <p role="note">{text}</p> }.into_any()
}
