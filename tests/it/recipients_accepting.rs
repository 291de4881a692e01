//! A buyer that a seller asked accepts: a flow, a source that is on, a partner; and the seller's recipient is connected.

use crate::support::{
    Actor,
    recipients::{Asked, BUYER, LEAD_HARBOR},
    stage::{FIELDS, california, mapping},
};
use accord::{
    accounts::model::{Plan, Role},
    base::paths,
    entities::model::SourceTag,
};
use time::Duration;

#[tokio::test]
async fn a_buyer_without_account_signs_up_and_accepts_and_receives_leads_in_a_flow_of_its_own() {
    let asked = Asked::pending().await;
    let pending = asked.recipient().await;
    let mut buyer = asked.newcomer();
    let invitation = buyer.open_link(&asked.link).await;
    let account = buyer.sign_up_from_invitation(invitation).await;
    buyer.get(&paths::invitation(invitation)).await.expect(200).saying("create a new flow for the leads");
    let seller = asked.seller.account();
    let accepted = buyer.accept(invitation).await;
    let received = asked.app.receiving(account, seller).await;
    let [received] = received.as_slice() else { panic!("{received:?}") };
    assert_eq!(accepted.leads_to(), paths::flow_sources(received.flow_id));
    assert_eq!((received.flow.as_str(), received.enabled), ("Leads from Lead Harbor", true));
    assert_eq!(received.partner.as_deref(), Some("Lead Harbor"));
    assert_eq!(asked.app.plan(account).await.as_deref(), Some("partners"));
    assert_eq!(asked.app.connections().await, [(seller, account)]);
    let recipient = asked.recipient().await;
    assert_eq!((recipient.id, recipient.name.as_str()), (pending.id, "Bright Solar"), "in place");
    assert_eq!((recipient.source, recipient.recipient.as_deref()), (None, Some("buyer")));
    assert_eq!(recipient.connected_account_id, Some(account));
    let source = asked.app.entities_of(account).await.remove(0);
    assert_eq!(
        (source.name.as_str(), source.source.as_deref(), source.recipient),
        ("Lead Harbor", Some("seller"), None)
    );
    let partner = asked.app.partners().await.remove(0);
    assert_eq!((partner.name.as_str(), partner.linked_account_id), ("Lead Harbor", Some(seller)));
    for deed in ["accepted", "connected", "recipient_converted"] {
        assert!(asked.app.deeds(seller).await.contains(&deed.to_owned()), "{deed}");
    }
    for deed in ["accepted", "plan_granted", "flow_created", "source_added", "partner_created", "partner_linked"] {
        assert!(asked.app.deeds(account).await.contains(&deed.to_owned()), "{deed}");
    }
    let told = asked.app.mails_to(LEAD_HARBOR).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject, "Bright Solar accepted your invitation");
    assert!(told[0].text.contains("You are now a source in one of their flows"), "{}", told[0].text);
    let welcomed = asked.app.mail_to(BUYER).await;
    assert_eq!(welcomed.subject, "You are connected with Lead Harbor");
    assert!(welcomed.text.contains("a source of your flow Leads from Lead Harbor"), "{}", welcomed.text);
}

#[tokio::test]
async fn the_plan_of_a_buyer_stays_and_trustedform_alone_gets_leadconduit_for_partners() {
    for (plan, after) in [(None, "partners"), (Some(Plan::Base), "base"), (Some(Plan::Partners), "partners")] {
        let asked = Asked::pending().await;
        let buyer = asked.app.admin("Bo Buyer", BUYER, "Bright Solar", plan, true).await;
        let invitation = buyer.open_link(&asked.link).await;
        buyer.accept_into(invitation, "").await.expect(303);
        assert_eq!(asked.app.plan(buyer.account()).await.as_deref(), Some(after));
    }
}

