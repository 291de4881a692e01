//! Invitations to join the partner and the account, for who was invited by them and for everybody else.

use super::{
    cast::{Cast, Findings, INVITED_MEMBER, INVITED_USER, Verdict},
    forms, functions,
    ids::Ids,
    table::{FORMS, PAGES},
};
use accord::{
    base::{InvitationId, paths},
    server::Audience,
};

/// Who is invited, and where joining takes effect.
const INVITED: [(&str, &str); 2] = [(INVITED_USER, "partner_users"), (INVITED_MEMBER, "members")];

/// The ids with the invitation of that person in the place of the one to connect.
fn ids_of(cast: &Cast, who: &str) -> Ids {
    cast.ids.with("{invitation_id}", cast.person(who).invited.unwrap())
}

/// What its pages answer to who is invited and signed in. To join one needs no company, and no further login.
fn shows(path: &str) -> u16 {
    match path {
        "/invitations/{invitation_id}" | "/invitations/{invitation_id}/decline" => 200,
        "/invitations/{invitation_id}/company" | "/invitations/{invitation_id}/signup" => 404,
        other => panic!("what does {other} show?"),
    }
}

/// What its forms answer them; those of an invitation to connect are not there.
fn answers(form: &str) -> u16 {
    match form {
        "join" | "decline" => 303,
        "accept" | "ask" | "company" | "signup" => 404,
        // It has not ended.
        "request" => 409,
        other => panic!("what does {other} do?"),
    }
}

#[tokio::test]
async fn its_pages_open_for_who_is_invited_and_for_nobody_else() {
    let (cast, mut findings) = (Cast::meet().await, Findings::default());
    let mut before = cast.fingerprint().await;
    for (who, _) in INVITED {
        let ids = ids_of(&cast, who);
        for (page, _) in PAGES.iter().filter(|(_, audience)| *audience == Audience::Invited) {
            for person in &cast.people {
                let expected = if person.who == who { shows(page) } else { 404 };
                let status = person.actor.get(&ids.fill(page)).await.status;
                findings.note(status == expected, || format!("{} {page} of {who}: {status}", person.who));
            }
        }
    }
    let changed = cast.changed_since(&mut before).await;
    findings.note(changed.is_empty(), || format!("looking changed {changed:?}"));
    findings.assert_none();
}

#[tokio::test]
async fn its_page_offers_to_join_and_nothing_else() {
    let cast = Cast::meet().await;
    for (who, _) in INVITED {
        let id: InvitationId = ids_of(&cast, who).get("{invitation_id}").parse().unwrap();
        let page = cast.person(who).actor.get(&paths::invitation(id)).await.expect(200);
        for (_, form, _) in FORMS.iter().filter(|(path, ..)| *path == "/invitations/{invitation_id}") {
            assert_eq!(page.has(&format!("value=\"{form}\"")), *form == "join", "{who} {form}");
        }
        assert!(page.has(&paths::decline_invitation(id)) && !page.has(&paths::company_to_accept(id)), "{who}");
    }
}

#[tokio::test]
async fn its_forms_and_functions_are_not_there_for_who_is_not_invited() {
    let (cast, mut findings) = (Cast::meet().await, Findings::default());
    let mut before = cast.fingerprint().await;
    for (who, _) in INVITED {
        let ids = ids_of(&cast, who);
        for person in cast.people.iter().filter(|person| person.who != who) {
            for cell in forms::CELLS.iter().filter(|cell| cell.audience() == Audience::Invited) {
                let answer = cell.post(person, &ids, "").await;
                // A company is made by somebody who is signed in.
                let signs_in = cell.form == "company" && !person.is_signed_in;
                let verdict = if signs_in { Verdict::SignIn } else { Verdict::Uninvited };
                let is_right = forms::is_refused(person, verdict, &answer, &ids.fill(cell.path));
                findings.note(is_right, || format!("{} {:?} of {who}: {}", person.who, cell.form, answer.status));
            }
            for cell in functions::CELLS.iter().filter(|cell| cell.input.contains("\"{invitation_id}\"")) {
                if cell.audience == Audience::Invited {
                    let status = cell.call(person, &ids).await.status;
                    findings.note(status == 404, || format!("{} {} of {who}: {status}", person.who, cell.path));
                }
            }
        }
        let changed = cast.changed_since(&mut before).await;
        findings.note(changed.is_empty(), || format!("who was not invited as {who} changed {changed:?}"));
    }
    findings.assert_none();
}

#[tokio::test]
async fn who_is_invited_joins_and_can_do_nothing_that_is_for_connecting() {
    let (cast, mut findings) = (Cast::meet().await, Findings::default());
    let mut before = cast.fingerprint().await;
    for (who, joins) in INVITED {
        let (person, ids) = (cast.person(who), ids_of(&cast, who));
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
            findings.note(status == answers(cell.form), || format!("{who} {:?}: {status}", cell.form));
        }
        let accept = functions::CELLS.iter().find(|cell| cell.path == "/fn/invitations/accept").unwrap();
        let status = accept.call(person, &ids).await.status;
        findings.note(status == 404, || format!("{who} accepts: {status}"));
        let changed = cast.changed_since(&mut before).await;
        findings.note(changed.is_empty(), || format!("{who} changed {changed:?}"));
        for cell in joining {
            let status = cell.post(person, &ids, "").await.status;
            findings.note(status == answers(cell.form), || format!("{who} {:?}: {status}", cell.form));
        }
        let changed = cast.changed_since(&mut before).await;
        findings.note(changed.contains(&joins.to_owned()), || format!("{who} changed {changed:?}"));
    }
    findings.assert_none();
}

#[tokio::test]
async fn who_is_invited_declines_by_the_form_or_the_function() {
    let cast = Cast::meet().await;
    let (user, member) = (cast.person(INVITED_USER), cast.person(INVITED_MEMBER));
    let form = forms::CELLS.iter().find(|cell| cell.form == "decline").unwrap();
    form.post(user, &ids_of(&cast, INVITED_USER), "").await.expect(answers("decline"));
    let function = functions::CELLS.iter().find(|cell| cell.path == "/fn/invitations/decline").unwrap();
    function.call(member, &ids_of(&cast, INVITED_MEMBER)).await.expect(200);
    assert_eq!(cast.app.count("invitations where declined_at is not null").await, 2);
}
