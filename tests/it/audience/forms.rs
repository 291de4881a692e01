//! Every form, posted by everybody with fields that are right: who may not changes nothing, who may gets what is written
//! here.

use super::{
    cast::{Cast, Findings, Person, Verdict, is_kept_out},
    ids::{Ids, declared},
    table::FORMS,
};
use crate::support::Answer;
use accord::server::Audience;
use std::collections::BTreeSet;

/// A form as it is posted: where, its hidden name, its fields, and the status for who may, in this order and on a fresh
/// stage.
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
    cell("/flows/{flow_id}/fields", "fields", &[("field-email", "on"), ("field-state", "on")], 303),
    cell("/flows/{flow_id}/acceptance-criteria", "criteria", &[("version", "3")], 303),
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
    // Its source is in a flow: that says no.
    cell("/invitations/{invitation_id}/remove", "remove", &[("back", "/")], 409),
    cell("/settings", "settings", SETTINGS, 303),
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

    /// Posted as the page of that account makes it.
    pub async fn post(&self, person: &Person, ids: &Ids, acting: &str) -> Answer {
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
fn every_form_of_the_table_is_tried() {
    let tried: BTreeSet<_> = CELLS.iter().map(|cell| (declared(cell.path), cell.form)).collect();
    let table: BTreeSet<_> = FORMS.iter().map(|(path, form, _)| ((*path).to_owned(), *form)).collect();
    assert_eq!(tried, table);
}

/// Posts that have no page to be shown on again.
fn has_page(path: &str) -> bool {
    !["/signout", "/switch", "/theme"].contains(&path)
}

/// Whether a post of somebody who may not was answered so.
pub fn is_refused(person: &Person, verdict: Verdict, answer: &Answer, path: &str) -> bool {
    let is_of_everybody = !path.chars().any(|c| c.is_ascii_digit());
    match verdict {
        Verdict::SignIn if !has_page(path) => answer.header("location") == "/signin?next=/",
        Verdict::SignIn if path.ends_with(".csv") => answer.header("location").starts_with("/signin?next="),
        Verdict::Gone if !has_page(path) || path.ends_with(".csv") => answer.status == 404,
        // A page for everybody, and lists, are shown again as what they are for this person.
        Verdict::Gone if is_of_everybody => [302, 403, 404, 409].contains(&answer.status.as_u16()),
        // The form says that one cannot act there any more; where the page is gone too, that counts.
        Verdict::Gone if answer.status == 409 => answer.words().contains("You no longer have access to the account"),
        _ => is_kept_out(person, verdict, answer, path),
    }
}

#[tokio::test]
async fn who_may_not_is_kept_out_by_every_form_and_changes_nothing() {
    let cast = Cast::meet().await;
    let (mut before, mut findings) = (cast.fingerprint().await, Findings::default());
    let acting = cast.ids.get("{account_id}");
    for cell in CELLS {
        let (path, audience) = (cast.ids.fill(cell.path), cell.audience());
        for person in &cast.people {
            let verdict = person.verdict(audience);
            if verdict == Verdict::In {
                continue;
            }
            let answer = cell.post(person, &cast.ids, acting).await;
            // A company is made by somebody who is signed in.
            let verdict = if cell.form == "company" && !person.is_signed_in { Verdict::SignIn } else { verdict };
            let told = || format!("{} {path} {:?}, {verdict:?}: {}", person.who, cell.form, answer.status);
            findings.note(is_refused(person, verdict, &answer, &path), told);
            // For their own account what is in path and fields does not exist either.
            if let (Audience::Account(_), Verdict::Gone, Some(own)) = (audience, verdict, person.actor.account)
                && !person.has_left
                && cell.text().contains('{')
            {
                let own = cell.post(person, &cast.ids, &own.to_string()).await.status.as_u16();
                // On a list one is told first what one may not do there, or that this person is not among its people.
                let is_right = own == 404 || !cell.path.contains('{') && [403, 409].contains(&own);
                findings.note(is_right, || format!("{} {path} {:?} for their own: {own}", person.who, cell.form));
            }
        }
        let changed = cast.changed_since(&mut before).await;
        findings.note(changed.is_empty(), || format!("{path} {:?} changed {changed:?}", cell.form));
    }
    findings.assert_none();
}

/// Posts everything that the person may, and in the right order.
async fn does_all(who: &str) {
    let (cast, mut findings) = (Cast::meet().await, Findings::default());
    let (person, acting) = (cast.person(who), cast.ids.get("{account_id}"));
    for cell in CELLS {
        let audience = cell.audience();
        if (audience == Audience::Anyone && who != "nobody") || person.verdict(audience) != Verdict::In {
            continue;
        }
        let own = person.actor.account.map(|id| id.to_string()).unwrap_or_default();
        let acts_for_own = matches!(audience, Audience::Active(_) | Audience::Connection(_));
        let acting = if acts_for_own { &own } else { acting };
        let answer = cell.post(person, &cast.ids, acting).await;
        let told = || format!("{who} {} {:?}: {} {}", cell.path, cell.form, answer.status, answer.words());
        findings.note(answer.status == cell.done, told);
    }
    findings.assert_none();
}

#[tokio::test]
async fn everybody_uses_the_public_forms() {
    does_all("nobody").await;
}

#[tokio::test]
async fn an_admin_does_what_an_admin_may() {
    does_all("the Admin").await;
}

#[tokio::test]
async fn a_manager_does_what_a_manager_may() {
    does_all("the Manager").await;
}

#[tokio::test]
async fn a_viewer_does_what_a_viewer_may() {
    does_all("the Viewer").await;
}

#[tokio::test]
async fn a_partner_admin_does_what_a_partner_admin_may() {
    does_all("the Partner Admin").await;
}

#[tokio::test]
async fn a_partner_user_does_what_a_partner_user_may() {
    does_all("the Partner User").await;
}

#[tokio::test]
async fn people_on_two_sides_do_what_they_may_from_either() {
    does_all("the Viewer who is Partner Admin").await;
    does_all("the Viewer who is connected Admin").await;
}

#[tokio::test]
async fn members_of_the_connected_account_do_what_they_may() {
    for who in ["the connected Viewer", "the connected Manager", "the connected Admin"] {
        does_all(who).await;
    }
}
