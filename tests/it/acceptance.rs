//! Accepting and declining: all or nothing, once, and the first one wins.

use crate::support::{
    Actor, TestApp,
    actor::problem_name,
    facts::SourceFacts,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::{Plan, Role},
    base::{InvitationId, paths},
    entities::model::SourceTag,
};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_seller_without_account_signs_up_and_accepts_and_gets_the_free_plan() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let mut seller = stage.newcomer();
    let invitation = seller.open_link(&stage.link).await;
    let account = seller.sign_up_from_invitation(invitation).await;
    assert_eq!(stage.app.plan(account).await, None, "accepting grants the plan, not signing up");
    let accepted = seller.accept(invitation).await;
    assert_eq!(accepted.location(), stage.docs(), "the docs of the only source");
    seller.get(&stage.docs()).await.expect(200).shows("Your companies are now connected.");
    assert_eq!(stage.app.plan(account).await.as_deref(), Some("partners"));
    assert!(stage.app.deeds(account).await.contains(&"plan_granted".to_owned()));
    stage.assert_converted(&before, account, "Lead Harbor").await;
    seller.get(paths::HOME).await.expect(200).shows("Connected with Bright Solar").shows("Read the Submission Docs");
}

#[tokio::test]
async fn a_seller_with_trustedform_only_gets_leadconduit_for_partners_by_accepting() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.app.admin("Tom Trusted", SELLER, "Proof Media", None, true).await;
    let invitation = seller.open_link(&stage.link).await;
    seller.get(&paths::invitation(invitation)).await.shows("gets LeadConduit for Partners");
    seller.accept(invitation).await.expect(303);
    assert_eq!(stage.app.plan(seller.account()).await.as_deref(), Some("partners"));
    stage.assert_converted(&before, seller.account(), "Proof Media").await;
}

#[tokio::test]
async fn a_seller_with_leadconduit_keeps_the_plan() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    assert_eq!(stage.app.plan(seller.account()).await.as_deref(), Some("pro"));
    assert!(!stage.app.deeds(seller.account()).await.contains(&"plan_granted".to_owned()));
    stage.assert_converted(&before, seller.account(), "Lead Harbor").await;
}

#[tokio::test]
async fn the_invitee_accepts_on_home_without_the_link() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.seller().await;
    seller.get(paths::HOME).await.expect(200).shows("Ann Buyer from Bright Solar invites you to connect.");
    seller.accept_by_function(stage.invitation().await).await.expect(200);
    stage.assert_converted(&before, seller.account(), "Lead Harbor").await;
}

#[tokio::test]
async fn a_source_set_to_stay_off_stays_off_when_accepted() {
    let stage = Stage::pending().await;
    let input = json!({ "flow_id": stage.flow, "source_id": stage.source, "turn_on": false });
    stage.buyer.call("flows/sources/turn-on", input).await.expect(200);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let row = stage.buyer.only_source(stage.flow).await;
    assert_eq!((row.tag, row.enabled), (SourceTag::AccountSource, false));
}

#[tokio::test]
async fn the_plain_form_can_uncheck_turn_on_too() {
    let stage = Stage::pending().await;
    let source = stage.source.to_string();
    let path = paths::flow_sources(stage.flow);
    stage.buyer.post_as("turn-on", &path, &[("source", &source)]).await.expect(303);
    assert!(!stage.buyer.only_source(stage.flow).await.turn_on_when_accepted);
    stage.buyer.post_as("turn-on", &path, &[("source", &source), ("turn_on", "on")]).await.expect(303);
    assert!(stage.buyer.only_source(stage.flow).await.turn_on_when_accepted);
}

#[tokio::test]
async fn turn_on_when_accepted_is_offered_only_while_the_invitation_can_be_accepted_or_resent() {
    let stage = Stage::pending().await;
    let path = paths::flow_sources(stage.flow);
    let offer = "Turn on when accepted";
    stage.buyer.get(&path).await.expect(200).shows(offer);
    stage.buyer.revoke(stage.invitation().await).await.expect(303);
    let revoked = stage.buyer.get(&path).await.expect(200).shows("Account Source (Revoked)");
    assert!(!revoked.text().contains(offer), "{}", revoked.text());
    stage.buyer.act("invite-again", stage.invitation().await).await.expect(303);
    stage.buyer.get(&path).await.expect(200).shows("Account Source (Connection Pending)").shows(offer);
    stage.expire().await;
    stage.buyer.get(&path).await.expect(200).shows("Account Source (Expired)").shows(offer);
}

#[tokio::test]
async fn the_pending_source_is_turned_on_in_all_flows_that_use_it() {
    let stage = Stage::pending().await;
    let second = stage.buyer.create_flow("Solar Nevada").await;
    stage.buyer.invite(second, SELLER, "").await.expect(303);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    for flow in [stage.flow, second] {
        assert!(stage.buyer.only_source(flow).await.is_on());
    }
    let docs = seller.get(paths::SUBMISSION_DOCS).await.expect(200);
    docs.shows("Solar California").shows("Solar Nevada");
}

