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
        FlowArchived = "flow_archived",
        FlowDeleted = "flow_deleted",
        FlowRestored = "flow_restored",
        FieldsChanged = "fields_changed",
        SourceAdded = "source_added",
        SourceSwitched = "source_switched",
        SourceRemoved = "source_removed",
        SourceReplaced = "source_replaced",
        SourcesMerged = "sources_merged",
        MappingsChanged = "mappings_changed",
        RulesChanged = "rules_changed",
        SourceConverted = "source_converted",
        Invited = "invited",
        Accepted = "accepted",
        Declined = "declined",
        Resent = "resent",
        Readdressed = "readdressed",
        Revoked = "revoked",
        LinkCopied = "link_copied",
        NewInvitationRequested = "new_invitation_requested",
        AdminAsked = "admin_asked",
        MailsStopped = "mails_stopped",
        Merged = "merged",
        Connected = "connected",
        PlanGranted = "plan_granted",
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
            Self::FlowArchived => "archived the flow",
            Self::FlowDeleted => "deleted the flow",
            Self::FlowRestored => "restored the flow",
            Self::FieldsChanged => "changed the fields of",
            Self::SourceAdded => "added the source",
            Self::SourceSwitched => "switched the source",
            Self::SourceRemoved => "removed the source",
            Self::SourceReplaced => "used instead of its duplicate the source",
            Self::SourcesMerged => "merged the sources of",
            Self::MappingsChanged => "changed the mappings of",
            Self::RulesChanged => "changed the rules of",
            Self::SourceConverted => "became the account source",
            Self::Invited => "invited",
            Self::Accepted => "accepted the invitation",
            Self::Declined => "declined the invitation",
            Self::Resent => "resent the invitation to",
            Self::Readdressed => "sent to another address the invitation to",
            Self::Revoked => "revoked the invitation to",
            Self::LinkCopied => "copied a link of the invitation to",
            Self::NewInvitationRequested => "asked for a new invitation:",
            Self::AdminAsked => "asked the Admins to accept the invitation of",
            Self::MailsStopped => "stopped invitations to",
            Self::Merged => "merged into the account source",
            Self::Connected => "connected with",
            Self::PlanGranted => "received the plan",
            Self::PartnerCreated => "created the partner",
            Self::PartnerLinked => "linked the partner",
            Self::ApiKeyCreated => "created the API key",
        }
    }
}
