//! [ssr] The room's routes, their audiences, and the messages after its forms.

use super::{functions, pages};
use crate::{
    accounts::model::Permission::{ChangeFlows, Invite, See},
    base::paths,
    partners::model::PartnerPermission::{self, RotateCredential, SendTestLeads},
    server::live,
    web::{
        Audience::{Account, Active, OwnPartner, Partner},
        PageRoute, Routes, messages, page,
    },
};
use axum::routing::get;

messages! {
    /// The messages after the room's forms.
    Message {
        FlowCreated "flow-created" "Flow created.",
        FlowOn "flow-on" "The flow is on.",
        FlowOff "flow-off" "The flow is off.",
        FlowArchived "flow-archived" "Flow archived. You can restore it below.",
        FlowDeleted "flow-deleted" "Flow deleted.",
        FlowRestored "flow-restored" "Flow restored. It's off until you turn it on.",
        FieldsSaved "fields-saved" "Fields saved.",
        CriteriaSaved "criteria-saved" "Acceptance criteria saved.",
        MappingsSaved "mappings-saved" "Mappings saved.",
        SourceAdded "source-added" "Source added.",
        SourceCreated "source-created" "Source created and added.",
        SourceOn "source-on" "The source is on.",
        SourceOff "source-off" "The source is off.",
        SourceRemoved "source-removed" "Source removed.",
        SourceReplaced "source-replaced" "The duplicate is now in use. The other source is off.",
        AuthenticationOn "authentication-on" "Authentication is now required for this source.",
        AuthenticationOff "authentication-off" "Authentication is no longer required for this source.",
        CredentialEnded "credential-ended" "The old secret no longer works.",
        TurnOnSaved "turn-on-saved" "Setting saved.",
    }
}

pub fn routes() -> Routes {
    Routes::new()
        .pages(pages_of_flows())
        .pages(pages_of_adding())
        .pages(pages_of_sources())
        .function::<functions::ListSources>(Account(See))
        .function::<functions::SwitchSource>(Account(ChangeFlows))
        .function::<functions::SetTurnOn>(Account(ChangeFlows))
        .function::<functions::AddSource>(Account(ChangeFlows))
        .function::<functions::CreateSource>(Account(ChangeFlows))
        .function::<functions::SaveMappings>(Account(ChangeFlows))
        .function::<functions::SaveCriteria>(Account(ChangeFlows))
        .handler(paths::LIVE, Account(See), get(live::stream))
        .messages::<Message>()
}

fn pages_of_flows() -> [PageRoute; 6] {
    [
        page(paths::FLOWS, Active(See), pages::flows_page).form("restore", Account(ChangeFlows), pages::post_flows),
        page(paths::NEW_FLOW, Active(ChangeFlows), pages::new_flow_page).form(
            "flow",
            Active(ChangeFlows),
            pages::post_new_flow,
        ),
        page(paths::FLOW_SOURCES, Account(See), pages::sources_page)
            .with_island("sources_panel")
            .form("switch", Account(ChangeFlows), pages::post_switch_source)
            .form("turn-on", Account(ChangeFlows), pages::post_turn_on)
            .form("use-instead", Account(ChangeFlows), pages::post_use_instead)
            .form("switch-flow", Account(ChangeFlows), pages::post_switch_flow)
            .form("resend", Account(Invite), pages::post_act_on_invitation)
            .form("invite-again", Account(Invite), pages::post_act_on_invitation),
        page(paths::FLOW_FIELDS, Account(See), pages::flow_fields_page).form(
            "fields",
            Account(ChangeFlows),
            pages::post_fields,
        ),
        page(paths::FLOW_CRITERIA, Account(See), pages::flow_criteria_page).with_island("criteria_editor").form(
            "criteria",
            Account(ChangeFlows),
            pages::post_flow_criteria,
        ),
        page(paths::REMOVE_FLOW, Account(ChangeFlows), pages::remove_flow_page).form(
            "remove",
            Account(ChangeFlows),
            pages::post_remove_flow,
        ),
    ]
}

fn pages_of_adding() -> [PageRoute; 3] {
    [
        page(paths::ADD_SOURCE, Account(ChangeFlows), pages::add_source_page).form(
            "add",
            Account(ChangeFlows),
            pages::post_add_source,
        ),
        page(paths::NEW_SOURCE, Account(ChangeFlows), pages::new_source_page).form(
            "kind",
            Account(ChangeFlows),
            pages::post_new_source,
        ),
        page(paths::CUSTOM_SOURCE, Account(ChangeFlows), pages::custom_source_page).form(
            "custom",
            Account(ChangeFlows),
            pages::post_custom_source,
        ),
    ]
}

fn pages_of_sources() -> [PageRoute; 7] {
    [
        page(paths::SOURCE_MAPPINGS, Account(See), pages::source_mappings_page).with_island("mappings_editor").form(
            "mappings",
            Account(ChangeFlows),
            pages::post_source_mappings,
        ),
        page(paths::SOURCE_CRITERIA, Account(See), pages::source_criteria_page).with_island("criteria_editor").form(
            "criteria",
            Account(ChangeFlows),
            pages::post_source_criteria,
        ),
        page(paths::SOURCE_AUTHENTICATION, Account(See), pages::source_authentication_page)
            .with_island("copy_buttons")
            .form("authentication", Account(ChangeFlows), pages::post_require_authentication)
            .form("create-credential", OwnPartner(RotateCredential), pages::post_create_credential)
            .form("rotate-credential", OwnPartner(RotateCredential), pages::post_rotate_credential)
            .form("end-credential", OwnPartner(RotateCredential), pages::post_end_credential),
        page(paths::SOURCE_PERFORMANCE, Account(See), pages::source_performance_page),
        page(paths::REMOVE_SOURCE, Account(ChangeFlows), pages::remove_source_page).form(
            "remove",
            Account(ChangeFlows),
            pages::post_remove_source,
        ),
        page(paths::SOURCE_DOCS, Partner(PartnerPermission::See), pages::submission_doc_page)
            .with_island("copy_buttons")
            .form("create-credential", Partner(RotateCredential), pages::post_create_docs_credential)
            .form("rotate-credential", Partner(RotateCredential), pages::post_rotate_docs_credential)
            .form("end-credential", Partner(RotateCredential), pages::post_end_docs_credential)
            .form("test-lead", Partner(SendTestLeads), pages::post_test_lead),
        page(paths::SUBMISSION_DOCS, Active(See), pages::submission_docs_page),
    ]
}
