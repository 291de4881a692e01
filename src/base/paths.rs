//! Every path of the site, spelled once: pages link to them, forms post to them, mails carry them.

use super::{ApiKeyId, ConnectionId, FlowId, InvitationId, PartnerId, SourceId};

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
pub const SETTINGS: &str = "/settings";
pub const MEMBERS: &str = "/settings/members";
pub const API_KEYS: &str = "/settings/keys";
pub const API_DOCS: &str = "/api/docs";
pub const SUBSCRIPTION: &str = "/settings/subscription";
pub const MAILBOX: &str = "/dev/mailbox";
pub const GALLERY: &str = "/dev/gallery";

/// The question before a connection is ended.
pub fn disconnect(id: ConnectionId) -> String {
    format!("{CONNECTIONS}/{id}/disconnect")
}

/// The question before an API key is revoked.
pub fn revoke_api_key(id: ApiKeyId) -> String {
    format!("{API_KEYS}/{id}/revoke")
}

pub fn sign_in_and_back(next: &str) -> String {
    format!("{SIGN_IN}?next={}", encode(next))
}

/// Where the mail of a sign-up or of a changed address leads.
pub fn verify(token: &str) -> String {
    format!("/verify/{token}")
}

/// Where the mail of a forgotten password leads.
pub fn reset(token: &str) -> String {
    format!("/reset/{token}")
}

pub fn flow_sources(flow: FlowId) -> String {
    format!("/flows/{flow}/sources")
}

pub fn flow_fields(flow: FlowId) -> String {
    format!("/flows/{flow}/fields")
}

pub fn flow_criteria(flow: FlowId) -> String {
    format!("/flows/{flow}/acceptance-criteria")
}

pub fn flow_leads(flow: FlowId) -> String {
    format!("/flows/{flow}/leads")
}

pub fn add_source(flow: FlowId) -> String {
    format!("/flows/{flow}/sources/add")
}

pub fn new_source(flow: FlowId) -> String {
    format!("/flows/{flow}/sources/add/new")
}

pub fn invite_partner(flow: FlowId) -> String {
    format!("/flows/{flow}/sources/add/invite")
}

pub fn custom_source(flow: FlowId) -> String {
    format!("/flows/{flow}/sources/add/custom")
}

pub fn source_mappings(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}")
}

pub fn source_criteria(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}/acceptance-criteria")
}

pub fn source_docs(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}/docs")
}

pub fn remove_source(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}/remove")
}

pub fn remove_flow(flow: FlowId) -> String {
    format!("/flows/{flow}/remove")
}

pub fn submit(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}/submit")
}

pub fn live(flow: FlowId) -> String {
    format!("/live?flow={flow}")
}

pub fn invitation(id: InvitationId) -> String {
    format!("/invitations/{id}")
}

/// The page that a mailed or copied link leads to, before the token is swapped for a cookie.
pub fn link(token: &str) -> String {
    format!("/i/{token}")
}

/// The page on which an address says that it wants no invitations.
pub fn stop_invitations(token: &str) -> String {
    format!("/stop/{token}")
}

/// The sent invitations in one state.
pub fn invitations_in(state: &str) -> String {
    format!("{INVITATIONS}?state={state}")
}

pub fn company_to_accept(id: InvitationId) -> String {
    format!("/invitations/{id}/company")
}

/// For the inviter: send it to another address. `back` is where to go on afterwards.
pub fn invitation_address(id: InvitationId, back: &str) -> String {
    format!("/invitations/{id}/address?back={}", encode(back))
}

/// Where the entity of an invitation that has ended is removed.
pub fn remove_invited(id: InvitationId, back: &str) -> String {
    format!("/invitations/{id}/remove?back={}", encode(back))
}

pub fn revoke_invitation(id: InvitationId, back: &str) -> String {
    format!("/invitations/{id}/revoke?back={}", encode(back))
}

pub fn invitation_link(id: InvitationId, back: &str) -> String {
    format!("/invitations/{id}/link?back={}", encode(back))
}

pub fn invitation_sign_up(id: InvitationId) -> String {
    format!("/invitations/{id}/signup")
}

pub fn decline_invitation(id: InvitationId) -> String {
    format!("/invitations/{id}/decline")
}

pub fn source_authentication(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}/authentication")
}

pub fn source_performance(flow: FlowId, source: SourceId) -> String {
    format!("/flows/{flow}/sources/{source}/performance")
}

/// A partner as the account whose record it is sees it: the overview, and its other tabs.
pub fn partner(id: PartnerId) -> String {
    format!("/partners/{id}")
}

pub fn partner_sources(id: PartnerId) -> String {
    format!("/partners/{id}/sources")
}

/// Choose sources to assign to a partner.
pub fn assign_sources(id: PartnerId) -> String {
    format!("/partners/{id}/sources/assign")
}

pub fn partner_users(id: PartnerId) -> String {
    format!("/partners/{id}/users")
}

pub fn partner_invites(id: PartnerId) -> String {
    format!("/partners/{id}/invites")
}

/// Invite a user of a partner, for the account's people.
pub fn invite_partner_user(id: PartnerId) -> String {
    format!("/partners/{id}/invites/new")
}

/// Invite the partner's company to connect.
pub fn connect_partner(id: PartnerId) -> String {
    format!("/partners/{id}/connect")
}

/// Archive or delete a partner.
pub fn remove_partner(id: PartnerId) -> String {
    format!("/partners/{id}/remove")
}

/// A partner as its own people see it: performance, and its other tabs.
pub fn portal(id: PartnerId) -> String {
    format!("/portal/{id}")
}

pub fn portal_leads(id: PartnerId) -> String {
    format!("/portal/{id}/leads")
}

/// The leads of a partner as a file, for its own people.
pub fn portal_leads_csv(id: PartnerId) -> String {
    format!("/portal/{id}/leads.csv")
}

/// The same for the account's people.
pub fn partner_leads_csv(id: PartnerId) -> String {
    format!("/partners/{id}/leads.csv")
}

/// What a partner's sources did by day, as a file.
pub fn performance_csv(id: PartnerId, days: u16) -> String {
    format!("/portal/{id}/performance.csv?days={days}")
}

pub fn portal_docs(id: PartnerId) -> String {
    format!("/portal/{id}/docs")
}

pub fn portal_profile(id: PartnerId) -> String {
    format!("/portal/{id}/profile")
}

pub fn portal_users(id: PartnerId) -> String {
    format!("/portal/{id}/users")
}

pub fn portal_invites(id: PartnerId) -> String {
    format!("/portal/{id}/invites")
}

/// Invite a further user, for those of the partner itself.
pub fn portal_invite(id: PartnerId) -> String {
    format!("/portal/{id}/invites/new")
}

/// Invite a member of the account.
pub const INVITE_MEMBER: &str = "/settings/members/invite";

/// A path with what it is asked for; what is empty is left out.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<_> = given.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Everything but letters, digits and `-._~/` as percent escapes.
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
