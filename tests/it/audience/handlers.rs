//! Everything that is not a page, form or function: event streams, health checks, files and submissions.

use super::{
    fixture::{Access, Fixture},
    table::{FORMS, HANDLERS},
};
use accord::server::Audience;
use axum::{body::Body, http::Method};
use std::collections::BTreeSet;

fn audience(path: &str) -> Audience {
    HANDLERS.iter().find(|(known, _)| *known == path).unwrap().1
}

/// Handlers without forms. All of them are tested here.
const ALONE: [&str; 6] = ["/health/live", "/health/ready", LIVE, SUBMIT, PERFORMANCE, ACTIVITY];
const LIVE: &str = "/live";
const SUBMIT: &str = "/flows/{flow_id}/sources/{source_id}/submit";
const PERFORMANCE: &str = "/portal/{partner_id}/performance.csv";
const ACTIVITY: &str = "/activity.csv";

#[test]
fn every_handler_of_the_table_is_tested() {
    let takes_forms = |path: &str| FORMS.iter().any(|(known, _, _)| *known == path);
    let alone = HANDLERS.iter().filter(|(_, audience)| *audience != Audience::Development).map(|(path, _)| *path);
    assert_eq!(alone.filter(|path| !takes_forms(path)).collect::<BTreeSet<_>>(), BTreeSet::from(ALONE));
}

#[tokio::test]
async fn only_the_partners_side_can_download_the_figures() {
    let fixture = Fixture::new().await;
    let path = fixture.ids.fill(PERFORMANCE);
    for person in &fixture.people {
        let expected = match person.access(audience(PERFORMANCE)) {
            Access::Allowed => 200,
            Access::SignIn => 303,
            Access::Forbidden => 403,
            Access::NotFound | Access::Uninvited => 404,
        };
        assert_eq!(person.actor.get(&path).await.status, expected, "{}", person.who);
    }
    for who in ["the Partner Admin", "the connected Admin"] {
        fixture.person(who).actor.get(&fixture.foreign.fill(PERFORMANCE)).await.expect(404);
    }
}

#[tokio::test]
async fn each_member_can_download_the_activity_of_the_active_account() {
    let fixture = Fixture::new().await;
    for person in &fixture.people {
        let expected = match person.access(audience(ACTIVITY)) {
            Access::Allowed => 200,
            Access::SignIn => 303,
            Access::Forbidden => 403,
            Access::NotFound | Access::Uninvited => 404,
        };
        assert_eq!(person.actor.get(ACTIVITY).await.status, expected, "{}", person.who);
    }
}

#[tokio::test]
async fn only_members_of_the_flows_account_can_open_the_event_stream() {
    let fixture = Fixture::new().await;
    let path = fixture.ids.fill("/live?flow={flow_id}");
    for person in &fixture.people {
        let expected = match person.access(audience(LIVE)) {
            Access::Allowed => 200,
            Access::SignIn => 401,
            Access::Forbidden => 403,
            Access::NotFound | Access::Uninvited => 404,
        };
        assert_eq!(person.actor.get_status(&path).await, expected, "{}", person.who);
    }
    assert_eq!(fixture.person("the Admin").actor.get_status("/live?flow=nonsense").await, 400);
}

#[tokio::test]
async fn a_submission_gets_the_same_response_whoever_is_signed_in() {
    let fixture = Fixture::new().await;
    let path = fixture.ids.fill(SUBMIT);
    for person in &fixture.people {
        assert_eq!(person.access(audience(SUBMIT)), Access::Allowed);
        person.actor.post(&path, &[("st", "CA")]).await.expect(201);
    }
    let other = fixture.foreign.get("{source_id}");
    let mixed = fixture.ids.fill(&format!("/flows/{{flow_id}}/sources/{other}/submit"));
    fixture.person("the Admin").actor.post(&mixed, &[("st", "CA")]).await.expect(404);
}

#[tokio::test]
async fn health_checks_are_public() {
    let fixture = Fixture::new().await;
    let nobody = &fixture.person("nobody").actor;
    nobody.get("/health/live").await.expect(200);
    nobody.get("/health/ready").await.expect(200);
    nobody.send(Method::GET, "/signout", &[], Body::empty()).await.expect(405);
}
