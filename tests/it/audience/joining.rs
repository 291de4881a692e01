//! Invitations to join the partner and the account, for their invitees and for everyone else.

use super::{
    fixture::{Access, Findings, Fixture, INVITED_MEMBER, INVITED_USER},
    forms, functions,
    ids::Ids,
    table::{FORMS, PAGES},
};
use accord::{
    base::{InvitationId, paths},
    server::Audience,
};

/// The invitees, and the table that joining changes.
const INVITED: [(&str, &str); 2] = [(INVITED_USER, "partner_users"), (INVITED_MEMBER, "members")];

/// The ids, with this person's invitation instead of the one to connect.
fn ids_of(fixture: &Fixture, who: &str) -> Ids {
    fixture.ids.with("{invitation_id}", fixture.person(who).invited.unwrap())
}

/// The status that an invitee who is signed in gets for its pages. Joining needs no company and no new user.
fn page_status(path: &str) -> u16 {
    match path {
        "/invitations/{invitation_id}" | "/invitations/{invitation_id}/decline" => 200,
        "/invitations/{invitation_id}/company" | "/invitations/{invitation_id}/signup" => 404,
        other => panic!("no status is expected for {other}"),
    }
}

/// The status they get for its forms. Those for connecting do not exist here.
fn form_status(form: &str) -> u16 {
    match form {
        "join" | "decline" => 303,
        "accept" | "ask" | "company" | "signup" => 404,
        // The invitation has not ended.
        "request" => 409,
        other => panic!("no status is expected for {other}"),
    }
}

#[tokio::test]
async fn only_the_invitee_can_open_the_invitations_pages() {
    let (fixture, mut findings) = (Fixture::new().await, Findings::default());
    let mut before = fixture.fingerprint().await;
    for (who, _) in INVITED {
        let ids = ids_of(&fixture, who);
        for (page, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Invited) {
            for person in &fixture.people {
                let expected = if person.who == who { page_status(page) } else { 404 };
                let status = person.actor.get(&ids.fill(page)).await.status;
                findings.check(status == expected, || format!("{} {page} of {who}: {status}", person.who));
            }
        }
    }
    let changed = fixture.changed_since(&mut before).await;
    findings.check(changed.is_empty(), || format!("opening the pages changed {changed:?}"));
    findings.assert_none();
}

#[tokio::test]
async fn the_invitations_page_offers_only_to_join_or_decline() {
    let fixture = Fixture::new().await;
    for (who, _) in INVITED {
        let id: InvitationId = ids_of(&fixture, who).get("{invitation_id}").parse().unwrap();
        let page = fixture.person(who).actor.get(&paths::invitation(id)).await.expect(200);
        for (_, form, _) in FORMS.iter().filter(|(path, ..)| *path == "/invitations/{invitation_id}") {
            assert_eq!(page.has(&format!("value=\"{form}\"")), *form == "join", "{who} {form}");
        }
        assert!(page.has(&paths::decline_invitation(id)) && !page.has(&paths::company_to_accept(id)), "{who}");
    }
}

#[tokio::test]
async fn for_others_the_invitations_forms_and_functions_do_not_exist() {
    let (fixture, mut findings) = (Fixture::new().await, Findings::default());
    let mut before = fixture.fingerprint().await;
    for (who, _) in INVITED {
        let ids = ids_of(&fixture, who);
        for person in fixture.people.iter().filter(|person| person.who != who) {
            for cell in forms::CELLS.iter().filter(|cell| cell.audience() == Audience::Invited) {
                let response = cell.post(person, &ids, "").await;
                // Creating a company requires signing in.
                let signs_in = cell.form == "company" && !person.is_signed_in;
                let access = if signs_in { Access::SignIn } else { Access::Uninvited };
                let is_right = forms::is_rejected(person, access, &response, &ids.fill(cell.path));
                findings.check(is_right, || format!("{} {:?} of {who}: {}", person.who, cell.form, response.status));
            }
            for cell in functions::CELLS.iter().filter(|cell| cell.input.contains("\"{invitation_id}\"")) {
                if cell.audience == Audience::Invited {
                    let status = cell.call(person, &ids).await.status;
                    findings.check(status == 404, || format!("{} {} of {who}: {status}", person.who, cell.path));
                }
            }
        }
        let changed = fixture.changed_since(&mut before).await;
        findings.check(changed.is_empty(), || format!("people other than {who} changed {changed:?}"));
    }
    findings.assert_none();
}

#[tokio::test]
async fn an_invitee_can_join_but_not_use_the_forms_for_connecting() {
    let (fixture, mut findings) = (Fixture::new().await, Findings::default());
    let mut before = fixture.fingerprint().await;
    for (who, joins) in INVITED {
        let (person, ids) = (fixture.person(who), ids_of(&fixture, who));
        let (mut other, mut joining) = (Vec::new(), Vec::new());
        for cell in forms::CELLS.iter().filter(|cell| cell.audience() == Audience::Invited) {
            match cell.form {
                "decline" => {}
                "join" => joining.push(cell),
                _ => other.push(cell),
            }
        }
        for cell in other {
            let status = cell.post(person, &ids, "").await.status;
            findings.check(status == form_status(cell.form), || format!("{who} {:?}: {status}", cell.form));
        }
        let accept = functions::CELLS.iter().find(|cell| cell.path == "/fn/invitations/accept").unwrap();
        let status = accept.call(person, &ids).await.status;
        findings.check(status == 404, || format!("{who} accepts: {status}"));
        let changed = fixture.changed_since(&mut before).await;
        findings.check(changed.is_empty(), || format!("{who} changed {changed:?}"));
        for cell in joining {
            let status = cell.post(person, &ids, "").await.status;
            findings.check(status == form_status(cell.form), || format!("{who} {:?}: {status}", cell.form));
        }
        let changed = fixture.changed_since(&mut before).await;
        findings.check(changed.contains(&joins.to_owned()), || format!("{who} changed {changed:?}"));
    }
    findings.assert_none();
}

#[tokio::test]
async fn an_invitee_can_decline_by_form_or_function() {
    let fixture = Fixture::new().await;
    let (user, member) = (fixture.person(INVITED_USER), fixture.person(INVITED_MEMBER));
    let form = forms::CELLS.iter().find(|cell| cell.form == "decline").unwrap();
    form.post(user, &ids_of(&fixture, INVITED_USER), "").await.expect(form_status("decline"));
    let function = functions::CELLS.iter().find(|cell| cell.path == "/fn/invitations/decline").unwrap();
    function.call(member, &ids_of(&fixture, INVITED_MEMBER)).await.expect(200);
    assert_eq!(fixture.app.count("invitations where declined_at is not null").await, 2);
}