#[tokio::test]
async fn both_sides_find_each_other_at_once() {
    let (asked, buyer, received) = Asked::connected(Some(Plan::Base)).await;
    asked.seller.get(paths::SUBMISSION_DOCS).await.expect(200).saying("Bright Solar").saying("Leads from Lead Harbor");
    asked.seller.get(&paths::source_docs(received.flow_id, received.source_id)).await.expect(200);
    asked.seller.get(paths::BUYERS).await.expect(200).saying("Bright Solar");
    let row = asked.seller.get(paths::RECIPIENTS).await.row_with("Bright Solar");
    assert!(row.contains("Connected") && !row.contains("Resend"), "{row}");
    let attention = asked.seller.get("/").await.expect(200).saying("Bright Solar accepted your invitation.");
    attention.saying("Read the Submission Docs");
    let row = buyer.only_source(received.flow_id).await;
    assert_eq!((row.name.as_str(), row.tag, row.is_on()), ("Lead Harbor", SourceTag::AccountSource, true));
    buyer.get(paths::PARTNERS).await.expect(200).saying("Lead Harbor").saying("Connected");
    buyer
        .get(&asked.link)
        .await
        .expect(410)
        .saying("You accepted the invitation from Lead Harbor.")
        .saying("Go to your flows");
}

#[tokio::test]
async fn a_lead_that_is_sent_after_acceptance_is_taken_and_counts_on_both_sides() {
    let (asked, buyer, received) = Asked::connected(Some(Plan::Base)).await;
    let lead = asked.app.submit(received.flow_id, received.source_id, "state=CA".to_owned(), &[]).await;
    assert_eq!(lead.status, 201, "{}", lead.body);
    assert_eq!(buyer.only_source(received.flow_id).await.leads, 1);
    let partner = asked.app.partners().await.remove(0).id;
    buyer.get(&paths::flow_leads(received.flow_id)).await.expect(200).saying("Lead Harbor");
    let portal = asked.seller.get(&paths::portal(partner)).await.expect(200);
    assert!(portal.words().contains("Accepted1Rejected0"), "{}", portal.words());
}

#[tokio::test]
async fn the_chosen_flow_gets_the_source_and_keeps_its_rules_and_those_of_its_other_sources() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let flow = buyer.create_flow("Solar California").await;
    buyer.create_flow("Roofing").await;
    let form = buyer.custom_source(flow, "Website form").await;
    buyer.save_mappings(flow, form, 1, &[mapping("state", "st")]).await.expect(200);
    buyer.save_rules(flow, None, 1, california()).await.expect(200);
    let before = asked.app.source(form).await;
    let invitation = buyer.open_link(&asked.link).await;
    let page = buyer.get(&paths::invitation(invitation)).await.expect(200);
    page.saying("Receive leads in").saying("A new flow").saying("Solar California").saying("Roofing");
    let accepted = buyer.accept_into(invitation, &flow.to_string()).await;
    assert_eq!(accepted.leads_to(), paths::flow_sources(flow));
    assert_eq!(asked.app.source(form).await, before);
    assert_eq!(asked.app.count("flows where acceptance_criteria is not null").await, 1);
    assert_eq!(asked.app.count("flows").await, 2, "none is made");
    let received = asked.app.receiving(buyer.account(), asked.seller.account()).await.remove(0);
    let lead = async |state: &str| {
        asked.app.submit(flow, received.source_id, format!("state={state}"), &[]).await.json::<serde_json::Value>()
    };
    assert_eq!(lead("CA").await["outcome"], "success");
    assert_eq!(lead("NV").await["outcome"], "failure", "the rules of the flow hold for it");
}

#[tokio::test]
async fn a_new_flow_has_the_usual_fields_and_a_name_of_its_own() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    buyer.create_flow("leads from lead harbor").await;
    let invitation = buyer.open_link(&asked.link).await;
    buyer.accept_into(invitation, "new").await.expect(303);
    let received = asked.app.receiving(buyer.account(), asked.seller.account()).await.remove(0);
    assert_eq!(received.flow, "Leads from Lead Harbor (2)");
    let fields: Vec<String> = sqlx::query_scalar("select name from flow_fields where flow_id = $1 order by position")
        .bind(received.flow_id)
        .fetch_all(&asked.app.state.pool)
        .await
        .unwrap();
    assert_eq!(fields, FIELDS);
}

