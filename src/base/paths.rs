//! Every path of the site, defined once for routes, links, forms and emails.

use super::{ApiKeyId, ConnectionId, DeliveryId, FlowId, InvitationId, LeadId, MailId, PartnerId, SourceId};

pub const HOME: &str = "/";
pub const SIGN_UP: &str = "/signup";
pub const SIGN_UP_SENT: &str = "/signup/sent";
pub const SIGN_IN: &str = "/signin";
pub const FORGOT: &str = "/forgot";
pub const FORGOT_SENT: &str = "/forgot/sent";
pub const ME: &str = "/me";
pub const SIGN_OUT: &str = "/signout";
pub const THEME: &str = "/theme";
pub const SWITCH_ACCOUNT: &str = "/switch";
pub const FLOWS: &str = "/flows";
pub const NEW_FLOW: &str = "/flows/new";
pub const LEADS: &str = "/leads";
/// CSV export of an account's leads.
pub const LEADS_CSV: &str = "/leads.csv";
/// Erases a person's data from all leads.
pub const ERASE_PERSON: &str = "/leads/erase";
pub const LIVE: &str = "/live";
pub const SUBMISSION_DOCS: &str = "/submission-docs";
pub const BUYERS: &str = "/buyers";
pub const INVITATIONS: &str = "/invitations";
pub const RECIPIENTS: &str = "/recipients";
pub const INVITE_RECIPIENT: &str = "/recipients/invite";
pub const SOURCES: &str = "/sources";
pub const INVITE_SOURCE: &str = "/sources/invite";
pub const CONNECTIONS: &str = "/connections";
pub const PARTNERS: &str = "/partners";
pub const NEW_PARTNER: &str = "/partners/new";
pub const ACTIVITY: &str = "/activity";
pub const ACTIVITY_CSV: &str = "/activity.csv";
pub const SETTINGS: &str = "/settings";
pub const MEMBERS: &str = "/settings/members";
pub const INVITE_MEMBER: &str = "/settings/members/invite";
pub const API_KEYS: &str = "/settings/keys";
pub const API_DOCS: &str = "/api/docs";
pub const SUBSCRIPTION: &str = "/settings/subscription";
pub const HEALTH_LIVE: &str = "/health/live";
pub const HEALTH_READY: &str = "/health/ready";
pub const MAILBOX: &str = "/dev/mailbox";
pub const MAILBOX_JSON: &str = "/dev/mailbox.json";
pub const GALLERY: &str = "/dev/gallery";
pub const RELOAD: &str = "/dev/reload";

