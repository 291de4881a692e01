//! *First steps* on Home, until the first lead has arrived.

use crate::{
    base::paths,
    reports::server::{BuyingSteps, SellingSteps},
    ui::{CheckList, CheckStep, Panel},
};
use leptos::prelude::*;

pub fn of_buyer(steps: BuyingSteps) -> AnyView {
    let BuyingSteps { flow, has_invited, has_rules, is_connected } = steps;
    let invite = flow.map_or(paths::NEW_FLOW.to_owned(), paths::add_source);
    let rules = flow.map_or(paths::NEW_FLOW.to_owned(), paths::flow_criteria);
    let sources = flow.map_or(paths::NEW_FLOW.to_owned(), paths::flow_sources);
    let steps = vec![
        CheckStep::new(flow.is_some(), "Build a flow", "Choose the fields that a lead must have.", paths::NEW_FLOW),
        CheckStep::new(has_invited, "Invite a seller", "Email a company that sends you leads.", invite),
        CheckStep::new(
            has_rules,
            "Set your rules",
            "Say which leads you accept. Sellers see why others are rejected.",
            rules,
        ),
        CheckStep::new(
            is_connected,
            "The seller accepts",
            "Their source turns on, and they see how to send leads.",
            sources,
        ),
        CheckStep::new(
            false,
            "The first lead arrives",
            "You see here what was accepted, and why others were not.",
            paths::LEADS,
        ),
    ];
    panel("From a new flow to your first lead.", steps)
}

/// The panel, unless the account has sent a lead or has no portal to send one.
pub fn of_seller(steps: &SellingSteps) -> Option<AnyView> {
    let SellingSteps { portal, has_tested, has_leads } = *steps;
    let portal = portal.filter(|_| !has_leads)?;
    let docs = paths::portal_docs(portal);
    let steps = vec![
        CheckStep::new(true, "Connect with a buyer", "Your source is on.", paths::BUYERS),
        CheckStep::new(
            has_tested,
            "Send a test lead",
            "Read where and how to send leads, and try it there with an example.",
            docs,
        ),
        CheckStep::new(
            has_leads,
            "Send your first lead",
            "You see at once what became of it.",
            paths::portal_leads(portal),
        ),
    ];
    Some(panel("From the connection to your first lead.", steps))
}

fn panel(lead: &'static str, steps: Vec<CheckStep>) -> AnyView {
    view! { <Panel title="First steps" lead><CheckList steps /></Panel> }.into_any()
}