#[tokio::test]
async fn a_flow_of_others_or_an_archived_one_is_refused_and_nothing_changes() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let archived = buyer.create_flow("Archived").await;
    asked.app.execute("update flows set archived_at = now(), enabled = false").await.unwrap();
    let theirs = asked.app.stranger().await.create_flow("Theirs").await;
    let sellers = asked.seller.create_flow("Own").await;
    let invitation = buyer.open_link(&asked.link).await;
    let unknown = "0123456789abcdef01234567".to_owned();
    for flow in [archived.to_string(), theirs.to_string(), sellers.to_string(), unknown, "nonsense".to_owned()] {
        let refused = buyer.accept_into(invitation, &flow).await.expect(422);
        refused.saying("Choose a flow of the accepting company.");
    }
    assert_untouched(&asked).await;
    assert_eq!(asked.app.count("flow_sources").await, 0);
}

async fn assert_untouched(asked: &Asked) {
    assert_eq!(asked.app.state_of(asked.invitation().await).await, "pending");
    assert_eq!(asked.app.count("connections").await, 0);
    assert_eq!(asked.app.count("subscriptions where plan = 'partners'").await, 0);
    assert_eq!(asked.app.count("partners").await, 0);
    assert!(asked.app.mails_to(&asked.seller.email).await.is_empty());
}

#[tokio::test]
async fn of_several_companies_the_one_that_accepts_must_own_the_flow() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let flow = buyer.create_flow("Solar California").await;
    let invitation = buyer.open_link(&asked.link).await;
    let company = [("form", "company"), ("company", "Second Solar")];
    let made = buyer.post(&paths::company_to_accept(invitation), &company).await;
    let second = made.leads_to().split("?as=").nth(1).unwrap().to_owned();
    let page = buyer.get(made.leads_to()).await.expect(200);
    page.saying("Bright Solar: Solar California").saying("A new flow");
    let form = |flow: &str| [("form", "accept".to_owned()), ("account", second.clone()), ("flow", flow.to_owned())];
    let post = async |flow: &str| {
        let form = form(flow);
        let fields: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        buyer.post(&paths::invitation(invitation), &fields).await
    };
    let refused = post(&flow.to_string()).await.expect(422);
    refused.saying("Choose a flow of the accepting company.");
    assert_untouched(&asked).await;
    post("new").await.expect(303);
    assert_eq!(asked.app.receiving(second.parse().unwrap(), asked.seller.account()).await.len(), 1);
}

#[tokio::test]
async fn with_leadconduit_for_partners_there_is_one_flow_and_a_second_seller_comes_into_it() {
    let (asked, buyer, received) = Asked::connected(None).await;
    let second = asked.app.admin("Sia", "sia@second.example", "Second Leads", Some(Plan::Base), false).await;
    second.invite_recipient(BUYER, "").await.expect(303);
    let invitation = buyer.open_link(&asked.app.invited_link(BUYER).await).await;
    let page = buyer.get(&paths::invitation(invitation)).await.expect(200);
    let page = page.saying("receive the leads in your flow Leads from Lead Harbor.");
    assert!(!page.words().contains("A new flow"), "{}", page.words());
    let accepted = buyer.accept_into(invitation, "new").await;
    assert_eq!(accepted.leads_to(), paths::flow_sources(received.flow_id));
    let rows = buyer.sources(received.flow_id).await;
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Lead Harbor", "Second Leads"]);
    assert!(rows.iter().all(|row| row.is_on()));
    assert_eq!(asked.app.count("flows").await, 1);
    buyer.get(paths::NEW_FLOW).await.expect(403);
    buyer.post_flow("One more", &FIELDS).await.expect(403);
}

#[tokio::test]
async fn with_leadconduit_for_partners_two_acceptances_at_once_make_one_flow() {
    let asked = Asked::pending().await;
    let second = asked.app.admin("Sia", "sia@second.example", "Second Leads", Some(Plan::Base), false).await;
    let buyer = asked.buyer(Some(Plan::Partners)).await;
    let first = buyer.open_link(&asked.link).await;
    second.invite_recipient(BUYER, "").await.expect(303);
    let other = buyer.open_link(&asked.app.invited_link(BUYER).await).await;
    let (one, two) = tokio::join!(buyer.accept_into(first, "new"), buyer.accept_into(other, "new"));
    assert_eq!(one.leads_to(), two.leads_to());
    assert_eq!(asked.app.count("flows").await, 1);
    assert_eq!(asked.app.count("flow_sources where enabled").await, 2);
}

