//! A buyer accepts a seller's invitation: it gets a flow, an active source and a partner, and the seller's recipient is
//! connected.

use crate::support::{
    Actor,
    recipients::{BUYER, LEAD_HARBOR, RecipientStage},
    stage::{FIELDS, california, mapping},
};
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
    entities::model::SourceTag,
};
use time::Duration;

#[tokio::test]
async fn a_buyer_without_account_signs_up_accepts_and_receives_leads_in_a_new_flow() {
    let stage = RecipientStage::pending().await;
    let pending = stage.recipient().await;
    let mut buyer = stage.newcomer();
    let invitation = buyer.open_link(&stage.link).await;
    let account = buyer.sign_up_from_invitation(invitation).await;
    buyer.get(&paths::invitation(invitation)).await.expect(200).shows("create a new flow for the leads");
    let seller = stage.seller.account();
    let accepted = buyer.accept(invitation).await;
    let received = stage.app.sources_from(account, seller).await;
    let [received] = received.as_slice() else { panic!("{received:?}") };
    assert_eq!(accepted.location(), paths::flow_sources(received.flow_id));
    assert_eq!((received.flow.as_str(), received.enabled), ("Leads from Lead Harbor", true));
    assert_eq!(received.partner.as_deref(), Some("Lead Harbor"));
    assert_eq!(stage.app.plan(account).await.as_deref(), Some("partners"));
    assert_eq!(stage.app.connections().await, [(seller, account)]);
    let recipient = stage.recipient().await;
    assert_eq!((recipient.id, recipient.name.as_str()), (pending.id, "Bright Solar"), "the same recipient, renamed");
    assert_eq!((recipient.source, recipient.recipient.as_deref()), (None, Some("buyer")));
    assert_eq!(recipient.connected_account_id, Some(account));
    let source = stage.app.entities_of(account).await.remove(0);
    assert_eq!(
        (source.name.as_str(), source.source.as_deref(), source.recipient),
        ("Lead Harbor", Some("seller"), None)
    );
    let partner = stage.app.partners().await.remove(0);
    assert_eq!((partner.name.as_str(), partner.linked_account_id), ("Lead Harbor", Some(seller)));
    for deed in ["accepted", "connected", "recipient_converted"] {
        assert!(stage.app.deeds(seller).await.contains(&deed.to_owned()), "{deed}");
    }
    for deed in ["accepted", "plan_granted", "flow_created", "source_added", "partner_created", "partner_linked"] {
        assert!(stage.app.deeds(account).await.contains(&deed.to_owned()), "{deed}");
    }
    let mails = stage.app.mails_to(LEAD_HARBOR).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Bright Solar accepted your invitation");
    assert!(mails[0].text.contains("You are now a source in one of their flows"), "{}", mails[0].text);
    let welcomed = stage.app.mail_to(BUYER).await;
    assert_eq!(welcomed.subject, "You are connected with Lead Harbor");
    assert!(welcomed.text.contains("a source of your flow Leads from Lead Harbor"), "{}", welcomed.text);
}

#[tokio::test]
async fn a_buyer_keeps_its_plan_and_trustedform_only_gets_leadconduit_for_partners() {
    for (plan, after) in [(None, "partners"), (Some(Plan::Base), "base"), (Some(Plan::Partners), "partners")] {
        let stage = RecipientStage::pending().await;
        let buyer = stage.app.admin("Bo Buyer", BUYER, "Bright Solar", plan, true).await;
        let invitation = buyer.open_link(&stage.link).await;
        buyer.accept_into(invitation, "").await.expect(303);
        assert_eq!(stage.app.plan(buyer.account()).await.as_deref(), Some(after));
    }
}

