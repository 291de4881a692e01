//! How ids and the types of other rooms look in the document.

use crate::{
    activity::model::Deed,
    base::{
        AccountId, ActivityId, ConnectionId, EntityId, FlowId, InvitationId, LeadId, PartnerId, SourceId, UserId,
    },
    invitations::model::{Kind, OfferedRole},
    leads::model::Outcome,
    partners::model::{PartnerRole, PartnerStatus},
    rules::Operator,
};
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
    ActivityId: "The id of something that happened.",
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

words! {
    Deed: "What somebody did.",
    Kind: "What an invitation asks for.",
    OfferedRole: "The role that an invitation to join offers.",
    Operator: "How a rule tests its field.",
    Outcome: "What became of a lead.",
    PartnerRole: "What a partner user may do.",
    PartnerStatus: "How a partner stands with the company behind it.",
}