#[tokio::test]
async fn the_one_flow_of_leadconduit_for_partners_is_there_to_work_with() {
    let (_asked, buyer, received) = Asked::connected(None).await;
    let (flow, source) = (received.flow_id, received.source_id);
    let home = buyer.get("/").await.expect(200);
    assert!(home.has("href=\"/flows\"") && home.has("href=\"/partners\""), "the navigation leads there");
    assert!(!home.has("href=\"/recipients\"") && !home.has("href=\"/flows/new\""));
    buyer.get(paths::FLOWS).await.expect(200).saying("Leads from Lead Harbor");
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
async fn a_company_that_has_the_plan_partners_and_several_flows_chooses_one_of_them() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let first = buyer.create_flow("One").await;
    let second = buyer.create_flow("Two").await;
    asked.app.execute("update subscriptions set plan = 'partners' where plan = 'base'").await.unwrap();
    let invitation = buyer.open_link(&asked.link).await;
    let page = buyer.get(&paths::invitation(invitation)).await.expect(200).saying("Receive leads in");
    assert!(!page.words().contains("A new flow"), "{}", page.words());
    let accepted = buyer.accept_into(invitation, &second.to_string()).await;
    assert_eq!(accepted.leads_to(), paths::flow_sources(second));
    assert!(buyer.sources(first).await.is_empty());
}

#[tokio::test]
async fn another_address_needs_a_confirmation_and_the_seller_learns_of_it() {
    let asked = Asked::pending().await;
    let other = asked.app.admin("Olga Other", "olga@other.example", "Other Solar", Some(Plan::Base), false).await;
    let invitation = other.open_link(&asked.link).await;
    let refused = other.accept(invitation).await.expect(422);
    refused
        .saying("Confirm that you are accepting with a different address than the one invited.")
        .saying("Olga Other");
    assert_untouched(&asked).await;
    other.accept_confirmed(invitation).await.expect(303);
    let told = asked.app.mail_to(LEAD_HARBOR).await;
    assert!(told.text.contains("to bo@buyer.example, using a different address (olga@other.example)"), "{}", told.text);
}

#[tokio::test]
async fn the_own_account_and_who_is_no_admin_cannot_accept() {
    let asked = Asked::pending().await;
    let invitation = asked.seller.open_link(&asked.link).await;
    asked.seller.accept_confirmed(invitation).await.expect(409).saying("Your own account sent this invitation.");
    let admin = asked.app.admin("Max", "max@buyer.example", "Bright Solar", Some(Plan::Base), false).await;
    let manager = asked.app.member(&admin, Role::Manager, "Bo Buyer", BUYER).await;
    manager.open_link(&asked.link).await;
    manager.accept(invitation).await.expect(403).saying("Only an Admin of the company can accept for it.");
    assert_untouched(&asked).await;
    let company = admin.account().to_string();
    let ask = [("form", "ask"), ("company", company.as_str())];
    manager.post(&paths::invitation(invitation), &ask).await.expect(303);
    let mail = asked.app.mail_to(&admin.email).await;
    assert!(mail.text.contains("becomes a source in one of Bright Solar's flows"), "{}", mail.text);
    let flow = admin.create_flow("Solar California").await;
    admin.get(&paths::invitation(invitation)).await.expect(200).saying("Receive leads in");
    admin.accept_into(invitation, &flow.to_string()).await.expect(303);
    assert_eq!(admin.only_source(flow).await.name, "Lead Harbor");
}

