//! The schemas of ids and of the types of other rooms.

mod rules;

use crate::{
    activity::model::Deed,
    base::{AccountId, ActivityId, ConnectionId, EntityId, FlowId, InvitationId, LeadId, PartnerId, SourceId, UserId},
    invitations::model::{Kind, OfferedRole},
    leads::model::Outcome,
    partners::model::{PartnerRole, PartnerStatus},
    rules::{FieldType, Operator, STANDARD_FIELDS},
};
use serde::Deserialize;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

macro_rules! ids {
    ($($id:ident: $what:literal,)+) => {$(
        impl PartialSchema for $id {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($what))
                    .pattern(Some("^[0-9a-f]{24}$"))
                    .examples(["5fd4371e940df5a34a3888b2"])
                    .into()
            }
        }

        impl ToSchema for $id {
            fn name() -> Cow<'static, str> {
                stringify!($id).into()
            }
        }
    )+};
}

ids! {
    AccountId: "The id of an account. Ids sort by time of creation.",
    ActivityId: "The id of an activity entry.",
    ConnectionId: "The id of a connection.",
    EntityId: "The id of an entity.",
    FlowId: "The id of a flow.",
    InvitationId: "The id of an invitation.",
    LeadId: "The id of a lead.",
    PartnerId: "The id of a partner.",
    SourceId: "The id of a flow source. It never changes.",
    UserId: "The id of a user.",
}

macro_rules! words {
    ($($name:ident: $what:literal,)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($what))
                    .enum_values(Some($name::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

/// Text inputs. Their patterns describe what the rooms reject.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $least:literal to $most:literal, $pattern:expr, $example:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($what))
                    .min_length(Some($least))
                    .max_length(Some($most))
                    .pattern(Some($pattern))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

/// Printable characters, including all kinds of spaces, as `parse::line` accepts them.
const PRINTABLE: &str = r"[^\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]";
/// The same without spaces.
const VISIBLE: &str = r"[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200F\u2028-\u202F\u205F-\u2069\u3000\uFEFF]";

texts! {
    /// The name of a flow, entity or partner.
    Name: "One line of printable characters.", 1 to 100,
        format!("^{PRINTABLE}*{VISIBLE}{PRINTABLE}*$"), "Solar California";
    /// An email address. The address parser accepts more than this, such as internationalised domains.
    Email: "One email address. Addresses beyond this pattern are accepted too, such as internationalised domains.", 3 to 254,
        r"^[A-Za-z0-9!#$&'*+/=?^_{|}~-]{1,30}(\.[A-Za-z0-9!#$&'*+/=?^_{|}~-]{1,30})?@([A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20}){0,2}\.){1,3}[A-Za-z]{2,20}$",
        "mike.jones@example.com";
    /// A personal note in an email.
    Note: "Plain text.", 0 to 500, r"^[^\u0000]*$", "We would like to buy your leads.";
    /// Notes about a partner.
    Notes: "Plain text.", 0 to 5000, r"^[^\u0000]*$", "Met at the fair.";
    /// The website of a partner.
    Website: "A URL with http or https.", 8 to 200,
        r"^https?://[a-z0-9]{1,30}(\.[a-z0-9]{1,30}){1,3}(/[A-Za-z0-9._~-]{0,50}){0,2}$", "https://example.com";
}

/// The name of a standard field.
pub enum FieldName {}

impl PartialSchema for FieldName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The name of a standard field."))
            .enum_values(Some(STANDARD_FIELDS.iter().map(|field| field.name)))
            .into()
    }
}

impl ToSchema for FieldName {
    fn name() -> Cow<'static, str> {
        "FieldName".into()
    }
}

words! {
    Deed: "What was done.",
    FieldType: "How the text of a field is read.",
    Kind: "What the invitee is invited to do.",
    OfferedRole: "The role offered by an invitation to join.",
    Operator: "How a rule tests its field. `matches pattern` takes a regular expression, `matches wildcard` a text for the whole value in which `*` is any text and `?` one character. A blank value has a valid format, so a field that must be present needs `is not blank` too.",
    Outcome: "The result of a lead.",
    PartnerRole: "The role of a partner user.",
    PartnerStatus: "The state of the connection with the partner's company.",
}
