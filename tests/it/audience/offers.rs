//! Pages offer only forms and links that their reader may use.

use super::{
    fixture::{Access, Findings, Fixture, INVITED_MEMBER, INVITED_USER, Person},
    table::{FORMS, PAGES},
};
use crate::support::Response;
use accord::server::Audience;
use std::collections::BTreeSet;

/// A form of the table, by path and hidden name.
type Form = (&'static str, &'static str);

/// The value of an attribute in a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// True if the path matches this pattern.
fn matches_pattern(path: &str, pattern: &str) -> bool {
    let (mut ids, mut segments) = (path.split('/'), pattern.split('/'));
    loop {
        match (ids.next(), segments.next()) {
            (None, None) => return true,
            (Some(id), Some(segment)) if id == segment => {}
            (Some(id), Some(segment)) if segment.starts_with('{') && id.len() >= 24 => {}
            _ => return false,
        }
    }
}

/// The targets of a page's forms and their hidden names.
fn forms(page: &Response, path: &str) -> Vec<(String, String)> {
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

/// False for forms without a button, or with a disabled one, as read-only users see them.
fn can_be_sent(inside: &str) -> bool {
    let enabled = inside.split("<fieldset").enumerate().map(|(index, part)| {
        let is_disabled = index > 0 && part.split('>').next().is_some_and(|tag| tag.contains(" disabled"));
        if is_disabled { part.split_once("</fieldset>").map_or("", |(_, after)| after) } else { part }
    });
    let mut buttons = enabled.flat_map(|part| part.split("<button").skip(1)).filter_map(|rest| rest.split('>').next());
    buttons.any(|tag| !tag.contains(" disabled"))
}

fn links(page: &Response) -> BTreeSet<String> {
    let anchors = page.body.split("<a").skip(1).filter_map(|rest| attribute(rest.split('>').next()?, "href"));
    let ours = anchors.filter(|href| href.starts_with('/')).map(|href| href.split('#').next().unwrap_or(href));
    ours.map(|href| href.replace("&amp;", "&")).collect()
}

fn known(action: &str, name: &str) -> Option<(Form, Audience)> {
    let mut rows = FORMS.iter().filter(|(path, form, _)| *form == name && matches_pattern(action, path));
    rows.next().map(|(path, form, audience)| ((*path, *form), *audience))
}

/// Opens every page the person may see. Every form there must be one they may post, and every link must work. Returns
/// the forms offered.
async fn visit_all_pages(fixture: &Fixture, who: &str) -> BTreeSet<Form> {
    let person = fixture.person(who);
    let (mut offered, mut followed, mut findings) = (BTreeSet::new(), BTreeSet::new(), Findings::default());
    for (path, audience) in PAGES.iter() {
        if person.access(*audience) != Access::Allowed || path.contains("{token}") {
            continue;
        }
        for path in [fixture.ids.fill(path), fixture.ids.fill(&path.replace("{source_id}", "{custom_id}"))] {
            let page = person.actor.get(&path).await;
            for (action, name) in forms(&page, &path) {
                let found = known(&action, &name);
                findings.check(found.is_some(), || format!("{path}: {action} {name:?} is not in the table"));
                let Some((form, audience)) = found else { continue };
                findings.check(person.may_be_offered(audience), || format!("{who} is offered {form:?} on {path}"));
                offered.insert(form);
            }
            for link in links(&page) {
                if followed.insert(link.clone()) {
                    let status = person.actor.get(&link).await.status.as_u16();
                    findings.check(status < 400, || format!("{path} links {who} to {link}: {status}"));
                }
            }
        }
    }
    findings.assert_none();
    offered
}

/// The forms the person may post that none of the usual pages offers.
fn missing(person: &Person, offered: &BTreeSet<Form>) -> Vec<Form> {
    let theirs = FORMS.iter().filter(|(_, _, audience)| {
        !matches!(audience, Audience::Anyone) && person.access(*audience) == Access::Allowed
    });
    theirs
        .map(|(path, form, _)| (*path, *form))
        .filter(|form| !offered.contains(form) && !NEEDS_OTHER_STATE.contains(form))
        .collect()
}

/// These need a different state: a duplicate, an ended invitation, a partner that is invited, archived or not
/// connected, a plan that cannot invite, a partner's source without a credential, a user with more sessions or
/// accounts, the address of a person to erase.
const NEEDS_OTHER_STATE: &[Form] = &[
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
    ("/leads/erase", "erase"),
    ("/me", "others"),
    ("/switch", ""),
];

#[tokio::test]
async fn an_admin_is_offered_everything_an_admin_may_do() {
    let fixture = Fixture::new().await;
    let offered = visit_all_pages(&fixture, "the Admin").await;
    assert_eq!(missing(fixture.person("the Admin"), &offered), []);
}

#[tokio::test]
async fn a_manager_is_offered_only_what_a_manager_may_do() {
    visit_all_pages(&Fixture::new().await, "the Manager").await;
}

#[tokio::test]
async fn a_viewer_is_offered_only_what_a_viewer_may_do() {
    visit_all_pages(&Fixture::new().await, "the Viewer").await;
}

#[tokio::test]
async fn partner_users_and_the_connected_account_are_offered_only_what_they_may_do() {
    let fixture = Fixture::new().await;
    for who in ["the Partner User", "the connected Viewer", "the connected Manager", "the connected Admin"] {
        visit_all_pages(&fixture, who).await;
    }
}

#[tokio::test]
async fn people_on_two_sides_are_offered_only_what_the_pages_side_may_do() {
    let fixture = Fixture::new().await;
    for who in
        ["the Viewer who is Partner Admin", "the Viewer who is connected Admin", "the Manager who is Partner User"]
    {
        visit_all_pages(&fixture, who).await;
    }
}

#[tokio::test]
async fn a_partner_admin_is_offered_everything_a_partner_admin_may_do() {
    let fixture = Fixture::new().await;
    let offered = visit_all_pages(&fixture, "the Partner Admin").await;
    assert_eq!(missing(fixture.person("the Partner Admin"), &offered), []);
}

#[tokio::test]
async fn strangers_and_removed_people_are_offered_nothing_of_others() {
    let fixture = Fixture::new().await;
    for who in
        ["a stranger", "another partner's Admin", "someone removed from the account", INVITED_USER, INVITED_MEMBER]
    {
        visit_all_pages(&fixture, who).await;
    }
}