#[tokio::test]
async fn without_the_sellers_plan_it_is_no_longer_valid_and_with_it_again_the_same_link_works() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let invitation = buyer.open_link(&asked.link).await;
    asked.app.end_plan(asked.seller.account()).await;
    buyer.accept(invitation).await.expect(410).saying("This invitation is no longer valid");
    assert_eq!(asked.app.count("connections").await, 0);
    let told = asked.app.mail_to(LEAD_HARBOR).await;
    assert!(
        told.text.contains("no longer has LeadConduit Base or Pro") && !told.text.contains("source"),
        "{}",
        told.text
    );
    let back = "insert into subscriptions (account_id, product, plan, created_at)
                select id, 'leadconduit', 'pro', now() from accounts where name = 'Lead Harbor'";
    asked.app.execute(back).await.unwrap();
    buyer.accept(invitation).await.expect(303);
}

#[tokio::test]
async fn an_expired_one_is_refused_and_changes_nothing() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(None).await;
    asked.app.advance(Duration::days(14) - Duration::minutes(10));
    let invitation = buyer.open_link(&asked.link).await;
    asked.app.advance(Duration::minutes(10) + Duration::seconds(1));
    buyer.accept(invitation).await.expect(410).saying("This invitation has expired");
    assert_eq!(asked.app.count("connections").await, 0);
    assert_eq!(asked.app.count("flows").await, 0);
}

#[tokio::test]
async fn who_signed_up_outside_the_link_finds_it_on_the_first_page_and_reviews_it() {
    let asked = Asked::pending().await;
    let buyer = asked.buyer(Some(Plan::Base)).await;
    let home = buyer.get("/").await.expect(200).saying("Lea Seller from Lead Harbor invites you to receive leads.");
    assert!(home.words().contains("Review") && !home.words().contains("Accept as"), "a flow is chosen on its page");
    buyer.get(paths::INVITATIONS).await.expect(200).saying("invites you to receive leads");
    buyer.get(&paths::invitation(asked.invitation().await)).await.expect(200).saying("Accept Invite to Connect");
}

/// So many people with accounts, all holding the link.
async fn crowd(asked: &Asked, size: usize) -> Vec<Actor> {
    let mut people = Vec::new();
    for number in 0..size {
        let email = format!("p{number}@crowd.example");
        let person = asked.app.admin("Pat", &email, &format!("Company {number}"), None, false).await;
        person.open_link(&asked.link).await;
        people.push(person);
    }
    people
}

#[tokio::test]
async fn of_fifty_acceptances_at_once_exactly_one_wins() {
    let asked = Asked::pending().await;
    let invitation = asked.invitation().await;
    let people = crowd(&asked, 50).await;
    let answers = futures::future::join_all(people.iter().map(|person| person.accept_confirmed(invitation))).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 303).collect();
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for answer in answers.iter().filter(|answer| answer.status != 303) {
        assert!(answer.words().contains("This invitation was already accepted"), "{}", answer.words());
    }
    assert_eq!(asked.app.count("connections").await, 1);
    assert_eq!(asked.app.count("flows").await, 1);
    assert_eq!(asked.app.count("flow_sources").await, 1);
    assert_eq!(asked.app.count("partners").await, 1);
    assert_eq!(asked.app.count("subscriptions where plan = 'partners'").await, 1);
    assert_eq!(asked.app.mails_to(LEAD_HARBOR).await.len(), 1);
}

#[tokio::test]
async fn of_accepting_and_revoking_at_once_one_wins_and_the_other_sees_what_happened() {
    for _ in 0..5 {
        let asked = Asked::pending().await;
        let buyer = asked.buyer(Some(Plan::Base)).await;
        let invitation = buyer.open_link(&asked.link).await;
        let (accepted, revoked) = tokio::join!(buyer.accept(invitation), asked.seller.revoke(invitation));
        let state = asked.app.state_of(invitation).await;
        let made = (asked.app.count("connections").await, asked.app.count("flows").await);
        match (accepted.status.as_u16(), revoked.status.as_u16()) {
            (303, 409) => assert_eq!((state.as_str(), made), ("accepted", (1, 1))),
            (410, 303) => assert_eq!((state.as_str(), made), ("revoked", (0, 0))),
            other => panic!("{other:?}: {} | {}", accepted.words(), revoked.words()),
        }
    }
}
