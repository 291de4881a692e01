//! What the row of an unconnected source shows and offers in each state of its invitation.

use crate::support::{
    Response,
    stage::{SELLER, Stage},
};
use accord::{
    accounts::model::Role,
    base::{InvitationId, paths},
    entities::model::SourceTag,
};
use serde_json::json;
use time::Duration;

/// The actions in the row's menu.
fn offered(page: &Response) -> Vec<&'static str> {
    const ALL: [&str; 6] = ["Resend", "Invite again", "Copy link", "Send to another address", "Revoke", "Remove"];
    let actions = page.body.split("class=\"row-actions\"").nth(1).unwrap().split("</td>").next().unwrap();
    ALL.into_iter().filter(|word| actions.contains(word)).collect()
}

async fn click(stage: &Stage, form: &str, invitation: InvitationId) -> Response {
    let id = invitation.to_string();
    stage.buyer.post_as(form, &paths::flow_sources(stage.flow), &[("invitation", &id)]).await
}

async fn tab(stage: &Stage) -> Response {
    stage.buyer.get(&paths::flow_sources(stage.flow)).await.expect(200)
}

/// Lets the invitation expire while keeping the buyer's session alive.
async fn expire(stage: &Stage) {
    for _ in 0..2 {
        stage.app.advance(Duration::days(8));
        tab(stage).await;
    }
}

#[tokio::test]
async fn a_pending_row_offers_all_actions_and_they_return_to_the_flow() {
    let stage = Stage::pending().await;
    stage.app.deliver().await;
    let page = tab(&stage).await.shows("Invited just now.").shows("Expires in 14 days.");
    assert_eq!(offered(&page), ["Resend", "Copy link", "Send to another address", "Revoke", "Remove"]);
    let (id, here) = (stage.invitation().await, paths::flow_sources(stage.flow));
    assert!(page.has(&format!("action=\"{}\"", paths::invitation_link(id, &here))));
    for path in [
        paths::invitation_address(id, &here),
        paths::revoke_invitation(id, &here),
        paths::remove_source(stage.flow, stage.source),
    ] {
        assert!(page.has(&format!("href=\"{path}\"")), "{path}");
    }
    assert!(page.has(&format!("aria-label=\"Actions for {SELLER}\"")));
}

#[tokio::test]
async fn resending_from_the_row_emails_a_new_link_and_a_second_time_is_too_soon() {
    let stage = Stage::pending().await;
    stage.app.deliver().await;
    stage.app.advance(Duration::minutes(2));
    let id = stage.invitation().await;
    assert_eq!(click(&stage, "resend", id).await.location(), paths::flow_sources(stage.flow));
    tab(&stage).await.shows("Invitation resent.");
    assert_ne!(stage.app.link_to(SELLER).await, stage.link);
    click(&stage, "resend", id).await.expect(429);
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::ConnectionPending);
}

#[tokio::test]
async fn a_declined_row_shows_when_and_why_and_can_invite_again_for_the_same_source() {
    let stage = Stage::pending().await;
    let before = stage.app.source(stage.source).await;
    let seller = stage.newcomer();
    let invitation = seller.open_link(&stage.link).await;
    seller.decline(invitation, "We <b>only</b> sell in Texas").await.expect(303);
    let page = tab(&stage).await.shows("Declined just now.").shows("“We <b>only</b> sell in Texas”");
    assert!(!page.has("Turn on when accepted"), "nobody can accept it");
    assert_eq!(offered(&page), ["Invite again", "Send to another address", "Remove"]);
    click(&stage, "invite-again", invitation).await.expect(303);
    let row = stage.buyer.only_source(stage.flow).await;
    assert_eq!((row.id, row.tag), (stage.source, SourceTag::ConnectionPending));
    assert_eq!(stage.app.source(stage.source).await, before);
    assert_ne!(row.invitation.unwrap().invitation_id, invitation);
}

