//! Links of the OpenAPI document: which calls take ids from which responses.

use utoipa::openapi::{
    RefOr,
    link::{Link, LinkBuilder},
};

/// A call, the status of its response, the call that follows, and where that call's parameters come from.
type LinkRow = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const ENTITY: &str = "$response.body#/entity/id";
const INVITATION: &str = "$response.body#/entity/invitation_id";
const ID: &str = "$response.body#/id";
const FIRST: &str = "$response.body#/0/id";
const FLOW: &str = "$response.body#/flow_id";
const PARTNER: &str = "$response.body#/partner_id";
const SAME_PARTNER: &str = "$request.path.partner_id";

const LINKS: &[LinkRow] = &[
    ("invite_source", "201", "resend_invitation", &[("entity_id", ENTITY)]),
    ("invite_source", "201", "find_entity", &[("entity_id", ENTITY)]),
    ("invite_source", "201", "readdress_invitation", &[("invitation_id", INVITATION)]),
    ("invite_source", "201", "revoke_invitation", &[("invitation_id", INVITATION)]),
    ("invite_recipient", "201", "resend_invitation", &[("entity_id", ENTITY)]),
    ("invite_recipient", "201", "find_invitation", &[("invitation_id", INVITATION)]),
    ("add_source", "201", "find_source", &[("flow_id", FLOW), ("source_id", ID)]),
    ("add_source", "201", "change_source", &[("flow_id", FLOW), ("source_id", ID)]),
    ("add_source", "201", "remove_source", &[("flow_id", FLOW), ("source_id", ID)]),
    ("list_partner_sources", "200", "unassign_source", &[("partner_id", SAME_PARTNER), ("source_id", FIRST)]),
    ("list_partner_sources", "200", "assign_source", &[("partner_id", SAME_PARTNER), ("source_id", FIRST)]),
    ("list_partner_users", "200", "change_partner_user", &[("partner_id", SAME_PARTNER), ("user_id", FIRST)]),
    ("list_partner_users", "200", "remove_partner_user", &[("partner_id", SAME_PARTNER), ("user_id", FIRST)]),
    ("invite_partner_user", "201", "resend_partner_invite", &[("partner_id", PARTNER), ("invitation_id", ID)]),
    ("invite_partner_user", "201", "revoke_partner_invite", &[("partner_id", PARTNER), ("invitation_id", ID)]),
    ("list_connections", "200", "disconnect", &[("connection_id", FIRST)]),
];

/// The links of one response, by the call they lead to.
pub fn links_of(operation: &str, status: &str) -> impl Iterator<Item = (String, RefOr<Link>)> {
    let matching = LINKS.iter().filter(move |(from, when, ..)| *from == operation && *when == status);
    matching.map(|(_, _, to, parameters)| {
        let link = parameters
            .iter()
            .fold(LinkBuilder::default().operation_id(*to), |link, (name, from)| link.parameter(*name, *from));
        ((*to).to_owned(), link.build().into())
    })
}
