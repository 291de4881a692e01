//! The limits of sending invitations: per person, account and address, and how many can be open. None of them lets one
//! company use up what another may send.

use crate::support::{
    Actor, Response, TestApp,
    api::{error_code, text},
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::{Plan, Role},
    base::FlowId,
    partners::model::PartnerRole,
};
use axum::http::Method;
use futures::future::join_all;
use serde_json::json;
use time::Duration;

async fn invite_many(actor: &Actor, flow: FlowId, numbers: std::ops::Range<usize>) {
    for number in numbers {
        actor.invite(flow, &format!("seller{number}@seller.example"), "").await.expect(303);
    }
}

/// Invites an address and revokes it again until that is refused. Returns how often it was sent, and the refusal.
async fn invite_and_revoke(actor: &Actor, flow: FlowId, email: &str) -> (usize, Response) {
    for sent in 0..20 {
        let response = actor.invite(flow, email, "").await;
        if response.status != 303 {
            return (sent, response);
        }
        actor.revoke(actor.app.invitation_to(email).await).await.expect(303);
    }
    panic!("never refused");
}

/// The Admin of another account with a flow.
async fn other_company(app: &TestApp, number: usize) -> (Actor, FlowId) {
    let (email, company) = (format!("admin{number}@company.example"), format!("Company {number}"));
    let admin = app.admin("Di", &email, &company, Some(Plan::Base), false).await;
    let flow = admin.create_flow("Solar").await;
    (admin, flow)
}

#[tokio::test]
async fn a_person_sends_thirty_in_ten_minutes_and_an_account_a_hundred_a_day() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let mut people = vec![];
    for number in 0..3 {
        people.push(app.member(&buyer, Role::Manager, "Di", &format!("di{number}@buyer.example")).await);
    }
    invite_many(&buyer, flow, 0..30).await;
    buyer.invite(flow, "one@more.example", "").await.expect(429).shows("You sent 30 invitations within ten minutes.");
    invite_many(&people[0], flow, 30..60).await;
    invite_many(&people[1], flow, 60..90).await;
    invite_many(&people[2], flow, 90..100).await;
    let refused =
        people[2].invite(flow, "one@more.example", "").await.expect(429).shows("100 invitations within a day");
    assert_eq!(refused.header("ratelimit-policy"), "\"invite-account\";q=100;w=86400");
    // Neither revoking nor deleting gives anything back.
    buyer.revoke(app.invitation_to("seller1@seller.example").await).await.expect(303);
    let api = app.api(&buyer).await;
    let entity = api.post("/invitations/source", json!({ "email": "seller2@seller.example" })).await.expect(200);
    let entity_id = text(&entity.json::<serde_json::Value>()["entity"], "id");
    api.delete(&format!("/api/v1/entities/{entity_id}")).await;
    app.advance(Duration::minutes(11));
    people[0].invite(flow, "one@more.example", "").await.expect(429);
    // Another account is not affected.
    let (other, flow_of_other) = other_company(&app, 1).await;
    other.invite(flow_of_other, "one@more.example", "").await.expect(303);
    app.advance(Duration::days(1));
    people[0].invite(flow, "one@more.example", "").await.expect(303);
    assert_eq!(app.count("invitations").await, 102);
}

#[tokio::test]
async fn no_company_uses_up_what_an_address_may_get_from_others() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let (sent, refused) = invite_and_revoke(&buyer, flow, SELLER).await;
    assert_eq!(sent, 4);
    let refused = refused.expect(429).shows("This address was sent many invitations within a day.");
    assert!(refused.tag_with("name=\"email\"").contains(SELLER), "the input is kept");
    buyer.invite(flow, "di@harbor.example", "").await.expect(303);
    let mut sent = 4;
    for number in 0..8 {
        let (other, flow) = other_company(&app, number).await;
        let response = other.invite(flow, SELLER, "").await;
        sent += i32::from(response.status == 303);
        assert_eq!(response.status, if number < 6 { 303 } else { 429 }, "company {number}");
    }
    assert_eq!(sent, 10);
    assert_eq!(app.count("invitations where email_key = 'cy@seller.example'").await, 10);
    app.advance(Duration::days(1));
    buyer.invite(flow, SELLER, "").await.expect(303);
}

#[tokio::test]
async fn resends_count_for_the_person_and_the_account_but_not_as_new_ones() {
    let stage = Stage::pending().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    for _ in 0..4 {
        app.advance(Duration::minutes(1));
        buyer.act("resend", stage.invitation().await).await.expect(303);
    }
    let id = stage.invitation().await;
    app.advance(Duration::minutes(1));
    invite_many(buyer, stage.flow, 0..25).await;
    let refused = buyer.act("resend", id).await.expect(429).shows("You sent 30 invitations");
    assert_eq!(refused.header("ratelimit-policy"), "\"invite-person\";q=30;w=600");
    let rows = "rate_limits where cardinality(taken) = 5";
    assert_eq!(app.count(rows).await, 0, "the address's own limit counts new invitations only");
}

