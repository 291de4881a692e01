//! [ssr] The pages of flows, their sources and Submission Docs.

mod add;
mod authentication;
mod credential;
mod docs;
mod examples;
mod flow;
mod list;
mod reference;
mod remove;
mod rule_help;
mod source;
mod test_lead;
mod unread_posts;

pub use add::{
    add_source_page, custom_source_page, find_editable_flow, new_source_page, post_add_source, post_custom_source,
    post_new_source,
};
pub use authentication::{
    post_create_credential, post_end_credential, post_require_authentication, post_rotate_credential,
    source_authentication_page,
};
pub use docs::{
    post_create_docs_credential, post_end_docs_credential, post_rotate_docs_credential, submission_doc_page,
    submission_docs_page,
};
pub use flow::{
    flow_criteria_page, flow_fields_page, post_act_on_invitation, post_fields, post_flow_criteria, post_switch_flow,
    post_switch_source, post_turn_on, post_use_instead, source_query, sources_page,
};
pub use list::{flows_page, new_flow_page, post_flows, post_new_flow};
pub use remove::{post_remove_flow, post_remove_source, remove_flow_page, remove_source_page};
pub use source::{
    post_source_criteria, post_source_mappings, source_criteria_page, source_mappings_page, source_performance_page,
};
pub use test_lead::post_test_lead;

use crate::{
    base::{FlowId, paths},
    flows::{model::FieldOption, server::queries::FlowRow},
    rules::standard_field,
    ui::{ButtonKind, HiddenField, LinkButton, PageHeader, TabLink, Tabs, Tag, Tone},
};
use leptos::prelude::*;

/// The header of all pages of a flow: name, state, actions and tabs.
pub fn flow_head(flow: &FlowRow, current: &'static str, may_change: bool) -> AnyView {
    let id = flow.id;
    let tab = |key: &'static str, label: &str, href: String| TabLink {
        href,
        label: label.to_owned(),
        current: key == current,
        count: None,
    };
    let tabs = vec![
        tab("sources", "Sources", paths::flow_sources(id)),
        tab("fields", "Fields", paths::flow_fields(id)),
        tab("criteria", "Acceptance Criteria", paths::flow_criteria(id)),
        tab("deliveries", "Deliveries", paths::flow_deliveries(id)),
        tab("leads", "Leads", paths::flow_leads(id)),
    ];
    let (tone, word) = if flow.enabled { (Tone::Positive, "On") } else { (Tone::Neutral, "Off") };
    let state = view! { <Tag tone text=word /> }.into_any();
    let (acting, enabled) = (flow.account_id.to_string(), flow.enabled);
    let switch = may_change.then(move || {
        view! {
            <form method="post" action=paths::flow_sources(id)>
                <HiddenField name="form" value="switch-flow" />
                <HiddenField name="as" value=acting />
                <HiddenField name="on" value=if enabled { "off" } else { "on" } />
                <crate::ui::Button kind=ButtonKind::Secondary>
                    {if enabled { "Turn flow off" } else { "Turn flow on" }}
                </crate::ui::Button>
            </form>
        }
    });
    let remove = may_change.then(|| {
        view! { <LinkButton href=paths::remove_flow(id) kind=ButtonKind::Quiet>"Archive or delete"</LinkButton> }
    });
    view! {
        <PageHeader title=flow.name.clone() breadcrumb=vec![("Flows".to_owned(), paths::FLOWS.to_owned())] state>
            {switch}
            <LinkButton href=paths::activity_of(id) kind=ButtonKind::Quiet>"Activity"</LinkButton>
            {remove}
        </PageHeader>
        <Tabs label="Flow" tabs />
    }
    .into_any()
}

/// The fields of a flow as options for the editors.
pub fn field_options(names: &[String]) -> Vec<FieldOption> {
    names
        .iter()
        .map(|name| FieldOption {
            name: name.clone(),
            label: standard_field(name).map_or_else(|| name.clone(), |field| field.label.to_owned()),
        })
        .collect()
}

/// Breadcrumbs from a source back to its flow.
pub fn crumbs(flow_id: FlowId, flow_name: &str) -> Vec<(String, String)> {
    vec![("Flows".to_owned(), paths::FLOWS.to_owned()), (flow_name.to_owned(), paths::flow_sources(flow_id))]
}