#[tokio::test]
async fn both_sides_see_each_other_immediately() {
    let (stage, buyer, received) = RecipientStage::connected(Some(Plan::Base)).await;
    stage.seller.get(paths::SUBMISSION_DOCS).await.expect(200).shows("Bright Solar").shows("Leads from Lead Harbor");
    stage.seller.get(&paths::source_docs(received.flow_id, received.source_id)).await.expect(200);
    stage.seller.get(paths::BUYERS).await.expect(200).shows("Bright Solar");
    let row = stage.seller.get(paths::RECIPIENTS).await.row_with("Bright Solar");
    assert!(row.contains("Connected") && !row.contains("Resend"), "{row}");
    let attention = stage.seller.get("/").await.expect(200).shows("Bright Solar accepted your invitation.");
    attention.shows("Read the Submission Docs");
    let row = buyer.only_source(received.flow_id).await;
    assert_eq!((row.name.as_str(), row.tag, row.is_on()), ("Lead Harbor", SourceTag::AccountSource, true));
    buyer.get(paths::PARTNERS).await.expect(200).shows("Lead Harbor").shows("Connected");
    buyer
        .get(&stage.link)
        .await
        .expect(410)
        .shows("You accepted the invitation from Lead Harbor.")
        .shows("Go to your flows");
}

#[tokio::test]
async fn a_lead_sent_after_acceptance_is_accepted_and_counted_on_both_sides() {
    let (stage, buyer, received) = RecipientStage::connected(Some(Plan::Base)).await;
    let lead = stage.app.submit(received.flow_id, received.source_id, "state=CA".to_owned(), &[]).await;
    assert_eq!(lead.status, 201, "{}", lead.body);
    assert_eq!(buyer.only_source(received.flow_id).await.leads, 1);
    let partner = stage.app.partners().await.remove(0).id;
    buyer.get(&paths::flow_leads(received.flow_id)).await.expect(200).shows("Lead Harbor");
    let portal = stage.seller.get(&paths::portal(partner)).await.expect(200);
    assert!(portal.text().contains("Accepted1Rejected0"), "{}", portal.text());
}

#[tokio::test]
async fn the_chosen_flow_gets_the_source_and_keeps_its_rules_and_other_sources() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.create_flow("Roofing").await;
    let form = buyer.custom_source(flow, "Website form").await;
    buyer.save_mappings(flow, form, 1, &[mapping("state", "st")]).await.expect(200);
    buyer.save_rules(flow, None, 1, california()).await.expect(200);
    let before = stage.app.source(form).await;
    let invitation = buyer.open_link(&stage.link).await;
    let page = buyer.get(&paths::invitation(invitation)).await.expect(200);
    page.shows("Receive leads in").shows("A new flow").shows("Solar California").shows("Roofing");
    let accepted = buyer.accept_into(invitation, &flow.to_string()).await;
    assert_eq!(accepted.location(), paths::flow_sources(flow));
    assert_eq!(stage.app.source(form).await, before);
    assert_eq!(stage.app.count("flows where acceptance_criteria is not null").await, 1);
    assert_eq!(stage.app.count("flows").await, 2, "none is created");
    let received = stage.app.sources_from(buyer.account(), stage.seller.account()).await.remove(0);
    let lead = async |state: &str| {
        stage.app.submit(flow, received.source_id, format!("state={state}"), &[]).await.json::<serde_json::Value>()
    };
    assert_eq!(lead("CA").await["outcome"], "success");
    assert_eq!(lead("NV").await["outcome"], "failure", "the flow's rules apply to it");
}

#[tokio::test]
async fn a_new_flow_has_the_usual_fields_and_a_unique_name() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    buyer.create_flow("leads from lead harbor").await;
    let invitation = buyer.open_link(&stage.link).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let received = stage.app.sources_from(buyer.account(), stage.seller.account()).await.remove(0);
    assert_eq!(received.flow, "Leads from Lead Harbor (2)");
    let fields: Vec<String> = sqlx::query_scalar("select name from flow_fields where flow_id = $1 order by position")
        .bind(received.flow_id)
        .fetch_all(&stage.app.state.pool)
        .await
        .unwrap();
    assert_eq!(fields, FIELDS);
}

#[tokio::test]
async fn another_accounts_flow_or_an_archived_one_is_refused_and_nothing_changes() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let archived = buyer.create_flow("Archived").await;
    stage.app.execute("update flows set archived_at = now(), enabled = false").await.unwrap();
    let theirs = stage.app.stranger().await.create_flow("Theirs").await;
    let sellers = stage.seller.create_flow("Own").await;
    let invitation = buyer.open_link(&stage.link).await;
    let unknown = "0123456789abcdef01234567".to_owned();
    for flow in [archived.to_string(), theirs.to_string(), sellers.to_string(), unknown, "nonsense".to_owned()] {
        let refused = buyer.accept_into(invitation, &flow).await.expect(422);
        refused.shows("Choose a flow of the company you are accepting as.");
    }
    assert_untouched(&stage).await;
    assert_eq!(stage.app.count("flow_sources").await, 0);
}

