//! A seller asks a buyer: the list of recipients, and what can be done there.

use crate::support::{
    TestApp,
    recipients::{Asked, BUYER},
};
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
};
use time::Duration;

#[tokio::test]
async fn an_invitation_makes_a_pending_recipient_and_one_mail_that_speaks_of_receiving_leads() {
    let asked = Asked::pending().await;
    let recipient = asked.recipient().await;
    assert_eq!(
        (recipient.name.as_str(), recipient.source, recipient.recipient.as_deref()),
        (BUYER, None, Some("buyer"))
    );
    assert_eq!(asked.app.count("partners").await, 0, "a recipient is nobody's partner");
    let mail = asked.app.mail_to(BUYER).await;
    assert_eq!(mail.subject, "Lead Harbor wants to send you leads on Accord");
    for sentence in
        ["would like to send them to you", "becomes a source in one of your flows", "We have leads for you."]
    {
        assert!(mail.text.contains(sentence), "{sentence}: {}", mail.text);
    }
    assert!(!mail.text.contains("receive yours"), "{}", mail.text);
    let list = asked.seller.get(paths::RECIPIENTS).await.expect(200);
    let row = list.row_with(BUYER);
    for word in ["Connection Pending", "Invited", "Resend", "Copy link", "Send to another address", "Revoke"] {
        assert!(row.contains(word), "{word}: {row}");
    }
    let sent = asked.seller.get(paths::INVITATIONS).await.expect(200);
    assert!(sent.row_with(BUYER).contains("to receive your leads"), "told apart from sources");
    let offered = asked.newcomer().get(paths::FLOWS).await;
    assert_eq!(offered.header("location"), "/signin?next=/flows");
}

#[tokio::test]
async fn its_page_says_who_sends_leads_and_what_accepting_makes() {
    let asked = Asked::pending().await;
    let visitor = asked.newcomer();
    let invitation = visitor.open_link(&asked.link).await;
    let page = visitor.get(&paths::invitation(invitation)).await.expect(200);
    let page = page
        .saying("Lead Harbor wants to send you leads")
        .saying("Lea Seller from Lead Harbor would like to send you leads.");
    let page = page.saying("A flow with Lead Harbor as a source, switched on").saying("We have leads for you.");
    assert!(!page.words().contains("receive your leads"), "{}", page.words());
}

#[tokio::test]
async fn of_24_equal_invitations_at_once_there_is_one_row_one_mail_and_one_recipient() {
    let app = TestApp::start().await;
    let seller = app.lead_harbor().await;
    let all = (0..24).map(|_| seller.invite_recipient(" Bo@Buyer.example ", ""));
    for answer in futures::future::join_all(all).await {
        assert_eq!(answer.leads_to(), paths::RECIPIENTS);
    }
    assert_eq!(app.count("invitations").await, 1);
    assert_eq!(app.entities_of(seller.account()).await.len(), 1);
    assert_eq!(app.mails_to("Bo@buyer.example").await.len(), 1);
}

#[tokio::test]
async fn both_directions_of_one_address_are_two_invitations() {
    let asked = Asked::pending().await;
    let flow = asked.seller.create_flow("Solar").await;
    asked.seller.invite(flow, BUYER, "").await.expect(303);
    assert_eq!(asked.app.count("invitations where kind = 'source' and state = 'pending'").await, 1);
    assert_eq!(asked.app.count("invitations where kind = 'recipient' and state = 'pending'").await, 1);
    assert_eq!(asked.app.entities_of(asked.seller.account()).await.len(), 2);
    assert_eq!(asked.app.mails_to(BUYER).await.len(), 2);
    asked.seller.get(paths::INVITATIONS).await.saying("to receive your leads").saying("to send you leads");
    let offers = asked.seller.sources_now(flow).await.offers;
    assert_eq!(offers.iter().filter(|offer| offer.name == BUYER).count(), 1, "a recipient is no source");
}

#[tokio::test]
async fn without_leadconduit_base_or_pro_nobody_is_invited_and_the_page_says_what_is_missing() {
    for plan in [None, Some(Plan::Partners)] {
        let app = TestApp::start().await;
        let seller = app.admin("Lea", "lea@harbor.example", "Lead Harbor", plan, true).await;
        let list = seller.get(paths::RECIPIENTS).await.expect(200);
        let list = list.saying("Inviting needs LeadConduit Base or Pro.").saying("Request an upgrade");
        assert!(!list.has(&format!("href=\"{}\"", paths::INVITE_RECIPIENT)), "not offered");
        seller.get(paths::INVITE_RECIPIENT).await.expect(200).saying("Inviting needs LeadConduit Base or Pro.");
        let refused = seller.invite_recipient(BUYER, "").await.expect(403);
        refused.saying("Inviting needs LeadConduit Base or Pro.");
        assert_eq!(app.count("invitations").await, 0);
        assert_eq!(app.entities_of(seller.account()).await, []);
    }
}

