//! What an inviter can do with a sent invitation: resend, revoke, invite again, send to another address, copy link.

use crate::support::{
    actor::problem_name,
    stage::{SELLER, Stage},
};
use accord::{
    base::{InvitationId, paths},
    entities::model::SourceTag,
};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn resending_keeps_the_invitation_and_the_older_link_says_when_a_newer_one_was_sent() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let invitation = stage.invitation().await;
    let newer = stage.resend().await;
    assert_ne!(newer, stage.link);
    assert_eq!(stage.app.count("invitations where resent_count = 1").await, 1);
    let visitor = stage.newcomer();
    let old = visitor.get(&stage.link).await.expect(410).shows("A newer invitation was sent");
    assert!(old.text().contains("It was sent on") && old.text().contains("UTC"), "{}", old.text());
    assert!(!old.text().contains(SELLER) && !old.text().contains("Bright Solar"), "no details of the invitation");
    assert_eq!(visitor.open_link(&newer).await, invitation);
    assert_eq!(stage.app.source(stage.source).await, before);
    assert!(stage.app.deeds(stage.buyer.account()).await.contains(&"resent".to_owned()));
}

#[tokio::test]
async fn a_page_opened_by_an_older_link_cannot_accept_after_a_resend() {
    let stage = Stage::pending().await;
    let seller = stage.app.admin("Di", "di@harbor.example", "Lead Harbor", None, false).await;
    let invitation = seller.open_link(&stage.link).await;
    stage.resend().await;
    seller.accept_confirmed(invitation).await.expect(410).shows("A newer invitation was sent");
    seller.decline(invitation, "").await.expect(410);
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
}

#[tokio::test]
async fn an_invitation_can_be_resent_once_a_minute_and_five_times_a_day() {
    let stage = Stage::pending().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let invitation = stage.invitation().await;
    buyer.act("resend", invitation).await.expect(429).shows("sent less than a minute ago");
    for _ in 0..5 {
        app.advance(Duration::minutes(2));
        buyer.act("resend", invitation).await.expect(303);
        app.deliver().await;
    }
    app.advance(Duration::minutes(2));
    buyer.act("resend", invitation).await.expect(429).shows("five times within a day");
    assert_eq!(app.mails_to(SELLER).await.len(), 6);
    app.advance(Duration::days(1));
    buyer.act("resend", invitation).await.expect(303);
}

#[tokio::test]
async fn eight_concurrent_resends_send_one_email() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.app.advance(Duration::minutes(2));
    let responses = futures::future::join_all((0..8).map(|_| stage.buyer.act("resend", invitation))).await;
    let done = responses.iter().filter(|response| response.status == 303).count();
    assert_eq!(done, 1);
    assert!(responses.iter().all(|response| [303, 429].contains(&response.status.as_u16())));
    assert_eq!(stage.app.mails_to(SELLER).await.len(), 2);
}

#[tokio::test]
async fn an_expired_invitation_can_be_resent_and_accepted() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.expire().await;
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::Expired);
    stage.buyer.act("resend", invitation).await.expect(303);
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::ConnectionPending);
    let seller = stage.seller().await;
    assert_eq!(seller.open_link(&stage.app.link_to(SELLER).await).await, invitation);
    seller.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn concurrently_resending_and_inviting_again_leaves_one_pending_invitation() {
    for _ in 0..3 {
        let stage = Stage::pending().await;
        let invitation = stage.invitation().await;
        stage.expire().await;
        let (resent, invited) =
            tokio::join!(stage.buyer.act("resend", invitation), stage.buyer.invite(stage.flow, SELLER, ""));
        assert!([303, 409].contains(&resent.status.as_u16()), "{}", resent.text());
        invited.expect(303);
        assert_eq!(stage.app.count("invitations where state = 'pending' and superseded_at is null").await, 1);
        assert_eq!(stage.app.mails_to(SELLER).await.len(), 2);
    }
}

#[tokio::test]
async fn an_answered_or_revoked_invitation_cannot_be_resent() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.buyer.revoke(invitation).await.expect(303);
    stage.app.advance(Duration::minutes(2));
    stage.buyer.act("resend", invitation).await.expect(409);
    let input = json!({ "invitation_id": invitation, "act": "Resend" });
    assert_eq!(problem_name(&stage.buyer.call("invitations/act", input).await.expect(409)), "NotPending");
    assert_eq!(stage.app.mails_to(SELLER).await.len(), 1);
}