async fn assert_untouched(stage: &RecipientStage) {
    assert_eq!(stage.app.state_of(stage.invitation().await).await, "pending");
    assert_eq!(stage.app.count("connections").await, 0);
    assert_eq!(stage.app.count("subscriptions where plan = 'partners'").await, 0);
    assert_eq!(stage.app.count("partners").await, 0);
    assert!(stage.app.mails_to(&stage.seller.email).await.is_empty());
}

#[tokio::test]
async fn the_accepting_company_must_own_the_flow() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let flow = buyer.create_flow("Solar California").await;
    let invitation = buyer.open_link(&stage.link).await;
    let company = [("form", "company"), ("company", "Second Solar")];
    let made = buyer.post(&paths::company_to_accept(invitation), &company).await;
    let second = made.location().split("?as=").nth(1).unwrap().to_owned();
    let page = buyer.get(made.location()).await.expect(200);
    page.shows("Bright Solar: Solar California").shows("A new flow");
    let form = |flow: &str| [("form", "accept".to_owned()), ("account", second.clone()), ("flow", flow.to_owned())];
    let post = async |flow: &str| {
        let form = form(flow);
        let fields: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        buyer.post(&paths::invitation(invitation), &fields).await
    };
    let refused = post(&flow.to_string()).await.expect(422);
    refused.shows("Choose a flow of the company you are accepting as.");
    assert_untouched(&stage).await;
    post("new").await.expect(303);
    assert_eq!(stage.app.sources_from(second.parse().unwrap(), stage.seller.account()).await.len(), 1);
}

#[tokio::test]
async fn with_leadconduit_for_partners_a_second_seller_joins_the_only_flow() {
    let (stage, buyer, received) = RecipientStage::connected(None).await;
    let second = stage.app.admin("Sia", "sia@second.example", "Second Leads", Some(Plan::Base), false).await;
    second.invite_recipient(BUYER, "").await.expect(303);
    let invitation = buyer.open_link(&stage.app.invited_link(BUYER).await).await;
    let page = buyer.get(&paths::invitation(invitation)).await.expect(200);
    let page = page.shows("receive the leads in your flow Leads from Lead Harbor.");
    assert!(!page.text().contains("A new flow"), "{}", page.text());
    let accepted = buyer.accept_into(invitation, "new").await;
    assert_eq!(accepted.location(), paths::flow_sources(received.flow_id));
    let rows = buyer.sources(received.flow_id).await;
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Lead Harbor", "Second Leads"]);
    assert!(rows.iter().all(|row| row.is_on()));
    assert_eq!(stage.app.count("flows").await, 1);
    buyer.get(paths::NEW_FLOW).await.expect(403);
    buyer.post_flow("One more", &FIELDS).await.expect(403);
}

#[tokio::test]
async fn with_leadconduit_for_partners_two_concurrent_acceptances_create_one_flow() {
    let stage = RecipientStage::pending().await;
    let second = stage.app.admin("Sia", "sia@second.example", "Second Leads", Some(Plan::Base), false).await;
    let buyer = stage.buyer(Some(Plan::Partners)).await;
    let first = buyer.open_link(&stage.link).await;
    second.invite_recipient(BUYER, "").await.expect(303);
    let other = buyer.open_link(&stage.app.invited_link(BUYER).await).await;
    let (one, two) = tokio::join!(buyer.accept_into(first, "new"), buyer.accept_into(other, "new"));
    assert_eq!(one.location(), two.location());
    assert_eq!(stage.app.count("flows").await, 1);
    assert_eq!(stage.app.count("flow_sources where enabled").await, 2);
}

