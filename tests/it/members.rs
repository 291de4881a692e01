//! Members of an account: inviting, joining, roles, removing. The last Admin cannot be removed.

use crate::support::{TestApp, actor::problem_name};
use accord::{accounts::model::Role, base::paths};
use serde_json::json;

const MAX: &str = "max@buyer.example";

fn pair(email: &str, role: &str) -> (String, String) {
    (email.to_owned(), role.to_owned())
}

#[tokio::test]
async fn an_invited_member_signs_up_from_the_email_and_works_in_the_account() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    assert_eq!(buyer.invite_member(MAX, "manager").await.location(), paths::MEMBERS);
    let mail = app.mail_to(MAX).await;
    assert_eq!(mail.subject, "Ann Buyer invites you to join Bright Solar on Accord");
    assert!(mail.text.contains("as Manager"), "{}", mail.text);
    let list = buyer.get(paths::MEMBERS).await.expect(200);
    assert!(list.text().contains(MAX) && list.text().contains("Revoke"));
    let mut max = app.visitor("Max Manager", MAX, "");
    assert_eq!(max.join_by_email().await.location(), paths::HOME);
    assert_eq!(app.members_of(&buyer).await, [pair(&buyer.email, "admin"), pair(MAX, "manager")]);
    assert_eq!(app.count("accounts").await, 1);
    max.get(paths::FLOWS).await.expect(200);
    max.get(paths::MEMBERS).await.expect(200);
    buyer.get("/").await.expect(200).shows("Max Manager joined your company.");
}

#[tokio::test]
async fn only_admins_manage_members() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    for (role, email) in [(Role::Manager, MAX), (Role::Viewer, "vic@buyer.example")] {
        let member = app.member(&buyer, role, "Somebody", email).await;
        let seen = member.get(paths::MEMBERS).await.expect(200);
        assert!(!seen.text().contains("Invite member") && !seen.text().contains("Remove"));
        member.get(paths::INVITE_MEMBER).await.expect(403);
        member.invite_member("new@buyer.example", "viewer").await.expect(403);
        let (user, acting) = (buyer.user().to_string(), buyer.account().to_string());
        for fields in [[("form", "role"), ("role", "viewer")], [("form", "remove"), ("role", "")]] {
            let identity = [("as", acting.as_str()), ("user", user.as_str())];
            member.post(paths::MEMBERS, &[&fields[..], &identity[..]].concat()).await.expect(403);
        }
        let invite = json!({ "team": { "Account": buyer.account() }, "email": "new@buyer.example", "role": "viewer" });
        assert_eq!(problem_name(&member.call("invitations/team/invite", invite).await), "NotAllowed");
    }
    let stranger = app.stranger().await;
    let list = json!({ "team": { "Account": buyer.account() } });
    stranger.call("invitations/team/list", list).await.expect(404);
    let theirs = [("form", "invite"), ("as", &buyer.account().to_string()), ("email", MAX), ("role", "admin")];
    stranger.post(paths::INVITE_MEMBER, &theirs).await.expect(409);
    assert_eq!(app.count("invitations").await, 0);
}

#[tokio::test]
async fn the_last_admin_cannot_be_removed_or_demoted() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let max = app.member(&buyer, Role::Manager, "Max Manager", MAX).await;
    let (me, him) = (buyer.user().to_string(), max.user().to_string());
    let post = async |form: &str, user: &str, role: &str| {
        let shown = app.role_of(user.parse().unwrap()).await;
        buyer.post_as(form, paths::MEMBERS, &[("user", user), ("shown", &shown), ("role", role)]).await
    };
    post("remove", &me, "").await.expect(409).shows("The last Admin cannot be removed");
    post("role", &me, "viewer").await.expect(409);
    post("role", &him, "admin").await.expect(303);
    post("role", &me, "manager").await.expect(303);
    post("role", &him, "viewer").await.expect(403);
    assert_eq!(app.members_of(&buyer).await, [pair(&buyer.email, "manager"), pair(MAX, "admin")]);
}

#[tokio::test]
async fn one_of_the_admins_removing_or_demoting_each_other_concurrently_stays_admin() {
    for round in 0..6 {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let max = app.member(&buyer, Role::Admin, "Max", MAX).await;
        let (me, him) = (buyer.user().to_string(), max.user().to_string());
        let form = if round % 2 == 0 { "remove" } else { "role" };
        let about_him = [("user", him.as_str()), ("shown", "admin"), ("role", "viewer")];
        let about_me = [("user", me.as_str()), ("shown", "admin"), ("role", "viewer")];
        let (one, other) = tokio::join!(
            buyer.post_as(form, paths::MEMBERS, &about_him),
            max.post_as(form, paths::MEMBERS, &about_me),
        );
        let done = [&one, &other].into_iter().filter(|response| response.status == 303).count();
        assert_eq!(done, 1, "{} {}", one.status, other.status);
        assert_eq!(app.count("members where role = 'admin'").await, 1);
    }
}

#[tokio::test]
async fn a_removed_member_loses_access_immediately_and_their_selected_keys_are_revoked() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let max = app.member(&buyer, Role::Admin, "Max", MAX).await;
    app.execute("update api_keys set created_by = (select id from users where email = 'max@buyer.example')")
        .await
        .unwrap();
    let list = buyer.get(paths::MEMBERS).await.expect(200);
    assert!(list.text().contains("Revoke the API key First key"), "{}", list.text());
    assert!(list.has("name=\"key\"") && list.tag_with("name=\"key\"").contains("checked"));
    let key = list.tag_with("name=\"key\"").split("value=\"").nth(1).unwrap()[..24].to_owned();
    let him = max.user().to_string();
    buyer.post_as("remove", paths::MEMBERS, &[("user", &him), ("key", &key)]).await.expect(303);
    assert_eq!(app.count("api_keys where revoked_at is not null").await, 1);
    let flows = max.get(paths::MEMBERS).await.expect(404);
    assert!(flows.text().contains("You no longer have access to Bright Solar."), "{}", flows.text());
    max.post_flow("Mine", &["email"]).await.expect(404).shows("You no longer have access to Bright Solar.");
    let deeds = app.deeds(buyer.account()).await;
    assert!(deeds.contains(&"user_removed".to_owned()));
}

#[tokio::test]
async fn a_demoted_admins_invitation_is_no_longer_valid() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let max = app.member(&buyer, Role::Admin, "Max", MAX).await;
    max.invite_member("new@buyer.example", "admin").await.expect(303);
    let link = app.link_to("new@buyer.example").await;
    let him = max.user().to_string();
    buyer.post_as("role", paths::MEMBERS, &[("user", &him), ("shown", "admin"), ("role", "viewer")]).await.expect(303);
    let new = app.visitor("New", "new@buyer.example", "");
    let dead = new.get(&link).await.expect(410).shows("This invitation is no longer valid");
    assert!(dead.text().contains("Request a new invitation"));
    new.post(&link, &[("form", "request")]).await.expect(303);
    let mail = app.mail_to(&buyer.email).await;
    assert_eq!(mail.subject, "The invitation to new@buyer.example could not be accepted");
}