#[tokio::test]
async fn a_revoked_link_stops_working_immediately_and_says_so() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    stage
        .buyer
        .get(&paths::revoke_invitation(invitation, "/flows"))
        .await
        .expect(200)
        .shows("Revoke the invitation to");
    let revoked = stage.buyer.revoke(invitation).await;
    assert_eq!(revoked.location(), "/");
    seller.accept(invitation).await.expect(410).shows("This invitation was revoked");
    seller.decline(invitation, "").await.expect(410);
    stage.newcomer().get(&stage.link).await.expect(410).shows("This invitation was revoked");
    stage.buyer.revoke(invitation).await.expect(303);
    assert_eq!(stage.app.deeds(stage.buyer.account()).await.iter().filter(|deed| *deed == "revoked").count(), 1);
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::Revoked);
    assert_eq!(stage.app.source(stage.source).await, before, "rules and mappings stay");
}

#[tokio::test]
async fn the_email_of_a_revoked_invitation_is_not_sent() {
    let app = crate::support::TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    let invitation: InvitationId =
        sqlx::query_scalar("select id from invitations").fetch_one(&app.state.pool).await.unwrap();
    buyer.revoke(invitation).await.expect(303);
    assert_eq!(app.mails_to(SELLER).await.len(), 0);
}

#[tokio::test]
async fn after_an_invitation_ended_the_same_address_is_invited_again_on_the_same_entity() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let first = stage.invitation().await;
    stage.buyer.act("invite-again", first).await.expect(303);
    assert_eq!(stage.app.count("invitations").await, 1, "invited again while pending: the same one");
    stage.buyer.revoke(first).await.expect(303);
    stage.buyer.act("invite-again", first).await.expect(303);
    let second = stage.invitation().await;
    assert_ne!(first, second);
    assert_eq!(stage.app.source(stage.source).await, before);
    stage.buyer.act("invite-again", first).await.expect(303);
    assert_eq!(stage.app.count("invitations").await, 2, "invited again while pending: the same one");
    let seller = stage.seller().await;
    let link = stage.app.link_to(SELLER).await;
    assert_eq!(seller.open_link(&link).await, second);
    seller.accept(second).await.expect(303);
    stage.assert_converted(&before, seller.account(), "Lead Harbor").await;
}

#[tokio::test]
async fn sending_to_another_address_invalidates_the_old_link_and_keeps_the_sources_set_up() {
    for ending in ["pending", "declined", "expired", "revoked"] {
        let stage = Stage::pending().await;
        let before = stage.app.source(stage.source).await;
        let invitation = stage.invitation().await;
        match ending {
            "declined" => {
                let visitor = stage.newcomer();
                visitor.open_link(&stage.link).await;
                visitor.decline(invitation, "").await.expect(303);
            }
            "expired" => stage.expire().await,
            "revoked" => drop(stage.buyer.revoke(invitation).await.expect(303)),
            _ => {}
        }
        stage.buyer.readdress(invitation, "Di@Harbor.example").await.expect(303);
        let after = stage.app.source(stage.source).await;
        assert_eq!(after.entity_name, "Di@Harbor.example", "{ending}");
        let renamed = crate::support::facts::SourceFacts { entity_name: before.entity_name.clone(), ..after };
        assert_eq!(renamed, before, "{ending}");
        assert_eq!(stage.newcomer().get(&stage.link).await.status, 410, "{ending}");
        let partner: String =
            sqlx::query_scalar("select name from partners").fetch_one(&stage.app.state.pool).await.unwrap();
        assert_eq!(partner, "Di@Harbor.example", "{ending}");
        let seller = stage.app.admin("Di", "di@harbor.example", "Lead Harbor", None, false).await;
        let second = seller.open_link(&stage.app.link_to("Di@harbor.example").await).await;
        seller.accept(second).await.expect(303);
        let row = stage.buyer.only_source(stage.flow).await;
        assert_eq!((row.name.as_str(), row.enabled, row.mappings, row.rules), ("Lead Harbor", true, 1, 1), "{ending}");
    }
}

#[tokio::test]
async fn an_address_that_already_has_a_source_is_named_and_nothing_changes() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.buyer.invite(stage.flow, "di@harbor.example", "").await.expect(303);
    let before = stage.app.source(stage.source).await;
    let refused = stage.buyer.readdress(invitation, "DI@harbor.example ").await.expect(409);
    assert!(refused.text().contains("belongs to your source di@harbor.example"), "{}", refused.text());
    assert!(refused.tag_with("name=\"email\"").contains("DI@harbor.example"), "the input is kept");
    stage.buyer.readdress(invitation, SELLER).await.expect(422).shows("already sent to this address");
    stage.buyer.readdress(invitation, &stage.buyer.email).await.expect(422).shows("belongs to your own account");
    stage.buyer.readdress(invitation, "nobody").await.expect(422).shows("Enter an email address like");
    stage.buyer.readdress(invitation, "").await.expect(422).shows("Enter an email address.");
    assert_eq!(stage.app.source(stage.source).await, before);
    stage.newcomer().open_link(&stage.link).await;
    assert_eq!(stage.app.mails_to(SELLER).await.len(), 1);
}