#[tokio::test]
async fn the_only_flow_of_leadconduit_for_partners_can_be_configured() {
    let (_asked, buyer, received) = RecipientStage::connected(None).await;
    let (flow, source) = (received.flow_id, received.source_id);
    let home = buyer.get("/").await.expect(200);
    assert!(home.has("href=\"/flows\"") && home.has("href=\"/partners\""), "the navigation links to them");
    assert!(!home.has("href=\"/recipients\"") && !home.has("href=\"/flows/new\""));
    buyer.get(paths::FLOWS).await.expect(200).shows("Leads from Lead Harbor");
    for path in [paths::flow_sources(flow), paths::flow_fields(flow), paths::source_mappings(flow, source)] {
        buyer.get(&path).await.expect(200);
    }
    buyer.save_mappings(flow, source, 1, &[mapping("state", "st")]).await.expect(200);
    buyer.save_rules(flow, Some(source), 2, california()).await.expect(200);
    buyer.save_rules(flow, None, 1, california()).await.expect(200);
}

#[tokio::test]
async fn a_seller_without_flows_sees_no_flows_in_the_navigation() {
    let (_stage, seller) = crate::support::stage::Stage::connected().await;
    assert!(seller.get("/").await.has("href=\"/recipients\""), "with LeadConduit Pro");
    let app = &seller.app;
    let partners = app.admin("Pia", "pia@partners.example", "Pia Leads", Some(Plan::Partners), false).await;
    assert!(!partners.get("/").await.has("href=\"/flows\""));
}

#[tokio::test]
async fn a_company_with_the_plan_partners_and_several_flows_chooses_one_of_them() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let first = buyer.create_flow("One").await;
    let second = buyer.create_flow("Two").await;
    stage.app.execute("update subscriptions set plan = 'partners' where plan = 'base'").await.unwrap();
    let invitation = buyer.open_link(&stage.link).await;
    let page = buyer.get(&paths::invitation(invitation)).await.expect(200).shows("Receive leads in");
    assert!(!page.text().contains("A new flow"), "{}", page.text());
    let accepted = buyer.accept_into(invitation, &second.to_string()).await;
    assert_eq!(accepted.location(), paths::flow_sources(second));
    assert!(buyer.sources(first).await.is_empty());
}

#[tokio::test]
async fn another_address_needs_a_confirmation_and_the_seller_is_notified() {
    let stage = RecipientStage::pending().await;
    let other = stage.app.admin("Olga Other", "olga@other.example", "Other Solar", Some(Plan::Base), false).await;
    let invitation = other.open_link(&stage.link).await;
    let refused = other.accept(invitation).await.expect(422);
    refused.shows("Confirm that you are accepting with a different address than the one invited.").shows("Olga Other");
    assert_untouched(&stage).await;
    other.accept_confirmed(invitation).await.expect(303);
    let mail = stage.app.mail_to(LEAD_HARBOR).await;
    assert!(mail.text.contains("to bo@buyer.example, using a different address (olga@other.example)"), "{}", mail.text);
}

#[tokio::test]
async fn the_inviting_account_and_people_who_are_not_admins_cannot_accept() {
    let stage = RecipientStage::pending().await;
    let invitation = stage.seller.open_link(&stage.link).await;
    stage.seller.accept_confirmed(invitation).await.expect(409).shows("Your own account sent this invitation.");
    let admin = stage.app.admin("Max", "max@buyer.example", "Bright Solar", Some(Plan::Base), false).await;
    let manager = stage.app.member(&admin, Role::Manager, "Bo Buyer", BUYER).await;
    manager.open_link(&stage.link).await;
    manager.accept(invitation).await.expect(403).shows("Only an Admin of the company can accept for it.");
    assert_untouched(&stage).await;
    let company = admin.account().to_string();
    let ask = [("form", "ask"), ("company", company.as_str())];
    manager.post(&paths::invitation(invitation), &ask).await.expect(303);
    let mail = stage.app.mail_to(&admin.email).await;
    assert!(mail.text.contains("becomes a source in one of Bright Solar's flows"), "{}", mail.text);
    let flow = admin.create_flow("Solar California").await;
    admin.get(&paths::invitation(invitation)).await.expect(200).shows("Receive leads in");
    admin.accept_into(invitation, &flow.to_string()).await.expect(303);
    assert_eq!(admin.only_source(flow).await.name, "Lead Harbor");
}