#[tokio::test]
async fn an_expired_row_shows_since_when_and_can_be_resent_or_invited_again() {
    let stage = Stage::pending().await;
    stage.app.deliver().await;
    expire(&stage).await;
    let page = tab(&stage).await.shows("Expired 2 days ago.");
    assert!(!page.text().contains("Expires"), "{}", page.text());
    assert_eq!(offered(&page), ["Resend", "Invite again", "Send to another address", "Revoke", "Remove"]);
    click(&stage, "resend", stage.invitation().await).await.expect(303);
    assert_eq!(stage.buyer.only_source(stage.flow).await.tag, SourceTag::ConnectionPending);
}

#[tokio::test]
async fn a_revoked_row_shows_when_and_can_be_invited_again() {
    let stage = Stage::pending().await;
    let (id, here) = (stage.invitation().await, paths::flow_sources(stage.flow));
    stage.buyer.post_as("revoke", &paths::revoke_invitation(id, &here), &[("back", &here)]).await.expect(303);
    let page = tab(&stage).await.shows("Revoked just now.");
    assert_eq!(offered(&page), ["Invite again", "Send to another address", "Remove"]);
    let row = stage.buyer.only_source(stage.flow).await;
    assert_eq!((row.tag, row.is_on()), (SourceTag::Revoked, false));
}

#[tokio::test]
async fn a_connected_row_offers_no_invitation_actions() {
    let (stage, _) = Stage::connected().await;
    assert_eq!(offered(&tab(&stage).await), ["Remove"]);
    assert!(stage.buyer.only_source(stage.flow).await.invitation.is_none());
}

#[tokio::test]
async fn people_who_may_not_change_sources_are_offered_only_the_docs() {
    let stage = Stage::pending().await;
    let viewer = stage.app.member(&stage.buyer, Role::Viewer, "Vic Viewer", "vic@buyer.example").await;
    let page = viewer.get(&paths::flow_sources(stage.flow)).await.expect(200).shows("Submission Docs");
    for word in ["Resend", "Copy link", "Send to another address", "Revoke", "Remove", "Turn on when accepted"] {
        assert!(!page.text().contains(word), "{word}");
    }
    let (id, path) = (stage.invitation().await.to_string(), paths::flow_sources(stage.flow));
    let stranger = stage.app.stranger().await;
    for form in ["resend", "invite-again"] {
        viewer.post_as(form, &path, &[("invitation", &id)]).await.expect(403);
        stranger.post_as(form, &path, &[("invitation", &id)]).await.expect(404);
    }
}

#[tokio::test]
async fn a_source_added_during_its_acceptance_is_turned_on_like_the_others() {
    for _ in 0..4 {
        let stage = Stage::pending().await;
        let other = stage.buyer.create_flow("Solar Nevada").await;
        let seller = stage.seller().await;
        let invitation = seller.open_link(&stage.link).await;
        let entity = stage.app.source(stage.source).await.entity_id;
        let add = json!({ "flow_id": other, "entity_id": entity });
        let (accepted, added) = tokio::join!(seller.accept(invitation), stage.buyer.call("flows/sources/add", add));
        accepted.expect(303);
        added.expect(200);
        let row = stage.buyer.only_source(other).await;
        assert_eq!((row.tag, row.is_on()), (SourceTag::AccountSource, true));
    }
}

#[tokio::test]
async fn an_undeliverable_email_is_marked_and_another_address_is_offered() {
    let stage = Stage::pending().await;
    stage
        .app
        .execute("update mails set state = 'failed', reason = 'The mail server of the address refused it.', sealed_secret = null")
        .await
        .unwrap();
    let page = tab(&stage).await.shows("Undeliverable").shows("The mail server of the address refused it.");
    let (id, here) = (stage.invitation().await, paths::flow_sources(stage.flow));
    let path = paths::invitation_address(id, &here);
    assert_eq!(page.body.matches(&format!("href=\"{path}\"")).count(), 2, "in the message and in the menu");
}
