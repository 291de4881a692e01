//! [both] The closed vocabulary of what can happen.

use crate::base::text_enum::text_enum;

text_enum! {
    /// What somebody did; stored as its word.
    Deed {
        SignedIn = "signed_in",
        SignInFailed = "sign_in_failed",
        SignedOut = "signed_out",
        AccountCreated = "account_created",
        FlowCreated = "flow_created",
        FlowSwitched = "flow_switched",
        FieldsChanged = "fields_changed",
        SourceAdded = "source_added",
        SourceSwitched = "source_switched",
        MappingsChanged = "mappings_changed",
        RulesChanged = "rules_changed",
        SourceConverted = "source_converted",
        Invited = "invited",
        Accepted = "accepted",
        Declined = "declined",
        Connected = "connected",
        PlanGranted = "plan_granted",
        PlanChanged = "plan_changed",
        UpgradeRequested = "upgrade_requested",
        SettingsChanged = "settings_changed",
        CompanyRenamed = "company_renamed",
        PartnerCreated = "partner_created",
        PartnerLinked = "partner_linked",
        ApiKeyCreated = "api_key_created",
    }
}

impl Deed {
    /// What happened, between who and what: "Ann *invited* bob@example.com".
    pub fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::SignInFailed => "failed to sign in",
            Self::SignedOut => "signed out",
            Self::AccountCreated => "created the account",
            Self::FlowCreated => "created the flow",
            Self::FlowSwitched => "switched the flow",
            Self::FieldsChanged => "changed the fields of",
            Self::SourceAdded => "added the source",
            Self::SourceSwitched => "switched the source",
            Self::MappingsChanged => "changed the mappings of",
            Self::RulesChanged => "changed the rules of",
            Self::SourceConverted => "became the account source",
            Self::Invited => "invited",
            Self::Accepted => "accepted the invitation",
            Self::Declined => "declined the invitation",
            Self::Connected => "connected with",
            Self::PlanGranted => "received the plan",
            Self::PlanChanged => "changed the plan to",
            Self::UpgradeRequested => "requested an upgrade of",
            Self::SettingsChanged => "changed the settings of",
            Self::CompanyRenamed => "renamed the company to",
            Self::PartnerCreated => "created the partner",
            Self::PartnerLinked => "linked the partner",
            Self::ApiKeyCreated => "created the API key",
        }
    }
}