#[tokio::test]
async fn a_viewer_sees_the_recipients_and_does_nothing_about_them() {
    let asked = Asked::pending().await;
    let viewer = asked.app.member(&asked.seller, Role::Viewer, "Vi", "vi@harbor.example").await;
    let list = viewer.get(paths::RECIPIENTS).await.expect(200).saying(BUYER);
    for word in ["Resend", "Revoke", "Invite Partner"] {
        assert!(!list.words().contains(word), "{word}");
    }
    viewer.get(paths::INVITE_RECIPIENT).await.expect(403);
    viewer.invite_recipient("else@buyer.example", "").await.expect(403);
    let invitation = asked.invitation().await;
    viewer.act_on_recipient("resend", invitation).await.expect(403);
    viewer.revoke(invitation).await.expect(403);
    assert_eq!(asked.app.count("invitations").await, 1);
}

#[tokio::test]
async fn a_list_without_recipients_says_the_next_step_and_wrong_input_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let seller = app.lead_harbor().await;
    seller.get(paths::RECIPIENTS).await.expect(200).saying("No recipients yet").saying("Invite Partner");
    let refused = seller.invite_recipient("nobody", "A note of mine.").await.expect(422);
    let refused = refused.saying("Enter an email address like name@example.com.").saying("A note of mine.");
    assert!(refused.has("value=\"nobody\""));
    let fields = [("email", BUYER), ("note", "Look at this."), ("do", "preview")];
    let preview = seller.post_as("invite", paths::INVITE_RECIPIENT, &fields).await.expect(200);
    preview.saying("Lea Seller from Lead Harbor wants to send you leads").saying("Look at this.");
    seller.invite_recipient("lea@harbor.example", "").await.expect(422).saying("belongs to your own account");
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn it_is_resent_revoked_and_invited_again_on_the_same_recipient() {
    let asked = Asked::pending().await;
    let before = asked.recipient().await;
    let first = asked.invitation().await;
    asked.app.advance(Duration::minutes(2));
    assert_eq!(asked.seller.act_on_recipient("resend", first).await.leads_to(), paths::RECIPIENTS);
    asked.newcomer().get(&asked.link).await.expect(410).saying("A newer invitation was sent");
    let newer = asked.app.invited_link(BUYER).await;
    assert_eq!(asked.app.mail_to(BUYER).await.subject, "Lead Harbor wants to send you leads on Accord");
    asked.newcomer().open_link(&newer).await;
    let page = asked.seller.get(&paths::revoke_invitation(first, paths::RECIPIENTS)).await.expect(200);
    assert!(!page.words().contains("in your flows"), "{}", page.words());
    asked.seller.revoke(first).await.expect(303);
    asked.newcomer().get(&newer).await.expect(410).saying("This invitation was revoked");
    let row = asked.seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Revoked") && row.contains("Invite again"), "{row}");
    asked.seller.act_on_recipient("invite-again", first).await.expect(303);
    assert_ne!(asked.invitation().await, first);
    assert_eq!(asked.recipient().await, before);
    assert_eq!(asked.app.entities_of(asked.seller.account()).await.len(), 1);
    asked.newcomer().open_link(&asked.app.invited_link(BUYER).await).await;
}

#[tokio::test]
async fn sent_to_another_address_the_old_link_dies_and_an_address_that_is_taken_is_named() {
    let asked = Asked::pending().await;
    asked.seller.invite_recipient("other@else.example", "").await.expect(303);
    let invitation = asked.invitation().await;
    let refused = asked.seller.readdress(invitation, "other@else.example").await.expect(409);
    refused
        .saying("You already have a recipient with this address.")
        .saying("belongs to your recipient other@else.example");
    let before = asked.recipient().await;
    asked.seller.readdress(invitation, "new@buyer.example").await.expect(303);
    asked.newcomer().get(&asked.link).await.expect(410).saying("This invitation was revoked");
    let after = asked.recipient().await;
    assert_eq!((after.id, after.name.as_str()), (before.id, "new@buyer.example"));
    assert_eq!(asked.app.mail_to("new@buyer.example").await.subject, "Lead Harbor wants to send you leads on Accord");
}

#[tokio::test]
async fn the_same_address_as_a_source_is_no_obstacle_for_sending_it_there() {
    let asked = Asked::pending().await;
    let flow = asked.seller.create_flow("Solar").await;
    asked.seller.invite(flow, "both@else.example", "").await.expect(303);
    asked.seller.readdress(asked.invitation().await, "both@else.example").await.expect(303);
    assert_eq!(asked.app.count("invitations where email = 'both@else.example' and state = 'pending'").await, 2);
}

