//! What is neither page nor form nor function: streams, checks of health, files, and submissions.

use super::{
    cast::{Cast, Verdict},
    table::{FORMS, HANDLERS},
};
use accord::server::Audience;
use axum::{body::Body, http::Method};
use std::collections::BTreeSet;

fn audience(path: &str) -> Audience {
    HANDLERS.iter().find(|(known, _)| *known == path).unwrap().1
}

/// What takes no forms; all of it is tried here.
const ALONE: [&str; 5] = ["/health/live", "/health/ready", LIVE, SUBMIT, PERFORMANCE];
const LIVE: &str = "/live";
const SUBMIT: &str = "/flows/{flow_id}/sources/{source_id}/submit";
const PERFORMANCE: &str = "/portal/{partner_id}/performance.csv";

#[test]
fn every_handler_of_the_table_is_tried() {
    let takes_forms = |path: &str| FORMS.iter().any(|(known, _, _)| *known == path);
    let alone = HANDLERS.iter().filter(|(_, audience)| *audience != Audience::Development).map(|(path, _)| *path);
    assert_eq!(alone.filter(|path| !takes_forms(path)).collect::<BTreeSet<_>>(), BTreeSet::from(ALONE));
}

#[tokio::test]
async fn figures_as_a_file_are_for_the_partners_side() {
    let cast = Cast::meet().await;
    let path = cast.ids.fill(PERFORMANCE);
    for person in &cast.people {
        let expected = match person.verdict(audience(PERFORMANCE)) {
            Verdict::In => 200,
            Verdict::SignIn => 303,
            Verdict::Refused => 403,
            Verdict::Gone | Verdict::Uninvited => 404,
        };
        assert_eq!(person.actor.get(&path).await.status, expected, "{}", person.who);
    }
    for who in ["the Partner Admin", "the connected Admin"] {
        cast.person(who).actor.get(&cast.foreign.fill(PERFORMANCE)).await.expect(404);
    }
}

#[tokio::test]
async fn the_stream_of_events_is_for_members_of_the_flows_account() {
    let cast = Cast::meet().await;
    let path = cast.ids.fill("/live?flow={flow_id}");
    for person in &cast.people {
        let expected = match person.verdict(audience(LIVE)) {
            Verdict::In => 200,
            Verdict::SignIn => 401,
            Verdict::Refused => 403,
            Verdict::Gone | Verdict::Uninvited => 404,
        };
        assert_eq!(person.actor.opens(&path).await, expected, "{}", person.who);
    }
    assert_eq!(cast.person("the Admin").actor.opens("/live?flow=nonsense").await, 400);
}

#[tokio::test]
async fn a_submission_is_answered_alike_whoever_is_signed_in() {
    let cast = Cast::meet().await;
    let path = cast.ids.fill(SUBMIT);
    for person in &cast.people {
        assert_eq!(person.verdict(audience(SUBMIT)), Verdict::In);
        person.actor.post(&path, &[("st", "CA")]).await.expect(201);
    }
    let other = cast.foreign.get("{source_id}");
    let mixed = cast.ids.fill(&format!("/flows/{{flow_id}}/sources/{other}/submit"));
    cast.person("the Admin").actor.post(&mixed, &[("st", "CA")]).await.expect(404);
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let cast = Cast::meet().await;
    let nobody = &cast.person("nobody").actor;
    nobody.get("/health/live").await.expect(200);
    nobody.get("/health/ready").await.expect(200);
    nobody.send(Method::GET, "/signout", &[], Body::empty()).await.expect(405);
}