#[tokio::test]
async fn a_copied_link_is_shown_once_verifies_no_address_and_ends_with_the_others() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    let copied = stage.buyer.copy_link(invitation).await;
    assert!(copied.starts_with("/i/") && copied != stage.link);
    let token = copied.rsplit('/').next().unwrap();
    assert_eq!(stage.app.columns_holding(token).await, Vec::<String>::new(), "only its hash is stored");
    let page = stage.buyer.get(&paths::invitation_link(invitation, "/")).await.expect(200);
    assert!(!page.body.contains(token), "it is shown only once");
    let visitor = stage.newcomer();
    assert_eq!(visitor.open_link(&copied).await, invitation);
    assert_eq!(visitor.open_link(&stage.link).await, invitation, "the emailed link still works");
    stage.buyer.revoke(invitation).await.expect(303);
    for link in [&copied, &stage.link] {
        stage.newcomer().get(link).await.expect(410).shows("This invitation was revoked");
    }
    stage.buyer.post_as("link", &paths::invitation_link(invitation, "/"), &[]).await.expect(409);
}

#[tokio::test]
async fn nobody_else_can_act_on_an_invitation_and_a_viewer_sees_why() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    let (stranger, seller) = (stage.app.stranger().await, stage.seller().await);
    let viewer = stage.app.member(&stage.buyer, accord::accounts::model::Role::Viewer, "Vi", "vi@buyer.example").await;
    stage.app.advance(Duration::minutes(2));
    for (person, status) in [(&stranger, 404), (&seller, 404), (&viewer, 403)] {
        person.act("resend", invitation).await.expect(status);
        person.act("invite-again", invitation).await.expect(status);
        person.revoke(invitation).await.expect(status);
        person.readdress(invitation, "di@harbor.example").await.expect(status);
        person.post_as("link", &paths::invitation_link(invitation, "/"), &[]).await.expect(status);
        for page in [
            paths::invitation_link(invitation, "/"),
            paths::invitation_address(invitation, "/"),
            paths::revoke_invitation(invitation, "/"),
        ] {
            person.get(&page).await.expect(status);
        }
    }
    assert_eq!(stage.app.invitation_row(invitation).await.state, "pending");
    assert_eq!(stage.app.mails_to(SELLER).await.len(), 1);
    let list = viewer.get(paths::INVITATIONS).await.expect(200);
    assert!(list.text().contains(SELLER) && !list.text().contains("Resend"), "a Viewer is offered no actions");
}

#[tokio::test]
async fn without_a_plan_nothing_can_be_sent_but_an_invitation_can_be_revoked() {
    let stage = Stage::pending().await;
    let invitation = stage.invitation().await;
    stage.app.end_plan(stage.buyer.account()).await;
    stage.app.advance(Duration::minutes(2));
    stage
        .buyer
        .act("resend", invitation)
        .await
        .expect(403)
        .shows("You need LeadConduit Base or Pro to invite companies");
    stage.buyer.readdress(invitation, "di@harbor.example").await.expect(403);
    stage.buyer.revoke(invitation).await.expect(303);
}

#[tokio::test]
async fn the_list_shows_each_state_and_the_available_actions() {
    let stage = Stage::pending().await;
    let words = async |state: &str| {
        let path = if state.is_empty() { paths::INVITATIONS.to_owned() } else { paths::invitations_in(state) };
        stage.buyer.get(&path).await.expect(200).text()
    };
    let pending = words("pending").await;
    for offered in ["Resend", "Copy link", "Send to another address", "Revoke"] {
        assert!(pending.contains(offered), "{offered}: {pending}");
    }
    assert!(words("revoked").await.contains("No invitations in this state"));
    stage.expire().await;
    let expired = words("expired").await;
    assert!(
        expired.contains("Resend") && expired.contains("Invite again") && !expired.contains("Copy link"),
        "{expired}"
    );
    stage.buyer.revoke(stage.invitation().await).await.expect(303);
    let revoked = words("revoked").await;
    assert!(revoked.contains("Invite again") && !revoked.contains("Resend"), "{revoked}");
    assert!(words("").await.contains("Revoked"));
}