#[tokio::test]
async fn a_copied_link_works_once_its_reader_has_proved_an_address() {
    let asked = Asked::pending().await;
    let link = asked.seller.copy_link(asked.invitation().await).await;
    let visitor = asked.app.visitor("Bo Buyer", BUYER, "Bright Solar");
    let invitation = visitor.open_link(&link).await;
    assert_eq!(invitation, asked.invitation().await);
    let form = [
        ("form", "signup"),
        ("name", "Bo Buyer"),
        ("company", "Bright Solar"),
        ("email", BUYER),
        ("password", crate::support::app::PASSWORD),
    ];
    let signed_up = visitor.post(&paths::invitation_sign_up(invitation), &form).await;
    assert_eq!(signed_up.leads_to(), paths::SIGN_UP_SENT);
}

#[tokio::test]
async fn a_stopped_address_gets_no_mail_and_the_row_says_so() {
    let app = TestApp::start().await;
    let seller = app.lead_harbor().await;
    app.execute("insert into suppressed_addresses (email_key, at) values ('bo@buyer.example', now())").await.unwrap();
    seller.invite_recipient(BUYER, "").await.expect(303);
    assert_eq!(app.mails_to(BUYER).await.len(), 0);
    let row = seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Undeliverable") && row.contains("does not accept invitations"), "{row}");
}

#[tokio::test]
async fn the_buyer_is_reminded_and_the_seller_learns_of_the_expiry() {
    let asked = Asked::pending().await;
    asked.app.deliver().await;
    asked.app.advance(Duration::days(8));
    asked.seller.get("/").await.expect(200);
    asked.app.advance(Duration::days(4));
    assert_eq!(asked.app.do_due().await, 1);
    let reminder = asked.app.mail_to(BUYER).await;
    assert_eq!(reminder.subject, "Reminder: Lead Harbor wants to send you leads on Accord");
    asked.newcomer().open_link(&asked.app.path_of(&reminder.links[0])).await;
    asked.app.advance(Duration::days(3));
    assert_eq!(asked.app.do_due().await, 1);
    let told = asked.app.mail_to(&asked.seller.email).await;
    assert_eq!(told.subject, "Your invitation to bo@buyer.example has expired");
    assert!(!told.text.contains("in your flows"), "{}", told.text);
    let row = asked.seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Expired") && row.contains("Resend") && row.contains("Invite again"), "{row}");
    asked.newcomer().get(&asked.link).await.expect(410).saying("This invitation has expired");
    asked.seller.act_on_recipient("resend", asked.invitation().await).await.expect(303);
    asked.newcomer().open_link(&asked.app.invited_link(BUYER).await).await;
}

#[tokio::test]
async fn declining_needs_no_account_and_the_reason_reaches_the_seller() {
    let asked = Asked::pending().await;
    let visitor = asked.newcomer();
    let invitation = visitor.open_link(&asked.link).await;
    visitor.decline(invitation, "We are full.").await.expect(303);
    let told = asked.app.mail_to(&asked.seller.email).await;
    assert_eq!(told.subject, "bo@buyer.example declined your invitation");
    assert!(told.text.contains("We are full.") && !told.text.contains("source"), "{}", told.text);
    let row = asked.seller.get(paths::RECIPIENTS).await.row_with(BUYER);
    assert!(row.contains("Declined") && row.contains("We are full.") && row.contains("Invite again"), "{row}");
    visitor.get(&asked.link).await.expect(410).saying("This invitation was declined");
    visitor.post(&asked.link, &[("form", "request")]).await.expect(303);
    asked.seller.get("/").await.expect(200).saying("bo@buyer.example asked for a new invitation.");
}

#[tokio::test]
async fn nobody_else_sees_or_touches_the_recipients_of_an_account() {
    let asked = Asked::pending().await;
    let stranger = asked.app.stranger().await;
    let invitation = asked.invitation().await;
    assert!(!stranger.get(paths::RECIPIENTS).await.expect(200).words().contains(BUYER));
    stranger.act_on_recipient("resend", invitation).await.expect(404);
    stranger.revoke(invitation).await.expect(404);
    stranger.readdress(invitation, "x@else.example").await.expect(404);
    let acting = asked.seller.account().to_string();
    let form = [("form", "invite"), ("as", acting.as_str()), ("email", "x@else.example"), ("note", "")];
    stranger.post(paths::INVITE_RECIPIENT, &form).await.expect(409);
    assert_eq!(asked.app.count("invitations").await, 1);
}