#[tokio::test]
async fn resending_too_soon_or_too_often_says_when_it_is_possible_again() {
    let stage = Stage::pending().await;
    let (app, buyer, id) = (&stage.app, &stage.buyer, stage.invitation().await);
    let api = app.api(buyer).await;
    let entity_id = app.source(stage.source).await.entity_id;
    let resend = async || api.send(Method::PUT, &format!("/invitations/{entity_id}/resend"), &[], "").await;
    app.advance(Duration::seconds(20));
    let pages = buyer.act("resend", id).await.expect(429);
    for response in [pages, resend().await.expect(429)] {
        let wait: u64 = response.header("retry-after").parse().unwrap();
        assert!((20..=40).contains(&wait), "{wait}");
        assert_eq!(response.header("ratelimit-policy"), "\"resend\";q=1;w=60");
    }
    for _ in 0..5 {
        app.advance(Duration::minutes(10));
        buyer.act("resend", id).await.expect(303);
    }
    app.advance(Duration::minutes(10));
    let refused = resend().await.expect(429);
    assert_eq!(error_code(&refused), "resend_too_often");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    let oldest_leaves_in = 24 * 3600 - 50 * 60;
    assert!((oldest_leaves_in - 60..=oldest_leaves_in).contains(&wait), "{wait}");
    app.advance(Duration::seconds(wait));
    buyer.act("resend", id).await.expect(303);
}

#[tokio::test]
async fn an_account_has_at_most_two_hundred_open_invitations() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let api = app.api(&buyer).await;
    for round in 0..6 {
        invite_many(&buyer, flow, round * 30..(round + 1) * 30).await;
        app.advance(Duration::hours(9));
    }
    invite_many(&buyer, flow, 180..199).await;
    let last = join_all((200..206).map(|number| {
        let email = format!("seller{number}@seller.example");
        let buyer = &buyer;
        async move { buyer.invite(flow, &email, "").await.status.as_u16() }
    }));
    let mut statuses = last.await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409, 409, 409]);
    let refused = api.post("/invitations/recipient", json!({ "email": "one@more.example" })).await.expect(409);
    assert_eq!(error_code(&refused), "too_many_pending");
    buyer.invite_member("one@more.example", "viewer").await.expect(409).shows("Your company has 200 open invitations.");
    // What is open can still be found, resent and sent to another address.
    buyer.invite(flow, "seller1@seller.example", "").await.expect(303);
    let first = app.invitation_to("seller1@seller.example").await;
    buyer.act("resend", first).await.expect(303);
    buyer.readdress(first, "seller1@elsewhere.example").await.expect(303);
    buyer.revoke(app.invitation_to("seller2@seller.example").await).await.expect(303);
    buyer.invite(flow, "one@more.example", "").await.expect(303);
    buyer.invite(flow, "two@more.example", "").await.expect(409);
    // The ones that expire make room, until they are resent.
    app.advance(Duration::days(12));
    buyer.get("/").await.expect(200);
    let open = "invitations where state = 'pending' and superseded_at is null and expires_at > now() + interval '14 days 6 hours'";
    let still_open = app.count(open).await;
    assert!((1..200).contains(&still_open), "{still_open}");
    buyer.invite(flow, "two@more.example", "").await.expect(303);
}

#[tokio::test]
async fn a_partners_own_people_have_limits_apart_from_the_accounts() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let partner = app.make_partner(&buyer, "Lead Harbor").await;
    let admins = [
        app.partner_user(partner, PartnerRole::PartnerAdmin, "Pat", "pat@harbor.example").await,
        app.partner_user(partner, PartnerRole::PartnerAdmin, "Sue", "sue@harbor.example").await,
        app.partner_user(partner, PartnerRole::PartnerAdmin, "Tim", "tim@harbor.example").await,
        app.partner_user(partner, PartnerRole::PartnerAdmin, "Una", "una@harbor.example").await,
    ];
    let mut sent = 0;
    for admin in &admins {
        for number in 0..30 {
            let email = format!("{number}-of-{}", admin.email);
            sent += i32::from(admin.invite_colleague(partner, &email, "partner_user").await.status == 303);
        }
    }
    assert_eq!(sent, 100);
    buyer.invite(flow, SELLER, "").await.expect(303);
    for _ in 0..2 {
        app.advance(Duration::days(1));
        for admin in &admins {
            for number in 30..60 {
                let email = format!("{number}-of-{}", admin.email);
                admin.invite_colleague(partner, &email, "partner_user").await;
            }
        }
    }
    admins[0].invite_colleague(partner, "one@more.example", "partner_user").await.expect(409);
    buyer.invite(flow, "di@harbor.example", "").await.expect(303);
}

#[tokio::test]
async fn an_invitee_who_asks_again_is_told_when_it_is_possible() {
    let stage = Stage::pending().await;
    stage.expire().await;
    let visitor = stage.newcomer();
    let request = [("form", "request")];
    visitor.post(&stage.link, &request).await.expect(303);
    stage.app.advance(Duration::hours(4));
    // The page has the status of the ended invitation.
    let refused = visitor.post(&stage.link, &request).await.expect(410);
    assert_eq!(refused.header("ratelimit-policy"), "\"request-invitation\";q=1;w=86400");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((20 * 3600 - 60..=20 * 3600).contains(&wait), "{wait}");
    stage.app.advance(Duration::seconds(wait));
    visitor.post(&stage.link, &request).await.expect(303);
}
