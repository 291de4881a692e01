//! [both] The closed list of what can happen.

use crate::base::text_enum::text_enum;

/// Declares the deeds: variant, stored word, words on pages.
macro_rules! deeds {
    ($($variant:ident $stored:literal $word:literal,)+) => {
        text_enum! {
            /// What someone did.
            Deed { $($variant = $stored,)+ }
        }

        impl Deed {
            /// The words between the actor and the subject: "Ann *invited* bob@example.com".
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

text_enum! {
    /// The kinds of things that an entry can be about.
    SubjectKind {
        Flow = "flow",
        Source = "source",
        Delivery = "delivery",
        Partner = "partner",
        Entity = "entity",
        Invitation = "invitation",
        User = "user",
        Session = "session",
        Account = "account",
        ApiKey = "api_key",
    }
}

impl SubjectKind {
    /// The word for several of them.
    pub fn word(self) -> &'static str {
        match self {
            Self::Flow => "Flows",
            Self::Source => "Sources",
            Self::Delivery => "Deliveries",
            Self::Partner => "Partners",
            Self::Entity => "Connected companies",
            Self::Invitation => "Invitations",
            Self::User => "People",
            Self::Session => "Browsers",
            Self::Account => "Company",
            Self::ApiKey => "API keys",
        }
    }
}

deeds! {
    SignedIn "signed_in" "signed in",
    SignInFailed "sign_in_failed" "failed to sign in",
    SignedOut "signed_out" "signed out",
    NameChanged "name_changed" "changed their name",
    PasswordReset "password_reset" "reset their password by email",
    PasswordChanged "password_changed" "changed their password",
    AddressChangeAsked "address_change_asked" "asked to change their email",
    AddressChanged "address_changed" "changed their email",
    SessionEnded "session_ended" "signed out another session",
    NotificationsChanged "notifications_changed" "changed their notifications",
    AccountCreated "account_created" "created the account",
    FlowCreated "flow_created" "created the flow",
    FlowRenamed "flow_renamed" "renamed the flow to",
    FlowSwitched "flow_switched" "turned on or off the flow",
    FlowArchived "flow_archived" "archived the flow",
    FlowDeleted "flow_deleted" "deleted the flow",
    FlowRestored "flow_restored" "restored the flow",
    FieldsChanged "fields_changed" "changed the fields of",
    SourceAdded "source_added" "added the source",
    SourceSwitched "source_switched" "turned on or off the source",
    SourceRemoved "source_removed" "removed the source",
    SourceReplaced "source_replaced" "switched to the duplicate source",
    SourcesMerged "sources_merged" "merged the sources of",
    MappingsChanged "mappings_changed" "changed the mappings of",
    RulesChanged "rules_changed" "changed the rules of",
    SourceConverted "source_converted" "became the account source",
    EntityRenamed "entity_renamed" "renamed a connected company to",
    EntityRemoved "entity_removed" "removed",
    RecipientConverted "recipient_converted" "became the recipient",
    Invited "invited" "invited",
    Accepted "accepted" "accepted the invitation",
    Declined "declined" "declined the invitation to",
    Resent "resent" "resent the invitation to",
    Readdressed "readdressed" "changed the address of the invitation to",
    Revoked "revoked" "revoked the invitation to",
    LinkCopied "link_copied" "copied a link for the invitation to",
    NewInvitationRequested "new_invitation_requested" "requested a new invitation for",
    AdminAsked "admin_asked" "asked the Admins to accept the invitation from",
    MailsStopped "mails_stopped" "stopped invitations to",
    MailsAllowed "mails_allowed" "allowed invitations again for",
    Merged "merged" "merged a pending source into",
    RecipientMerged "recipient_merged" "merged a pending recipient into",
    Connected "connected" "connected with",
    Disconnected "disconnected" "ended the connection with",
    PlanGranted "plan_granted" "received the plan",
    PlanChanged "plan_changed" "changed the plan to",
    UpgradeRequested "upgrade_requested" "requested an upgrade for",
    SettingsChanged "settings_changed" "changed the settings of",
    CompanyRenamed "company_renamed" "renamed the company to",
    PartnerCreated "partner_created" "created the partner",
    PartnerLinked "partner_linked" "linked the partner",
    ApiKeyCreated "api_key_created" "created the API key",
    ApiKeyRevoked "api_key_revoked" "revoked the API key",
    PartnerChanged "partner_changed" "changed the partner",
    PartnerArchived "partner_archived" "archived the partner",
    PartnerRestored "partner_restored" "restored the partner",
    PartnerDeleted "partner_deleted" "deleted the partner",
    SourceAssigned "source_assigned" "assigned the source",
    SourceUnassigned "source_unassigned" "unassigned the source",
    Joined "joined" "joined",
    RoleChanged "role_changed" "changed the role of",
    UserRemoved "user_removed" "removed",
    CredentialMade "credential_made" "created a credential for the source",
    CredentialRotated "credential_rotated" "rotated the credential of the source",
    CredentialEnded "credential_ended" "ended the previous credential of the source",
    AuthenticationChanged "authentication_changed" "changed the authentication of the source",
    LeadsExported "leads_exported" "exported leads of",
    DeliveryAdded "delivery_added" "added the delivery",
    DeliveryChanged "delivery_changed" "changed the delivery",
    DeliverySwitched "delivery_switched" "turned on, paused or turned off the delivery",
    DeliverySecretRotated "delivery_secret_rotated" "rotated the secret of the delivery",
    DeliveryRemoved "delivery_removed" "removed the delivery",
    PersonErased "person_erased" "erased a person from the leads of",
}
