//! Inviting a seller to connect: the form, the email, the link.

use crate::support::{
    TestApp,
    actor::problem_name,
    stage::{SELLER, Stage},
};
use accord::{accounts::model::Plan, base::paths, entities::model::SourceTag, flows::model::MailProgress};
use futures::future::join_all;
use serde_json::json;

const EVIL: &str = "<img src=x onerror=alert(1)>";

#[tokio::test]
async fn an_invitation_creates_a_pending_source_that_is_off_and_one_email() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let sent = buyer.invite(flow, SELLER, "We like your leads.\nAnn").await;
    buyer.get(sent.location()).await.expect(200).shows("Invitation sent.").shows("Account Source (Connection Pending)");
    let row = buyer.only_source(flow).await;
    assert_eq!((row.name.as_str(), row.tag), (SELLER, SourceTag::ConnectionPending));
    assert_eq!((row.enabled, row.turn_on_when_accepted), (false, true));
    assert_eq!(row.invitation.unwrap().mail, MailProgress::Queued);
    assert_eq!(app.mails_to(SELLER).await.len(), 1);
    let row = buyer.only_source(flow).await;
    assert!(matches!(row.invitation.unwrap().mail, MailProgress::Sent(_)));
    assert!(app.deeds(buyer.account()).await.contains(&"invited".to_owned()));
}

#[tokio::test]
async fn the_islands_function_does_the_same_as_the_form() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let sent = buyer.invite_by_function(flow, SELLER, "").await.expect(200);
    assert_eq!(sent.json::<String>(), "Sent");
    assert_eq!(buyer.only_source(flow).await.tag, SourceTag::ConnectionPending);
    assert_eq!(buyer.invite_by_function(flow, SELLER, "").await.json::<String>(), "AlreadyInvited");
    assert_eq!(app.mails_to(SELLER).await.len(), 1);
}

#[tokio::test]
async fn identical_concurrent_invitations_create_one_row_one_email_and_one_entity() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let responses = join_all((0..24).map(|_| buyer.invite_by_function(flow, SELLER, ""))).await;
    let mut said: Vec<String> = responses.into_iter().map(|response| response.expect(200).json()).collect();
    said.sort_unstable();
    assert_eq!((said.len(), said[22].as_str(), said[23].as_str()), (24, "AlreadyInvited", "Sent"));
    for table in
        ["invitations", "invitation_tokens", "flow_sources", "partners", "mails", "entities where kind = 'account'"]
    {
        assert_eq!(app.count(table).await, 1, "{table}");
    }
    assert_eq!(app.mails_to(SELLER).await.len(), 1);
}

#[tokio::test]
async fn inviting_a_pending_address_again_adds_its_entity_to_another_flow_without_an_email() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let (first, second) = (buyer.create_flow("First").await, buyer.create_flow("Second").await);
    buyer.invite(first, SELLER, "").await.expect(303);
    let again = buyer.invite(second, " Cy@Seller.Example ", "").await;
    buyer.get(again.location()).await.shows("Source added. This address is already invited");
    buyer.invite(second, SELLER, "").await.expect(303);
    let (one, other) = (buyer.only_source(first).await, buyer.only_source(second).await);
    assert_eq!(app.source(one.id).await.entity_id, app.source(other.id).await.entity_id);
    assert_eq!(app.count("invitations").await, 1);
    assert_eq!(app.mails_to(SELLER).await.len(), 1);
}

#[tokio::test]
async fn a_pending_entity_can_be_chosen_for_another_flow() {
    let stage = Stage::pending().await;
    let second = stage.buyer.create_flow("Second").await;
    let offers = stage.buyer.sources_now(second).await.offers;
    assert_eq!((offers[0].name.as_str(), offers[0].used_in, offers[0].in_this_flow), (SELLER, 1, false));
    let entity = offers[0].entity_id.to_string();
    let added = stage.buyer.post_as("add", &paths::add_source(second), &[("entity", &entity)]).await;
    assert_eq!(added.location(), paths::flow_sources(second));
    let row = stage.buyer.only_source(second).await;
    assert_eq!((row.tag, row.enabled), (SourceTag::ConnectionPending, false));
    assert_eq!(stage.app.count("mails where recipient = 'cy@seller.example'").await, 1);
}

