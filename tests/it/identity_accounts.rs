//! People in several companies, and in none.

use crate::support::{Actor, TestApp, app::PASSWORD};
use accord::base::{AccountId, paths};

/// Ann, Admin of Bright Solar and of Elsewhere. Returns the id of Elsewhere's account.
async fn member_of_two(app: &TestApp) -> (Actor, AccountId) {
    let (buyer, other) = (app.buyer().await, app.stranger().await);
    let copy = "insert into members (account_id, user_id, role, created_at)
                select a.id, u.id, 'admin', now() from accounts a, users u where a.name = 'Elsewhere' and u.email = 'ann@buyer.example'";
    app.execute(copy).await.unwrap();
    (buyer, other.account())
}

async fn switch(person: &Actor, account: AccountId) -> crate::support::Response {
    person.post(paths::SWITCH_ACCOUNT, &[("account", &account.to_string())]).await
}

#[tokio::test]
async fn a_form_acts_in_the_account_it_was_shown_for_even_after_switching() {
    let app = TestApp::start().await;
    let (ann, elsewhere) = member_of_two(&app).await;
    let page = ann.get(paths::NEW_FLOW).await.expect(200);
    let shown_for = page.tag_with("name=\"as\"").split("value=\"").nth(1).unwrap()[..24].to_owned();
    assert_eq!(shown_for, ann.account().to_string());
    switch(&ann, elsewhere).await.expect(303);
    let form = [("form", "flow"), ("as", shown_for.as_str()), ("name", "Mine"), ("field-email", "on")];
    ann.post(paths::NEW_FLOW, &form).await.expect(303);
    assert_eq!(app.count("flows f join accounts a on a.id = f.account_id where a.name = 'Bright Solar'").await, 1);
    let page = ann.get(paths::NEW_FLOW).await.expect(200);
    assert!(page.tag_with("name=\"as\"").contains(&elsewhere.to_string()), "a new form is for the active account");
}

#[tokio::test]
async fn a_form_for_an_account_the_user_was_removed_from_is_refused_and_does_nothing() {
    let app = TestApp::start().await;
    let (ann, elsewhere) = member_of_two(&app).await;
    switch(&ann, elsewhere).await.expect(303);
    app.execute("delete from members where account_id = (select id from accounts where name = 'Bright Solar')")
        .await
        .unwrap();
    let acting = ann.account().to_string();
    let form = [("form", "flow"), ("as", acting.as_str()), ("name", "Mine"), ("field-email", "on")];
    let refused = ann.post(paths::NEW_FLOW, &form).await.expect(409);
    let refused = refused.shows("You no longer have access to the account this form belongs to.");
    assert!(refused.tag_with("name=\"name\"").contains("Mine"), "the input is kept");
    assert_eq!(app.count("flows").await, 0);
    let nonsense = [("form", "flow"), ("as", "nonsense"), ("name", "Mine"), ("field-email", "on")];
    ann.post(paths::NEW_FLOW, &nonsense).await.expect(404);
}

#[tokio::test]
async fn switching_requires_a_current_membership() {
    let app = TestApp::start().await;
    let (ann, elsewhere) = member_of_two(&app).await;
    app.execute(
        "delete from members m using users u where u.id = m.user_id and u.email = 'ann@buyer.example'
                 and m.account_id = (select id from accounts where name = 'Elsewhere')",
    )
    .await
    .unwrap();
    switch(&ann, elsewhere).await.expect(404);
    ann.post(paths::SWITCH_ACCOUNT, &[("account", "nonsense")]).await.expect(404);
    ann.get(paths::HOME).await.expect(200).shows("Bright Solar");
}

#[tokio::test]
async fn a_user_removed_from_the_active_account_continues_in_another() {
    let app = TestApp::start().await;
    let (ann, elsewhere) = member_of_two(&app).await;
    switch(&ann, elsewhere).await.expect(303);
    ann.get(paths::SETTINGS).await.expect(200).shows(&elsewhere.to_string());
    app.execute(
        "delete from members m using users u where u.id = m.user_id and u.email = 'ann@buyer.example'
                 and m.account_id = (select id from accounts where name = 'Elsewhere')",
    )
    .await
    .unwrap();
    ann.get(paths::SETTINGS).await.expect(200).shows(&ann.account().to_string());
}

#[tokio::test]
async fn the_active_account_is_chosen_per_browser() {
    let app = TestApp::start().await;
    let (ann, elsewhere) = member_of_two(&app).await;
    let phone = ann.other_browser("").await;
    switch(&phone, elsewhere).await.expect(303);
    phone.get(paths::SETTINGS).await.expect(200).shows(&elsewhere.to_string());
    ann.get(paths::SETTINGS).await.expect(200).shows(&ann.account().to_string());
}

#[tokio::test]
async fn a_user_without_a_company_can_sign_in_see_their_profile_and_sign_out() {
    let app = TestApp::start().await;
    let ann = app.buyer().await;
    app.execute("delete from members").await.unwrap();
    ann.forget_cookies();
    assert_eq!(ann.sign_in("ann@buyer.example", PASSWORD).await.location(), paths::HOME);
    ann.get(paths::HOME).await.expect(200).shows("belong to a company").shows("Your profile");
    ann.get(paths::ME).await.expect(200);
    ann.post_me("name", &[("name", "Ann Free")]).await.expect(303);
    assert_eq!(
        app.count("activity where deed = 'name_changed' and account_id is null").await,
        1,
        "recorded without an account"
    );
    ann.post(paths::SIGN_OUT, &[]).await.expect(303);
    assert!(!ann.is_signed_in().await);
}
