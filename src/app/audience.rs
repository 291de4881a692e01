//! Who may reach what: every page, handler and server function stands in this table. A test fails for one that is missing,
//! and for one that is here and nowhere else.

/// Who an endpoint is for. The endpoint itself asks the database; this is what the tests hold it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Anyone,
    /// Whoever holds a token or the cookie it was swapped for, or is signed in under the invited address.
    Invited,
    /// Whoever is signed in; lists show what is theirs.
    SignedIn,
    /// Members of the account that owns the thing in the path; for all others it does not exist.
    Members,
    /// Members of the two connected accounts, and the users of the source's partner.
    Connected,
    /// The supplier's side of one partner: those who log in for it, and members of the connected account.
    Portal,
    /// The same, where only who manages its users may go: Partner Admins.
    PartnerAdmins,
    /// Admins of the account that is active.
    Admins,
    /// Sellers' systems: the address itself is the right, no cookie is read.
    Sellers,
    /// Development only.
    Development,
}

use Audience::{Admins, Anyone, Connected, Development, Invited, Members, PartnerAdmins, Portal, Sellers, SignedIn};

/// Pages, in axum's spelling.
pub const PAGES: &[(&str, Audience)] = &[
    ("/", Anyone),
    ("/signup", Anyone),
    ("/signup/sent", Anyone),
    ("/signin", Anyone),
    ("/forgot", Anyone),
    ("/forgot/sent", Anyone),
    ("/reset/{token}", Anyone),
    ("/verify/{token}", Anyone),
    ("/me", SignedIn),
    ("/i/{token}", Anyone),
    ("/invitations/{invitation_id}", Invited),
    ("/invitations/{invitation_id}/signup", Invited),
    ("/invitations/{invitation_id}/decline", Invited),
    ("/invitations/{invitation_id}/company", Invited),
    ("/invitations/{invitation_id}/address", Members),
    ("/invitations/{invitation_id}/revoke", Members),
    ("/invitations/{invitation_id}/link", Members),
    ("/stop/{token}", Anyone),
    ("/flows", SignedIn),
    ("/flows/new", SignedIn),
    ("/flows/{flow_id}/sources", Members),
    ("/flows/{flow_id}/fields", Members),
    ("/flows/{flow_id}/acceptance-criteria", Members),
    ("/flows/{flow_id}/leads", Members),
    ("/flows/{flow_id}/remove", Members),
    ("/flows/{flow_id}/sources/add", Members),
    ("/flows/{flow_id}/sources/add/new", Members),
    ("/flows/{flow_id}/sources/add/invite", Members),
    ("/flows/{flow_id}/sources/add/custom", Members),
    ("/flows/{flow_id}/sources/{source_id}", Members),
    ("/flows/{flow_id}/sources/{source_id}/acceptance-criteria", Members),
    ("/flows/{flow_id}/sources/{source_id}/authentication", Members),
    ("/flows/{flow_id}/sources/{source_id}/performance", Members),
    ("/flows/{flow_id}/sources/{source_id}/remove", Members),
    ("/flows/{flow_id}/sources/{source_id}/docs", Connected),
    ("/submission-docs", SignedIn),
    ("/buyers", SignedIn),
    ("/portal/{partner_id}", Portal),
    ("/portal/{partner_id}/leads", Portal),
    ("/portal/{partner_id}/docs", Portal),
    ("/portal/{partner_id}/profile", Portal),
    ("/invitations", SignedIn),
    ("/partners", SignedIn),
    ("/partners/new", SignedIn),
    ("/partners/{partner_id}", Members),
    ("/partners/{partner_id}/sources", Members),
    ("/partners/{partner_id}/sources/assign", Members),
    ("/partners/{partner_id}/connect", Members),
    ("/partners/{partner_id}/remove", Members),
    ("/activity", SignedIn),
    ("/settings", SignedIn),
    ("/settings/members", SignedIn),
    ("/settings/members/invite", Admins),
    ("/partners/{partner_id}/users", Members),
    ("/partners/{partner_id}/invites", Members),
    ("/partners/{partner_id}/invites/new", Members),
    ("/portal/{partner_id}/users", PartnerAdmins),
    ("/portal/{partner_id}/invites", PartnerAdmins),
    ("/portal/{partner_id}/invites/new", PartnerAdmins),
    ("/settings/subscription", SignedIn),
    ("/dev/mailbox", Development),
    ("/dev/mailbox/{mail_id}", Development),
    ("/dev/gallery", Development),
];

/// Handlers that are no pages.
pub const HANDLERS: &[(&str, Audience)] = &[
    ("/health/live", Anyone),
    ("/health/ready", Anyone),
    ("/live", Members),
    ("/signout", SignedIn),
    ("/switch", SignedIn),
    ("/theme", Anyone),
    ("/flows/{flow_id}/sources/{source_id}/submit", Sellers),
    ("/portal/{partner_id}/leads.csv", Portal),
    ("/portal/{partner_id}/performance.csv", Portal),
    ("/partners/{partner_id}/leads.csv", Members),
    ("/dev/reload", Development),
    ("/dev/mailbox.json", Development),
    ("/dev/mailbox/{mail_id}/html", Development),
];

/// Server functions.
pub const FUNCTIONS: &[(&str, Audience)] = &[
    ("/fn/flows/sources/list", Members),
    ("/fn/flows/sources/switch", Members),
    ("/fn/flows/sources/turn-on", Members),
    ("/fn/flows/sources/add", Members),
    ("/fn/flows/sources/create", Members),
    ("/fn/flows/sources/map", Members),
    ("/fn/flows/criteria/save", Members),
    ("/fn/invitations/send", Members),
    ("/fn/invitations/accept", Invited),
    ("/fn/invitations/decline", Invited),
    ("/fn/invitations/act", Members),
    ("/fn/invitations/join", Invited),
    ("/fn/invitations/team/list", Members),
    ("/fn/invitations/team/invite", Members),
    ("/fn/invitations/team/act", Members),
];