/// Paths with parameters: the pattern for declaring the route, and the function that fills it in.
macro_rules! patterns {
    ($($(#[$doc:meta])* $pattern:ident $fill:ident($($arg:ident: $type:ty),+) = $path:literal,)+) => {
        $(
            $(#[$doc])*
            pub const $pattern: &str = $path;

            $(#[$doc])*
            pub fn $fill($($arg: $type),+) -> String {
                format!($path)
            }
        )+
    };
}

patterns! {
    /// Confirms ending a connection.
    DISCONNECT disconnect(connection_id: ConnectionId) = "/connections/{connection_id}/disconnect",
    /// Confirms revoking an API key.
    REVOKE_API_KEY revoke_api_key(key_id: ApiKeyId) = "/settings/keys/{key_id}/revoke",
    /// Linked from the emails for a sign-up and for a changed address.
    VERIFY verify(token: &str) = "/verify/{token}",
    /// Linked from the password-reset email.
    RESET reset(token: &str) = "/reset/{token}",
    FLOW_SOURCES flow_sources(flow_id: FlowId) = "/flows/{flow_id}/sources",
    FLOW_FIELDS flow_fields(flow_id: FlowId) = "/flows/{flow_id}/fields",
    FLOW_CRITERIA flow_criteria(flow_id: FlowId) = "/flows/{flow_id}/acceptance-criteria",
    FLOW_LEADS flow_leads(flow_id: FlowId) = "/flows/{flow_id}/leads",
    FLOW_DELIVERIES flow_deliveries(flow_id: FlowId) = "/flows/{flow_id}/deliveries",
    NEW_DELIVERY new_delivery(flow_id: FlowId) = "/flows/{flow_id}/deliveries/new",
    DELIVERY delivery(flow_id: FlowId, delivery_id: DeliveryId) = "/flows/{flow_id}/deliveries/{delivery_id}",
    REMOVE_DELIVERY remove_delivery(flow_id: FlowId, delivery_id: DeliveryId) = "/flows/{flow_id}/deliveries/{delivery_id}/remove",
    ADD_SOURCE add_source(flow_id: FlowId) = "/flows/{flow_id}/sources/add",
    NEW_SOURCE new_source(flow_id: FlowId) = "/flows/{flow_id}/sources/add/new",
    INVITE_PARTNER invite_partner(flow_id: FlowId) = "/flows/{flow_id}/sources/add/invite",
    CUSTOM_SOURCE custom_source(flow_id: FlowId) = "/flows/{flow_id}/sources/add/custom",
    SOURCE_MAPPINGS source_mappings(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}",
    SOURCE_CRITERIA source_criteria(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}/acceptance-criteria",
    SOURCE_DOCS source_docs(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}/docs",
    REMOVE_SOURCE remove_source(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}/remove",
    REMOVE_FLOW remove_flow(flow_id: FlowId) = "/flows/{flow_id}/remove",
    SUBMIT submit(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}/submit",
    INVITATION invitation(invitation_id: InvitationId) = "/invitations/{invitation_id}",
    /// The emailed or copied link of an invitation, before the token is exchanged for a cookie.
    LINK link(token: &str) = "/i/{token}",
    /// Where the owner of an address stops invitations to it.
    STOP_INVITATIONS stop_invitations(token: &str) = "/stop/{token}",
    COMPANY_TO_ACCEPT company_to_accept(invitation_id: InvitationId) = "/invitations/{invitation_id}/company",
    /// Where the inviter sends the invitation to another address.
    INVITATION_ADDRESS invitation_address_page(invitation_id: InvitationId) = "/invitations/{invitation_id}/address",
    /// Removes the entity of an ended invitation.
    REMOVE_INVITED remove_invited_page(invitation_id: InvitationId) = "/invitations/{invitation_id}/remove",
    REVOKE_INVITATION revoke_invitation_page(invitation_id: InvitationId) = "/invitations/{invitation_id}/revoke",
    INVITATION_LINK invitation_link_page(invitation_id: InvitationId) = "/invitations/{invitation_id}/link",
    INVITATION_SIGN_UP invitation_sign_up(invitation_id: InvitationId) = "/invitations/{invitation_id}/signup",
    DECLINE_INVITATION decline_invitation(invitation_id: InvitationId) = "/invitations/{invitation_id}/decline",
    SOURCE_AUTHENTICATION source_authentication(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}/authentication",
    SOURCE_PERFORMANCE source_performance(flow_id: FlowId, source_id: SourceId) = "/flows/{flow_id}/sources/{source_id}/performance",
    /// A partner as seen by the account that owns the record; the other tabs follow.
    PARTNER partner(partner_id: PartnerId) = "/partners/{partner_id}",
    PARTNER_SOURCES partner_sources(partner_id: PartnerId) = "/partners/{partner_id}/sources",
    /// Assigns sources to a partner.
    ASSIGN_SOURCES assign_sources(partner_id: PartnerId) = "/partners/{partner_id}/sources/assign",
    PARTNER_USERS partner_users(partner_id: PartnerId) = "/partners/{partner_id}/users",
    PARTNER_INVITES partner_invites(partner_id: PartnerId) = "/partners/{partner_id}/invites",
    /// Where members of the account invite a partner user.
    INVITE_PARTNER_USER invite_partner_user(partner_id: PartnerId) = "/partners/{partner_id}/invites/new",
    /// Invites the partner's company to connect.
    CONNECT_PARTNER connect_partner(partner_id: PartnerId) = "/partners/{partner_id}/connect",
    /// Archives or deletes a partner.
    REMOVE_PARTNER remove_partner(partner_id: PartnerId) = "/partners/{partner_id}/remove",
    /// A partner as seen by its own users: performance; the other tabs follow.
    PORTAL portal(partner_id: PartnerId) = "/portal/{partner_id}",
    /// The story of a lead, for its buyer.
    LEAD lead(lead_id: LeadId) = "/leads/{lead_id}",
    /// The same for its seller.
    PORTAL_LEAD portal_lead(partner_id: PartnerId, lead_id: LeadId) = "/portal/{partner_id}/leads/{lead_id}",
    PORTAL_LEADS portal_leads(partner_id: PartnerId) = "/portal/{partner_id}/leads",
    /// CSV export of a partner's leads, for its own users.
    PORTAL_LEADS_CSV portal_leads_csv(partner_id: PartnerId) = "/portal/{partner_id}/leads.csv",
    /// CSV export of a partner's performance by day.
    PERFORMANCE_CSV performance_file(partner_id: PartnerId) = "/portal/{partner_id}/performance.csv",
    /// CSV export of a partner's leads, for members of the account.
    PARTNER_LEADS_CSV partner_leads_csv(partner_id: PartnerId) = "/partners/{partner_id}/leads.csv",
    PORTAL_DOCS portal_docs(partner_id: PartnerId) = "/portal/{partner_id}/docs",
    PORTAL_PROFILE portal_profile(partner_id: PartnerId) = "/portal/{partner_id}/profile",
    PORTAL_USERS portal_users(partner_id: PartnerId) = "/portal/{partner_id}/users",
    PORTAL_INVITES portal_invites(partner_id: PartnerId) = "/portal/{partner_id}/invites",
    /// Where the partner's own users invite another user.
    PORTAL_INVITE portal_invite(partner_id: PartnerId) = "/portal/{partner_id}/invites/new",
    MAIL mail(mail_id: MailId) = "/dev/mailbox/{mail_id}",
    MAIL_HTML mail_html(mail_id: MailId) = "/dev/mailbox/{mail_id}/html",
}

pub fn sign_in_and_back(next: &str) -> String {
    with_query(SIGN_IN, &[("next", next)])
}

pub fn live(flow: FlowId) -> String {
    format!("{LIVE}?flow={flow}")
}

/// The activity of one thing.
pub fn activity_of(id: impl std::fmt::Display) -> String {
    format!("{ACTIVITY}?subject={id}")
}

/// Sent invitations in one state.
pub fn invitations_in(state: &str) -> String {
    format!("{INVITATIONS}?state={state}")
}

/// `back` is the page to return to afterwards; likewise in the next three functions.
pub fn invitation_address(id: InvitationId, back: &str) -> String {
    with_query(&invitation_address_page(id), &[("back", back)])
}

pub fn remove_invited(id: InvitationId, back: &str) -> String {
    with_query(&remove_invited_page(id), &[("back", back)])
}

pub fn revoke_invitation(id: InvitationId, back: &str) -> String {
    with_query(&revoke_invitation_page(id), &[("back", back)])
}

pub fn invitation_link(id: InvitationId, back: &str) -> String {
    with_query(&invitation_link_page(id), &[("back", back)])
}

pub fn performance_csv(id: PartnerId, days: u16) -> String {
    format!("{}?days={days}", performance_file(id))
}

/// A path with a query string. Empty values are omitted.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<_> = given.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Percent-encodes everything except letters, digits and `-._~/`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