#[tokio::test]
async fn a_partner_named_by_hand_keeps_its_name() {
    let stage = Stage::pending().await;
    stage.app.execute("update partners set name = 'The Harbor people', named_by_hand = true").await.unwrap();
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let linked = stage.app.count("partners where name = 'The Harbor people' and linked_account_id is not null").await;
    assert_eq!(linked, 1);
}

/// People with accounts who have all opened the link.
async fn people_with_link(stage: &Stage, size: usize) -> Vec<Actor> {
    let mut people = Vec::new();
    for number in 0..size {
        let email = format!("p{number}@crowd.example");
        let person = stage.app.admin("Pat", &email, &format!("Company {number}"), None, false).await;
        person.open_link(&stage.link).await;
        people.push(person);
    }
    people
}

#[tokio::test]
async fn exactly_one_of_fifty_concurrent_acceptances_wins() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    let people = people_with_link(&stage, 50).await;
    let responses = futures::future::join_all(people.iter().map(|person| person.accept_confirmed(invitation))).await;
    let won: Vec<_> = (0..50).filter(|index| responses[*index].status == 303).collect();
    assert_eq!(won.len(), 1, "{:?}", responses.iter().map(|response| response.status).collect::<Vec<_>>());
    for (index, response) in responses.iter().enumerate().filter(|(index, _)| *index != won[0]) {
        assert!([409, 410].contains(&response.status.as_u16()), "{index}: {}", response.text());
        assert!(response.text().contains("This invitation was already accepted"), "{index}: {}", response.text());
    }
    let winner = &people[won[0]];
    assert_eq!(stage.app.invitation_row(invitation).await.accepted_account_id, winner.account);
    assert_eq!(stage.app.source(stage.source).await.connected_account_id, winner.account);
    assert_eq!(stage.app.count("connections").await, 1);
    assert_eq!(stage.app.count("subscriptions where plan = 'partners'").await, 1);
    assert_eq!(stage.app.count("activity where deed = 'connected'").await, 1);
    assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), 1);
}

async fn assert_untouched(stage: &Stage, before: &SourceFacts) {
    assert_eq!(stage.app.source(stage.source).await, *before);
    assert_eq!(stage.app.invitation_row(stage.invitation().await).await.state, "pending");
    assert_eq!(stage.app.count("connections").await, 0);
    assert_eq!(stage.app.count("subscriptions where plan = 'partners'").await, 0);
    assert!(stage.app.mails_to(&stage.buyer.email).await.is_empty());
}

#[tokio::test]
async fn an_invitation_expired_a_second_ago_is_refused_and_nothing_changes() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.app.admin("Tom Trusted", SELLER, "Proof Media", None, true).await;
    stage.app.advance(Duration::days(14) - Duration::minutes(10));
    let invitation = seller.open_link(&stage.link).await;
    stage.app.advance(Duration::minutes(10) + Duration::seconds(1));
    stage.app.execute("update sessions set last_seen_at = last_seen_at + interval '10 days'").await.unwrap();
    seller.accept(invitation).await.expect(410).shows("This invitation has expired");
    seller.accept_by_function(invitation).await.expect(410);
    seller.decline(invitation, "").await.expect(410);
    seller.get(&stage.link).await.expect(410).shows("This invitation has expired");
    assert_untouched(&stage, &before).await;
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::Expired);
}

#[tokio::test]
async fn an_invitation_can_be_accepted_until_it_expires() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    stage.app.advance(Duration::days(13) + Duration::hours(23) + Duration::minutes(58));
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn a_manager_cannot_accept_and_sees_who_can() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let admin = stage.app.admin("Max", "max@harbor.example", "Lead Harbor", None, true).await;
    let manager = stage.app.member(&admin, Role::Manager, "Cy Seller", SELLER).await;
    let invitation = manager.open_link(&stage.link).await;
    manager.get(&paths::invitation(invitation)).await.shows("Only an Admin can accept for a company.");
    manager.accept(invitation).await.expect(403).shows("Only an Admin of the company can accept for it.");
    let refused = manager.accept_by_function(invitation).await.expect(403);
    assert_eq!(problem_name(&refused), "AdminNeeded");
    assert_untouched(&stage, &before).await;
}

#[tokio::test]
async fn an_account_cannot_accept_its_own_invitation() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let invitation = stage.buyer.open_link(&stage.link).await;
    let refused = stage.buyer.accept_confirmed(invitation).await.expect(409);
    refused.shows("Your own account sent this invitation. Another company must accept it.");
    assert_untouched(&stage, &before).await;
}