#[tokio::test]
async fn an_address_is_shown_as_typed_and_compared_without_case_and_spaces() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, "  Cy.Seller@SELLER.example ", "").await.expect(303);
    assert_eq!(buyer.only_source(flow).await.name, "Cy.Seller@SELLER.example");
    assert_eq!(buyer.invite_by_function(flow, "cy.seller@seller.EXAMPLE", "").await.json::<String>(), "AlreadyInvited");
    assert_eq!(app.count("invitations").await, 1);
}

#[tokio::test]
async fn the_accounts_own_address_is_refused() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let refused = buyer.invite(flow, "ANN@buyer.example", "").await.expect(422);
    refused.shows("This address belongs to your own account. Invite another company's address.");
    assert_eq!(app.count("invitations").await, 0);
    assert!(buyer.sources(flow).await.is_empty());
}

#[tokio::test]
async fn without_leadconduit_base_or_pro_nobody_is_invited_and_nothing_is_created() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    for plan in [None, Some("partners")] {
        app.end_plan(buyer.account()).await;
        if let Some(plan) = plan {
            let insert = format!(
                "insert into subscriptions (account_id, product, plan, created_at)
                 select id, 'leadconduit', '{plan}', now() from accounts"
            );
            app.execute(&insert).await.unwrap();
        }
        let before = app.count("activity").await;
        let refused = buyer.invite(flow, SELLER, "a note").await.expect(403);
        assert!(refused.body.contains("a note"), "the input is kept");
        let refused = refused.shows("Inviting needs LeadConduit Base or Pro.");
        assert!(refused.has("/settings/subscription"), "a link to upgrade");
        assert_eq!(problem_name(&buyer.invite_by_function(flow, SELLER, "").await.expect(403)), "PlanRequired");
        for table in
            ["invitations", "invitation_tokens", "flow_sources", "partners", "mails", "entities where kind = 'account'"]
        {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        assert_eq!(app.count("activity").await, before);
    }
    buyer.post_as("upgrade", paths::SUBSCRIPTION, &[]).await.expect(303);
    let asked = app.mail_to("operator@accord.example").await;
    assert!(asked.text.contains("Bright Solar"), "{}", asked.text);
}

#[tokio::test]
async fn a_bad_address_or_note_is_refused_beside_its_field_and_the_input_is_kept() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let long = format!("{}@seller.example", "x".repeat(320));
    let (one_only, none, wrong) =
        ("Enter only one email address.", "Enter an email address.", "Enter an email address like name@example.com.");
    for (address, sentence) in [
        ("", none),
        ("   ", none),
        ("nobody", wrong),
        ("a@b@c.example", wrong),
        ("\"quoted\"@seller.example", wrong),
        ("cy@seller", wrong),
        ("cy(comment)@seller.example", wrong),
        ("cy@seller.example,dee@seller.example", one_only),
        ("cy@seller.example; dee@seller.example", one_only),
        ("cy@seller.example\r\nBcc: dee@seller.example", one_only),
        ("<script>@seller.example", wrong),
        (long.as_str(), "This address is too long."),
    ] {
        let refused = buyer.invite(flow, address, "Our note").await;
        assert_eq!(refused.status, 422, "{address:?}: {}", refused.text());
        let refused = refused.shows(sentence).shows("Our note");
        assert!(refused.tag_with("name=\"email\"").contains("aria-invalid=\"true\""), "{address:?}");
        let by_function = buyer.invite_by_function(flow, address, "").await.expect(422);
        assert!(problem_name(&by_function).contains("\"email\""), "{address:?}: {}", by_function.body);
    }
    let note = "é".repeat(501);
    let refused = buyer.invite(flow, SELLER, &note).await.expect(422);
    assert!(refused.text().contains(&note), "the input is kept");
    refused.shows("Use at most 500 characters for the note.");
    assert_eq!(app.count("invitations").await, 0);
    buyer.invite(flow, SELLER, &"é".repeat(500)).await.expect(303);
}

