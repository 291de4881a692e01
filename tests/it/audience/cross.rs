//! Foreign ids: one id of another account or partner makes an otherwise valid request fail.

use super::{
    fixture::{Access, Findings, Fixture},
    forms, functions,
    ids::Ids,
    table::PAGES,
};
use crate::support::Response;
use accord::server::Audience;

/// The people with every permission on their side.
const WHO: [&str; 3] = ["the Admin", "the Partner Admin", "the connected Admin"];

/// The ids with one taken from elsewhere, in every possible way.
fn swaps(fixture: &Fixture, text: &str) -> Vec<(&'static str, Ids)> {
    [&fixture.foreign, &fixture.sibling].into_iter().flat_map(|others| fixture.ids.swapped(text, others)).collect()
}

/// Not found, or a conflict with what the form shows. Choosing a source from a list can also fail at its field.
fn is_rejected(placeholder: &str, response: &Response) -> bool {
    let status = response.status.as_u16();
    [404, 409].contains(&status) || (placeholder == "{entity_id}" && status == 422)
}

/// Ending a secret that is not valid here, and unassigning a source that is not here, have nothing to do and succeed.
fn is_done_already(form: &str, placeholder: &str) -> bool {
    [("end-credential", "{former_id}"), ("unassign", "{custom_id}")].contains(&(form, placeholder))
}

#[tokio::test]
async fn a_page_with_one_id_of_another_account_is_not_found() {
    let (fixture, mut findings) = (Fixture::new().await, Findings::default());
    for person in WHO.map(|who| fixture.person(who)) {
        for (path, _) in PAGES.iter().filter(|(_, audience)| person.access(*audience) == Access::Allowed) {
            for (placeholder, ids) in fixture.ids.swapped(path, &fixture.foreign) {
                let response = person.actor.get(&ids.fill(path)).await;
                let is_rejected = response.status == 404 && !response.body.contains("Elsewhere");
                findings
                    .check(is_rejected, || format!("{} {path} with {placeholder}: {}", person.who, response.status));
            }
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn a_form_with_one_id_of_another_account_or_partner_changes_nothing() {
    let fixture = Fixture::new().await;
    let (mut before, mut findings) = (fixture.fingerprint().await, Findings::default());
    let (own, other) = (fixture.ids.get("{account_id}"), fixture.foreign.get("{account_id}"));
    for person in WHO.map(|who| fixture.person(who)) {
        for cell in forms::CELLS.iter().filter(|cell| person.access(cell.audience()) == Access::Allowed) {
            let mut tried = Vec::new();
            for (placeholder, ids) in swaps(&fixture, &cell.text()) {
                tried.push((placeholder, cell.post(person, &ids, own).await));
            }
            let is_of_account = matches!(cell.audience(), Audience::Account(_) | Audience::Active(_));
            if (is_of_account || cell.path.ends_with("/authentication")) && cell.path != "/switch" {
                tried.push(("as", cell.post(person, &fixture.ids, other).await));
            }
            for (placeholder, response) in tried {
                let is_rejected = is_done_already(cell.form, placeholder) || is_rejected(placeholder, &response);
                let what = format!("{} {} {:?} with {placeholder}", person.who, cell.path, cell.form);
                findings.check(is_rejected, || format!("{what}: {} {}", response.status, response.text()));
            }
            let changed = fixture.changed_since(&mut before).await;
            let what = format!("{} {} {:?}", person.who, cell.path, cell.form);
            findings.check(changed.is_empty(), || format!("{what} changed {changed:?}"));
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn a_function_with_one_id_of_another_account_or_partner_changes_nothing() {
    let fixture = Fixture::new().await;
    let (mut before, mut findings) = (fixture.fingerprint().await, Findings::default());
    for person in WHO.map(|who| fixture.person(who)) {
        for cell in functions::CELLS.iter().filter(|cell| person.access(cell.audience) == Access::Allowed) {
            for (placeholder, ids) in swaps(&fixture, cell.input) {
                let response = cell.call(person, &ids).await;
                let what = format!("{} {} {} with {placeholder}", person.who, cell.path, cell.input);
                let is_rejected = is_rejected(placeholder, &response);
                findings.check(is_rejected, || format!("{what}: {} {}", response.status, response.body));
                let changed = fixture.changed_since(&mut before).await;
                findings.check(changed.is_empty(), || format!("{what} changed {changed:?}"));
            }
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn actions_for_one_kind_of_invitation_do_not_find_the_other_kind() {
    let fixture = Fixture::new().await;
    let (mut before, admin) = (fixture.fingerprint().await, fixture.person("the Admin"));
    let acting = fixture.ids.get("{account_id}");
    for joining in ["{user_invitation}", "{member_invitation}"] {
        let id = fixture.ids.get(joining);
        for page in ["address", "revoke", "link"] {
            admin.actor.get(&format!("/invitations/{id}/{page}")).await.expect(404);
            let fields = [("form", page), ("as", acting), ("email", "a@b.example")];
            admin.actor.post(&format!("/invitations/{id}/{page}"), &fields).await.expect(404);
        }
        for act in ["resend", "invite-again"] {
            admin.actor.post_as(act, "/invitations", &[("invitation", id)]).await.expect(404);
        }
    }
    let (users, members) = (fixture.ids.fill("/partners/{partner_id}/invites"), "/settings/members");
    for (page, others) in [
        (users.as_str(), ["{invitation_id}", "{member_invitation}"]),
        (members, ["{invitation_id}", "{user_invitation}"]),
    ] {
        for other in others {
            for act in ["resend", "revoke"] {
                admin.actor.post_as(act, page, &[("invitation", fixture.ids.get(other))]).await.expect(404);
            }
        }
    }
    assert_eq!(fixture.changed_since(&mut before).await, Vec::<String>::new());
}
