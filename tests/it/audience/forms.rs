//! Every form, posted by everyone with valid fields: people without permission change nothing, and the others get the
//! status given here.

use super::{
    fixture::{Access, Findings, Fixture, Person, is_denied},
    ids::{Ids, declared},
    table::FORMS,
};
use crate::support::Response;
use accord::server::Audience;
use std::collections::BTreeSet;

/// A form as it is posted: path, hidden name, fields, and the status for people with permission, in this order and on a
/// fresh stage.
pub struct Cell {
    pub path: &'static str,
    pub form: &'static str,
    pub fields: &'static [(&'static str, &'static str)],
    pub done: u16,
}

const fn cell(
    path: &'static str,
    form: &'static str,
    fields: &'static [(&'static str, &'static str)],
    done: u16,
) -> Cell {
    Cell { path, form, fields, done }
}

const SOURCES: &str = "/flows/{flow_id}/sources";
const TAB: &str = "/flows/{flow_id}/sources/{custom_id}/authentication";
const TAB_OF_PARTNER: &str = "/flows/{flow_id}/sources/{source_id}/authentication";
const DOCS: &str = "/flows/{flow_id}/sources/{source_id}/docs";
const DELIVERY: &str = "/flows/{flow_id}/deliveries/{delivery_id}";
const DELIVERED: &[(&str, &str)] = &[("name", "CRM"), ("url", "https://crm.example.com/leads"), ("format", "json")];
const SETTINGS: &[(&str, &str)] =
    &[("name", "Bright Solar"), ("website", ""), ("time_zone", "Europe/Berlin"), ("invitation_days", "7")];

