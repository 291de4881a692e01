//! Errors, by layer:
//! - a [`Problem`] is an expected rejection from a closed list, with a sentence for people and a code for machines;
//! - an [`AppError`] is everything a caller can receive; it crosses the wire, so it contains no free text;
//! - failures on our side are logged where they happen (`Fault::report`) and become [`AppError::Internal`] or
//!   [`AppError::Unavailable`], without details.

use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An error of one form field or request property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub problem: Problem,
}

/// Every error a caller can receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// 422: these fields are wrong.
    Invalid(Vec<FieldError>),
    /// The request as a whole is rejected, with the status of the problem: 403, 409, 410 or 429.
    Refused(Problem),
    /// 404: it does not exist, or this person may not know that it does.
    NotFound,
    /// 401: not signed in.
    SignedOut,
    /// 503: the database is unreachable or too busy.
    Unavailable,
    /// 500: our fault; already logged.
    Internal,
}

impl AppError {
    /// An error for a single field.
    pub fn invalid(field: &str, problem: Problem) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), problem }])
    }

    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::Refused(problem) => problem.status(),
            Self::NotFound => 404,
            Self::SignedOut => 401,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors,
            _ => &[],
        }
    }

    /// The message to show beside a field.
    pub fn field_message(&self, field: &str) -> Option<String> {
        self.field_errors().iter().find(|error| error.field == field).map(|error| error.problem.sentence().to_owned())
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(errors) => match errors.as_slice() {
                [only] => only.problem.sentence(),
                _ => "Some fields need your attention.",
            },
            Self::Refused(problem) => problem.sentence(),
            Self::NotFound => "This doesn't exist, or you don't have access to it.",
            Self::SignedOut => "You are signed out. Sign in and try again.",
            Self::Unavailable => {
                "Accord is busy or can't reach its database. Nothing was changed. Try again in a moment."
            }
            Self::Internal => "Something went wrong on our side. Nothing was changed. Try again.",
        })
    }
}

impl std::error::Error for AppError {}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Refused(Problem::RequestUnreadable)
            }
            ServerFnErrorErr::Request(_) => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

/// A reason to reject something: the HTTP status, the code for machines and the sentence for people. The list is below.
///
/// A structure and not an enum, and sent with its sentence, so that pages do not load all sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    status: u16,
    code: &'static str,
    sentence: &'static str,
}

impl Problem {
    pub fn status(self) -> u16 {
        self.status
    }

    pub fn code(self) -> &'static str {
        self.code
    }

    pub fn sentence(self) -> &'static str {
        self.sentence
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.status, self.code, self.sentence).serialize(serializer)
    }
}

/// Only a page reads a problem, a few times until it is left, so the texts need not be freed.
impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (status, code, sentence) = <(u16, String, String)>::deserialize(deserializer)?;
        Ok(Self { status, code: code.leak(), sentence: sentence.leak() })
    }
}

