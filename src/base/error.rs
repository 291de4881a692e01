//! Errors, by layer:
//! - a rule refuses with a [`Problem`]: expected, closed, with a sentence for the person and a code for machines;
//! - everything that may be told to a caller is an [`AppError`]; it crosses the wire and holds no free text;
//! - what went wrong on our side is reported where it happened (`Fault::report`) and becomes
//!   [`AppError::Internal`] or [`AppError::Unavailable`], without detail.

use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A refusal beside a field of a form or a property of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub problem: Problem,
}

/// Everything a caller can be told when something did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// 422: these fields must be put right.
    Invalid(Vec<FieldError>),
    /// The status of the problem: 403, 409, 410, 429: the request as a whole is refused.
    Refused(Problem),
    /// 404: not there, or not for this person to know.
    NotFound,
    /// 401: nobody is signed in.
    SignedOut,
    /// 503: the database is away or too busy.
    Unavailable,
    /// 500: ours, reported.
    Internal,
}

impl AppError {
    /// One wrong field.
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

    /// The sentence beside a field.
    pub fn of_field(&self, field: &str) -> Option<String> {
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
            Self::NotFound => "This does not exist, or you may not see it.",
            Self::SignedOut => "You are signed out. Sign in and try again.",
            Self::Unavailable => "Accord is busy or its database is away. Nothing was changed. Try again in a moment.",
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

macro_rules! problems {
    ($($name:ident $status:literal $code:literal $sentence:literal,)+) => {
        /// Every reason Accord refuses something for, with the status of the HTTP answer, the code machines read and
        /// the sentence people read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Problem {
            $($name,)+
        }

        impl Problem {
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

problems! {
    // Any request
    RequestUnreadable 400 "request_unreadable" "The request could not be read. Reload the page and try again.",
    CrossSite 403 "cross_site" "This request came from another site and was refused. Open the page in Accord and try again.",
    UnknownHost 421 "unknown_host" "Accord does not answer under this name.",
    NotAllowed 403 "not_allowed" "Your role does not allow this. Ask an Admin.",
    ActsElsewhere 409 "acts_elsewhere" "You can no longer act in the account this form was made for. Reload the page.",
    StaleVersion 409 "stale_version" "Somebody changed this while you were editing. Here is what it looks like now; make your change again.",

    TooOften 429 "too_often" "This was tried too often. Wait a little and try again.",

    // Fields
    Required 422 "required" "Fill this in.",
    TooLong 422 "too_long" "This is too long.",
    ControlCharacters 422 "control_characters" "Use letters, digits and punctuation only.",
    NameTooLong 422 "name_too_long" "Use at most 100 characters.",
    PersonNameMissing 422 "person_name_missing" "Enter your name.",
    CompanyNameMissing 422 "company_name_missing" "Enter the name of your company.",
    EmailMissing 422 "email_missing" "Enter an email address.",
    EmailInvalid 422 "email_invalid" "Enter an email address like name@example.com.",
    EmailTooLong 422 "email_too_long" "This address is too long.",
    OneEmailOnly 422 "one_email_only" "Enter one email address only.",
    PasswordTooShort 422 "password_too_short" "Use at least 8 characters.",
    PasswordTooLong 422 "password_too_long" "Use at most 256 characters.",
    PasswordCommon 422 "password_common" "This password is used too often. Choose another.",

    // Identity
    WrongCredentials 401 "wrong_credentials" "The email address or the password is not right.",
    AddressHasLogin 409 "address_has_login" "There is already a login for this address. Sign in instead.",
    LinkUsed 410 "link_used" "This link has expired or was used before.",

    SignUpAgain 410 "sign_up_again" "This browser waits for no mail any more. Sign up again.",
    CurrentPasswordWrong 422 "current_password_wrong" "This is not your current password.",
    OwnAddressAlready 422 "own_address_already" "This is your address already. Enter another one.",

    // Accounts
    WebsiteInvalid 422 "website_invalid" "Enter an address like https://example.com.",
    TimeZoneUnknown 422 "time_zone_unknown" "Choose a time zone from the list, such as America/New_York.",
    InvitationDaysInvalid 422 "invitation_days_invalid" "Enter a number of days from 1 to 30.",
    UpgradeAsked 409 "upgrade_asked" "An upgrade was requested a short while ago. We answer by mail.",

    // Plans
    PlanRequired 403 "plan_required" "Inviting, and making flows and partners, needs LeadConduit Base or Pro. Ask for an upgrade under Settings, Subscription.",

    // The API
    RequestInProgress 409 "request_in_progress" "The first request with this Idempotency-Key is still running. Try again in a moment.",
    IdempotencyKeyInvalid 422 "idempotency_key_invalid" "An Idempotency-Key has 1 to 255 printable ASCII characters and no spaces.",
    IdempotencyKeyReused 422 "idempotency_key_reused" "This Idempotency-Key was used for another request. Use a new one.",
    EntityInUse 409 "entity_in_use" "This entity is a source of a flow. Remove it from there first.",
    EntityConnected 409 "entity_connected" "This entity is a connected account. Disconnect first.",
    EntityStandard 409 "entity_standard" "A standard entity belongs to every account and cannot be changed or deleted.",
    EntityOfAccount 409 "entity_of_account" "This entity has the name of an account or address and cannot be renamed.",
    NotDateOrTime 422 "not_date_or_time" "Write a day like 2026-11-25 or a time like 2026-11-25T09:30:00Z.",

    // API keys
    ApiKeyNameMissing 422 "api_key_name_missing" "Enter a name for the key, such as the system that uses it.",
    ApiKeysTooMany 409 "api_keys_too_many" "You have 50 API keys already. Revoke one that is not used any more.",
    ApiKeysNeedPlan 403 "api_keys_need_plan" "API keys need LeadConduit. Ask for an upgrade under Settings, Subscription.",

    // Flows
    FlowNameMissing 422 "flow_name_missing" "Enter a name for the flow.",
    FlowNameTaken 422 "flow_name_taken" "You already have a flow of this name.",
    FlowFieldsMissing 422 "flow_fields_missing" "Choose at least one field.",
    FieldUnknown 422 "field_unknown" "This field is not in the list.",
    SourceNameMissing 422 "source_name_missing" "Enter a name for the source.",
    SourceNameTaken 422 "source_name_taken" "You already have a source of this name.",
    SourceNotChosen 422 "source_not_chosen" "Choose a source from the list.",
    AlreadyInFlow 409 "already_in_flow" "This source is already in the flow.",
    SourcePending 409 "source_pending" "This source cannot be switched on before its invitation is accepted.",
    SourceNotConnected 409 "source_not_connected" "This source cannot be switched on: its account is not connected any more.",
    SourceDuplicate 409 "source_duplicate" "This source is a duplicate and cannot be switched on. Use it instead of the other one, or remove it.",
    CredentialExists 409 "credential_exists" "This source has a credential already. Rotate it if its secret is lost.",
    CredentialChanged 409 "credential_changed" "The credential was rotated meanwhile. Here is how it stands now.",
    ArchivedNameTaken 409 "archived_name_taken" "You have another flow of this name now. Remove that one first, then restore this one.",

    // Partners
    PartnerNameMissing 422 "partner_name_missing" "Enter a name for the partner.",
    NotesTooLong 422 "notes_too_long" "Use at most 5,000 characters for the notes.",
    SourcesNotChosen 422 "sources_not_chosen" "Choose at least one source.",
    MoveUnconfirmed 422 "move_unconfirmed" "Confirm that these sources leave the partner they belong to.",
    SourceOfAnother 409 "source_of_another_partner" "This source belongs to another partner. Name that partner in `from` to move it.",
    PartnerArchived 409 "partner_archived" "This partner is archived. Restore it first.",
    RemovalChanged 409 "removal_changed" "What removing this partner does has changed meanwhile. Here is how it stands now; confirm that.",
    PartnerLinked 409 "partner_linked" "This partner is connected with its company already. Invite another company as a partner of its own.",
    PartnerInvited 409 "partner_invited" "This partner has an open invitation. Resend it, or send it to another address.",
    InvitedForAnother 409 "invited_for_another" "This address is invited already, for another of your partners. Nothing was sent.",

    // Leads
    FilterUnreadable 422 "filter_unreadable" "The filter could not be read. Choose it again on the page of the leads.",

    // Rules and mappings
    RuleFieldMissing 422 "rule_field_missing" "Choose a field for each rule.",
    RuleFieldUnknown 422 "rule_field_unknown" "A rule names a field that is not in this flow.",
    RuleValueMissing 422 "rule_value_missing" "Enter the value to compare with.",
    RuleRangeInvalid 422 "rule_range_invalid" "Enter a range, such as 10000-19999 or 18+.",
    RuleGroupEmpty 422 "rule_group_empty" "Add a rule to this group or remove the group.",
    TemplateInvalid 422 "template_invalid" "Write each template as {{name}}, with the name of a field or parameter.",
    RulePatternInvalid 422 "rule_pattern_invalid" "A pattern cannot be read.",
    RulesTooMany 422 "rules_too_many" "Use at most 100 rules, nested at most five deep.",
    RulesUnreadable 422 "rules_unreadable" "The rules could not be read.",
    MappingTargetUnknown 422 "mapping_target_unknown" "Choose a field of this flow for each mapping.",
    MappingValueMissing 422 "mapping_value_missing" "Enter the seller's parameter for each mapping.",
    ReasonTooLong 422 "reason_too_long" "Use at most 200 characters for the reason.",

    // Invitations
    NoteTooLong 422 "note_too_long" "Use at most 500 characters for the note.",
    DeclineReasonTooLong 422 "decline_reason_too_long" "Use at most 500 characters for the reason.",
    OwnAddress 422 "own_address" "This address belongs to your own account. Invite the address of another company.",
    OwnInvitation 409 "own_invitation" "Your own account sent this invitation. Another company has to accept it.",
    AccountNotChosen 422 "account_not_chosen" "Choose the company that accepts.",
    AdminNeeded 403 "admin_needed" "Only an Admin of the company can accept for it.",
    OtherAddressUnconfirmed 422 "other_address_unconfirmed" "Confirm that you accept with another address than the invited one.",
    InvitationAccepted 410 "invitation_accepted" "This invitation was already accepted.",
    InvitationDeclined 410 "invitation_declined" "This invitation was declined.",
    InvitationRevoked 410 "invitation_revoked" "This invitation was revoked.",
    InvitationExpired 410 "invitation_expired" "This invitation has expired.",
    InvitationReplaced 410 "invitation_replaced" "A newer invitation was sent. Open the link in the latest mail.",
    InvitationVoid 410 "invitation_void" "This invitation is no longer valid.",
    AlreadyConnected 409 "already_connected" "Your companies are connected already.",
    NotPending 409 "not_pending" "This invitation was answered or replaced meanwhile. Reload the page.",
    NotEnded 409 "not_ended" "This invitation is still open. Resend it instead.",
    ResendTooSoon 429 "resend_too_soon" "This invitation was sent less than a minute ago. Wait a moment and try again.",
    ResendTooOften 429 "resend_too_often" "This invitation was resent five times within a day. Try again tomorrow.",
    SameAddress 422 "same_address" "The invitation went to this address already. Resend it instead.",
    AddressTaken 409 "address_taken" "You have a source for this address already. Nothing was changed.",
    RecipientTaken 409 "recipient_taken" "You have a recipient for this address already. Nothing was changed.",
    FlowNotChosen 422 "flow_not_chosen" "Choose a flow of the company that accepts.",
    AlreadyRequested 429 "already_requested" "They were asked for a new invitation within the last day already.",
    AskNeedsMember 422 "ask_needs_member" "Choose a company that you are a member of.",
    RoleUnknown 422 "role_unknown" "Choose a role from the list.",
    InvitingYourself 422 "inviting_yourself" "This is your own address. Enter the address of somebody else.",
    AlreadyHere 422 "already_here" "This address has access already. Change the role on the list of users instead.",
    OtherAddress 403 "other_address" "This invitation was sent to another address. Sign in with that one to accept it.",
    LastAdmin 409 "last_admin" "The last Admin cannot be removed or given another role. Make somebody else Admin first.",
    LastPartnerAdmin 409 "last_partner_admin" "The last Partner Admin cannot be removed or given another role from here. Make somebody else Partner Admin first, or ask your buyer.",
    NotHereAnyMore 409 "not_here_any_more" "This person does not belong here any more. Reload the page.",
    AskedByAdmin 422 "asked_by_admin" "You are an Admin of this company: accept for it yourself.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence_a_code_of_its_own_and_a_refusing_status() {
        let mut codes: Vec<_> = Problem::ALL.iter().map(|problem| problem.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Problem::ALL.len());
        for problem in Problem::ALL {
            assert!((400..500).contains(&problem.status()), "{problem:?}");
            assert!(problem.sentence().ends_with('.'), "{problem:?}");
        }
    }
}