pub const CELLS: &[Cell] = &[
    cell("/", "dismiss", &[("notice", "{notice_id}")], 303),
    cell("/signup", "signup", &[("name", "")], 422),
    cell("/signup/sent", "again", &[], 410),
    cell("/signin", "signin", &[("email", ""), ("password", "")], 422),
    cell("/forgot", "forgot", &[("email", "nobody@nowhere.example")], 303),
    cell("/reset/{token}", "reset", &[("password", "a good long one")], 410),
    cell("/verify/{token}", "verify", &[], 410),
    cell("/theme", "", &[("theme", "dark")], 303),
    cell("/i/{token}", "request", &[], 404),
    cell("/stop/{token}", "stop", &[], 404),
    cell("/me", "name", &[("name", "Somebody")], 303),
    cell("/me", "email", &[("email", ""), ("email_password", "")], 422),
    cell("/me", "password", &[("password_current", ""), ("password", "")], 422),
    cell("/me", "session", &[("session", "0123456789abcdef01234567")], 404),
    cell("/me", "others", &[], 303),
    cell("/me", "notifications", &[("docs_mails", "on")], 303),
    cell("/switch", "", &[("account", "{account_id}")], 303),
    cell("/flows", "restore", &[("flow", "{archived_id}")], 303),
    cell("/flows/new", "flow", &[("name", "A new one"), ("field-email", "on")], 303),
    cell(SOURCES, "switch", &[("source", "{custom_id}"), ("on", "off")], 303),
    cell(SOURCES, "turn-on", &[("source", "{waiting_id}")], 303),
    cell(SOURCES, "use-instead", &[("source", "{custom_id}"), ("instead_of", "{source_id}")], 409),
    cell(SOURCES, "switch-flow", &[("on", "on")], 303),
    cell(SOURCES, "resend", &[("invitation", "{invitation_id}")], 303),
    cell(SOURCES, "invite-again", &[("invitation", "{invitation_id}")], 303),
    cell("/flows/{flow_id}/fields", "fields", &[("version", "2"), ("field-email", "on"), ("field-state", "on")], 303),
    cell("/flows/{flow_id}/acceptance-criteria", "criteria", &[("version", "3")], 303),
    cell("/flows/{flow_id}/deliveries/new", "delivery", DELIVERED, 200),
    cell(DELIVERY, "delivery", DELIVERED, 303),
    cell(DELIVERY, "switch", &[("state", "paused")], 303),
    cell(DELIVERY, "test", &[], 303),
    cell(DELIVERY, "rotate", &[], 200),
    cell(DELIVERY, "again", &[("lead", "{lead_id}")], 303),
    cell(DELIVERY, "all-again", &[], 303),
    cell("/flows/{flow_id}/deliveries/{delivery_id}/remove", "remove", &[], 303),
    cell("/flows/{flow_id}/sources/add", "add", &[("entity", "{entity_id}")], 303),
    cell("/flows/{flow_id}/sources/add/new", "kind", &[("kind", "custom")], 303),
    cell("/flows/{flow_id}/sources/add/invite", "invite", &[("email", "one@more.example"), ("note", "")], 303),
    cell("/flows/{flow_id}/sources/add/custom", "custom", &[("name", "Another form")], 303),
    cell("/flows/{flow_id}/sources/{custom_id}", "mappings", &[("version", "1")], 303),
    cell("/flows/{flow_id}/sources/{custom_id}/acceptance-criteria", "criteria", &[("version", "2")], 303),
    cell(TAB, "authentication", &[("require", "on")], 303),
    cell(TAB, "create-credential", &[], 200),
    cell(TAB, "rotate-credential", &[("credential", "{credential_id}"), ("former", "keep")], 409),
    cell(TAB, "end-credential", &[("credential", "{former_id}")], 303),
    cell(TAB_OF_PARTNER, "end-credential", &[("credential", "{former_id}")], 303),
    cell(DOCS, "create-credential", &[], 409),
    cell(DOCS, "end-credential", &[("credential", "{former_id}")], 303),
    cell(DOCS, "rotate-credential", &[("credential", "{credential_id}"), ("former", "keep")], 200),
    cell(DOCS, "test-lead", &[("lead-st", "CA")], 200),
    cell("/invitations", "resend", &[("invitation", "{invitation_id}")], 429),
    cell("/invitations", "invite-again", &[("invitation", "{invitation_id}")], 303),
    cell("/recipients", "resend", &[("invitation", "{recipient_invitation}")], 303),
    cell("/recipients", "invite-again", &[("invitation", "{recipient_invitation}")], 303),
    cell("/sources/invite", "invite", &[("email", "one@source.example"), ("note", "")], 303),
    cell("/recipients/invite", "invite", &[("email", "one@recipient.example"), ("note", "")], 303),
    cell("/invitations/{invitation_id}", "accept", &[("account", "{account_id}")], 303),
    cell("/invitations/{invitation_id}", "ask", &[("company", "{account_id}")], 303),
    cell("/invitations/{invitation_id}", "join", &[], 303),
    cell("/invitations/{invitation_id}", "request", &[], 303),
    cell("/invitations/{invitation_id}/signup", "signup", &[("name", "A"), ("password", "a good long one")], 303),
    cell("/invitations/{invitation_id}/company", "company", &[("company", "A new company")], 303),
    cell("/invitations/{invitation_id}/decline", "decline", &[("reason", "")], 303),
    cell("/invitations/{invitation_id}/link", "link", &[], 200),
    cell("/invitations/{invitation_id}/address", "address", &[("email", "other@seller.example")], 303),
    cell("/invitations/{invitation_id}/revoke", "revoke", &[("back", "/")], 303),
    // Refused because its source is in a flow.
    cell("/invitations/{invitation_id}/remove", "remove", &[("back", "/")], 409),
    cell("/settings", "settings", SETTINGS, 303),
    cell("/settings", "retention", &[("lead_days", "500")], 303),
    cell("/settings/members", "role", &[("user", "{spare_member}"), ("shown", "viewer"), ("role", "manager")], 303),
    cell("/settings/members", "resend", &[("invitation", "{member_invitation}")], 303),
    cell("/settings/members", "revoke", &[("invitation", "{member_invitation}")], 303),
    cell("/settings/members", "remove", &[("user", "{spare_member}")], 303),
    cell("/settings/members/invite", "invite", &[("email", "one@member.example"), ("role", "viewer")], 303),
    cell("/settings/keys", "create-key", &[("name", "CRM")], 200),
    cell("/settings/keys/{key_id}/revoke", "revoke", &[], 303),
    cell("/settings/subscription", "upgrade", &[], 303),
    cell("/partners/new", "partner", &[("name", "New Harbor")], 303),
    cell("/partners/{partner_id}", "details", &[("version", "2"), ("name", "Renamed Harbor")], 303),
    cell("/partners/{partner_id}", "resend", &[("invitation", "{invitation_id}")], 409),
    cell("/partners/{partner_id}", "invite-again", &[("invitation", "{invitation_id}")], 409),
    cell("/partners/{partner_id}/sources/assign", "assign", &[("source-{custom_id}", "on")], 303),
    cell("/partners/{partner_id}/sources", "unassign", &[("source-{custom_id}", "on")], 303),
    cell("/partners/{partner_id}/connect", "connect", &[("email", "one@connect.example")], 409),
    cell(
        "/partners/{partner_id}/users",
        "role",
        &[("user", "{spare_user}"), ("shown", "partner_user"), ("role", "partner_admin")],
        303,
    ),
    cell("/partners/{partner_id}/users", "remove", &[("user", "{spare_user}")], 303),
    cell("/partners/{partner_id}/invites", "resend", &[("invitation", "{user_invitation}")], 303),
    cell("/partners/{partner_id}/invites", "revoke", &[("invitation", "{user_invitation}")], 303),
    cell(
        "/partners/{partner_id}/invites/new",
        "invite",
        &[("email", "one@user.example"), ("role", "partner_user")],
        303,
    ),
    cell("/leads.csv", "export", &[], 200),
    cell("/leads/erase", "erase", &[("person", "nobody@nowhere.example")], 303),
    cell("/partners/{partner_id}/leads.csv", "export", &[], 200),
    cell("/portal/{partner_id}/leads.csv", "export", &[], 200),
    cell("/portal/{partner_id}/profile", "profile", &[("version", "2"), ("name", "Harbor"), ("website", "")], 303),
    cell(
        "/portal/{partner_id}/users",
        "role",
        &[("user", "{spare_user}"), ("shown", "partner_user"), ("role", "partner_admin")],
        303,
    ),
    cell("/portal/{partner_id}/users", "remove", &[("user", "{spare_user}")], 303),
    cell("/portal/{partner_id}/invites", "resend", &[("invitation", "{user_invitation}")], 303),
    cell("/portal/{partner_id}/invites", "revoke", &[("invitation", "{user_invitation}")], 303),
    cell("/portal/{partner_id}/invites/new", "invite", &[("email", "one@user.example"), ("role", "partner_user")], 303),
    cell("/partners/{partner_id}/remove", "remove", &[("gone", "archive")], 303),
    cell("/partners/{partner_id}", "restore", &[], 303),
    cell("/flows/{flow_id}/sources/{custom_id}/remove", "remove", &[], 303),
    cell("/flows/{flow_id}/remove", "remove", &[], 303),
    cell("/connections/{connection_id}/disconnect", "disconnect", &[], 303),
    cell("/signout", "", &[], 303),
];

