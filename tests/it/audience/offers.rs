//! What pages offer: each form and link on a page is one that its reader may use.

use super::{
    cast::{Cast, Findings, INVITED_MEMBER, INVITED_USER, Person, Verdict},
    table::{FORMS, PAGES},
};
use crate::support::Answer;
use accord::server::Audience;
use std::collections::BTreeSet;

/// A form of the table, by path and hidden name.
type Form = (&'static str, &'static str);

/// The value of an attribute in a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// Whether the address is one of this spelling.
fn is_spelled(path: &str, spelling: &str) -> bool {
    let (mut ids, mut segments) = (path.split('/'), spelling.split('/'));
    loop {
        match (ids.next(), segments.next()) {
            (None, None) => return true,
            (Some(id), Some(segment)) if id == segment => {}
            (Some(id), Some(segment)) if segment.starts_with('{') && id.len() >= 24 => {}
            _ => return false,
        }
    }
}

/// Where the forms of a page are posted to, and their hidden names.
fn forms(page: &Answer, path: &str) -> Vec<(String, String)> {
    let forms = page.body.split("<form").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        if attribute(tag, "method") != Some("post") {
            return None;
        }
        let inside = rest.split("</form>").next().unwrap_or_default();
        let mut hidden = inside.split('<').filter(|tag| attribute(tag, "name") == Some("form"));
        let name = hidden.next().and_then(|tag| attribute(tag, "value")).unwrap_or_default();
        if !can_be_sent(inside) {
            return None;
        }
        let action = attribute(tag, "action").unwrap_or(path);
        Some((action.split(['?', '#']).next().unwrap_or_default().to_owned(), name.to_owned()))
    });
    forms.collect()
}

/// Who may only look sees some forms without a button, or with one that is disabled.
fn can_be_sent(inside: &str) -> bool {
    let enabled = inside.split("<fieldset").enumerate().map(|(index, part)| {
        let is_disabled = index > 0 && part.split('>').next().is_some_and(|tag| tag.contains(" disabled"));
        if is_disabled { part.split_once("</fieldset>").map_or("", |(_, after)| after) } else { part }
    });
    let mut buttons = enabled.flat_map(|part| part.split("<button").skip(1)).filter_map(|rest| rest.split('>').next());
    buttons.any(|tag| !tag.contains(" disabled"))
}

fn links(page: &Answer) -> BTreeSet<String> {
    let anchors = page.body.split("<a").skip(1).filter_map(|rest| attribute(rest.split('>').next()?, "href"));
    let ours = anchors.filter(|href| href.starts_with('/')).map(|href| href.split('#').next().unwrap_or(href));
    ours.map(|href| href.replace("&amp;", "&")).collect()
}

fn known(action: &str, name: &str) -> Option<(Form, Audience)> {
    let mut rows = FORMS.iter().filter(|(path, form, _)| *form == name && is_spelled(action, path));
    rows.next().map(|(path, form, audience)| ((*path, *form), *audience))
}

/// Looks at every page that is for a person; all forms there are theirs to post, and all links lead somewhere. What they
/// were offered.
async fn look_around(cast: &Cast, who: &str) -> BTreeSet<Form> {
    let person = cast.person(who);
    let (mut offered, mut followed, mut findings) = (BTreeSet::new(), BTreeSet::new(), Findings::default());
    for (path, audience) in PAGES.iter() {
        if person.verdict(*audience) != Verdict::In || path.contains("{token}") {
            continue;
        }
        for path in [cast.ids.fill(path), cast.ids.fill(&path.replace("{source_id}", "{custom_id}"))] {
            let page = person.actor.get(&path).await;
            for (action, name) in forms(&page, &path) {
                let found = known(&action, &name);
                findings.note(found.is_some(), || format!("{path}: {action} {name:?} is not in the table"));
                let Some((form, audience)) = found else { continue };
                findings.note(person.may_be_offered(audience), || format!("{who} is offered {form:?} on {path}"));
                offered.insert(form);
            }
            for link in links(&page) {
                if followed.insert(link.clone()) {
                    let status = person.actor.get(&link).await.status.as_u16();
                    findings.note(status < 400, || format!("{who} is led to {link} by {path}: {status}"));
                }
            }
        }
    }
    findings.assert_none();
    offered
}

/// The forms that are there for the person and stand on none of the usual pages.
fn missing(person: &Person, offered: &BTreeSet<Form>) -> Vec<Form> {
    let theirs = FORMS
        .iter()
        .filter(|(_, _, audience)| !matches!(audience, Audience::Anyone) && person.verdict(*audience) == Verdict::In);
    theirs
        .map(|(path, form, _)| (*path, *form))
        .filter(|form| !offered.contains(form) && !ELSEWHERE.contains(form))
        .collect()
}

/// Needs a stage of its own: a duplicate, an ended invitation, a partner that is invited or archived or not connected, a
/// plan that cannot invite, a source of the partner without a credential, a login with more sessions or places.
const ELSEWHERE: &[Form] = &[
    ("/flows/{flow_id}/sources", "use-instead"),
    ("/flows/{flow_id}/sources", "invite-again"),
    ("/invitations", "invite-again"),
    ("/recipients", "invite-again"),
    ("/invitations/{invitation_id}/remove", "remove"),
    ("/partners/{partner_id}", "restore"),
    ("/partners/{partner_id}", "resend"),
    ("/partners/{partner_id}", "invite-again"),
    ("/partners/{partner_id}/connect", "connect"),
    ("/settings/subscription", "upgrade"),
    ("/flows/{flow_id}/sources/{source_id}/docs", "create-credential"),
    ("/me", "others"),
    ("/switch", ""),
];

#[tokio::test]
async fn an_admin_is_offered_everything_an_admin_may_do() {
    let cast = Cast::meet().await;
    let offered = look_around(&cast, "the Admin").await;
    assert_eq!(missing(cast.person("the Admin"), &offered), []);
}

#[tokio::test]
async fn a_manager_is_offered_only_what_a_manager_may_do() {
    look_around(&Cast::meet().await, "the Manager").await;
}

#[tokio::test]
async fn a_viewer_is_offered_only_what_a_viewer_may_do() {
    look_around(&Cast::meet().await, "the Viewer").await;
}

#[tokio::test]
async fn people_of_the_partner_and_of_the_connected_account_are_offered_only_what_they_may_do() {
    let cast = Cast::meet().await;
    for who in ["the Partner User", "the connected Viewer", "the connected Manager", "the connected Admin"] {
        look_around(&cast, who).await;
    }
}

#[tokio::test]
async fn people_on_two_sides_are_offered_only_what_the_side_of_the_page_may_do() {
    let cast = Cast::meet().await;
    for who in
        ["the Viewer who is Partner Admin", "the Viewer who is connected Admin", "the Manager who is Partner User"]
    {
        look_around(&cast, who).await;
    }
}

#[tokio::test]
async fn a_partner_admin_is_offered_everything_a_partner_admin_may_do() {
    let cast = Cast::meet().await;
    let offered = look_around(&cast, "the Partner Admin").await;
    assert_eq!(missing(cast.person("the Partner Admin"), &offered), []);
}

#[tokio::test]
async fn strangers_and_the_removed_are_offered_nothing_of_others() {
    let cast = Cast::meet().await;
    for who in
        ["a stranger", "another partner's Admin", "somebody removed from the account", INVITED_USER, INVITED_MEMBER]
    {
        look_around(&cast, who).await;
    }
}