#[tokio::test]
async fn nobody_can_accept_for_another_company() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let stranger = stage.app.stranger().await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    let account = stranger.account().to_string();
    let form = [("form", "accept"), ("account", account.as_str())];
    seller.post(&paths::invitation(invitation), &form).await.expect(404);
    let nothing = [("form", "accept"), ("account", "")];
    seller.post(&paths::invitation(invitation), &nothing).await.expect(422).shows("Choose the company to accept as.");
    assert_untouched(&stage, &before).await;
}

#[tokio::test]
async fn accepting_under_another_address_needs_confirmation_and_the_inviter_is_notified() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let other = stage.app.admin("Olga Other", "olga@other.example", "Other Leads", None, false).await;
    let invitation = other.open_link(&stage.link).await;
    let page = other.get(&paths::invitation(invitation)).await.expect(200);
    page.shows("Accept as olga@other.example, although the invitation was sent to cy@seller.example");
    let refused = other.accept(invitation).await.expect(422);
    refused.shows("Confirm that you are accepting with a different address than the one invited.");
    assert_untouched(&stage, &before).await;
    other.accept_confirmed(invitation).await.expect(303);
    let mail = stage.app.mail_to(&stage.buyer.email).await;
    assert!(
        mail.text.contains("to cy@seller.example, using a different address (olga@other.example)"),
        "{}",
        mail.text
    );
    assert_eq!(stage.app.invitation_row(invitation).await.accepted_email.as_deref(), Some("olga@other.example"));
    let recorded = "activity where deed = 'accepted' and (after->>'under_another_address')::boolean";
    assert_eq!(stage.app.count(recorded).await, 2);
}

#[tokio::test]
async fn the_island_cannot_skip_the_confirmation() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let other = stage.app.stranger().await;
    let invitation = other.open_link(&stage.link).await;
    // The link's cookie is sent only to the invitation's pages.
    other.accept_by_function(invitation).await.expect(404);
    assert_untouched(&stage, &before).await;
}

#[tokio::test]
async fn submitting_the_same_form_twice_does_no_harm() {
    let stage = Stage::pending().await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    let again = seller.accept(invitation).await;
    let ended = stage.app.invitation_row(invitation).await;
    assert_eq!((ended.state.as_str(), ended.accepted_account_id), ("accepted", seller.account));
    assert!([303, 410].contains(&again.status.as_u16()), "{}", again.text());
    if again.status == 410 {
        again.shows("You accepted the invitation from Bright Solar.").shows("Go to the Submission Docs");
    }
    assert_eq!(stage.app.count("connections").await, 1);
    assert_eq!(stage.app.mails_to(&stage.buyer.email).await.len(), 1);
}

#[tokio::test]
async fn a_used_link_shows_the_next_step_to_its_user_and_only_that_it_was_used_to_others() {
    let (stage, seller) = Stage::connected().await;
    let mine = seller.get(&stage.link).await.expect(410);
    mine.shows("You accepted the invitation from Bright Solar.");
    let other = stage.newcomer().get(&stage.link).await.expect(410);
    assert!(!other.text().contains("Bright Solar") && !other.text().contains("Lead Harbor"), "{}", other.text());
}

#[tokio::test]
async fn accepting_requires_signing_in() {
    let stage = Stage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    let seller = stage.seller().await;
    let form = [("form", "accept"), ("account", &seller.account().to_string())];
    let asked = visitor.post(&paths::invitation(invitation), &form).await;
    assert_eq!(asked.location(), paths::sign_in_and_back(&paths::invitation(invitation)));
    let input = json!({ "invitation_id": invitation, "account_id": seller.account() });
    visitor.call("invitations/accept", input).await.expect(404);
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
}

#[tokio::test]
async fn an_invitation_nobody_may_see_cannot_be_accepted_or_declined() {
    let stage = Stage::pending().await;
    let stranger = stage.app.stranger().await;
    let invitation = stage.invitation().await;
    let unknown: InvitationId = "0123456789abcdef01234567".parse().unwrap();
    for id in [invitation, unknown] {
        stranger.get(&paths::invitation(id)).await.expect(404).shows("Invitation not found");
        stranger.accept_confirmed(id).await.expect(404);
        stranger.accept_by_function(id).await.expect(404);
        stranger.decline(id, "").await.expect(404);
        stranger.call("invitations/decline", json!({ "invitation_id": id, "reason": "" })).await.expect(404);
    }
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
}

#[tokio::test]
async fn signing_up_from_an_invitation_starts_a_new_session() {
    let app = TestApp::start().await;
    let stage = Stage::pending_in(app).await;
    let mut seller = stage.newcomer();
    let invitation = seller.open_link(&stage.link).await;
    seller.keep_cookie(
        "__Host-accord=0000000000000000000000000000000000000000000000000000000000000000; Path=/".parse().unwrap(),
    );
    seller.sign_up_from_invitation(invitation).await;
    let session = seller.cookie("__Host-accord").unwrap();
    assert!(session.len() == 64 && !session.starts_with("0000"));
    let plan = stage.app.plan(seller.account()).await;
    assert_eq!(plan.and_then(|plan| Plan::parse(&plan)), None);
}
