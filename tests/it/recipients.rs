//! A seller invites a buyer: the list of recipients and its actions.

use crate::support::{
    TestApp,
    recipients::{BUYER, RecipientStage},
};
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
};
use time::Duration;

#[tokio::test]
async fn an_invitation_creates_a_pending_recipient_and_one_email_about_receiving_leads() {
    let stage = RecipientStage::pending().await;
    let recipient = stage.recipient().await;
    assert_eq!(
        (recipient.name.as_str(), recipient.source, recipient.recipient.as_deref()),
        (BUYER, None, Some("buyer"))
    );
    assert_eq!(stage.app.count("partners").await, 0, "a recipient gets no partner");
    let mail = stage.app.mail_to(BUYER).await;
    assert_eq!(mail.subject, "Lead Harbor wants to send you leads on Accord");
    for sentence in
        ["would like to send them to you", "becomes a source in one of your flows", "We have leads for you."]
    {
        assert!(mail.text.contains(sentence), "{sentence}: {}", mail.text);
    }
    assert!(!mail.text.contains("receive yours"), "{}", mail.text);
    let list = stage.seller.get(paths::RECIPIENTS).await.expect(200);
    let row = list.row_with(BUYER);
    for word in ["Connection Pending", "Invited", "Resend", "Copy link", "Send to another address", "Revoke"] {
        assert!(row.contains(word), "{word}: {row}");
    }
    let sent = stage.seller.get(paths::INVITATIONS).await.expect(200);
    assert!(sent.row_with(BUYER).contains("to receive your leads"), "distinguished from sources");
    let offered = stage.newcomer().get(paths::FLOWS).await;
    assert_eq!(offered.header("location"), "/signin?next=/flows");
}

#[tokio::test]
async fn the_invitation_page_says_who_sends_leads_and_what_accepting_creates() {
    let stage = RecipientStage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    let page = visitor.get(&paths::invitation(invitation)).await.expect(200);
    let page = page
        .shows("Lead Harbor wants to send you leads")
        .shows("Lea Seller from Lead Harbor would like to send you leads.");
    let page = page.shows("A flow with Lead Harbor as a source, turned on").shows("We have leads for you.");
    assert!(!page.text().contains("receive your leads"), "{}", page.text());
}

#[tokio::test]
async fn of_24_identical_concurrent_invitations_one_row_one_email_and_one_recipient_result() {
    let app = TestApp::start().await;
    let seller = app.lead_harbor().await;
    let all = (0..24).map(|_| seller.invite_recipient(" Bo@Buyer.example ", ""));
    for response in futures::future::join_all(all).await {
        assert_eq!(response.location(), paths::RECIPIENTS);
    }
    assert_eq!(app.count("invitations").await, 1);
    assert_eq!(app.entities_of(seller.account()).await.len(), 1);
    assert_eq!(app.mails_to("Bo@buyer.example").await.len(), 1);
}

#[tokio::test]
async fn both_directions_for_one_address_are_two_invitations() {
    let stage = RecipientStage::pending().await;
    let flow = stage.seller.create_flow("Solar").await;
    stage.seller.invite(flow, BUYER, "").await.expect(303);
    assert_eq!(stage.app.count("invitations where kind = 'source' and state = 'pending'").await, 1);
    assert_eq!(stage.app.count("invitations where kind = 'recipient' and state = 'pending'").await, 1);
    assert_eq!(stage.app.entities_of(stage.seller.account()).await.len(), 2);
    assert_eq!(stage.app.mails_to(BUYER).await.len(), 2);
    stage.seller.get(paths::INVITATIONS).await.shows("to receive your leads").shows("to send you leads");
    let offers = stage.seller.sources_now(flow).await.offers;
    assert_eq!(offers.iter().filter(|offer| offer.name == BUYER).count(), 1, "a recipient is not offered as a source");
}

#[tokio::test]
async fn without_leadconduit_base_or_pro_nobody_is_invited_and_the_page_says_why() {
    for plan in [None, Some(Plan::Partners)] {
        let app = TestApp::start().await;
        let seller = app.admin("Lea", "lea@harbor.example", "Lead Harbor", plan, true).await;
        let list = seller.get(paths::RECIPIENTS).await.expect(200);
        let list = list.shows("Inviting needs LeadConduit Base or Pro.").shows("Request an upgrade");
        assert!(!list.has(&format!("href=\"{}\"", paths::INVITE_RECIPIENT)), "not offered");
        seller.get(paths::INVITE_RECIPIENT).await.expect(200).shows("Inviting needs LeadConduit Base or Pro.");
        let refused = seller.invite_recipient(BUYER, "").await.expect(403);
        refused.shows("Inviting needs LeadConduit Base or Pro.");
        assert_eq!(app.count("invitations").await, 0);
        assert_eq!(app.entities_of(seller.account()).await, []);
    }
}

