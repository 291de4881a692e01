//! Ids of others: whatever else is right, one id of another account, or of another partner, makes it nothing.

use super::{
    cast::{Cast, Findings, Verdict},
    forms, functions,
    ids::Ids,
    table::PAGES,
};
use crate::support::Answer;
use accord::server::Audience;

/// Those who may do everything there is, on their side.
const WHO: [&str; 3] = ["the Admin", "the Partner Admin", "the connected Admin"];

/// One id taken from elsewhere, in every way there is.
fn swaps(cast: &Cast, text: &str) -> Vec<(&'static str, Ids)> {
    [&cast.foreign, &cast.sibling].into_iter().flat_map(|others| cast.ids.swapped(text, others)).collect()
}

/// Not there, or not as the form shows it; a source that is chosen from a list has a field to say so.
fn is_nothing(placeholder: &str, answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    [404, 409].contains(&status) || (placeholder == "{entity_id}" && status == 422)
}

/// Ending a secret that does not count here, and taking away a source that is not here, have nothing left to do.
fn is_done_already(form: &str, placeholder: &str) -> bool {
    [("end-credential", "{former_id}"), ("unassign", "{custom_id}")].contains(&(form, placeholder))
}

#[tokio::test]
async fn a_page_with_one_id_of_another_account_is_not_there() {
    let (cast, mut findings) = (Cast::meet().await, Findings::default());
    for person in WHO.map(|who| cast.person(who)) {
        for (path, _) in PAGES.iter().filter(|(_, audience)| person.verdict(*audience) == Verdict::In) {
            for (placeholder, ids) in cast.ids.swapped(path, &cast.foreign) {
                let answer = person.actor.get(&ids.fill(path)).await;
                let is_nothing = answer.status == 404 && !answer.body.contains("Elsewhere");
                findings.note(is_nothing, || format!("{} {path} with {placeholder}: {}", person.who, answer.status));
            }
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn a_form_with_one_id_of_another_account_or_partner_changes_nothing() {
    let cast = Cast::meet().await;
    let (mut before, mut findings) = (cast.fingerprint().await, Findings::default());
    let (own, other) = (cast.ids.get("{account_id}"), cast.foreign.get("{account_id}"));
    for person in WHO.map(|who| cast.person(who)) {
        for cell in forms::CELLS.iter().filter(|cell| person.verdict(cell.audience()) == Verdict::In) {
            let mut tried = Vec::new();
            for (placeholder, ids) in swaps(&cast, &cell.text()) {
                tried.push((placeholder, cell.post(person, &ids, own).await));
            }
            let is_of_account = matches!(cell.audience(), Audience::Account(_) | Audience::Active(_));
            if (is_of_account || cell.path.ends_with("/authentication")) && cell.path != "/switch" {
                tried.push(("as", cell.post(person, &cast.ids, other).await));
            }
            for (placeholder, answer) in tried {
                let is_nothing = is_done_already(cell.form, placeholder) || is_nothing(placeholder, &answer);
                let what = format!("{} {} {:?} with {placeholder}", person.who, cell.path, cell.form);
                findings.note(is_nothing, || format!("{what}: {} {}", answer.status, answer.words()));
            }
            let changed = cast.changed_since(&mut before).await;
            let what = format!("{} {} {:?}", person.who, cell.path, cell.form);
            findings.note(changed.is_empty(), || format!("{what} changed {changed:?}"));
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn a_function_with_one_id_of_another_account_or_partner_changes_nothing() {
    let cast = Cast::meet().await;
    let (mut before, mut findings) = (cast.fingerprint().await, Findings::default());
    for person in WHO.map(|who| cast.person(who)) {
        for cell in functions::CELLS.iter().filter(|cell| person.verdict(cell.audience) == Verdict::In) {
            for (placeholder, ids) in swaps(&cast, cell.input) {
                let answer = cell.call(person, &ids).await;
                let what = format!("{} {} {} with {placeholder}", person.who, cell.path, cell.input);
                let is_nothing = is_nothing(placeholder, &answer);
                findings.note(is_nothing, || format!("{what}: {} {}", answer.status, answer.body));
                let changed = cast.changed_since(&mut before).await;
                findings.note(changed.is_empty(), || format!("{what} changed {changed:?}"));
            }
        }
    }
    findings.assert_none();
}

#[tokio::test]
async fn an_invitation_of_another_kind_is_not_there_for_the_verbs_of_the_other() {
    let cast = Cast::meet().await;
    let (mut before, admin) = (cast.fingerprint().await, cast.person("the Admin"));
    let acting = cast.ids.get("{account_id}");
    for joining in ["{user_invitation}", "{member_invitation}"] {
        let id = cast.ids.get(joining);
        for page in ["address", "revoke", "link"] {
            admin.actor.get(&format!("/invitations/{id}/{page}")).await.expect(404);
            let fields = [("form", page), ("as", acting), ("email", "a@b.example")];
            admin.actor.post(&format!("/invitations/{id}/{page}"), &fields).await.expect(404);
        }
        for act in ["resend", "invite-again"] {
            admin.actor.post_as(act, "/invitations", &[("invitation", id)]).await.expect(404);
        }
    }
    let (users, members) = (cast.ids.fill("/partners/{partner_id}/invites"), "/settings/members");
    for (page, others) in [
        (users.as_str(), ["{invitation_id}", "{member_invitation}"]),
        (members, ["{invitation_id}", "{user_invitation}"]),
    ] {
        for other in others {
            for act in ["resend", "revoke"] {
                admin.actor.post_as(act, page, &[("invitation", cast.ids.get(other))]).await.expect(404);
            }
        }
    }
    assert_eq!(cast.changed_since(&mut before).await, Vec::<String>::new());
}