impl Cell {
    #[track_caller]
    pub fn audience(&self) -> Audience {
        let is_it = |(path, form, _): &&(&str, &str, Audience)| *path == declared(self.path) && *form == self.form;
        let row = FORMS.iter().find(is_it);
        row.unwrap_or_else(|| panic!("{} {:?} is not in the table", self.path, self.form)).2
    }

    /// Posts the form as that account's page would.
    pub async fn post(&self, person: &Person, ids: &Ids, acting: &str) -> Response {
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| (ids.fill(name), ids.fill(value))).collect();
        let mut posted = vec![("form", self.form)];
        let is_of_account =
            matches!(self.audience(), Audience::Account(_) | Audience::Active(_) | Audience::Connection(_));
        if is_of_account || [TAB, TAB_OF_PARTNER].contains(&self.path) {
            posted.push(("as", acting));
        }
        posted.extend(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        person.actor.post(&ids.fill(self.path), &posted).await
    }

    pub fn text(&self) -> String {
        let fields = self.fields.iter().flat_map(|(name, value)| [*name, *value]);
        std::iter::once(self.path).chain(fields).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn every_form_of_the_table_is_tested() {
    let tried: BTreeSet<_> = CELLS.iter().map(|cell| (declared(cell.path), cell.form)).collect();
    let table: BTreeSet<_> = FORMS.iter().map(|(path, form, _)| ((*path).to_owned(), *form)).collect();
    assert_eq!(tried, table);
}

/// False for posts without a page that could be shown again.
fn has_page(path: &str) -> bool {
    !["/signout", "/switch", "/theme"].contains(&path)
}

/// True if the post of a person without permission was rejected as expected.
pub fn is_rejected(person: &Person, access: Access, response: &Response, path: &str) -> bool {
    let is_of_everybody = !path.chars().any(|c| c.is_ascii_digit());
    match access {
        Access::SignIn if !has_page(path) => response.header("location") == "/signin?next=/",
        Access::SignIn if path.ends_with(".csv") => response.header("location").starts_with("/signin?next="),
        Access::NotFound if !has_page(path) || path.ends_with(".csv") => response.status == 404,
        // Public pages and lists are shown again with what this person may see.
        Access::NotFound if is_of_everybody => [302, 403, 404, 409].contains(&response.status.as_u16()),
        // The form says that the user can no longer act there. This also applies if the page is gone.
        Access::NotFound if response.status == 409 => {
            response.text().contains("You no longer have access to the account")
        }
        _ => is_denied(person, access, response, path),
    }
}

#[tokio::test]
async fn every_form_rejects_people_without_permission_and_changes_nothing() {
    let fixture = Fixture::new().await;
    let (mut before, mut findings) = (fixture.fingerprint().await, Findings::default());
    let acting = fixture.ids.get("{account_id}");
    for cell in CELLS {
        let (path, audience) = (fixture.ids.fill(cell.path), cell.audience());
        for person in &fixture.people {
            let access = person.access(audience);
            if access == Access::Allowed {
                continue;
            }
            let response = cell.post(person, &fixture.ids, acting).await;
            // Creating a company requires signing in.
            let access = if cell.form == "company" && !person.is_signed_in { Access::SignIn } else { access };
            let finding = || format!("{} {path} {:?}, {access:?}: {}", person.who, cell.form, response.status);
            findings.check(is_rejected(person, access, &response, &path), finding);
            // For their own account, the ids in path and fields do not exist either.
            if let (Audience::Account(_), Access::NotFound, Some(own)) = (audience, access, person.actor.account)
                && !person.has_left
                && cell.text().contains('{')
            {
                let own = cell.post(person, &fixture.ids, &own.to_string()).await.status.as_u16();
                // A list may first refuse the action, or say that this person does not belong to it.
                let is_right = own == 404 || !cell.path.contains('{') && [403, 409].contains(&own);
                findings.check(is_right, || format!("{} {path} {:?} for their own: {own}", person.who, cell.form));
            }
        }
        let changed = fixture.changed_since(&mut before).await;
        findings.check(changed.is_empty(), || format!("{path} {:?} changed {changed:?}", cell.form));
    }
    findings.assert_none();
}

/// Posts every form that the person may, in order.
async fn post_all_allowed(who: &str) {
    let (fixture, mut findings) = (Fixture::new().await, Findings::default());
    let (person, acting) = (fixture.person(who), fixture.ids.get("{account_id}"));
    for cell in CELLS {
        let audience = cell.audience();
        if (audience == Audience::Anyone && who != "nobody") || person.access(audience) != Access::Allowed {
            continue;
        }
        let own = person.actor.account.map(|id| id.to_string()).unwrap_or_default();
        let acts_for_own = matches!(audience, Audience::Active(_) | Audience::Connection(_));
        let acting = if acts_for_own { &own } else { acting };
        let response = cell.post(person, &fixture.ids, acting).await;
        let finding = || format!("{who} {} {:?}: {} {}", cell.path, cell.form, response.status, response.text());
        findings.check(response.status == cell.done, finding);
    }
    findings.assert_none();
}

#[tokio::test]
async fn everyone_can_use_the_public_forms() {
    post_all_allowed("nobody").await;
}

#[tokio::test]
async fn an_admin_can_post_every_form_an_admin_may() {
    post_all_allowed("the Admin").await;
}

#[tokio::test]
async fn a_manager_can_post_every_form_a_manager_may() {
    post_all_allowed("the Manager").await;
}

#[tokio::test]
async fn a_viewer_can_post_every_form_a_viewer_may() {
    post_all_allowed("the Viewer").await;
}

#[tokio::test]
async fn a_partner_admin_can_post_every_form_a_partner_admin_may() {
    post_all_allowed("the Partner Admin").await;
}

#[tokio::test]
async fn a_partner_user_can_post_every_form_a_partner_user_may() {
    post_all_allowed("the Partner User").await;
}

#[tokio::test]
async fn people_on_two_sides_can_post_what_either_side_may() {
    post_all_allowed("the Viewer who is Partner Admin").await;
    post_all_allowed("the Viewer who is connected Admin").await;
}

#[tokio::test]
async fn members_of_the_connected_account_can_post_what_they_may() {
    for who in ["the connected Viewer", "the connected Manager", "the connected Admin"] {
        post_all_allowed(who).await;
    }
}
