//! What the operator does with accounts.

use crate::support::{Actor, TestApp};
use accord::{
    accounts::model::Plan,
    app::{operator, seed},
};

async fn change(app: &TestApp, account: &str, plan: Option<Plan>) -> Result<String, String> {
    operator::change_plan(&app.state, account, plan, false).await.map_err(|failure| failure.to_string())
}

async fn company(app: &TestApp) -> Actor {
    app.admin("Tom Trusted", "tom@proof.example", "Proof Media", None, true).await
}

#[tokio::test]
async fn a_plan_is_set_by_an_admins_address_and_the_previous_plan_is_reported() {
    let app = TestApp::start().await;
    let tom = company(&app).await;
    let id = tom.account();
    let said = change(&app, " Tom@Proof.example ", Some(Plan::Pro)).await.unwrap();
    assert_eq!(said, format!("Proof Media ({id}) had no LeadConduit and now has LeadConduit Pro."));
    assert_eq!(app.plan(id).await.as_deref(), Some("pro"));
    tom.get("/settings/subscription").await.expect(200).shows("LeadConduit Pro").shows("TrustedForm");
    assert_eq!(app.deeds(id).await.iter().filter(|deed| *deed == "plan_changed").count(), 1);
    tom.get("/activity").await.shows("changed the plan to LeadConduit Pro");
}

#[tokio::test]
async fn a_plan_is_removed_by_account_id_and_doing_it_again_changes_nothing() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let id = buyer.account().to_string();
    let flow = buyer.create_flow("Solar California").await;
    assert!(change(&app, &id, None).await.unwrap().ends_with("had LeadConduit Base and now has no LeadConduit."));
    assert!(change(&app, &id, None).await.unwrap().ends_with("already has no LeadConduit."));
    assert_eq!(app.plan(buyer.account()).await, None);
    assert_eq!(app.deeds(buyer.account()).await.iter().filter(|deed| *deed == "plan_changed").count(), 1);
    buyer.invite(flow, "cy@seller.example", "").await.expect(403);
}

#[tokio::test]
async fn an_unknown_or_ambiguous_account_is_reported() {
    let app = TestApp::start().await;
    let tom = company(&app).await;
    let buyer = app.buyer().await;
    assert!(change(&app, "0123456789abcdef01234567", None).await.unwrap_err().starts_with("There is no account"));
    assert!(change(&app, "nobody@proof.example", None).await.unwrap_err().ends_with("is not an Admin of any account."));
    assert!(change(&app, "Proof Media", None).await.unwrap_err().contains("an account's id"));
    sqlx::query("insert into members (account_id, user_id, role, created_at) values ($1, $2, 'admin', now())")
        .bind(buyer.account())
        .bind(tom.user.unwrap())
        .execute(&app.state.pool)
        .await
        .unwrap();
    let several = change(&app, &tom.email, Some(Plan::Base)).await.unwrap_err();
    assert!(several.contains(&tom.account().to_string()) && several.contains("Bright Solar"), "{several}");
    assert_eq!(app.plan(tom.account()).await, None);
}

#[tokio::test]
async fn trustedform_is_added_once_in_addition_to_the_plan() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for _ in 0..2 {
        operator::change_plan(&app.state, &buyer.email, Some(Plan::Base), true).await.unwrap();
    }
    assert_eq!(app.count("subscriptions where product = 'trustedform'").await, 1);
    assert_eq!(app.deeds(buyer.account()).await.iter().filter(|deed| *deed == "plan_changed").count(), 1);
}

#[tokio::test]
async fn demo_data_is_added_once_to_an_empty_database_and_its_people_can_sign_in() {
    let app = TestApp::start().await;
    assert!(seed::seed_if_empty(&app.state).await.unwrap());
    assert!(!seed::seed_if_empty(&app.state).await.unwrap());
    assert_eq!(app.count("leads").await, 60);
    assert_eq!(app.count("sessions").await, 0, "nobody is left signed in");
    app.mail_to("leads@roofing.example").await;
    let emails = seed::DEMO_ACCOUNTS.iter().map(|demo| demo.email).chain([seed::PARTNER.0]);
    for email in emails {
        let person = Actor::new(&app, "", email, "");
        person.sign_in(email, seed::PASSWORD).await.expect(303);
    }
}