#[tokio::test]
async fn without_the_sellers_plan_the_invitation_is_invalid_and_with_a_plan_the_same_link_works_again() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let invitation = buyer.open_link(&stage.link).await;
    stage.app.end_plan(stage.seller.account()).await;
    buyer.accept(invitation).await.expect(410).shows("This invitation is no longer valid");
    assert_eq!(stage.app.count("connections").await, 0);
    let mail = stage.app.mail_to(LEAD_HARBOR).await;
    assert!(
        mail.text.contains("no longer has LeadConduit Base or Pro") && !mail.text.contains("source"),
        "{}",
        mail.text
    );
    let back = "insert into subscriptions (account_id, product, plan, created_at)
                select id, 'leadconduit', 'pro', now() from accounts where name = 'Lead Harbor'";
    stage.app.execute(back).await.unwrap();
    buyer.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn an_expired_invitation_is_refused_and_nothing_changes() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(None).await;
    stage.app.advance(Duration::days(14) - Duration::minutes(10));
    let invitation = buyer.open_link(&stage.link).await;
    stage.app.advance(Duration::minutes(10) + Duration::seconds(1));
    buyer.accept(invitation).await.expect(410).shows("This invitation has expired");
    assert_eq!(stage.app.count("connections").await, 0);
    assert_eq!(stage.app.count("flows").await, 0);
}

#[tokio::test]
async fn an_invitee_who_signed_up_without_the_link_finds_the_invitation_on_home() {
    let stage = RecipientStage::pending().await;
    let buyer = stage.buyer(Some(Plan::Base)).await;
    let home = buyer.get("/").await.expect(200).shows("Lea Seller from Lead Harbor invites you to receive leads.");
    assert!(
        home.text().contains("Review") && !home.text().contains("Accept as"),
        "the flow is chosen on the invitation's page"
    );
    buyer.get(paths::INVITATIONS).await.expect(200).shows("invites you to receive leads");
    buyer.get(&paths::invitation(stage.invitation().await)).await.expect(200).shows("Accept Invite to Connect");
}

/// People with accounts who have all opened the link.
async fn people_with_link(stage: &RecipientStage, size: usize) -> Vec<Actor> {
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
    let stage = RecipientStage::pending().await;
    let invitation = stage.invitation().await;
    let people = people_with_link(&stage, 50).await;
    let responses = futures::future::join_all(people.iter().map(|person| person.accept_confirmed(invitation))).await;
    let won: Vec<_> = responses.iter().filter(|response| response.status == 303).collect();
    assert_eq!(won.len(), 1, "{:?}", responses.iter().map(|response| response.status).collect::<Vec<_>>());
    for response in responses.iter().filter(|response| response.status != 303) {
        assert!(response.text().contains("This invitation was already accepted"), "{}", response.text());
    }
    assert_eq!(stage.app.count("connections").await, 1);
    assert_eq!(stage.app.count("flows").await, 1);
    assert_eq!(stage.app.count("flow_sources").await, 1);
    assert_eq!(stage.app.count("partners").await, 1);
    assert_eq!(stage.app.count("subscriptions where plan = 'partners'").await, 1);
    assert_eq!(stage.app.mails_to(LEAD_HARBOR).await.len(), 1);
}

#[tokio::test]
async fn only_one_of_concurrent_accept_and_revoke_wins_and_the_other_sees_what_happened() {
    for _ in 0..5 {
        let stage = RecipientStage::pending().await;
        let buyer = stage.buyer(Some(Plan::Base)).await;
        let invitation = buyer.open_link(&stage.link).await;
        let (accepted, revoked) = tokio::join!(buyer.accept(invitation), stage.seller.revoke(invitation));
        let state = stage.app.state_of(invitation).await;
        let made = (stage.app.count("connections").await, stage.app.count("flows").await);
        match (accepted.status.as_u16(), revoked.status.as_u16()) {
            (303, 409) => assert_eq!((state.as_str(), made), ("accepted", (1, 1))),
            (410, 303) => assert_eq!((state.as_str(), made), ("revoked", (0, 0))),
            other => panic!("{other:?}: {} | {}", accepted.text(), revoked.text()),
        }
    }
}