#[tokio::test]
async fn a_viewer_sees_the_recipients_but_cannot_act_on_them() {
    let stage = RecipientStage::pending().await;
    let viewer = stage.app.member(&stage.seller, Role::Viewer, "Vi", "vi@harbor.example").await;
    let list = viewer.get(paths::RECIPIENTS).await.expect(200).shows(BUYER);
    for word in ["Resend", "Revoke", "Invite Partner"] {
        assert!(!list.text().contains(word), "{word}");
    }
    viewer.get(paths::INVITE_RECIPIENT).await.expect(403);
    viewer.invite_recipient("else@buyer.example", "").await.expect(403);
    let invitation = stage.invitation().await;
    viewer.act_on_recipient("resend", invitation).await.expect(403);
    viewer.revoke(invitation).await.expect(403);
    assert_eq!(stage.app.count("invitations").await, 1);
}

#[tokio::test]
async fn an_empty_list_of_recipients_offers_the_next_step_and_wrong_input_is_kept() {
    let app = TestApp::start().await;
    let seller = app.lead_harbor().await;
    seller.get(paths::RECIPIENTS).await.expect(200).shows("No recipients yet").shows("Invite Partner");
    let refused = seller.invite_recipient("nobody", "A note of mine.").await.expect(422);
    let refused = refused.shows("Enter an email address like name@example.com.").shows("A note of mine.");
    assert!(refused.has("value=\"nobody\""));
    let fields = [("email", BUYER), ("note", "Look at this."), ("do", "preview")];
    let preview = seller.post_as("invite", paths::INVITE_RECIPIENT, &fields).await.expect(200);
    preview.shows("Lea Seller from Lead Harbor wants to send you leads").shows("Look at this.");
    seller.invite_recipient("lea@harbor.example", "").await.expect(422).shows("belongs to your own account");
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn an_invitation_is_resent_revoked_and_sent_again_for_the_same_recipient() {
    let stage = RecipientStage::pending().await;
    let before = stage.recipient().await;
    let first = stage.invitation().await;
    stage.app.advance(Duration::minutes(2));
    assert_eq!(stage.seller.act_on_recipient("resend", first).await.location(), paths::RECIPIENTS);
    stage.newcomer().get(&stage.link).await.expect(410).shows("A newer invitation was sent");
    let newer = stage.app.invited_link(BUYER).await;
    assert_eq!(stage.app.mail_to(BUYER).await.subject, "Lead Harbor wants to send you leads on Accord");
    stage.newcomer().open_link(&newer).await;
    let page = stage.seller.get(&paths::revoke_invitation(first, paths::RECIPIENTS)).await.expect(200);
    assert!(!page.text().contains("in your flows"), "{}", page.text());
    stage.seller.revoke(first).await.expect(303);
    stage.newcomer().get(&newer).await.expect(410).shows("This invitation was revoked");
    let row = stage.seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Revoked") && row.contains("Invite again"), "{row}");
    stage.seller.act_on_recipient("invite-again", first).await.expect(303);
    assert_ne!(stage.invitation().await, first);
    assert_eq!(stage.recipient().await, before);
    assert_eq!(stage.app.entities_of(stage.seller.account()).await.len(), 1);
    stage.newcomer().open_link(&stage.app.invited_link(BUYER).await).await;
}

#[tokio::test]
async fn sending_to_another_address_invalidates_the_old_link_and_a_taken_address_is_named() {
    let stage = RecipientStage::pending().await;
    stage.seller.invite_recipient("other@else.example", "").await.expect(303);
    let invitation = stage.invitation().await;
    let refused = stage.seller.readdress(invitation, "other@else.example").await.expect(409);
    refused
        .shows("You already have a recipient with this address.")
        .shows("belongs to your recipient other@else.example");
    let before = stage.recipient().await;
    stage.seller.readdress(invitation, "new@buyer.example").await.expect(303);
    stage.newcomer().get(&stage.link).await.expect(410).shows("This invitation was revoked");
    let after = stage.recipient().await;
    assert_eq!((after.id, after.name.as_str()), (before.id, "new@buyer.example"));
    assert_eq!(stage.app.mail_to("new@buyer.example").await.subject, "Lead Harbor wants to send you leads on Accord");
}

#[tokio::test]
async fn an_invitation_can_be_sent_to_an_address_that_is_already_a_source() {
    let stage = RecipientStage::pending().await;
    let flow = stage.seller.create_flow("Solar").await;
    stage.seller.invite(flow, "both@else.example", "").await.expect(303);
    stage.seller.readdress(stage.invitation().await, "both@else.example").await.expect(303);
    assert_eq!(stage.app.count("invitations where email = 'both@else.example' and state = 'pending'").await, 2);
}

#[tokio::test]
async fn a_copied_link_works_once_the_invitee_has_confirmed_an_address() {
    let stage = RecipientStage::pending().await;
    let link = stage.seller.copy_link(stage.invitation().await).await;
    let visitor = stage.app.visitor("Bo Buyer", BUYER, "Bright Solar");
    let invitation = visitor.open_link(&link).await;
    assert_eq!(invitation, stage.invitation().await);
    let form = [
        ("form", "signup"),
        ("name", "Bo Buyer"),
        ("company", "Bright Solar"),
        ("email", BUYER),
        ("password", crate::support::app::PASSWORD),
    ];
    let signed_up = visitor.post(&paths::invitation_sign_up(invitation), &form).await;
    assert_eq!(signed_up.location(), paths::SIGN_UP_SENT);
}

#[tokio::test]
async fn a_stopped_address_gets_no_email_and_the_row_says_so() {
    let app = TestApp::start().await;
    let seller = app.lead_harbor().await;
    app.execute("insert into suppressed_addresses (email_key, at) values ('bo@buyer.example', now())").await.unwrap();
    seller.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(app.mails_to(BUYER).await.len(), 0);
    let row = seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Undeliverable") && row.contains("does not accept invitations"), "{row}");
}

#[tokio::test]
async fn the_buyer_is_reminded_and_the_seller_is_told_of_the_expiry() {
    let stage = RecipientStage::pending().await;
    stage.app.deliver().await;
    stage.app.advance(Duration::days(8));
    stage.seller.get("/").await.expect(200);
    stage.app.advance(Duration::days(4));
    assert_eq!(stage.app.run_due().await, 1);
    let reminder = stage.app.mail_to(BUYER).await;
    assert_eq!(reminder.subject, "Reminder: Lead Harbor wants to send you leads on Accord");
    stage.newcomer().open_link(&stage.app.path_of(&reminder.links[0])).await;
    stage.app.advance(Duration::days(3));
    assert_eq!(stage.app.run_due().await, 1);
    let mail = stage.app.mail_to(&stage.seller.email).await;
    assert_eq!(mail.subject, "Your invitation to bo@buyer.example has expired");
    assert!(!mail.text.contains("in your flows"), "{}", mail.text);
    let row = stage.seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Expired") && row.contains("Resend") && row.contains("Invite again"), "{row}");
    stage.newcomer().get(&stage.link).await.expect(410).shows("This invitation has expired");
    stage.seller.act_on_recipient("resend", stage.invitation().await).await.expect(303);
    stage.newcomer().open_link(&stage.app.invited_link(BUYER).await).await;
}

#[tokio::test]
async fn declining_needs_no_account_and_the_seller_gets_the_reason() {
    let stage = RecipientStage::pending().await;
    let visitor = stage.newcomer();
    let invitation = visitor.open_link(&stage.link).await;
    visitor.decline(invitation, "We are full.").await.expect(303);
    let mail = stage.app.mail_to(&stage.seller.email).await;
    assert_eq!(mail.subject, "bo@buyer.example declined your invitation");
    assert!(mail.text.contains("We are full.") && !mail.text.contains("source"), "{}", mail.text);
    let row = stage.seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Declined") && row.contains("We are full.") && row.contains("Invite again"), "{row}");
    visitor.get(&stage.link).await.expect(410).shows("This invitation was declined");
    visitor.post(&stage.link, &[("form", "request")]).await.expect(303);
    stage.seller.get("/").await.expect(200).shows("bo@buyer.example asked for a new invitation.");
}

#[tokio::test]
async fn nobody_else_can_see_or_act_on_an_accounts_recipients() {
    let stage = RecipientStage::pending().await;
    let stranger = stage.app.stranger().await;
    let invitation = stage.invitation().await;
    assert!(!stranger.get(paths::RECIPIENTS).await.expect(200).text().contains(BUYER));
    stranger.act_on_recipient("resend", invitation).await.expect(404);
    stranger.revoke(invitation).await.expect(404);
    stranger.readdress(invitation, "x@else.example").await.expect(404);
    let acting = stage.seller.account().to_string();
    let form = [("form", "invite"), ("as", acting.as_str()), ("email", "x@else.example"), ("note", "")];
    stranger.post(paths::INVITE_RECIPIENT, &form).await.expect(409);
    assert_eq!(stage.app.count("invitations").await, 1);
}