#[tokio::test]
async fn a_function_accepts_only_text_as_address_and_no_unknown_property() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    for input in [
        json!({ "flow_id": flow, "email": [SELLER, "dee@seller.example"], "note": "" }),
        json!({ "flow_id": flow, "email": { "a": SELLER }, "note": "" }),
        json!({ "flow_id": "nonsense", "email": SELLER, "note": "" }),
        json!({ "email": SELLER }),
        json!([]),
    ] {
        let refused = buyer.call("invitations/send", &input).await;
        assert!((400..500).contains(&refused.status.as_u16()), "{input}: {} {}", refused.status, refused.body);
        assert_eq!(problem_name(&refused), "RequestUnreadable", "{input}");
    }
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn markup_in_names_and_notes_is_shown_as_text() {
    let app = TestApp::start().await;
    let buyer = app.admin(EVIL, "ann@buyer.example", EVIL, Some(Plan::Base), false).await;
    let flow = buyer.create_flow(EVIL).await;
    buyer.invite(flow, SELLER, &format!("{EVIL} </blockquote></textarea>")).await.expect(303);
    let mail = app.mail_to(SELLER).await;
    assert!(!mail.html.contains("<img src=x") && mail.html.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(mail.text.contains(EVIL));
    let visitor = app.visitor("Cy", SELLER, "Harbor");
    let opened = visitor.get(&app.link_to(SELLER).await).await;
    let page = visitor.get(opened.location()).await.expect(200).shows(EVIL);
    for page in [
        page,
        buyer.get(&paths::flow_sources(flow)).await,
        buyer.get(paths::INVITATIONS).await,
        buyer.get(paths::HOME).await,
    ] {
        assert!(!page.body.contains("<img src=x"), "{}", page.text());
    }
}

#[tokio::test]
async fn the_account_sets_how_long_an_invitation_is_valid() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    app.execute("update accounts set invitation_days = 3").await.unwrap();
    let flow = buyer.create_flow("Solar California").await;
    buyer.invite(flow, SELLER, "").await.expect(303);
    assert_eq!(app.count("invitations where expires_at = sent_at + interval '3 days'").await, 1);
}

#[tokio::test]
async fn an_address_of_a_connected_seller_counts_as_connected() {
    let (stage, seller) = Stage::connected().await;
    let second = stage.buyer.create_flow("Second").await;
    let said = stage.buyer.invite_by_function(second, SELLER, "").await.expect(200);
    assert_eq!(said.json::<String>(), "AlreadyConnected");
    let row = stage.buyer.only_source(second).await;
    assert_eq!((row.tag, row.enabled, row.name.as_str()), (SourceTag::AccountSource, true, "Lead Harbor"));
    assert_eq!(stage.app.count("invitations").await, 1);
    seller.get(paths::SUBMISSION_DOCS).await.expect(200).shows("Second");
}

#[tokio::test]
async fn nobody_can_invite_into_another_accounts_flow() {
    let stage = Stage::pending().await;
    let stranger = stage.app.stranger().await;
    stranger.invite(stage.flow, "dee@seller.example", "").await.expect(404);
    stranger.invite_by_function(stage.flow, "dee@seller.example", "").await.expect(404);
    let path = paths::invite_partner("0123456789abcdef01234567".parse().unwrap());
    stranger.post_as("invite", &path, &[("email", SELLER)]).await.expect(404);
    assert_eq!(stage.app.count("invitations").await, 1);
    assert_eq!(stage.app.count("mails where recipient = 'dee@seller.example'").await, 0);
}

#[tokio::test]
async fn two_buyers_invite_the_same_seller_without_learning_of_each_other() {
    let stage = Stage::pending().await;
    let other = stage.app.stranger().await;
    let flow = other.create_flow("Elsewhere leads").await;
    assert_eq!(other.invite_by_function(flow, SELLER, "").await.json::<String>(), "Sent");
    assert_eq!(stage.app.mails_to(SELLER).await.len(), 2);
    let seller = stage.seller().await;
    let home = seller.get(paths::HOME).await.expect(200);
    home.shows("Ann Buyer from Bright Solar invites you").shows("Sam Stranger from Elsewhere invites you");
}

#[tokio::test]
async fn the_preview_without_javascript_shows_the_note_and_sends_nothing() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let fields = [("email", SELLER), ("note", "We like your leads."), ("do", "preview")];
    let page = buyer.post_as("invite", &paths::invite_partner(flow), &fields).await.expect(200);
    let quoted = page.body.split("<blockquote>").nth(1).unwrap_or_default().split("</blockquote>").next().unwrap();
    assert!(quoted.contains("Ann Buyer") && quoted.contains("We like your leads."), "{quoted}");
    assert!(page.tag_with("name=\"email\"").contains(SELLER));
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn the_lists_of_invitations_show_the_state_of_each() {
    let stage = Stage::pending().await;
    stage.buyer.get(paths::INVITATIONS).await.expect(200).shows(SELLER).shows("Pending");
    let seller = stage.seller().await;
    let invitation = seller.open_link(&stage.link).await;
    seller.accept(invitation).await.expect(303);
    stage.buyer.get(paths::INVITATIONS).await.expect(200).shows("Accepted").shows("by Lead Harbor");
}
