//! The invitation email: what it says, and that it arrives with its link despite failures.

use crate::support::{
    TestApp,
    smtp::{Mode, SmtpSink},
    stage::{SELLER, Stage},
};
use accord::{
    base::paths,
    entities::model::SourceTag,
    flows::model::MailProgress,
    server::{clock, mail},
};
use time::{Duration, OffsetDateTime};

#[tokio::test]
async fn the_email_says_who_invites_and_until_when_and_has_note_and_link_in_plain_text_too() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "We like your leads.\nAnn").await.expect(303);
    let mail = app.mail_to(SELLER).await;
    assert_eq!(mail.subject, "Bright Solar invites you to connect on Accord");
    let expires: OffsetDateTime =
        sqlx::query_scalar("select expires_at from invitations").fetch_one(&app.state.pool).await.unwrap();
    let day = clock::day(expires);
    for part in [
        "Ann Buyer from Bright Solar",
        "in its flow “Solar California”",
        "We like your leads.",
        &day,
        mail.links[0].as_str(),
        "LeadConduit for Partners",
    ] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
        assert!(mail.html.contains(part), "{part}: {}", mail.html);
    }
    assert!(mail.source.contains("Reply-To: ann@buyer.example"), "{}", mail.source);
    assert!(mail.links[0].starts_with("https://accord.example/i/"));
    let left = expires - app.state.now().await.unwrap();
    assert!(left > Duration::days(13) && left <= Duration::days(14), "{left}");
}

#[tokio::test]
async fn the_preview_of_the_form_has_the_words_of_the_email() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar <b>California</b>").await;
    let path = paths::invite_partner(flow);
    let shown = buyer.post_as("invite", &path, &[("do", "preview"), ("note", "Hello <i>you</i>")]).await.expect(200);
    let (preview, source) = (shown.text(), shown.body.clone());
    buyer.invite(flow, SELLER, "Hello <i>you</i>").await.expect(303);
    let mail = app.mail_to(SELLER).await;
    let body = mail.text.split("\n-- \n").next().unwrap();
    let is_word = |line: &&str| !line.is_empty() && !line.contains("/i/") && *line != "Or open this link:";
    for line in std::iter::once(mail.subject.as_str()).chain(body.lines()).filter(is_word) {
        let words = line.trim_start_matches(['-', '>', ' ']).trim_end_matches(':');
        assert!(preview.contains(words), "{words}: {preview}");
    }
    assert!(!source.contains("<i>") && !source.contains("<b>"), "names and notes are text");
}

#[tokio::test]
async fn emails_about_an_invitation_lead_to_its_flow() {
    let stage = Stage::pending().await;
    let here = paths::flow_sources(stage.flow);
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.get(&paths::invitation(invitation)).await.expect(200).shows("Solar California");
    seller.decline(invitation, "Not now").await.expect(303);
    let mails = stage.app.mails_to("ann@buyer.example").await;
    let declined = mails.iter().find(|mail| mail.subject.contains("declined")).unwrap();
    assert_eq!(declined.links, [format!("https://accord.example{here}")]);
}

#[tokio::test]
async fn emails_about_an_invitation_to_no_flow_lead_to_the_list() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.post_as("invite", paths::INVITE_SOURCE, &[("email", SELLER), ("note", "")]).await.expect(303);
    assert!(!app.mail_to(SELLER).await.text.contains("flow"));
    let visitor = app.visitor("Cy", SELLER, "Harbor");
    let invitation = visitor.open_link(&app.link_to(SELLER).await).await;
    visitor.decline(invitation, "").await.expect(303);
    let mails = app.mails_to("ann@buyer.example").await;
    let declined = mails.iter().find(|mail| mail.subject.contains("declined")).unwrap();
    assert_eq!(declined.links, [format!("https://accord.example{}", paths::INVITATIONS)]);
}