macro_rules! problems {
    ($($name:ident $status:literal $code:literal $sentence:literal,)+) => {
        #[expect(non_upper_case_globals, reason = "They are named and matched like variants of an enum.")]
        impl Problem {
            $(pub const $name: Self = Self { status: $status, code: $code, sentence: $sentence };)+

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

problems! {
    // Any request
    RequestUnreadable 400 "request_unreadable" "The request could not be read. Reload the page and try again.",
    QueryUnreadable 400 "query_unreadable" "The address of this page could not be read. Go back and try again.",
    CrossSite 403 "cross_site" "This request came from another site and was blocked. Open the page in Accord and try again.",
    UnknownHost 421 "unknown_host" "Accord isn't available at this address.",
    NotAllowed 403 "not_allowed" "Your role does not allow this. Ask an Admin.",
    ActsElsewhere 409 "acts_elsewhere" "You no longer have access to the account this form belongs to. Reload the page.",
    StaleVersion 409 "stale_version" "Someone saved a newer version. Review it and reapply your changes.",

    TooOften 429 "too_often" "Too many attempts. Wait a moment and try again.",
    ExportRunning 429 "export_running" "You already have an export running. Wait until it's finished, or cancel it, then try again.",
    EmailsTooOften 429 "emails_too_often" "Too many attempts. Use the link in the latest email to this address, or wait a while and try again.",
    LocalOnly 403 "local_only" "This page is shown only on the machine that Accord runs on.",

    // Fields
    Required 422 "required" "Fill this in.",
    TooLong 422 "too_long" "This is too long.",
    ControlCharacters 422 "control_characters" "Use letters, digits and punctuation only.",
    NameTooLong 422 "name_too_long" "Use at most 100 characters.",
    PersonNameMissing 422 "person_name_missing" "Enter your name.",
    CompanyNameMissing 422 "company_name_missing" "Enter your company's name.",
    EmailMissing 422 "email_missing" "Enter an email address.",
    EmailInvalid 422 "email_invalid" "Enter an email address like name@example.com.",
    EmailTooLong 422 "email_too_long" "This address is too long.",
    OneEmailOnly 422 "one_email_only" "Enter only one email address.",
    PasswordTooShort 422 "password_too_short" "Use at least 8 characters.",
    PasswordTooLong 422 "password_too_long" "Use at most 256 characters.",
    PasswordCommon 422 "password_common" "This password is too common. Choose another.",

    // Identity
    SignInTooOften 429 "sign_in_too_often" "Too many attempts. Wait a moment and try again, or set a new password by email.",
    WrongCredentials 401 "wrong_credentials" "Incorrect email or password.",
    AddressHasLogin 409 "address_has_login" "This email address is already registered. Sign in instead.",
    ChangeOfAnother 403 "change_of_another" "This link belongs to another account. Sign in with that account to confirm.",
    LinkUsed 410 "link_used" "This link has expired or was already used. Sign in, or request a new link.",

    SignUpAgain 410 "sign_up_again" "This sign-up has expired in this browser. Sign up again.",
    CurrentPasswordWrong 422 "current_password_wrong" "This is not your current password.",
    OwnAddressAlready 422 "own_address_already" "This is already your email address. Enter a different one.",

    // Accounts
    WebsiteInvalid 422 "website_invalid" "Enter an address like https://example.com.",
    TimeZoneUnknown 422 "time_zone_unknown" "Choose a time zone from the list, such as America/New_York.",
    InvitationDaysInvalid 422 "invitation_days_invalid" "Enter a number of days from 1 to 30.",
    LeadDaysInvalid 422 "lead_days_invalid" "Enter a number of days from 7 to 1,830.",
    RemovalUnconfirmed 422 "removal_unconfirmed" "Confirm that older leads are removed, or enter more days.",
    UpgradeAsked 409 "upgrade_asked" "An upgrade was requested recently. We'll reply by email.",

    // Plans
    PlanRequired 403 "plan_required" "You need LeadConduit Base or Pro to invite companies and to create flows and partners. Request an upgrade under Settings, Subscription.",

    // The API
    RequestInProgress 409 "request_in_progress" "The first request with this Idempotency-Key is still running. Try again in a moment.",
    IdempotencyKeyInvalid 422 "idempotency_key_invalid" "An Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
    IdempotencyKeyReused 422 "idempotency_key_reused" "This Idempotency-Key was used for another request. Use a new one.",
    EntityInUse 409 "entity_in_use" "This entity is a source in a flow. Remove it from the flow first.",
    EntityConnected 409 "entity_connected" "This entity is a connected account. Disconnect it first.",
    EntityStandard 409 "entity_standard" "Standard entities are shared by all accounts and cannot be changed or deleted.",
    EntityOfAccount 409 "entity_of_account" "This entity is named after an account or address and cannot be renamed.",
    NotDateOrTime 422 "not_date_or_time" "Use a date like 2026-11-25 or a time like 2026-11-25T09:30:00Z.",

    // API keys
    ApiKeyNameMissing 422 "api_key_name_missing" "Enter a name for the key, such as the system that uses it.",
    ApiKeysTooMany 409 "api_keys_too_many" "You already have 50 API keys. Revoke one you no longer use.",
    ApiKeysNeedPlan 403 "api_keys_need_plan" "API keys require LeadConduit. Request an upgrade under Settings, Subscription.",

    // Deliveries
    DeliveryNameMissing 422 "delivery_name_missing" "Enter a name, such as the system that takes the leads.",
    DeliveryUrlMissing 422 "delivery_url_missing" "Enter the URL that takes the leads.",
    DeliveryUrlUnreadable 422 "delivery_url_unreadable" "Enter a full URL, such as https://crm.example.com/leads.",
    DeliveryUrlInsecure 422 "delivery_url_insecure" "Leads are sent only to URLs that begin with https://.",
    DeliveryUrlHasUser 422 "delivery_url_has_user" "A URL for leads has no user name, password or part after #. Use a header for a key.",
    DeliveryAddressPrivate 422 "delivery_address_private" "This address is private. Leads are sent only to addresses on the public internet.",
    DeliveryFormatUnknown 422 "delivery_format_unknown" "Choose JSON, form or XML.",
    DeliveryHeadersUnreadable 422 "delivery_headers_unreadable" "Enter one header a line, such as X-Api-Key: secret.",
    DeliveryHeaderIsOurs 422 "delivery_header_is_ours" "Accord sets one of these headers itself. Remove it.",
    DeliveryHeadersTooMany 422 "delivery_headers_too_many" "A delivery can have 10 headers.",
    DeliveriesTooMany 409 "deliveries_too_many" "A flow can have 20 deliveries. Remove one you no longer need.",
    DeliveryLeadWaits 409 "delivery_lead_waits" "This lead already waits to be sent, or it can't be sent again.",

    // Flows
    FlowNameMissing 422 "flow_name_missing" "Enter a name for the flow.",
    FlowNameTaken 422 "flow_name_taken" "You already have a flow with this name.",
    FlowFieldsMissing 422 "flow_fields_missing" "Choose at least one field.",
    FieldUnknown 422 "field_unknown" "This field is not in the list.",
    SourceNameMissing 422 "source_name_missing" "Enter a name for the source.",
    SourceNameTaken 422 "source_name_taken" "You already have a source with this name.",
    SourceNotChosen 422 "source_not_chosen" "Choose a source from the list.",
    AlreadyInFlow 409 "already_in_flow" "This source is already in the flow.",
    SourcePending 409 "source_pending" "This source cannot be turned on until its invitation is accepted.",
    SourceNotConnected 409 "source_not_connected" "This source cannot be turned on: its account is no longer connected.",
    SourceDuplicate 409 "source_duplicate" "This source is a duplicate and cannot be turned on. Use it instead of the other one, or remove it.",
    CredentialExists 409 "credential_exists" "This source already has a credential. Rotate it if its secret is lost.",
    CredentialChanged 409 "credential_changed" "The credential was rotated in the meantime. Its current state is shown here.",
    ArchivedNameTaken 409 "archived_name_taken" "You now have another flow with this name. Remove it first, then restore this one.",

    // Partners
    PartnerNameMissing 422 "partner_name_missing" "Enter a name for the partner.",
    NotesTooLong 422 "notes_too_long" "Use at most 5,000 characters for the notes.",
    SourcesNotChosen 422 "sources_not_chosen" "Choose at least one source.",
    MoveUnconfirmed 422 "move_unconfirmed" "Confirm that you want to move these sources away from their current partner.",
    SourceOfAnother 409 "source_of_another_partner" "This source belongs to another partner. Name that partner in `from` to move it.",
    PartnerArchived 409 "partner_archived" "This partner is archived. Restore it first.",
    RemovalChanged 409 "removal_changed" "Removing this partner now has a different effect. Review it and confirm again.",
    PartnerLinked 409 "partner_linked" "This partner is already connected to its company. Invite another company as a separate partner.",
    PartnerInvited 409 "partner_invited" "This partner has an open invitation. Resend it, or send it to another address.",
    InvitedForAnother 409 "invited_for_another" "This address is already invited for another of your partners. Nothing was sent.",

    // Leads
    FilterUnreadable 422 "filter_unreadable" "The filter could not be read. Choose it again.",
    ColumnsMissing 422 "columns_missing" "Choose at least one column.",
    OnePersonOnly 422 "one_person_only" "Use either an email address or a phone number.",
    PersonUnreadable 422 "person_unreadable" "Enter an email address, or a phone number with its area code.",

    // Rules and mappings
    RuleFieldMissing 422 "rule_field_missing" "Choose a field for each rule.",
    RuleFieldUnknown 422 "rule_field_unknown" "A rule uses a field that is not in this flow.",
    RuleValueMissing 422 "rule_value_missing" "Enter the value to compare with.",
    RuleRangeInvalid 422 "rule_range_invalid" "Enter a range with its lower end first, such as 18-65, 18+ or 1980-01-01 to 1989-12-31.",
    RuleListEmpty 422 "rule_list_empty" "Enter at least one value. Separate several with commas, semicolons or lines.",
    RuleValueUnreadable 422 "rule_value_unreadable" "This value can't be read for this field. Correct it, and write years with four digits. In a list, check each value.",
    RuleValueUnordered 422 "rule_value_unordered" "This field cannot be less or greater than this value. Enter a number, or a date with a year of four digits.",
    RuleGroupEmpty 422 "rule_group_empty" "Add a rule to this group or remove the group.",
    TemplateInvalid 422 "template_invalid" "Write each template as {{name}}, with the name of a field or parameter. Names can have letters, digits, spaces and _ - . [ ].",
    RulePatternInvalid 422 "rule_pattern_invalid" "This pattern is invalid, too large or can never match. Change it.",
    RulesTooMany 422 "rules_too_many" "Use at most 500 rules, nested at most five levels deep.",
    PatternsTooMany 422 "patterns_too_many" "Use at most 50 patterns.",
    PatternsTooLarge 422 "patterns_too_large" "Together, these patterns are too large. Shorten some of them.",
    RuleListTooLong 422 "rule_list_too_long" "Use at most 50,000 entries in a list, and at most 1 MiB.",
    MappingsTooMany 422 "mappings_too_many" "Use at most 200 mappings.",
    RulesUnreadable 422 "rules_unreadable" "The rules could not be read.",
    MappingTargetUnknown 422 "mapping_target_unknown" "Choose a field of this flow for each mapping.",
    MappingValueMissing 422 "mapping_value_missing" "Enter the seller's parameter for each mapping.",
    ReasonTooLong 422 "reason_too_long" "Use at most 200 characters for the reason.",

    // Invitations
    NoteTooLong 422 "note_too_long" "Use at most 500 characters for the note.",
    DeclineReasonTooLong 422 "decline_reason_too_long" "Use at most 500 characters for the reason.",
    OwnAddress 422 "own_address" "This address belongs to your own account. Invite another company's address.",
    OwnInvitation 409 "own_invitation" "Your own account sent this invitation. Another company must accept it.",
    AccountNotChosen 422 "account_not_chosen" "Choose the company to accept as.",
    AskedForAnother 422 "asked_for_another" "You were asked to accept for another company. Choose that one.",
    AdminNeeded 403 "admin_needed" "Only an Admin of the company can accept for it.",
    OtherAddressUnconfirmed 422 "other_address_unconfirmed" "Confirm that you are accepting with a different address than the one invited.",
    InvitationAccepted 410 "invitation_accepted" "This invitation was already accepted.",
    InvitationDeclined 410 "invitation_declined" "This invitation was declined.",
    InvitationRevoked 410 "invitation_revoked" "This invitation was revoked.",
    InvitationExpired 410 "invitation_expired" "This invitation has expired.",
    InvitationReplaced 410 "invitation_replaced" "A newer invitation was sent. Open the link in the latest email.",
    InvitationVoid 410 "invitation_void" "This invitation is no longer valid.",
    AlreadyConnected 409 "already_connected" "Your companies are already connected.",
    NotPending 409 "not_pending" "This invitation was answered or replaced in the meantime. Reload the page.",
    NotEnded 409 "not_ended" "This invitation is still open. Resend it instead.",
    PersonInvitesOften 429 "person_invites_often" "You sent 30 invitations within ten minutes. Wait a few minutes and try again.",
    AccountInvitesOften 429 "account_invites_often" "Your company sent 100 invitations within a day. Try again later.",
    RecipientInvitedOften 429 "recipient_invited_often" "This address was sent many invitations within a day. Try again tomorrow.",
    TooManyPending 409 "too_many_pending" "Your company has 200 open invitations. Revoke some of them, or wait until they are answered.",
    ResendTooSoon 429 "resend_too_soon" "This invitation was sent less than a minute ago. Wait a moment and try again.",
    ResendTooOften 429 "resend_too_often" "This invitation was resent five times within a day. Try again tomorrow.",
    SameAddress 422 "same_address" "The invitation was already sent to this address. Resend it instead.",
    AddressTaken 409 "address_taken" "You already have a source with this address. Nothing was changed.",
    RecipientTaken 409 "recipient_taken" "You already have a recipient with this address. Nothing was changed.",
    FlowNotChosen 422 "flow_not_chosen" "Choose a flow of the company you are accepting as.",
    AlreadyRequested 429 "already_requested" "A new invitation was already requested within the last day.",
    AskNeedsMember 422 "ask_needs_member" "Choose a company you are a member of.",
    RoleUnknown 422 "role_unknown" "Choose a role from the list.",
    InvitingYourself 422 "inviting_yourself" "This is your own address. Enter someone else's.",
    AlreadyHere 422 "already_here" "This address already has access. Change the role under Users or Members instead.",
    OtherAddress 403 "other_address" "This invitation was sent to another address. Sign in with that address to accept it.",
    LastAdmin 409 "last_admin" "The last Admin cannot be removed or given another role. Make someone else an Admin first.",
    LastPartnerAdmin 409 "last_partner_admin" "The last Partner Admin cannot be removed or given another role here. Make someone else a Partner Admin first, or ask your buyer.",
    NotHereAnyMore 409 "not_here_any_more" "This person no longer has access. Reload the page.",
    AskedByAdmin 422 "asked_by_admin" "You are an Admin of this company. Accept the invitation yourself.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence_a_unique_code_and_a_4xx_status() {
        let mut codes: Vec<_> = Problem::ALL.iter().map(|problem| problem.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Problem::ALL.len());
        for problem in Problem::ALL {
            assert!((400..500).contains(&problem.status()), "{problem:?}");
            assert!(problem.sentence().ends_with('.'), "{problem:?}");
        }
    }

    #[test]
    fn a_page_reads_the_problem_that_was_sent() {
        for problem in Problem::ALL {
            let sent = serde_json::to_string(problem).unwrap();
            assert!(sent.contains(problem.code()), "{sent}");
            assert_eq!(serde_json::from_str::<Problem>(&sent).unwrap(), *problem);
        }
    }
}