#[tokio::test]
async fn the_database_never_holds_a_clear_token() {
    let app = TestApp::start_with(&[("SMTP_URL", "smtp://127.0.0.1:1")]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    assert!(app.columns_holding(SELLER).await.contains(&"mails.recipient".to_owned()), "the search works");
    assert_eq!(app.count("mails where sealed_secret is not null").await, 1);
    app.deliver().await;
    // Not delivered yet: only the seal holds the token. Now another worker delivers it.
    let sink = SmtpSink::start();
    let later = app.restart_with(&[("SMTP_URL", &sink.url())]).await;
    later.advance(Duration::minutes(5));
    let queued = later.columns_holding("/i/").await;
    later.deliver().await;
    let source = sink.mails().remove(0).replace("=\r\n", "").replace("\r\n", "\n");
    let token = source.split("https://accord.example/i/").nth(1).unwrap()[..64].to_owned();
    assert!(token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");
    assert_eq!(later.columns_holding(&token).await, Vec::<String>::new());
    assert_eq!(queued, ["mails.letter"], "the letter has a placeholder for the link, not the link");
    assert_eq!(later.count("mails where sealed_secret is not null").await, 0);
    let visitor = later.visitor("Cy", SELLER, "Harbor");
    visitor.open_link(&format!("/i/{token}")).await;
}

#[tokio::test]
async fn an_email_survives_a_process_killed_before_sending_with_the_same_link() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    // Committed. Then the process is killed before the worker hears about it.
    let next = app.restart().await;
    drop((buyer, app));
    let link = next.link_to(SELLER).await;
    let seller = next.admin("Cy", SELLER, "Lead Harbor", None, true).await;
    let invitation = seller.open_link(&link).await;
    seller.accept(invitation).await.expect(303);
    assert_eq!(next.mails_to(SELLER).await.len(), 2, "one for the invitation and one for the connection");
}

#[tokio::test]
async fn an_email_survives_a_process_killed_while_sending_with_the_same_link() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    sink.set(Mode::DropAfterData);
    mail::deliver_due(&app.state, &app.transport).await.unwrap();
    sink.set(Mode::Accept);
    let next = app.restart_with(&[("SMTP_URL", &sink.url())]).await;
    drop((buyer, app));
    next.advance(Duration::minutes(5));
    next.deliver().await;
    let links: Vec<_> = sink
        .mails()
        .iter()
        .map(|mail| mail.replace("=\r\n", "").split("/i/").nth(1).unwrap()[..64].to_owned())
        .collect();
    assert_eq!(links.len(), 2);
    assert_eq!(links[0], links[1]);
}

#[tokio::test]
async fn an_invitation_sent_over_a_real_mail_server_is_accepted_with_the_link_from_the_raw_message() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    app.deliver().await;
    let mail = sink.mails().remove(0);
    assert!(mail.contains("To: cy@seller.example") || mail.contains("To: <cy@seller.example>"), "{mail}");
    let text = mail.replace("=\r\n", "");
    let secret: String = text.split("/i/").nth(1).unwrap().chars().take_while(char::is_ascii_alphanumeric).collect();
    let link = paths::link(&secret);
    let mut seller = app.visitor("Cy Seller", SELLER, "Lead Harbor");
    let invitation = seller.open_link(&link).await;
    seller.sign_up_from_invitation(invitation).await;
    seller.accept(invitation).await.expect(303);
    app.deliver().await;
    let recipients: Vec<_> = sink
        .mails()
        .iter()
        .map(|mail| mail.contains("ann@buyer.example>") || mail.contains("To: ann@buyer.example"))
        .collect();
    assert_eq!(recipients.len(), 3, "the invitation, one to the inviter, one to the seller");
    assert_eq!(buyer.only_source(flow).await.tag, SourceTag::AccountSource);
}

#[tokio::test]
async fn an_undeliverable_email_is_shown_in_the_flow() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    sink.set(Mode::Temporary);
    app.deliver().await;
    let mail = buyer.only_source(flow).await.invitation.unwrap().mail;
    assert!(matches!(mail, MailProgress::Retrying { .. }), "{mail:?}");
    sink.set(Mode::Permanent);
    app.advance(Duration::minutes(5));
    app.deliver().await;
    let mail = buyer.only_source(flow).await.invitation.unwrap().mail;
    assert_eq!(
        mail,
        MailProgress::Failed { reason: "The mail server rejected this address or email (550).".to_owned() }
    );
    buyer.get(&paths::flow_sources(flow)).await.shows("The mail server rejected this address or email (550).");
}
